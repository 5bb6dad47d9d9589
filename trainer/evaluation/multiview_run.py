"""Runs methods on the four-view shots: Table II, part one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console

from jumps_blender.core.skeleton import JOINTS
from jumps_blender.core.upsampler import Upsampler

from ..baselines.filters import OneEuro, SavitzkyGolay
from ..baselines.gaps import along_splines
from .conditions import CONDITIONS, Condition
from .methods import Entrant, Method, at_prior_rate
from .multiview import BALANCING, SEATED, Shot, load_balancing, load_seated
from .multiview_scores import GIVEN, RAW, MultiviewScores, ShotMethod, apply, raw, score_shot

MULTIVIEW: Final = Path("../shared/keypoints/multiview")
"""Where the shots lie unless told otherwise."""

ALL_POINTS: Final = "default, all points"

_LOADERS: Final = {BALANCING: load_balancing, SEATED: load_seated}


def load_shots(folder: Path, console: Console) -> list[Shot]:
    """The shots in `folder`; of what is not there the console is told."""
    shots = []
    for name, load in _LOADERS.items():
        if (folder / name).is_file():
            shots.append(load(folder / name))
        else:
            console.print(f"Table II on real estimates is left out: there is no {folder / name} (--multiview DIR).")
    return shots


def smoother(smooth: SavitzkyGolay | OneEuro) -> Callable[[Condition], Method]:
    """What a user would do without a prior: splines over gaps, then a filter, at the rate that every method gets."""

    def method(tracks: np.ndarray) -> np.ndarray:
        seen = np.isfinite(tracks).any((0, 2))
        filled = along_splines(tracks[None])
        # Filters know no NaN.
        smoothed = smooth(np.where(seen[:, None], filled, 0.0))[0]
        return np.where(seen[:, None], smoothed, np.nan)

    return lambda condition: at_prior_rate(method, condition.fps)


SMOOTHERS: Final = tuple(
    Entrant(name, "smoother", str(smooth), smoother(smooth), ())
    for name, smooth in (("Savitzky-Golay", SavitzkyGolay(9)), ("1 Euro", OneEuro(2.0, 20.0)))
)


def run_multiview(
    shots: list[Shot], entrants: list[Entrant], upsampler: Upsampler | None, console: Console
) -> list[MultiviewScores]:
    """Score every entrant on every estimator's views, after the raw points and the smoothers.

    Entrants are opened as for a good detector's errors at the shot's rate. Where a shot hides one of the 12 joints for
    good, baselines, which need all of them, stay out. With an upsampler there is one more row: its default settings,
    given all points and confidences.
    """
    found = []
    for shot in shots:
        condition = replace(CONDITIONS["detector_good"], fps=shot.fps)
        chosen = [*SMOOTHERS, *(each for each in entrants if each.kind != "baseline" or _shows_all(shot))]
        methods: dict[str, ShotMethod] = {RAW: raw} | {each.name: _opened(each, condition) for each in chosen}
        results: dict[tuple[str, str], np.ndarray] = {}
        for estimator in shot.estimates:
            for name, method in methods.items():
                with console.status(f"{shot.name}: {estimator}, {name}"):
                    results[estimator, name] = apply(method, shot, estimator)
            if upsampler is not None:
                results[estimator, ALL_POINTS] = apply(_product(upsampler, shot.fps), shot, estimator, all_points=True)
        found.append(score_shot(shot, results))
    return found


def _shows_all(shot: Shot) -> bool:
    return all(
        np.isfinite(view[:, GIVEN]).all(-1).any(0).all()
        for estimate in shot.estimates.values()
        for view in estimate.positions
    )


def _opened(entrant: Entrant, condition: Condition) -> ShotMethod:
    method = entrant.open(condition)
    return lambda tracks, _confidence: method(tracks)


def _product(upsampler: Upsampler, fps: float) -> ShotMethod:
    def method(tracks: np.ndarray, confidence: np.ndarray) -> np.ndarray:
        return upsampler.upsample(tracks, JOINTS, confidence, fps=fps, settings="default").positions

    return method
