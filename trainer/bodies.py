"""Other bodies for the same motion: bones of other lengths, proportions as they differ between people, mirrors.

A body is a matrix (28, 28): each of its joints as a sum of joints of the captured one. A window is then changed by one
product of matrices, ten times as fast as bone by bone.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS, MIRROR, PARENTS

PROPORTIONS: Final[tuple[tuple[float, tuple[str, ...]], ...]] = (
    (0.025, ("elbow", "wrist", "hand", "knee", "ankle")),
    (0.025, ("elbow", "wrist", "hand")),
    (0.025, ("knee", "ankle")),
    (0.02, ("wrist", "ankle")),
    (0.03, ("spine", "spine2", "spine3", "spine4", "neck")),
    (0.04, ("head", "head_top")),
    (0.05, ("clavicle", "shoulder")),
    (0.06, ("hip",)),
    (0.04, ("hand",)),
    (0.05, ("foot", "toe")),
)
"""Relative standard deviation between adults of the same height, and the joints at whose bones' ends it shows: limbs
against trunk, arms, legs, forearms and shins, trunk, head, shoulder and hip width, hands, feet. Rounded from the
spreads of sitting height, crotch height, span, biacromial breadth and segment lengths about stature in body surveys of
adults (such as ANSUR); hips wider than there, because sources disagree about the joint's place."""


def mirror(positions: np.ndarray) -> np.ndarray:
    """The same motion in a mirror: x changes its sign, left and right exchange names."""
    out = positions[..., MIRROR, :].copy()
    out[..., 0] *= -1
    return out


def bone_factors(n: int, spread: float, shape: float, rng: np.random.Generator) -> np.ndarray:
    """(n, 28): by which the bone that ends at each joint is longer, the same on both sides, within 0.8 to 1.25.

    spread: relative standard deviation of each bone by itself; shape: that of PROPORTIONS, 1 = as between adults.
    """
    logarithm = spread * rng.standard_normal((n, len(JOINTS))) if spread else np.zeros((n, len(JOINTS)))
    if shape:
        logarithm += shape * rng.standard_normal((n, len(PROPORTIONS))) @ _PROPORTIONS
    logarithm[:, INDEX["pelvis"]] = 0  # its place, no bone
    return np.exp(logarithm).clip(0.8, 1.25)[:, np.minimum(MIRROR, np.arange(len(MIRROR)))]


def _proportions() -> np.ndarray:
    rows = np.zeros((len(PROPORTIONS), len(JOINTS)))
    for row, (spread, parts) in zip(rows, PROPORTIONS, strict=True):
        for joint, name in enumerate(JOINTS):
            row[joint] = spread * (name.removeprefix("left_").removeprefix("right_") in parts)
    return rows


def _ancestry() -> np.ndarray:
    """(28, 28): 1 where the bone that ends at joint k is on the way from the root to joint j, itself included."""
    ways = np.eye(len(PARENTS))
    for joint in range(len(PARENTS)):
        above = PARENTS[joint]
        while above >= 0:
            ways[joint, above] = 1
            above = PARENTS[above]
    return ways


_PROPORTIONS: Final = _proportions()
_BODY_FROM_BONES: Final = _ancestry()
_BONES_FROM_BODY: Final = np.linalg.inv(_BODY_FROM_BONES).round()
"""A joint is the sum of the bones on its way from the root (whose bone is its place), a bone a difference of two."""


def lengthened(factors: np.ndarray) -> np.ndarray:
    """Bodies (n, 28, 28) whose bones are `factors` (n, 28) times as long."""
    ways = (_BODY_FROM_BONES * factors[:, None]).reshape(-1, len(PARENTS))
    bodies: np.ndarray = (ways @ _BONES_FROM_BODY).reshape(-1, len(PARENTS), len(PARENTS))
    return bodies


def embody(motion: np.ndarray, bodies: np.ndarray) -> np.ndarray:
    """Windows (n, frames, 28, 3) performed by bodies (n, 28, 28)."""
    n, frames, joints, axes = motion.shape
    planes = np.swapaxes(motion, 2, 3).reshape(n, frames * axes, joints)
    summed = planes @ np.swapaxes(bodies, 1, 2).astype(motion.dtype)
    return np.swapaxes(summed.reshape(n, frames, axes, joints), 2, 3)
