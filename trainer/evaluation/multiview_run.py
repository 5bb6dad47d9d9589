"""Runs methods on the four-view shots: Table II, part one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console

from jumps_blender.core.skeleton import JOINTS
from jumps_blender.core.upsampler import Upsampler

from ..baselines.filters import OneEuro, SavitzkyGolay
from ..baselines.gaps import along_splines
from .multiview import BALANCING, SEATED, Shot, load_balancing, load_seated
from .multiview_scores import RAW, MultiviewScores, ShotMethod, apply, at_prior_rate, raw, score_shot

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


def smoother(smooth: SavitzkyGolay | OneEuro) -> ShotMethod:
    """What a user would do without a prior: splines over gaps, then a filter, at the rate that every method gets."""

    def method(tracks: np.ndarray) -> np.ndarray:
        seen = np.isfinite(tracks).any((0, 2))
        filled = along_splines(tracks[None])
        # Filters know no NaN.
        smoothed = smooth(np.where(seen[:, None], filled, 0.0))[0]
        return np.where(seen[:, None], smoothed, np.nan)

    return at_prior_rate(method)


SMOOTHERS: Final = {
    "Savitzky-Golay": smoother(SavitzkyGolay(9)),
    "One-Euro": smoother(OneEuro(2.0, 20.0)),
}


def product(upsampler: Upsampler, settings: str, seed: int = 0) -> ShotMethod:
    """The public door at the shot's own rate, which it brings to its prior's by itself."""

    def method(tracks: np.ndarray, confidence: np.ndarray, fps: float) -> np.ndarray:
        return upsampler.upsample(tracks, JOINTS, confidence, fps=fps, settings=settings, seed=seed).positions

    return method


def run_multiview(
    shots: list[Shot], methods: dict[str, ShotMethod], all_points: ShotMethod | None, console: Console
) -> list[MultiviewScores]:
    """Score every method on every estimator's views, the raw points first; `all_points` is given all of them.

    A method that cannot work on a shot, because it was fitted to joints that are never seen there, answers NaN for the
    joints that it lacks, and is left out of the tables where it answers nothing.
    """
    found = []
    for shot in shots:
        results: dict[tuple[str, str], np.ndarray] = {}
        for estimator in shot.estimates:
            with console.status(f"{shot.name}: {estimator}"):
                for name, method in ({RAW: raw} | methods).items():
                    results[estimator, name] = apply(method, shot, estimator)
                if all_points is not None:
                    results[estimator, ALL_POINTS] = apply(all_points, shot, estimator, all_points=True)
        found.append(score_shot(shot, results))
    return found
