"""From the clip's frame rate to the prior's and back, by time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def moments(frames: int, rate: float, other: float, origin: int = 0) -> np.ndarray:
    """Numbers of the moments at `other` frames per second that cover a clip of `frames` frames at `rate`.

    Both count from where the whole began of which the clip is a part, `origin` frames before it: a part has the moments
    that the whole has.
    """
    first = int(np.ceil(origin / rate * other - 1e-6))
    last = int(np.ceil((origin + frames - 1) / rate * other - 1e-6))
    return np.arange(first, last + 1)


_SAME_MOTION = 0.1
"""Seconds within which two observations tell where the joint was in between."""


@dataclass(frozen=True)
class _Neighbours:
    """The observed frames before and after each moment, (moments, joints); where one is missing, the other."""

    first: np.ndarray
    second: np.ndarray
    both: np.ndarray
    offset: np.ndarray  # (moments, joints), from the nearer of the two to the moment, in frames
    share: np.ndarray  # (moments, joints), of the second

    @classmethod
    def find(cls, seen: np.ndarray, times: np.ndarray) -> _Neighbours:
        """The frames of `seen` (frames, joints) around fractional frames `times`."""
        count = len(seen)
        frames = np.where(seen, np.arange(count)[:, None], -1)
        before = np.maximum.accumulate(frames)[np.floor(times + 1e-6).astype(int).clip(max=count - 1)]
        frames = np.append(np.where(seen, frames, count), np.full((1, seen.shape[1]), count), axis=0)
        after = np.minimum.accumulate(frames[::-1])[::-1][np.ceil(times - 1e-6).astype(int).clip(max=count)]
        both = (before >= 0) & (after < count)
        first, second = np.where(before < 0, after, before), np.where(after == count, before, after)
        share = ((times[:, None] - first) / np.maximum(second - first, 1)).clip(0, 1)
        offset = times[:, None] - np.where(share < 0.5, first, second)
        return cls(first.clip(0, count - 1), second.clip(0, count - 1), both, offset, share)

    def between(self, values: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Values (frames, joints, ...) on the straight line from the first to the second."""
        joints = np.arange(values.shape[1])
        share = share.reshape(*share.shape, *[1] * (values.ndim - 2))
        return np.asarray((1 - share) * values[self.first, joints] + share * values[self.second, joints])


def _led_on(positions: np.ndarray, confidence: np.ndarray, end: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Frames beyond the last one, as far as the moment `end`, so that what the last frame shows is not lost.

    Joints go on as they went in the last moment's time, `step` frames; those not seen so long are not observed there.
    """
    last = len(positions) - 1
    beyond = np.arange(1, np.ceil(end - 1e-6) - last + 1)
    back = min(last, max(1, round(step)))
    if not len(beyond) or not back:
        return positions, confidence
    speed = (positions[-1] - positions[-1 - back]) / back
    added = positions[-1] + beyond[:, None, None] * speed
    return np.concatenate([positions, added]), np.concatenate([confidence, np.repeat(confidence[-1:], len(added), 0)])


def resample_observations(
    positions: np.ndarray, confidence: np.ndarray, rate: float, other: float, origin: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Observations at another rate; nothing is invented in gaps, and no observation is lost.

    A joint counts as observed at a moment if it is in the frames on both sides of it, or in two that are no farther
    apart than the moments: by a cubic where four frames in a row have it, else on the straight line; at a moment after
    the last frame where that frame and the motion before it lead. What no moment sees in this way, such as the one
    frame that an animator pinned, is given to the moment nearest to it.

    Args:
        positions: (frames, joints, 2), NaN = not observed.
        confidence: (frames, joints), 0 = not observed.
        rate: frames per second of the arrays.
        other: frames per second of the result.
        origin: frames before the first one, see `moments`.

    Returns:
        positions and confidence at each of `moments`.

    """
    times = moments(len(positions), rate, other, origin) / other * rate - origin
    positions, confidence = _led_on(positions, confidence, times[-1], rate / other)
    near = _Neighbours.find(np.isfinite(positions).all(-1), times)
    apart = near.second - near.first
    seen = near.both & (apart <= max(1.0, rate / other + 1e-6))
    cubic, line = interpolate(positions, times), near.between(positions, near.share)
    smooth = np.where(np.isfinite(cubic).all(-1, keepdims=True), cubic, line)
    # A lonely observation moves with its neighbours where those are near enough to say how.
    share = np.where(near.both & (apart <= _SAME_MOTION * rate), near.share, np.round(near.share))
    moved = np.where(seen[..., None], smooth, near.between(positions, share))
    beside = np.pad(seen, ((1, 1), (0, 0)))
    half = rate / other / 2
    lonely = ~seen & ~beside[2:] & ~beside[:-2] & (near.offset > 1e-6 - half) & (near.offset <= half + 1e-6)
    kept = (seen | lonely) & np.isfinite(moved).all(-1)
    return np.where(kept[..., None], moved, np.nan), np.where(kept, near.between(confidence, near.share), 0.0)


def resample_positions(positions: np.ndarray, rate: float, other: float, frames: int) -> np.ndarray:
    """Complete positions (n, joints, 2) at `rate` as `frames` frames at `other`, by a cubic."""
    return interpolate(positions, np.arange(frames) / other * rate)


def in_lines(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Values (frames, ...) at fractional frames on straight lines, which never leave the values' range."""
    below = np.floor(times).astype(int).clip(0, max(len(values) - 2, 0))
    share = (times - below).clip(0, 1).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray((1 - share) * values[below] + share * values[np.minimum(below + 1, len(values) - 1)])


def interpolate(values: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Values (frames, ...) at fractional frames: Catmull-Rom, the ends extended in a straight line.

    A value depends on the two frames before and the two after it.
    """
    if len(values) == 1:
        return np.repeat(values, len(times), 0)
    below = np.floor(times).astype(int).clip(0, len(values) - 2)
    t = (times - below).reshape(-1, *[1] * (values.ndim - 1))
    padded = np.concatenate([2 * values[:1] - values[1:2], values, 2 * values[-1:] - values[-2:-1]])
    p0, p1, p2, p3 = (padded[below + k] for k in range(4))
    return np.asarray(p1 + t / 2 * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0))))
