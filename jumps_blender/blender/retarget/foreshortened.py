"""Limbs that are seen, and estimated, much shorter than they are: the length that is missing is depth.

An estimate of depth is the mean of what may be. Of a limb that points along the line of sight, towards the viewer or
away, that mean is near 0: the limb would shrink to a point and come out on the other side, turned round in one frame.
"""

from __future__ import annotations

from typing import Final

import numpy as np

FULL: Final = 95.0
"""Percentile of the lengths in a clip that is taken for the length of the limb itself."""

SHORTEST: Final = 0.5
"""Part of its own length that a limb has at least."""

TOWARDS_VIEWER: Final = -1.0


def limb(points: dict[str, np.ndarray], start: str, end: str) -> np.ndarray:
    """From one joint to another (frames, 3), y away from the viewer, with the depth that is missing."""
    return with_missing_depth(points[end] - points[start])


def with_missing_depth(vectors: np.ndarray) -> np.ndarray:
    """Vectors (frames, 3) of a limb, longer along y where they are shorter than half of the limb."""
    lengths = np.linalg.norm(vectors, axis=-1)
    least = SHORTEST * np.percentile(lengths, FULL)
    missing = np.sqrt(np.maximum(least**2 - lengths**2, 0.0))
    out = vectors.copy()
    out[:, 1] += missing * _sides(vectors[:, 1], missing > 0)
    return out


def _sides(depths: np.ndarray, short: np.ndarray) -> np.ndarray:
    """-1 or 1 (frames,): the side to which a limb leans on the whole of a spell in which it is short."""
    begins = short & ~np.concatenate([[False], short[:-1]])
    spells = np.cumsum(begins)
    leaning = np.bincount(spells, weights=np.where(short, depths, 0.0))
    sides: np.ndarray = np.where(leaning > 0, -TOWARDS_VIEWER, TOWARDS_VIEWER)[spells]
    return sides
