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
    if seen.all():
        return positions
    frames = seen.shape[1]
    index = np.arange(frames)[:, None]
    before = np.maximum.accumulate(np.where(seen, index, -1), axis=1)
    after = np.minimum.accumulate(np.where(seen, index, frames)[:, ::-1], axis=1)[:, ::-1]
    first = np.where(before < 0, after, before).clip(0, frames - 1)
    second = np.where(after == frames, before, after).clip(0, frames - 1)
    share = ((index - first) / np.maximum(second - first, 1)).clip(0, 1)[..., None]
    ends = (np.take_along_axis(positions, at[..., None], axis=1) for at in (first, second))
    start, end = ends
    between = (1 - share) * start + share * end
    return np.asarray(np.where(seen[..., None], positions, between).astype(positions.dtype))


def along_splines(positions: np.ndarray) -> np.ndarray:
    """A natural cubic spline through each joint's observations; beyond the first and last one it stands still."""
    out = along_lines(positions)
    seen = np.isfinite(positions).all(-1)
    broken = ~seen.all(1) & (seen.sum(1) > 2)
    for n, joint in np.argwhere(broken):
        at = np.flatnonzero(seen[n, :, joint])
        gap = np.arange(at[0], at[-1])
        gap = gap[~seen[n, gap, joint]]
        if len(gap):
            out[n, gap, joint] = CubicSpline(at, positions[n, at, joint], bc_type="natural")(gap)
    return out


FILLS: Final[dict[str, Fill]] = {"spline": along_splines, "line": along_lines}
