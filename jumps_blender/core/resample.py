"""From the clip's frame rate to the prior's and back, by time."""

from __future__ import annotations

import numpy as np


def _times(frames: int, rate: float, other: float) -> np.ndarray:
    """Positions, in frames at `rate`, of the frames at `other` that cover a clip of `frames` frames."""
    count = int(np.ceil((frames - 1) / rate * other - 1e-6)) + 1
    return np.arange(count) / other * rate


def _cubic(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Catmull-Rom through values (frames, ...) at fractional frames; ends are extended in a straight line."""
    if len(values) == 1:
        return np.repeat(values, len(times), 0)
    padded = np.concatenate([2 * values[:1] - values[1:2], values, 2 * values[-1:] - values[-2:-1]])
    below = np.floor(times).astype(int).clip(0, len(values) - 2)
    t = (times - below).reshape(-1, *[1] * (values.ndim - 1))
    p0, p1, p2, p3 = (padded[below + k] for k in range(4))
    return np.asarray(p1 + t / 2 * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0))))


def resample_observations(
    positions: np.ndarray, confidence: np.ndarray, rate: float, other: float
) -> tuple[np.ndarray, np.ndarray]:
    """Observations at another rate; nothing is invented in gaps.

    A joint counts as observed at a moment if it is in the frames on both sides of it (or in the frame exactly there): by
    a cubic where four frames in a row have it, else on the straight line.

    Args:
        positions: (frames, joints, 2), NaN = not observed.
        confidence: (frames, joints), 0 = not observed.
        rate: frames per second of the arrays.
        other: frames per second of the result.

    Returns:
        positions and confidence at `other`, from the same first moment to the last.

    """
    times = _times(len(positions), rate, other)
    below = np.floor(times + 1e-9).astype(int)
    share = np.where(times - below < 1e-6, 0.0, times - below)
    last = len(positions) - 1
    first, second = below.clip(max=last), np.where(share > 0, below + 1, below)
    inside = (second <= last) & (below <= last)
    second = second.clip(max=last)
    line = (1 - share)[:, None, None] * positions[first] + share[:, None, None] * positions[second]
    cubic = _cubic(positions, times)
    out = np.where(np.isfinite(cubic), cubic, line)
    # A cubic at a frame itself is that frame, but NaN neighbours would spoil it.
    out = np.where((share == 0)[:, None, None], positions[first], out)
    weight = (1 - share)[:, None] * confidence[first] + share[:, None] * confidence[second]
    seen = np.isfinite(out).all(-1) & np.isfinite(line).all(-1) & inside[:, None]
    return np.where(seen[..., None], out, np.nan), np.where(seen, weight, 0.0)


def resample_positions(positions: np.ndarray, rate: float, other: float, frames: int) -> np.ndarray:
    """Complete positions (n, joints, 2) at `rate` as `frames` frames at `other`, by a cubic."""
    return _cubic(positions, np.arange(frames) / other * rate)
