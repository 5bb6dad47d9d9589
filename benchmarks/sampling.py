"""Where the time of a solve goes, by looking at it a few hundred times a second."""

from __future__ import annotations

import signal
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType
from typing import Final, Self

_EVERY: Final = 0.002
"""Seconds between two looks."""


class Sampler:
    """While it is entered, seconds are put down to the innermost function of `jumps_blender` that runs.

    Long products hold the signal up, so that each look counts for the time since the last one. Main thread only; sees
    nothing where the system has no interval timer.
    """

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._last = 0.0

    def __enter__(self) -> Self:
        self._last = time.perf_counter()
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._look)
            signal.setitimer(signal.ITIMER_REAL, _EVERY, _EVERY)
        return self

    def __exit__(self, *_error: object) -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        now = time.perf_counter()
        while frame is not None and "jumps_blender" not in frame.f_code.co_filename:
            frame = frame.f_back
        where = "elsewhere" if frame is None else f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}"
        self._seconds[where] += now - self._last
        self._last = now

    def shares(self) -> dict[str, float]:
        """Share of the time of each function, the largest first."""
        total = sum(self._seconds.values()) or 1.0
        largest = sorted(self._seconds.items(), key=lambda pair: -pair[1])
        return {name: seconds / total for name, seconds in largest}
