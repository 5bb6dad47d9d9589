"""One person's keypoints over time, and the sole judge of what counts as "not observed"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import InputError
from .joint_sets import JointSet

CONFIDENCE_THRESHOLD = 0.3
"""Confidence below which a point counts as not observed, unless the caller says otherwise."""

DAMAGED_BEYOND = 1e6
"""A coordinate (pixels) that no image reaches: the file is damaged."""


def has_place(positions: np.ndarray) -> np.ndarray:
    """Bool (...): points of (..., 2) with two finite coordinates. Much faster than to reduce over the last axis."""
    return np.asarray(np.isfinite(positions[..., 0]) & np.isfinite(positions[..., 1]))


def is_observed(positions: np.ndarray, confidence: np.ndarray, threshold: float = CONFIDENCE_THRESHOLD) -> np.ndarray:
    """The rule, the only one there is: bool (...) for positions (..., 2) and confidence (...).

    Not observed are: a coordinate that is NaN or infinite, a point at exactly (0, 0), which detectors write for
    "missing", and a confidence that is NaN, 0 or below `threshold`.
    """
    believed = np.nan_to_num(confidence, nan=0.0)
    given = has_place(positions) & ((positions[..., 0] != 0) | (positions[..., 1] != 0))
    return np.asarray(given & (believed >= threshold) & (believed > 0))


def judge(
    positions: np.ndarray, confidence: np.ndarray | None = None, threshold: float = CONFIDENCE_THRESHOLD
) -> tuple[np.ndarray, np.ndarray]:
    """Decide what was observed, by the rule of `is_observed`. Where no confidence is given, it is 1.

    Args:
        positions: (frames, joints, 2), pixels.
        confidence: (frames, joints); scores a little above 1 occur and are clipped.
        threshold: confidence from which on a point counts.

    Returns:
        float64 positions with NaN, and confidence in 0..1 with 0, wherever the point is not observed.

    Raises:
        InputError: shapes that do not fit together, or coordinates beyond 1e6.

    """
    positions = np.asarray(positions, np.float64)
    if positions.ndim != 3 or positions.shape[-1] != 2:
        raise InputError(f"Positions must be (frames, joints, 2), found {positions.shape}.")
    confidence = np.ones(positions.shape[:2]) if confidence is None else np.asarray(confidence, np.float64)
    if confidence.shape != positions.shape[:2]:
        raise InputError(f"Confidence must be {positions.shape[:2]} like the positions, found {confidence.shape}.")
    beyond = np.abs(positions) > DAMAGED_BEYOND
    if beyond.any() and (beyond.any(-1) & has_place(positions)).any():
        raise InputError(f"A coordinate beyond {DAMAGED_BEYOND:g} pixels: the data are damaged or in another unit.")
    observed = is_observed(positions, confidence, threshold)
    return np.where(observed[..., None], positions, np.nan), np.where(observed, np.clip(confidence, 0, 1), 0.0)


@dataclass(frozen=True)
class Tracks:
    """One person's 2D keypoints, as a detector gave them.

    `positions` (frames, joints, 2), pixels, y down, NaN = not observed; `confidence` (frames, joints) in 0..1, 0
    where not observed. Frame i of the arrays is frame `first_frame + i` of the source.
    """

    positions: np.ndarray
    confidence: np.ndarray
    joint_set: JointSet
    first_frame: int = 0
    fps: float | None = None
    image_size: tuple[int, int] | None = None
    person: str = "0"
    source: str = ""

    @property
    def observed(self) -> np.ndarray:
        """Bool (frames, joints)."""
        return has_place(self.positions)

    def __len__(self) -> int:
        return len(self.positions)
