"""Limbs that are seen, and estimated, much shorter than they are: the length that is missing is depth.

An estimate of depth is the mean of what may be. Of a limb that points along the line of sight, towards the viewer or
away, that mean is near 0: the limb would shrink to a point and come out on the other side, turned round in one frame.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .rotations import unit
from .steady import sides

FULL: Final = 95.0
"""Percentile of the lengths in a clip that is taken for the length of the limb itself."""

SWINGING: Final = frozenset({"clavicle", "shoulder", "elbow", "wrist", "hip", "knee", "neck"})
"""Joints whose limb swings freely. On motion capture seen by a camera, what is missing as depth brings it nearer to the
truth; feet, whose estimate leans to the wrong side too often, and the torso do better as what carries them has it."""

SHORTEST: Final = 0.75
"""Part of its own length that a limb has at least."""

DOUBTFUL: Final = 0.5
"""Part of its length below which a foot's or the torso's direction is believed less and less."""


def limb(points: dict[str, np.ndarray], start: str, end: str) -> np.ndarray:
    """From one joint to another (frames, 3), y away from the viewer, with the depth that is missing."""
    vectors = points[end] - points[start]
    return with_missing_depth(vectors) if swings(start) else vectors


def swings(joint: str) -> bool:
    """Whether the limb at a joint swings freely."""
    return joint.removeprefix("left_").removeprefix("right_") in SWINGING


def with_missing_depth(vectors: np.ndarray) -> np.ndarray:
    """Vectors (frames, 3) of a limb, longer along y where they are too short: to the viewer unless it leans away."""
    lengths = np.linalg.norm(vectors, axis=-1)
    least = SHORTEST * np.percentile(lengths, FULL)
    missing = np.sqrt(np.maximum(least**2 - lengths**2, 0.0))
    out = vectors.copy()
    out[:, 1] += missing * sides(vectors[:, 1], missing > 0)
    return out


def as_carried(vectors: np.ndarray, carried: np.ndarray) -> np.ndarray:
    """Directions (frames, 3) of vectors; the shorter one is, the more it is as its parent carries it, (frames, 3)."""
    lengths = np.linalg.norm(vectors, axis=-1)
    whole = DOUBTFUL * np.percentile(lengths, FULL)
    belief = np.clip(lengths / whole if whole > 0 else lengths * 0, 0.0, 1.0)[:, None]
    return unit(belief * unit(vectors) + (1 - belief) * carried)
