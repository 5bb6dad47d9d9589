"""Confidence intervals over clips: scores of samples of clips, drawn with replacement."""

from __future__ import annotations

from typing import Final

import numpy as np

from .scenes import Scene

REPLICATES: Final = 500
LEVEL: Final = 0.95


def resampled(scenes: list[Scene], seed: int, replicates: int = REPLICATES) -> np.ndarray:
    """How often each scene is in each sample, (replicates, scenes); scenes of one clip go together.

    The same scenes and seed give the same samples, so that methods can be compared sample by sample.
    """
    clips, belongs = np.unique([scene.clip for scene in scenes], return_inverse=True)
    rng = np.random.default_rng([seed, len(clips)])
    drawn = rng.integers(len(clips), size=(replicates, len(clips)))
    times = np.stack([np.bincount(row, minlength=len(clips)) for row in drawn])
    return np.asarray(times[:, belongs], float)


def interval(replicates: np.ndarray) -> tuple[float, float]:
    """The middle LEVEL of the samples' scores (n,); NaN where all are."""
    known = replicates[np.isfinite(replicates)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
