"""Cutting a clip into overlapping windows, and putting solved windows together again."""

from __future__ import annotations

from typing import Final

import numpy as np

WINDOW: Final = 24
"""Frames of a window (JUMPS, III-A)."""


def window_starts(frames: int, hop: int) -> np.ndarray:
    """First frames of the windows that cover a clip; the last one ends with the clip, a shorter clip has one at 0."""
    last = max(frames - WINDOW, 0)
    starts = np.arange(0, last + 1, hop)
    return starts if starts[-1] == last else np.append(starts, last)


def cut(values: np.ndarray, starts: np.ndarray, fill: float) -> np.ndarray:
    """Windows (n, 24, ...) of values (frames, ...); frames after the end of a short clip are `fill`."""
    missing = int(starts[-1]) + WINDOW - len(values)
    if missing > 0:
        values = np.concatenate([values, np.full((missing, *values.shape[1:]), fill, values.dtype)])
    return values[starts[:, None] + np.arange(WINDOW)]


def pick(windows: np.ndarray, starts: np.ndarray, frames: int, frame_error: np.ndarray) -> np.ndarray:
    """Put windows together: each frame from the window whose frame has the lower contextual loss (JUMPS, III-D).

    Args:
        windows: (n, 24, ...).
        starts: (n,), first frames.
        frames: of the clip.
        frame_error: (n, 24), contextual losses; inf where a frame has no observation.

    """
    best = np.full(frames, -1)
    lowest = np.full(frames, np.inf)
    for i, start in enumerate(starts):
        here = np.arange(start, min(start + WINDOW, frames))
        error = frame_error[i, : len(here)]
        better = (error < lowest[here]) | (best[here] < 0)
        best[here[better]], lowest[here[better]] = i, error[better]
    return np.asarray(windows[best, np.arange(frames) - starts[best]])


def blend(windows: np.ndarray, starts: np.ndarray, frames: int, _frame_error: np.ndarray) -> np.ndarray:
    """Put windows together by a cross-fade: a frame counts the more, the farther it is from its window's ends."""
    ramp = np.minimum(np.arange(WINDOW) + 1, WINDOW - np.arange(WINDOW)).astype(float) ** 2
    total = np.zeros((frames, *windows.shape[2:]))
    share = np.zeros(frames)
    for window, start in zip(windows, starts, strict=True):
        stop = min(start + WINDOW, frames)
        weight = ramp[: stop - start]
        total[start:stop] += weight.reshape(-1, *[1] * (window.ndim - 1)) * window[: stop - start]
        share[start:stop] += weight
    return total / share.reshape(-1, *[1] * (total.ndim - 1))


STITCHERS: Final = {"pick": pick, "blend": blend}
