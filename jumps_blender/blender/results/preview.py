"""A result while it is being solved: the frames that are finished, as lines; nothing of it is in the scene."""

from __future__ import annotations

from typing import Final

import numpy as np

from ...core.body.skeleton import PARENTS
from ..tracks.placement import Placement, Timing

_PAIRS: Final = np.array([(joint, parent) for joint, parent in enumerate(PARENTS) if parent >= 0])


class Preview:
    """The finished frames of a clip, laid into the scene as its result will be."""

    def __init__(self, frames: int, placement: Placement, timing: Timing) -> None:
        self._points = np.full((frames, len(PARENTS), 2), np.nan, np.float32)
        self._placement, self._timing = placement, timing
        self._stop = 0

    def add(self, first: int, positions: np.ndarray) -> None:
        """Take in finished frames (n, 28, 2), pixels, from frame `first` on."""
        self._points[first : first + len(positions)] = self._placement.to_armature(positions)
        self._stop = first + len(positions)

    @property
    def finished(self) -> int:
        """How many frames are finished."""
        return self._stop

    @property
    def whole(self) -> tuple[float, float]:
        """First and last scene frame that are being solved."""
        return self._timing.start, self._timing.start + (len(self._points) - 1) * self._timing.step

    @property
    def span(self) -> tuple[float, float] | None:
        """First and last scene frame that are finished; None as long as none is."""
        if not self._stop:
            return None
        return self._timing.start, self._timing.start + (self._stop - 1) * self._timing.step

    def lines(self, frame: float) -> np.ndarray:
        """The skeleton at a scene frame in armature space, ends of segments (2 n, 3); none where it is not finished."""
        span = self.span
        if span is None or not span[0] <= frame <= span[1]:
            return np.empty((0, 3))
        sample = (frame - span[0]) / self._timing.step
        below = int(sample)
        above = min(below + 1, self._stop - 1)
        flat = self._points[below] + (sample - below) * (self._points[above] - self._points[below])
        points = np.insert(flat, 1, 0.0, axis=-1)
        return np.asarray(points[_PAIRS].reshape(-1, 3))
