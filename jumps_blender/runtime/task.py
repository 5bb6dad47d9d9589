"""Work that takes minutes, in a thread of its own: Blender looks at it now and then, and never waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ..errors import JumpsError

T = TypeVar("T")
Progress = Callable[[float, str], None]
Work = Callable[[Progress, Callable[[], bool]], T]
"""Does the work, telling a fraction and a text, and asking whether to stop; must not touch Blender."""


def announcer() -> Progress:
    """Prints how far it is, a line for each new text."""
    last = ""

    def announce(fraction: float, text: str) -> None:
        nonlocal last
        if text != last:
            print(f"{fraction:4.0%} {text}", flush=True)
        last = text

    return announce


class Task(Generic[T]):
    """A piece of work under way."""

    def __init__(self, work: Work[T]) -> None:
        self.fraction, self.text = 0.0, "Starting"
        self._work = work
        self._stop = threading.Event()
        self._result: T | None = None
        self._error: JumpsError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether it has, in whatever way."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Ask it to stop; it soon ends, with Cancelled."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Block until it has ended, or so long."""
        self._thread.join(seconds)

    def result(self) -> T:
        """What came of it, once it has ended.

        Raises:
            JumpsError: what it failed of.

        """
        if self._error:
            raise self._error
        assert self._result is not None, "it has not ended"
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._work(self._hear, self._stop.is_set)
        except JumpsError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001  a thread's exception would be lost
            self._error = JumpsError(f"{type(error).__name__}: {error}. Please report this as a bug.")

    def _hear(self, fraction: float, text: str) -> None:
        self.fraction, self.text = fraction, text
