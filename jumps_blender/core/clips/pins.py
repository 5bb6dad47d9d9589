"""Pins: positions that come out exactly where they went in, and the motion that is led over to them."""

from __future__ import annotations

from typing import Final

import numpy as np

REACH: Final = 0.25
"""Seconds before and after a pin in which the motion is led over to it."""


def lead(positions: np.ndarray, pinned: np.ndarray, reach: float) -> np.ndarray:
    """Observations with those before and after a pin led over to it.

    Who moves a joint in one frame says that the detector was wrong around it, not that the joint jumped: observations
    of the joint follow as far as the pin is from where they would have had it.

    Args:
        positions: (frames, joints, 2), NaN = not observed.
        pinned: bool (frames, joints).
        reach: frames before and after a pin that are led over to it.

    """
    out = positions.copy()
    seen = np.isfinite(positions).all(-1) & ~pinned
    for joint in np.flatnonzero(pinned.any(0) & seen.any(0)):
        at, frames = np.flatnonzero(pinned[:, joint]), np.flatnonzero(seen[:, joint])
        after = np.searchsorted(frames, at)
        around = np.stack([frames[after.clip(max=len(frames) - 1)], frames[np.maximum(after - 1, 0)]])
        at = at[np.abs(around - at).min(0) <= reach]
        if len(at):
            expected = np.stack([np.interp(at, frames, positions[frames, joint, axis]) for axis in (0, 1)], -1)
            out[frames, joint] += _way(frames, at, positions[at, joint] - expected, reach)
    return out


def hold(result: np.ndarray, positions: np.ndarray, pinned: np.ndarray, reach: float, stretch: slice) -> np.ndarray:
    """A stretch of a result with its pins held: 0 error there, and a smooth way to them and back.

    Args:
        result: (frames, joints, 2), known at least from `reach` frames before the stretch to as many after it.
        positions: (frames, joints, 2), where pins are.
        pinned: bool (frames, joints).
        reach: frames before and after a pin that are led over to it.
        stretch: the frames that are asked for.

    Returns:
        (frames of the stretch, joints, 2).

    """
    out = result[stretch].copy()
    wide = int(np.ceil(reach))
    around = slice(max(stretch.start - wide, 0), stretch.stop + wide)
    frames = np.arange(stretch.start, stretch.stop)
    for joint in np.flatnonzero(pinned[around].any(0)):
        at = around.start + np.flatnonzero(pinned[around, joint])
        correction = positions[at, joint] - result[at, joint]
        out[:, joint] += _way(frames, at, correction, reach)
        here = (at >= stretch.start) & (at < stretch.stop)
        out[at[here] - stretch.start, joint] = positions[at[here], joint]
    return out


def _way(frames: np.ndarray, at: np.ndarray, correction: np.ndarray, reach: float) -> np.ndarray:
    """What pins `at` (n,) that want a correction (n, 2) change at frames (m,): (m, 2).

    A raised cosine on either side of a pin; where two pins reach the same frame, on the line between what they want.
    """
    before = np.searchsorted(at, frames, side="right") - 1
    after = (before + 1).clip(max=len(at) - 1)
    alone, before = before < 0, before.clip(min=0)
    from_before = np.where(alone, reach, np.minimum(frames - at[before], reach))
    to_after = np.where(at[after] <= frames, reach, np.minimum(at[after] - frames, reach))
    near, far = (0.5 + 0.5 * np.cos(np.pi * away / reach) for away in (from_before, to_after))
    both = near * far
    share = from_before / (from_before + to_after)
    first, second = near - both + both * (1 - share), far - both + both * share
    return np.asarray(first[:, None] * correction[before] + second[:, None] * correction[after])
