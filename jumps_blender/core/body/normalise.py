"""Body scale, and the window's normalised units that the networks live in.

Normalised units: the window's mean mid-hip is the origin and a body scale is 1. More than 99.9 % of the coordinates of
people in motion then lie in [-1, 1], which the generator's tanh can represent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .skeleton import INDEX

HEAD_METRES: Final = 0.225
"""Head size (JUMPS, IV-A: 0.1 head is 2.25 cm)."""

BODY_METRES: Final = 1.32
"""Body scale of our captures."""

HEAD: Final = HEAD_METRES / BODY_METRES
"""Head size in body scales, which are the normalised units."""

_LEGS_FROM_TORSO: Final = 2.7
_SHOULDERS_TO_BODY: Final = 3.7
_HIPS_BELOW_SHOULDERS: Final = 0.37
_HIPS_BELOW: Final = np.array(
    [
        0.23, 0.31, 0.16, 0.08, 0.0, 0.39, 0.46, 0.6,
        0.39, 0.36, 0.23, 0.22, 0.21, 0.39, 0.36, 0.23, 0.22, 0.21,
        0.0, -0.24, -0.5, -0.53, -0.54, 0.0, -0.24, -0.5, -0.53, -0.54,
    ]
)  # fmt: skip
"""Body scales from each joint down to the mid-hip, the mean over our captures."""


def _joint(positions: np.ndarray, name: str) -> np.ndarray:
    return positions[..., INDEX[name], :]


def _distance(positions: np.ndarray, a: str, b: str) -> np.ndarray:
    return np.linalg.norm(_joint(positions, a) - _joint(positions, b), axis=-1)


def _middle(positions: np.ndarray, part: str) -> np.ndarray:
    return (_joint(positions, f"left_{part}") + _joint(positions, f"right_{part}")) / 2


def _legs(positions: np.ndarray) -> np.ndarray:
    """Length hip-knee-ankle in the image, the mean of the sides that are seen; NaN where neither is."""
    sides = np.stack(
        [
            _distance(positions, f"{side}_hip", f"{side}_knee") + _distance(positions, f"{side}_knee", f"{side}_ankle")
            for side in ("left", "right")
        ]
    )
    seen = np.isfinite(sides)
    return np.where(seen.any(0), np.where(seen, sides, 0).sum(0) / np.maximum(seen.sum(0), 1), np.nan)


def _percentile(lengths: np.ndarray) -> np.ndarray:
    """95th percentile over frames (the last axis) of what is finite; NaN where nothing is."""
    ordered = np.sort(lengths, axis=-1)  # NaN goes last
    last = np.isfinite(lengths).sum(-1) - 1
    at = 0.95 * np.maximum(last, 0)
    below = np.floor(at).astype(int)
    above = np.minimum(below + 1, np.maximum(last, 0))
    low, high = (np.take_along_axis(ordered, index[..., None], -1)[..., 0] for index in (below, above))
    return np.asarray(low + (at - below) * (high - low))


def body_scale(positions: np.ndarray) -> np.ndarray:
    """Body scale B: the 95th percentile over frames of torso + leg in the image.

    Where no frame shows a leg: 2.7 x torso; where none shows the hips: 3.7 x shoulder width.

    Args:
        positions: (..., frames, 28, 2), NaN = not observed.

    Returns:
        (...), in the units of `positions`; NaN where none of the three can be measured.

    """
    torso = np.linalg.norm(_middle(positions, "shoulder") - _middle(positions, "hip"), axis=-1)
    shoulders = _distance(positions, "left_shoulder", "right_shoulder")
    choices = (torso + _legs(positions), _LEGS_FROM_TORSO * torso, _SHOULDERS_TO_BODY * shoulders)
    scale = np.full(positions.shape[:-3], np.nan)
    for lengths in choices:
        measured = _percentile(lengths)
        scale = np.where(np.isfinite(scale) & (scale > 0), scale, measured)
    return scale


def centre(positions: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The window's mean mid-hip; without hips the mean mid-shoulder + 0.37 B down.

    Without both, where the mid-hip of a standing person would be by the joints that are seen.

    Args:
        positions: (..., frames, 28, 2), y down, NaN = not observed.
        scale: (...), the body scale.

    Returns:
        (..., 2); NaN where nothing is observed.

    """
    below = np.stack([np.zeros_like(scale), _HIPS_BELOW_SHOULDERS * scale], axis=-1)
    hips = _mean(_middle(positions, "hip"))
    shoulders = _mean(_middle(positions, "shoulder")) + below
    downward = np.stack([np.zeros(28), _HIPS_BELOW], axis=-1)
    standing = positions + scale[..., None, None, None] * downward
    joints = _mean(standing.reshape(*positions.shape[:-3], -1, 2))
    return np.where(np.isfinite(hips), hips, np.where(np.isfinite(shoulders), shoulders, joints))


def _mean(points: np.ndarray) -> np.ndarray:
    seen = np.isfinite(points).all(-1, keepdims=True)
    total = np.where(seen, points, 0).sum(-2)
    count = seen.sum(-2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


@dataclass(frozen=True)
class Units:
    """The map of each window to its normalised units and back.

    `centre` (..., 2) and `scale` (...) in the input's units, one each per window.
    """

    centre: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, positions: np.ndarray, scale: np.ndarray | None = None) -> Units:
        """Units of windows (..., frames, 28, 2); `scale` (...) where it is known better, such as over the clip."""
        scale = body_scale(positions) if scale is None else np.broadcast_to(scale, positions.shape[:-3])
        return cls(centre(positions, scale), np.asarray(scale, np.float64))

    def normalise(self, positions: np.ndarray) -> np.ndarray:
        """Windows (..., frames, joints, 2) in normalised units."""
        return (positions - self.centre[..., None, None, :]) / self.scale[..., None, None, None]

    def restore(self, positions: np.ndarray) -> np.ndarray:
        """Normalised windows (..., frames, joints, 2) in the input's units."""
        return positions * self.scale[..., None, None, None] + self.centre[..., None, None, :]
