"""How far a result is from the truth (JUMPS, IV-A), and how smooth it is.

Errors are Euclidean distances in the image. They become comparable between people and cameras by dividing by the
head size, 0.225 m at the depth of the pelvis: PCKh@0.1 then is the share of joints within 2.25 cm, as in the paper.
Frames are next to last but one: positions (..., frames, joints, 2). NaN never counts: it is left out of every mean.
"""

from __future__ import annotations

from typing import Final

import numpy as np

AUC_THRESHOLDS: Final = np.linspace(0.0, 1.0, 101)


def errors_in_heads(result: np.ndarray, truth: np.ndarray, head_size: np.ndarray | float) -> np.ndarray:
    """Distance of each joint from its true place, |result - truth| / head size.

    result, truth: (..., frames, joints, 2), same units; head_size: scalar or (..., frames), the same units.
    Returns (..., frames, joints); NaN where either is NaN.
    """
    return np.linalg.norm(result - truth, axis=-1) / np.asarray(head_size, np.float64)[..., None]


def pckh(errors: np.ndarray, threshold: float | np.ndarray) -> np.ndarray:
    """PCKh@a: the share of joints whose error is below a, count(errors < a) / count(errors).

    errors: any shape, in heads; NaN = not judged. threshold: scalar or (n,). Returns the threshold's shape; NaN where
    nothing is judged.
    """
    judged = np.sort(errors[np.isfinite(errors)])
    if judged.size == 0:
        return np.full(np.shape(threshold), np.nan)
    return np.searchsorted(judged, threshold, side="left") / judged.size


def auc(errors: np.ndarray) -> float:
    """Area under PCKh over thresholds 0, 0.01 ... 1 by the trapezoid rule; 1 is perfect.

    errors: any shape, in heads; NaN = not judged. Returns NaN where nothing is judged.
    """
    shares = pckh(errors, AUC_THRESHOLDS)
    return float(((shares[1:] + shares[:-1]) / 2).mean())


def mpjpe(result: np.ndarray, truth: np.ndarray, head_size: np.ndarray | float = 1.0) -> float:
    """Mean per-joint position error: mean of |result - truth| / head size (JUMPS, III-C)."""
    return _mean(errors_in_heads(result, truth, head_size))


def mpjve(result: np.ndarray, truth: np.ndarray, head_size: np.ndarray | float = 1.0) -> float:
    """Mean per-joint velocity error: MPJPE of x[f] - x[f-1], per frame (JUMPS, III-C). Needs 2 frames."""
    return _mean(_difference_error(result, truth, head_size, order=1))


def acceleration_error(result: np.ndarray, truth: np.ndarray, head_size: np.ndarray | float = 1.0) -> float:
    """Mean norm of the difference of second differences x[f+1] - 2 x[f] + x[f-1], per frame squared. Needs 3 frames."""
    return _mean(_difference_error(result, truth, head_size, order=2))


def jitter(positions: np.ndarray, head_size: np.ndarray | float = 1.0) -> float:
    """Mean norm of the third difference over time, per frame cubed; meaningful next to the truth's. Needs 4 frames."""
    return _mean(_difference_error(positions, np.zeros_like(positions), head_size, order=3))


def _difference_error(result: np.ndarray, truth: np.ndarray, head_size: np.ndarray | float, order: int) -> np.ndarray:
    """Norms of the `order`-th difference of result - truth in heads, (..., frames - order, joints)."""
    differences = np.diff(result - truth, n=order, axis=-3)
    heads = np.asarray(head_size, np.float64)
    # A frame's own head size, not a difference of scaled positions: a change of depth is no motion in the image.
    heads = heads[..., order:, None] if heads.ndim else heads
    return np.linalg.norm(differences, axis=-1) / heads


def _mean(values: np.ndarray) -> float:
    judged = values[np.isfinite(values)]
    return float(judged.mean()) if judged.size else float("nan")
