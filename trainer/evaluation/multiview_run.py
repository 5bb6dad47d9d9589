"""Runs methods on the four-view shots: Table II, part one."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console

from jumps_blender.core.upsampler import Upsampler

from ..baselines.filters import OneEuro, SavitzkyGolay
from ..baselines.gaps import along_splines
from .cells import Cell, Cells
from .conditions import CONDITIONS, Condition
from .methods import Entrant, Method, at_prior_rate
from .multiview import BALANCING, SEATED, Estimate, Shot, load_balancing, load_seated
from .multiview_scores import GIVEN, RAW, MultiviewScores, score_shot, shown
from .scores import plain

MULTIVIEW: Final = Path("../shared/keypoints/multiview")
"""Where the shots lie unless told otherwise."""

ALL_POINTS: Final = "default, all points"
NUMBERS: Final = "multiview.json"

BASELINES: Final = ("window ridge", "window ridge, noisy")
"""Baselines that are measured on real estimates."""

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
    Entrant(name, "smoother", str(smooth), smoother(smooth))
    for name, smooth in (("Savitzky-Golay", SavitzkyGolay(9)), ("1 Euro", OneEuro(2.0, 20.0)))
)


@dataclass(frozen=True)
class Bench:
    """What runs on the shots: entrants, the product that is given all points, and the folder that keeps answers."""

    entrants: list[Entrant]
    upsampler: Upsampler | None
    cells: Cells
    console: Console

    def run(self, shots: list[Shot]) -> list[MultiviewScores]:
        """Score every entrant on every estimator's views, after the raw points and the smoothers.

        Entrants are opened as for a good detector's errors at the shot's rate. Where a shot hides one of the 12 joints
        for good, baselines, which need all of them, stay out. With an upsampler there is one more row: its default
        settings, given all points and confidences.
        """
        return [score_shot(shot, self.answers(shot)) for shot in shots]

    def answers(self, shot: Shot) -> dict[tuple[str, str], np.ndarray]:
        """Results (views, frames, 28, 2) by estimator and method."""
        condition = replace(CONDITIONS["detector_good"], fps=shot.fps)
        chosen = [*SMOOTHERS, *(each for each in self.entrants if each.kind != "raw" and _can(each, shot))]
        answers: dict[tuple[str, str], np.ndarray] = {}
        for estimator in shot.estimates:
            tracks = shown(shot, estimator)
            answers[estimator, RAW] = np.stack(tracks)
            for each in chosen:
                answers[estimator, each.name] = self._kept(each, f"{shot.name} {estimator}", condition, tracks)
            if self.upsampler is not None:
                answers[estimator, ALL_POINTS] = _solve(self.upsampler, shot.estimates[estimator], shot.fps)
        return answers

    def _kept(self, entrant: Entrant, where: str, condition: Condition, tracks: list[np.ndarray]) -> np.ndarray:
        path = self.cells.path(entrant.name, where, entrant.identity, tracks)
        cell = self.cells.read(path)
        if cell is None:
            with self.console.status(f"{where}: {entrant.name}"):
                begin, method = time.perf_counter(), entrant.open(condition)
                cell = Cell([method(each).astype(np.float32) for each in tracks], time.perf_counter() - begin)
            self.cells.write(path, cell)
        return np.stack(cell.results).astype(np.float64)


def _can(entrant: Entrant, shot: Shot) -> bool:
    return entrant.kind != "baseline" or all(
        np.isfinite(view[:, GIVEN]).all(-1).any(0).all()
        for estimate in shot.estimates.values()
        for view in estimate.positions
    )


def _solve(upsampler: Upsampler, estimate: Estimate, fps: float) -> np.ndarray:
    """Each view by itself, given everything that the estimator says, confidences too."""
    views = zip(estimate.points, estimate.scores, strict=True)
    return np.stack(
        [upsampler.upsample(points, estimate.joint_set, scores, fps=fps).positions for points, scores in views]
    )


def write_scores(folder: Path, scores: list[MultiviewScores]) -> None:
    """Write all numbers as `multiview.json`, a record a line; an earlier one is replaced once this is complete."""
    parts = {
        part: [json.dumps(plain(each), allow_nan=False) for shot in scores for each in getattr(shot, part)]
        for part in ("views", "joints", "repairs")
    }
    text = ",\n".join(f'"{part}": [\n' + ",\n".join(records) + "\n]" for part, records in parts.items())
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as temporary:
        Path(temporary, NUMBERS).write_text(f"{{\n{text}\n}}\n", encoding="utf-8")
        os.replace(Path(temporary, NUMBERS), folder / NUMBERS)
