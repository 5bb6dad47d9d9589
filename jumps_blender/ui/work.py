"""The one piece of work in slices that may run beside an upsampling: how far it is, and why nothing else may start."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from ..blender.scene.slices import Clock, Slices
from .jobs import STATE
from .pace import SETTLED, describe_seconds

LOOK: Final = 0.1
"""Seconds between two pictures of the progress, at least."""

SHARE: Final = 4.0
"""How many times as long as a picture took is worked before the next one: there are slow graphics."""


@dataclass
class Glances:
    """When progress is shown: now and then, and less often where drawing takes long."""

    _shown: float = 0.0
    _pause: float = LOOK
    _drawing: bool = False

    def note(self, moment: float) -> None:
        """A tick begins, in seconds: what was shown in the one before is drawn."""
        if self._drawing:
            self._pause, self._drawing = max(LOOK, SHARE * (moment - self._shown)), False

    def due(self, moment: float) -> bool:
        """Whether the tick that ends now, in seconds, is to show how far it is."""
        self._drawing = moment - self._shown > self._pause
        if self._drawing:
            self._shown = moment
        return self._drawing


@dataclass
class Work:
    """Work under way: what a user calls it, such as "Checking tracks", the share that is done, and since when.

    `changed`, whether the scene shows what came of it, so that nothing is left to be cancelled; `said`, its last words.
    """

    title: str
    fraction: float = 0.0
    begin: float = field(default_factory=time.perf_counter)
    changed: bool = False
    said: str | None = None
    glances: Glances = field(default_factory=Glances)
    _slices: Slices[str] | None = None

    def start(self, slices: Slices[str]) -> None:
        """Have the slices that it consists of."""
        self._slices = slices

    def advance(self) -> None:
        """Do the next slice; `said` are its last words once all of it is done.

        Raises:
            JumpsError: it cannot be done; nothing was changed.

        """
        assert self._slices
        try:
            told = next(self._slices)
        except StopIteration as end:
            self.changed, self.fraction, self.said = True, 1.0, end.value
        else:
            self.note(told or 0.0)

    def tick(self, seconds: float) -> None:
        """Do a slice, and others as long as none of them begins later than so many seconds; raises what they do."""
        clock = Clock(seconds)
        self.advance()
        while self.said is None and not clock.over:
            self.advance()

    def note(self, fraction: float) -> None:
        """Keep the progress, which never goes back."""
        self.fraction = max(self.fraction, fraction)

    def close(self) -> None:
        """Take back what was begun."""
        if self._slices:
            self._slices.close()

    @property
    def text(self) -> str:
        """Progress, and the time that remains as soon as somebody can tell."""
        passed = time.perf_counter() - self.begin
        known = passed > SETTLED and self.fraction > 0
        left = f", {describe_seconds(passed * (1 / self.fraction - 1))} left" if known else ""
        return f"{self.fraction:.0%}  {self.title}{left}{'' if self.changed else ' (Esc: stop)'}"


@dataclass
class Working:
    """The work that runs, if any does."""

    now: Work | None = None

    def drop(self) -> None:
        """End it, if it still runs, and take back what was begun."""
        if self.now:
            self.now.close()
        self.now = None


WORKING: Final = Working()


def busy() -> str:
    """Why nothing else may start; empty where nothing runs."""
    if STATE.job:
        return f"{STATE.job.source.name} is being upsampled: wait for it, or cancel it"
    return f"{WORKING.now.title}: wait for it, or press Esc" if WORKING.now else ""
