"""Long work on Blender's data in slices, between which Blender is free.

A slice is what runs up to the next `yield`. Between two of them anything may happen: an object is deleted, an undo
replaces all data, and so whoever works in slices keeps names, never Blender's data.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Final, TypeVar

T = TypeVar("T")

Slices = Generator[Any, None, T]
"""Work in slices; with some of them it yields the share that is done, as a float."""

SLICE: Final = 0.02
"""Seconds that a slice takes where a user watches."""

WHOLE: Final = math.inf
"""Seconds of a slice where nobody does."""


PATIENCE: Final = 0.005
"""Seconds of a slice in which a thread is waited for: whoever asks again at once takes the processor from it."""


class Clock:
    """Tells when a slice has lasted as long as it may."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.restart()

    def restart(self) -> None:
        """Begin the next slice."""
        self._begin = time.perf_counter()

    @property
    def over(self) -> bool:
        """Whether Blender should have its turn."""
        return time.perf_counter() - self._begin >= self._seconds


def at_once(slices: Slices[T]) -> T:
    """Run to the end; what the work returns."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            value: T = end.value
            return value


def beside(work: Callable[[], T], seconds: float) -> Slices[T]:
    """Let work that touches nothing of Blender's run in a thread, and wait for it slice by slice."""
    if seconds == WHOLE:
        return work()
    thread = ThreadPoolExecutor(1)
    future = thread.submit(work)
    thread.shutdown(wait=False)
    while not wait((future,), PATIENCE).done:
        yield
    return future.result()
