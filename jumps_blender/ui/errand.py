"""Work in a thread that a timer of Blender's looks at: not a modal operator, which would end with its window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import bpy

from ..errors import Cancelled, JumpsError
from ..runtime.task import Task, Work, announcer

_TICK: Final = 0.2
"""Seconds between two looks."""


class Errand:
    """The one piece of work of its kind that may run, and how the last one ended."""

    def __init__(self) -> None:
        self.task: Task[Any] | None = None
        self.outcome = ""
        self.failed = False
        self._finish: Callable[[Any], str] = str
        self._timer = self.look  # Blender knows a timer by its identity, and `self.look` is a new object every time

    def start(self, work: Work[Any], finish: Callable[[Any], str]) -> None:
        """Begin; `finish` is given the result in Blender's own thread, and says in words how it ended."""
        self.task, self._finish, self.outcome, self.failed = Task(work), finish, "", False
        self.task.start()
        bpy.app.timers.register(self._timer, first_interval=_TICK, persistent=True)

    def look(self) -> float | None:
        """Show how far it is, and end it; seconds until the next look, None after the end."""
        _redraw_preferences()
        if self.task is None:
            return None
        if not self.task.ended:
            return _TICK
        task, self.task = self.task, None
        try:
            self.outcome, self.failed = self._finish(task.result()), False
        except JumpsError as error:
            self.outcome, self.failed = str(error), not isinstance(error, Cancelled)
        return None

    def drop(self) -> None:
        """Stop it, if it still runs, and forget it."""
        if self.task:
            self.task.cancel()
            self.task.wait(seconds=5)
            self.task = None
        if bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.unregister(self._timer)


RUNTIME: Final = Errand()
"""Installing, checking or removing the runtime."""

DIAGNOSTICS: Final = Errand()
"""Finding out what goes into a bug report."""


def run(work: Work[Any], finish: Callable[[Any], str]) -> str:
    """Do such work to its end, without a window; in words how it ended.

    Raises:
        JumpsError: what it failed of.

    """
    return finish(work(announcer(), lambda: False))


def _redraw_preferences() -> None:
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            if area.type == "PREFERENCES":
                area.tag_redraw()
