"""Operators whose work is done in slices while Blender's window stays alive, and at once where nobody watches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import bpy

from ...blender.scene.slices import SLICE, WHOLE, Slices, at_once
from ...errors import Cancelled, JumpsError
from ..work import WORKING, Work
from .upsample import is_in_background, redraw_sidebars

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

TICK: Final = 0.01
"""Seconds between two ticks."""

SHORT: Final = 0.01
"""Seconds of a tick after which no other slice is begun in it: short work is done before anybody sees it begin."""

LOOKING: Final = frozenset(
    {
        "TIMER", "TIMER_REPORT", "TIMER_REGION", "MOUSEMOVE", "INBETWEEN_MOUSEMOVE", "MIDDLEMOUSE", "WHEELUPMOUSE",
        "WHEELDOWNMOUSE", "TRACKPADPAN", "TRACKPADZOOM", "NDOF_MOTION", "WINDOW_DEACTIVATE",
    }
)  # fmt: skip
"""Events that change the view and no data: all that may happen meanwhile."""

STOPPED: Final = "Stopped: nothing was changed"


class InSlices:
    """An operator whose work is a generator. No annotations: 4.2 crashes at its end where two classes share some.

    `title`, what a user calls the work; `longest`, seconds that a slice of it takes where a user watches.
    """

    title = "Working"
    longest = SLICE
    _work = _timer = None

    def slices(self: Any, context: bpy.types.Context, work: Work, seconds: float) -> Slices[str]:
        """Do the work in slices of so many seconds; nothing may be changed before its end. Returns what to report.

        Raises:
            Cancelled: there is nothing to do.
            JumpsError: it cannot be done.

        """
        raise NotImplementedError

    def execute(self: Any, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Do it at once, as scripts and batch work need it."""
        try:
            self.report({"INFO"}, at_once(self.slices(context, Work(self.title), WHOLE)))
        except JumpsError as error:
            return self._refuse(error)
        return {"FINISHED"}

    def invoke(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Begin; what takes longer than a slice goes on while Blender is free."""
        if is_in_background():
            return self.execute(context)
        WORKING.now = self._work = Work(self.title)
        self._work.start(self.slices(context, self._work, self.longest))
        outcome = self._advance(context)
        if outcome != {"PASS_THROUGH"}:
            return outcome
        if self._work.said is not None:
            return self._finish(context)
        self._timer = context.window_manager.event_timer_add(TICK, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Work on at each tick; Esc stops, and until then only the view can be changed."""
        if WORKING.now is not self._work:  # ended from elsewhere
            self._end(context)
            return {"CANCELLED"}
        if event.type == "ESC" and event.value == "PRESS" and not self._work.changed:
            return self._give_up(context, Cancelled(STOPPED))
        if event.type != "TIMER":
            return {"PASS_THROUGH"} if event.type in LOOKING else {"RUNNING_MODAL"}
        if self._work.said is not None:  # its step of undo takes a tick of its own
            return self._finish(context)
        return self._advance(context)

    def cancel(self: Any, context: bpy.types.Context) -> None:
        """Blender ends the operator itself, for instance because another file is opened."""
        self._end(context)

    def _advance(self: Any, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Do what a tick has time for; PASS_THROUGH unless that failed."""
        self._work.glances.note(time.perf_counter())
        try:
            self._work.tick(SHORT)
        except JumpsError as error:
            return self._give_up(context, error)
        except BaseException:  # a bug of ours: no work may stay that nobody drives
            self._end(context)
            raise
        self._show(context)
        return {"PASS_THROUGH"}

    def _show(self: Any, context: bpy.types.Context) -> None:
        if self._work.glances.due(time.perf_counter()):
            _tell_below(context, self._work.text)
            _redraw_panels(context)

    def _finish(self: Any, context: bpy.types.Context) -> set[OperatorReturnItems]:
        self.report({"INFO"}, self._work.said)
        self._end(context)
        return {"FINISHED"}

    def _give_up(self: Any, context: bpy.types.Context, error: JumpsError) -> set[OperatorReturnItems]:
        self._end(context)
        return self._refuse(error)

    def _refuse(self: Any, error: JumpsError) -> set[OperatorReturnItems]:
        self.report({"WARNING" if isinstance(error, Cancelled) else "ERROR"}, str(error))
        return {"CANCELLED"}

    def _end(self: Any, context: bpy.types.Context) -> None:
        if WORKING.now is self._work:
            WORKING.drop()
        if self._timer:
            context.window_manager.event_timer_remove(self._timer)
        _tell_below(context, None)
        self._timer = None
        redraw_sidebars(context)


def _redraw_panels(context: bpy.types.Context) -> None:
    """Show the progress alone: to draw the view and the timeline of a long clip takes longer than a slice."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


def _tell_below(context: bpy.types.Context, text: str | None) -> None:
    """Write into the status bar; None = what Blender writes there."""
    for workspace in {window.workspace for window in context.window_manager.windows}:
        workspace.status_text_set(text)
