"""Jitter, errors that are new in every frame: how large it is, and what an answer is rid of that follows it.

The Gaussian expects of every window the fast motion of an average one. Where a body moves slowly, most of what is fast
in an answer is jitter that came through. How large jitter is shows in what an answer leaves of the observations; fast
motion no larger than what so much of it brings about is taken for it (Wiener's filter, at every frame, in two bands).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..clips.windows import WINDOW
from .screening import median

_ORDER: Final = 4
"""Differences from frame to frame after which motion is small next to what is new in every frame."""

_ENLARGED: Final = 70.0
"""Variance of such a difference of white noise: 1 + 16 + 36 + 16 + 1."""

_AROUND: Final = 3.0
"""Frames around one, as a standard deviation, whose motion says how much moves there."""

_BESIDE: Final = 3
"""Frames from one in which a joint is not seen to the next whose fast motion is known."""

_APART: Final = np.subtract.outer(np.arange(WINDOW), np.arange(WINDOW))

_BANDS: Final = ((1.3, 0.03), (4.0, 0.05))
"""Standard deviations in frames of the blurs between bands, the finest first, and what share of the jitter's variance
is found in an answer's joints above each. Measured on validation clips."""


def jitter(left: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Variance per axis of what is new in every frame, (n,): that of the middle one of the joints.

    Args:
        left: (n, 24, 28, 2), what answers leave of observations.
        shown: bool (n, 24, 28), where there are observations. Joints without 5 frames in a row say nothing; where none
            has so many, 0.

    """
    frames = np.lib.stride_tricks.sliding_window_view(shown, _ORDER + 1, axis=1).all(-1)
    square = (np.diff(left, _ORDER, axis=1) ** 2).mean(-1) / _ENLARGED
    count = frames.sum(1)
    each = np.where(frames, square, 0.0).sum(1) / np.maximum(count, 1)
    return median(np.where(count > 0, each, np.nan)[..., None])[:, 0]


def settle(windows: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Windows (n, 24, 28, 2) without what follows jitter of `variance` (n,) per axis; with none they stay."""
    rest = windows.reshape(len(windows), WINDOW, -1)
    out = np.zeros_like(rest)
    for blur, around, share in _FILTERS:
        slow = blur @ rest
        fast, rest = rest - slow, slow
        moving = (fast**2).mean(2) @ around.T
        out += fast * (1 - np.minimum(share * variance[:, None] / np.maximum(moving, _NOTHING), 1))[..., None]
    return np.asarray((out + rest).reshape(windows.shape))


def slow(windows: np.ndarray) -> np.ndarray:
    """Windows (n, 24, 28, 2) without their fast motion: the finest blur."""
    return np.asarray((_FILTERS[0][0] @ windows.reshape(len(windows), WINDOW, -1)).reshape(windows.shape))


def steadily(shown: np.ndarray) -> np.ndarray:
    """How far the fast motion of frames is known, 0..1, (n, 24).

    0 around frames in which joints are not seen that the window shows: their fast motion is known from other frames
    alone.

    Args:
        shown: bool (n, 24, 28), where there are observations.

    """
    missing = (shown != shown.any(1, keepdims=True)).any(-1) | ~shown.any(-1)
    return np.asarray(np.where(missing @ (np.abs(_APART) <= _BESIDE), 0.0, 1.0) @ _FILTERS[0][0].T)


def _blur(frames: float) -> np.ndarray:
    """The matrix (24, 24) of a Gaussian blur over a window, narrower towards its ends."""
    weight = np.exp(-((_APART / frames) ** 2) / 2)
    return np.asarray(weight / weight.sum(1, keepdims=True))


_FILTERS: Final = tuple((_blur(width), _blur(max(width, _AROUND)), share) for width, share in _BANDS)

_NOTHING: Final = 1e-20
"""Squared normalised units; less does not move."""
