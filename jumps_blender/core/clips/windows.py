"""Cutting a clip into overlapping windows, and putting solved windows together again."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

WINDOW: Final = 24
"""Frames of a window (JUMPS, III-A)."""


def window_starts(frames: int, hop: int, origin: int = 0) -> np.ndarray:
    """First frames of the windows that cover a clip.

    They lie `hop` frames apart, beginning `origin` frames before the clip, which is part of a longer one: wherever that
    is cut, its windows lie where they lay. One more begins, and one ends with the clip; a shorter clip has one at 0.
    """
    last = max(frames - WINDOW, 0)
    return np.unique(np.concatenate([[0], np.arange(-origin % hop, last + 1, hop), [last]]))


def cut(values: np.ndarray, starts: np.ndarray, fill: float) -> np.ndarray:
    """Windows (n, 24, ...) of values (frames, ...); frames after the end of a short clip are `fill`."""
    missing = int(starts.max(initial=0)) + WINDOW - len(values)
    if missing > 0:
        values = np.concatenate([values, np.full((missing, *values.shape[1:]), fill, values.dtype)])
    return values[starts[:, None] + np.arange(WINDOW)]


class Stitcher(Protocol):
    """Puts windows together as they come, in the order of their first frames.

    `frames` are those of the clip, `shape` what a frame holds. A frame is finished once every window that has it was
    added.
    """

    def __init__(self, frames: int, shape: tuple[int, ...]) -> None: ...

    def add(self, start: int, window: np.ndarray, frame_error: np.ndarray, /) -> None:
        """Add a window (24, ...) that begins at a frame; `frame_error` (24,), inf where nothing is observed."""

    def frames(self, stretch: slice) -> np.ndarray:
        """What was put together of a stretch of frames."""


class Pick:
    """Each frame comes from the window whose frame has the lower contextual loss (JUMPS, III-D)."""

    def __init__(self, frames: int, shape: tuple[int, ...]) -> None:
        self._picked = np.zeros((frames, *shape))
        self._lowest = np.full(frames, np.nan)

    def add(self, start: int, window: np.ndarray, frame_error: np.ndarray, /) -> None:
        here = slice(start, min(start + WINDOW, len(self._lowest)))
        error = frame_error[: here.stop - start]
        better = ~(error >= self._lowest[here])  # NaN: no window yet
        self._picked[here][better] = window[: len(error)][better]
        self._lowest[here][better] = error[better]

    def frames(self, stretch: slice) -> np.ndarray:
        return self._picked[stretch]


class Blend:
    """A cross-fade: a frame counts the more, the farther it is from its window's ends."""

    def __init__(self, frames: int, shape: tuple[int, ...]) -> None:
        self._total = np.zeros((frames, *shape))
        self._share = np.zeros((frames, *[1] * len(shape)))

    def add(self, start: int, window: np.ndarray, _frame_error: np.ndarray, /) -> None:
        here = slice(start, min(start + WINDOW, len(self._share)))
        weight = _RAMP[: here.stop - start].reshape(-1, *[1] * (window.ndim - 1))
        self._total[here] += weight * window[: len(weight)]
        self._share[here] += weight

    def frames(self, stretch: slice) -> np.ndarray:
        return np.asarray(self._total[stretch] / self._share[stretch])


_RAMP: Final = np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW) ** 2

STITCHERS: Final[dict[str, type[Stitcher]]] = {"pick": Pick, "blend": Blend}


def stitch(how: str, windows: np.ndarray, starts: np.ndarray, frames: int, frame_error: np.ndarray) -> np.ndarray:
    """Put all windows of a clip together, (frames, ...).

    Args:
        how: of STITCHERS.
        windows: (n, 24, ...).
        starts: (n,), first frames, ascending.
        frames: of the clip.
        frame_error: (n, 24), contextual losses; inf where a frame has no observation.

    """
    stitcher = STITCHERS[how](frames, windows.shape[2:])
    for start, window, error in zip(starts, windows, frame_error, strict=True):
        stitcher.add(start, window, error)
    return stitcher.frames(slice(frames))


def blend(windows: np.ndarray, starts: np.ndarray, frames: int) -> np.ndarray:
    """Put windows (n, 24, ...) together by a cross-fade; arguments as in `stitch`."""
    return stitch("blend", windows, starts, frames, np.zeros(windows.shape[:2]))
