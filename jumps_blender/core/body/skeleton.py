"""The 28 joints, their tree, their mirror pairs and the 18 x 4 grid of the networks.

Glossary, used everywhere:
    joint       one of the 28 points of MPI-INF-3DHP (JUMPS, IV-A), a capture skeleton's joint centre
    positions   float array (..., joints, 2), pixels of the image, x right, y down, NaN = not observed
    window      24 consecutive frames at the prior's rate
    grid        float array (..., 18, 4): one entry per axial joint or left/right pair, ordered from hands to feet
                (JUMPS, Fig. 3); channels are left x, left y, right x, right y; an axial joint is written twice
"""

from __future__ import annotations

from typing import Final

import numpy as np

JOINTS: Final[tuple[str, ...]] = (
    "spine3", "spine4", "spine2", "spine", "pelvis", "neck", "head", "head_top",
    "left_clavicle", "left_shoulder", "left_elbow", "left_wrist", "left_hand",
    "right_clavicle", "right_shoulder", "right_elbow", "right_wrist", "right_hand",
    "left_hip", "left_knee", "left_ankle", "left_foot", "left_toe",
    "right_hip", "right_knee", "right_ankle", "right_foot", "right_toe",
)  # fmt: skip

PARENTS: Final[tuple[int, ...]] = (
    2, 0, 3, 4, -1, 1, 5, 6,
    5, 8, 9, 10, 11,
    5, 13, 14, 15, 16,
    4, 18, 19, 20, 21,
    4, 23, 24, 25, 26,
)  # fmt: skip
"""Index of each joint's parent; -1 at the pelvis, the root."""

INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(JOINTS)}

LIMB_JOINTS: Final[tuple[str, ...]] = tuple(
    f"{side}_{part}" for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle") for side in ("left", "right")
)
"""The 12 joints that JUMPS observes: those common to MPI-INF-3DHP and AlphaPose (IV-A, Fig. 7)."""

GRID_ENTRIES: Final[tuple[str, ...]] = (
    "hand", "wrist", "elbow", "shoulder", "clavicle", "head_top", "head", "neck", "spine4",
    "spine3", "spine2", "spine", "pelvis", "hip", "knee", "ankle", "foot", "toe",
)  # fmt: skip


def _side(entry: str, side: str) -> int:
    return INDEX[entry] if entry in INDEX else INDEX[f"{side}_{entry}"]


GRID_LEFT: Final = np.array([_side(entry, "left") for entry in GRID_ENTRIES])
GRID_RIGHT: Final = np.array([_side(entry, "right") for entry in GRID_ENTRIES])
"""Joint index of each grid entry's left and right half; the same index for axial joints."""

MIRROR: Final = np.array(
    [INDEX[name.replace("left_", "\0").replace("right_", "left_").replace("\0", "right_")] for name in JOINTS]
)
"""Index of the joint on the other side of the body; an axial joint is its own mirror."""

_ARM_PARTS, _LEG_PARTS = ("shoulder", "elbow", "wrist", "hand"), ("hip", "knee", "ankle", "foot", "toe")

ARMS_AND_LEGS: Final = np.array(
    [[name.partition("_")[2] in parts for name in JOINTS] for parts in (_ARM_PARTS, _LEG_PARTS)]
)
"""Bool (2, 28): the joints of both arms, and of both legs; each pair of limbs can be taken for its mirror image."""


def exchange_sides(values: np.ndarray, swapped: np.ndarray) -> np.ndarray:
    """Exchange left and right of values (..., 28, k) in the arms and in the legs where bool (..., 2) says so."""
    joints = (swapped[..., :, None] & ARMS_AND_LEGS).any(-2)
    return np.where(joints[..., None], values[..., MIRROR, :], values)


def to_grid(positions: np.ndarray) -> np.ndarray:
    """Arrange joints (..., 28, 2) on the networks' grid (..., 18, 4)."""
    return np.concatenate([positions[..., GRID_LEFT, :], positions[..., GRID_RIGHT, :]], axis=-1)


def from_grid(grid: np.ndarray) -> np.ndarray:
    """Read joints (..., 28, 2) off the grid (..., 18, 4); the two copies of an axial joint are averaged."""
    positions = np.zeros((*grid.shape[:-2], len(JOINTS), 2), grid.dtype)
    positions[..., GRID_LEFT, :] += grid[..., :2] / 2
    positions[..., GRID_RIGHT, :] += grid[..., 2:] / 2
    paired = MIRROR != np.arange(len(JOINTS))
    positions[..., paired, :] *= 2
    return positions
