"""The figures of an evaluation, as PNG files, drawn from what it found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console

from .body_figure import draw_bodies
from .calibration import JUDGED, LEVELS
from .conditions import LIMBS
from .curves import Panel, draw_borders, draw_calibration, draw_learning, draw_pckh, draw_places
from .evidence import ONE_BY_ONE, OURS, PAPER, RIDGE, Evidence
from .learning import lessons
from .pictures import forearm, strip, worst
from .scores import MEAN
from .seams import around_borders

PANELS: Final = {
    "clean": "no noise", "white_05": "white noise, 0.05 head", "white_15": "white noise, 0.15 head",
    "detector_good": "like a good detector", "detector_weak": "like a weak detector",
    "occlusion": "hidden limbs", "outliers_swaps": "outliers, swapped sides", "upper_body": "upper body only",
}  # fmt: skip
"""Conditions whose curves are drawn."""

SHOWN: Final = (
    OURS, PAPER, RIDGE, "ridge + MLP", "ridge + MLP, noisy", "masked MLP", "nearest neighbours", "mean pose",
)  # fmt: skip
"""Methods whose curves are drawn: all of them would hide each other."""

LEARNING: Final = "learning.png"


def _pckh(evidence: Evidence, path: Path) -> bool:
    found = {
        (each.condition, each.method): np.array(each.pckh, float)
        for each in evidence.results.curves
        if each.group == "missing"
    }
    panels = [
        Panel(title, {name: found[condition, name] for name in SHOWN if (condition, name) in found})
        for condition, title in PANELS.items()
    ]
    panels = [panel for panel in panels if panel.curves]
    if panels:
        draw_pckh(panels, f"joints that are not shown; {evidence.size}", path)
    return bool(panels)


def _body(evidence: Evidence, path: Path) -> bool:
    wanted = {"condition": "clean", "source": MEAN}
    found = {
        each.method: np.array(each.mpjpe, float)
        for each in evidence.results.joints
        if all(getattr(each, name) == value for name, value in wanted.items())
    }
    errors: dict[str, np.ndarray] = {name: found[name] for name in (RIDGE, OURS) if name in found}
    if errors:
        draw_bodies(errors, LIMBS, f"no noise, {evidence.size}", path)
    return bool(errors)


def _places(evidence: Evidence, path: Path) -> bool:
    found = {
        each.method: np.array(each.mpjpe, float)
        for each in evidence.results.places
        if (each.condition, each.group) == ("clean", "missing")
    }
    curves: dict[str, np.ndarray] = {name: found[name] for name in (OURS, PAPER, ONE_BY_ONE, RIDGE) if name in found}
    if curves:
        draw_places(curves, "joints that are not shown", path)
    return bool(curves)


def _borders(evidence: Evidence, path: Path) -> bool:
    hops = {name: told["hop"] for name, told in evidence.results.methods.items()}
    answers = {name: evidence.answers(name) for name in (ONE_BY_ONE, PAPER, RIDGE, OURS)}
    curves = {name: around_borders(found, hops[name]) for name, found in answers.items() if found}
    if curves:
        draw_borders(curves, f"all 28 joints; {len(evidence.results.scenes)} clips", path)
    return bool(curves)


def _calibration(evidence: Evidence, path: Path) -> bool:
    scores = [each for each in evidence.results.calibration if each.source == MEAN]
    panels = [
        Panel(
            f"{quantity}, {group} joints",
            {
                each.condition: np.array(each.curve)
                for each in scores
                if (each.quantity, each.group) == (quantity, group)
            },
        )
        for quantity, group in JUDGED
    ]
    panels = [panel for panel in panels if panel.curves]
    if panels:
        draw_calibration(panels, LEVELS, f"{OURS}; {evidence.size}", path)
    return bool(panels)


FIGURES: Final[dict[str, Callable[[Evidence, Path], bool]]] = {
    "pckh.png": _pckh,
    "body.png": _body,
    "strip.png": strip,
    "worst.png": worst,
    "forearm.png": forearm,
    "borders.png": _borders,
    "places.png": _places,
    "calibration.png": _calibration,
}
"""File -> what draws it from an evaluation; False where there is nothing to draw."""


def draw_figures(folder: Path, evidence: Evidence, reproduction: Path, console: Console) -> list[Path]:
    """Draw every figure for which there is evidence; returns what was written.

    reproduction: the results of `trainer reproduce`, for the courses of its training.
    """
    written = []
    for name, draw in FIGURES.items():
        with console.status(f"Drawing {name}"):
            if draw(evidence, folder / name):
                written.append(folder / name)
    taught = lessons(json.loads(reproduction.read_text(encoding="utf-8"))) if reproduction.is_file() else []
    if taught:
        draw_learning(taught, folder / LEARNING)
        written.append(folder / LEARNING)
    return written
