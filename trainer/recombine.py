"""New motions from two: the legs of one window below the trunk and arms of another.

The pelvis is the joint between them: the upper body is turned about the vertical, frame by frame, until both hip lines
point the same way, and keeps its lean against gravity.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS

UPPER: Final = np.array(
    [j for j, name in enumerate(JOINTS) if name.split("_")[-1] not in ("pelvis", "hip", "knee", "ankle", "foot", "toe")]
)
STEEPEST: Final = 0.5
"""Height over length of a hip line whose heading still means something: 30 degrees."""
CLOSEST: Final = 0.7
"""Least cosine between the two trunks, once turned: who lies has no walking legs."""


def recombine(motion: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Give a share of the windows (n, frames, 28, 3), metres, z up, the upper body of another one.

    Windows whose partner does not fit stay as they are: a hip line steeper than 30 degrees in either, or trunks that
    lean more than 45 degrees apart in some frame.
    """
    partner = rng.permutation(len(motion))
    chosen = np.flatnonzero((rng.random(len(motion)) < share) & (partner != np.arange(len(motion))))
    lower, upper = motion[chosen], motion[partner[chosen]]
    grafted = _turned(upper[:, :, UPPER] - upper[:, :, INDEX["pelvis"], None], _turn(lower, upper))
    grafted += lower[:, :, INDEX["pelvis"], None]
    fits = _fit(lower, upper, grafted)
    out = motion.copy()
    out[np.ix_(chosen[fits], np.arange(motion.shape[1]), UPPER)] = grafted[fits]
    return out


def _hips(motion: np.ndarray) -> np.ndarray:
    line: np.ndarray = motion[:, :, INDEX["left_hip"]] - motion[:, :, INDEX["right_hip"]]
    return line


def _turn(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """(n, frames) complex, unit: from the heading of the upper window's hips to that of the lower's."""
    below, above = (line[..., 0] + 1j * line[..., 1] for line in (_hips(lower), _hips(upper)))
    turn = below * above.conj()
    unit: np.ndarray = turn / np.maximum(np.abs(turn), 1e-9)
    return unit


def _turned(points: np.ndarray, turn: np.ndarray) -> np.ndarray:
    plane = (points[..., 0] + 1j * points[..., 1]) * turn[..., None]
    return np.stack([plane.real, plane.imag, points[..., 2]], -1).astype(points.dtype)


def _fit(lower: np.ndarray, upper: np.ndarray, grafted: np.ndarray) -> np.ndarray:
    level = [np.abs(line[..., 2]) < STEEPEST * np.linalg.norm(line, axis=-1) for line in (_hips(lower), _hips(upper))]
    neck, pelvis = INDEX["neck"], lower[:, :, INDEX["pelvis"]]
    own, new = lower[:, :, neck] - pelvis, grafted[:, :, np.flatnonzero(UPPER == neck)[0]] - pelvis
    lengths = np.linalg.norm(own, axis=-1) * np.linalg.norm(new, axis=-1)
    near = (own * new).sum(-1) > CLOSEST * lengths
    fits: np.ndarray = (level[0] & level[1] & near).all(1)
    return fits
