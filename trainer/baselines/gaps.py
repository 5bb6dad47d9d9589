"""Filling gaps of single joints, for methods that need every observed joint in every frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.interpolate import CubicSpline

Fill = Callable[[np.ndarray], np.ndarray]
"""From (n, frames, joints, 2), NaN = not observed, to the same without gaps; a joint never seen stays NaN."""


def along_lines(positions: np.ndarray) -> np.ndarray:
    """Straight lines over gaps; before the first and after the last observation a joint stands still."""
    seen = np.isfinite(positions).all(-1)
    out = positions.copy()
    rows, joints = np.nonzero(~seen.all(1) & seen.any(1))
    out[rows, :, joints] = _joined(positions[rows, :, joints], seen[rows, :, joints])
    return out


def _joined(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Points (n, frames, 2) with straight lines where they were not seen, bool (n, frames)."""
    rows, index, frames = np.arange(len(seen))[:, None], np.arange(seen.shape[1]), seen.shape[1]
    before = np.maximum.accumulate(np.where(seen, index, -1), axis=1)
    after = np.minimum.accumulate(np.where(seen, index, frames)[:, ::-1], axis=1)[:, ::-1]
    first = np.where(before < 0, after, before)
    second = np.where(after == frames, before, after)
    share = ((index - first) / np.maximum(second - first, 1)).astype(points.dtype)[..., None]
    between = (1 - share) * points[rows, first] + share * points[rows, second]
    return np.asarray(np.where(seen[..., None], points, between))


def along_splines(positions: np.ndarray) -> np.ndarray:
    """A natural cubic spline through each joint's observations; beyond the first and last one it stands still."""
    out = along_lines(positions)
    seen = np.isfinite(positions).all(-1)
    for n, joint in np.argwhere(~seen.all(1) & (seen.sum(1) > 2)):
        at = np.flatnonzero(seen[n, :, joint])
        gap = np.arange(at[0], at[-1])
        gap = gap[~seen[n, gap, joint]]
        if len(gap):
            out[n, gap, joint] = CubicSpline(at, positions[n, at, joint], bc_type="natural")(gap)
    return out


FILLS: Final[dict[str, Fill]] = {"spline": along_splines, "line": along_lines}
