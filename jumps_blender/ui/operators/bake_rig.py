"""Write what leads a rig as keys, while Blender's window stays alive."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import bpy

from ...blender.retarget.bake import baking
from ...blender.scene.slices import Slices, at_once
from ...errors import JumpsError
from ..jobs import STATE
from .onto_rig import led_rig, why_not_led
from .refusals import allowed, refusing
from .upsample import is_in_background, redraw_sidebars

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

TICK: Final = 0.01
"""Seconds between two slices."""

SLICE: Final = 0.04
"""Seconds that a slice takes: longer than others, since Blender draws all views anew whenever a frame was set."""

LOOKING: Final = frozenset(
    {
        "TIMER", "TIMER_REPORT", "TIMER_REGION", "MOUSEMOVE", "INBETWEEN_MOUSEMOVE", "MIDDLEMOUSE", "WHEELUPMOUSE",
        "WHEELDOWNMOUSE", "TRACKPADPAN", "TRACKPADZOOM", "NDOF_MOTION", "WINDOW_DEACTIVATE",
    }
)  # fmt: skip
"""Events that change the view and no data: all that may happen while a rig is sampled."""


@dataclass
class Bake:
    """A bake under way, as the panel shows it: the part that is done, and since when."""

    begin: float
    fraction: float = 0.0

    def note(self, fraction: float) -> None:
        """Keep the progress."""
        self.fraction = fraction

    @property
    def text(self) -> str:
        """Progress and remaining time."""
        left = (time.perf_counter() - self.begin) * (1 / max(self.fraction, 1e-3) - 1)
        return f"{self.fraction:.0%}  Baking, {left:.0f} s left (Esc: stop)"


@dataclass
class Baking:
    """The one bake that may run."""

    now: Bake | None = None


BAKING: Final = Baking()


class JUMPS_OT_bake_rig(bpy.types.Operator):
    """Write what leads the rig as keys."""

    bl_idname = "jumps.bake_rig"
    bl_label = "Bake to Keys"
    bl_description = "Write the motion as keys of the led bones into a new Action, and take the constraints away"
    bl_options = {"UNDO"}

    _timer: bpy.types.Timer | None = None
    _work: Slices[str] | None = None

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether the rig is led, and nothing else is under way."""
        said = why_not_led(context)
        if BAKING.now:
            said = "A rig is being baked: wait for it, or press Esc"
        elif STATE.job:
            said = "An armature is being upsampled: wait for it, or cancel it"
        return allowed(cls, said)

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Bake to the end, as batch work needs it."""
        target = led_rig(context)
        assert target
        manager = context.window_manager
        manager.progress_begin(0, 1)
        try:
            self._tell(at_once(baking(context, target, manager.progress_update)))
        finally:
            manager.progress_end()

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Begin; the work goes on in slices."""
        if is_in_background():
            return self.execute(context)
        target = led_rig(context)
        assert target
        BAKING.now = Bake(time.perf_counter())
        self._work = baking(context, target, BAKING.now.note, SLICE)
        self._timer = context.window_manager.event_timer_add(TICK, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Work on at each tick; Esc stops, and until then only the view can be changed."""
        if event.type == "ESC" and event.value == "PRESS":
            self._end(context)
            self.report({"WARNING"}, "Stopped: nothing was changed")
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"} if event.type in LOOKING else {"RUNNING_MODAL"}
        return self._go_on(context)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself, for instance because it quits."""
        self._end(context)

    def _go_on(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        assert self._work
        redraw_sidebars(context)
        try:
            next(self._work)
        except StopIteration as end:
            self._tell(end.value)
        except JumpsError as error:
            self.report({"ERROR"}, str(error))
            self._end(context)
            return {"CANCELLED"}
        except BaseException:
            self._end(context)
            raise
        else:
            return {"PASS_THROUGH"}
        self._end(context)
        return {"FINISHED"}

    def _tell(self, name: str) -> None:
        self.report({"INFO"}, f"Baked to the Action {name}")

    def _end(self, context: bpy.types.Context) -> None:
        if self._work:
            self._work.close()
        if self._timer:
            context.window_manager.event_timer_remove(self._timer)
        self._work = self._timer = BAKING.now = None
        redraw_sidebars(context)
