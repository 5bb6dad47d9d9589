"""Pins: positions that come out exactly where they went in, and the motion that is led over to them."""

from __future__ import annotations

from typing import Final

import numpy as np

REACH: Final = 0.25
"""Seconds before and after a pin in which the motion is led over to it."""


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

    A raised cosine away from the nearest pin; between two pins that reach each other, on the line between what they
    want.
    """
    after = np.searchsorted(at, frames).clip(max=len(at) - 1)
    before = np.maximum(np.searchsorted(at, frames, side="right") - 1, 0)
    from_before, to_after = np.abs(frames - at[before]), np.abs(at[after] - frames)
    apart = at[after] - at[before]
    share = np.where((apart > 0) & (apart < 2 * reach), from_before / np.maximum(apart, 1), to_after < from_before)
    wanted = (1 - share)[:, None] * correction[before] + share[:, None] * correction[after]
    away = np.minimum(from_before, to_after)
    fading = 0.5 + 0.5 * np.cos(np.pi * np.minimum(away / reach, 1))
    return np.asarray(fading[:, None] * wanted)
