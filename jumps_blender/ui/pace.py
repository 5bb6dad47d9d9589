"""How fast a job goes, and how long it still takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SETTLED: Final = 0.3
"""Seconds before which nothing is foretold."""


@dataclass
class Pace:
    """The pace of so many frames, from when the first of them was begun."""

    frames: int
    _begin: tuple[float, float] | None = None
    _now: tuple[float, float] = (0.0, 0.0)

    def note(self, share: float, moment: float) -> None:
        """Note the share that is done at a moment, in seconds."""
        if self._begin is None:
            self._begin = (moment, share)
        self._now = (moment, share)

    @property
    def text(self) -> str:
        """Frames per second and the time that remains; empty as long as nobody can tell."""
        if self._begin is None:
            return ""
        seconds, share = (now - then for now, then in zip(self._now, self._begin, strict=True))
        if seconds < SETTLED or share <= 0:
            return ""
        rate = share / seconds
        pace = rate * self.frames
        return f"{pace:,.{0 if pace >= 10 else 1}f} frames/s, {describe_seconds((1 - self._now[1]) / rate)} left"


def describe_seconds(seconds: float) -> str:
    """A duration, as exact as an estimate may be."""
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
