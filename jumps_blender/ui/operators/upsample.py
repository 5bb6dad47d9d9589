"""Upsample the active armature, and cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty

from ...blender.present import layer_of
from ...blender.records import Choices
from ...errors import Cancelled, JumpsError
from ...worker.client import Heard
from ..jobs import STATE, Job, prepare
from ..properties import QUALITY, SEED, SMOOTHNESS

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

TICK = 0.1
"""Seconds between two looks at the worker."""


class JUMPS_OT_upsample(bpy.types.Operator):
    """Turn the active armature's tracks into a second armature with all 28 joints; the active one is not changed."""

    bl_idname = "jumps.upsample"
    bl_label = "Upsample Skeleton"
    bl_description = "Turn the active armature's tracks into a second armature with all 28 joints"
    bl_options = {"UNDO"}

    settings: EnumProperty(**QUALITY)
    smoothness: FloatProperty(**SMOOTHNESS)
    seed: IntProperty(**SEED)

    _timer: bpy.types.Timer | None = None

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether an armature is active and nothing runs."""
        ob = layer_of(context).objects.active
        if STATE.job:
            cls.poll_message_set(f"{STATE.job.source} is being upsampled: wait for it, or cancel it")
        elif ob is None or ob.type != "ARMATURE":
            cls.poll_message_set("The active object must be an armature: select one, or import keypoints")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Upsample to the end, as batch work needs it."""
        manager = context.window_manager
        manager.progress_begin(0, 1)

        def show(message: Heard) -> None:
            job.note(message)
            manager.progress_update(job.fraction)

        try:
            job = prepare(context, self._choices())
            job.worker.wait(show)
            return self._finish(context, job)
        except JumpsError as error:
            return self._fail(error)
        finally:
            manager.progress_end()
            STATE.drop()

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Start the worker and look at it now and then; Blender stays free."""
        if is_in_background():
            return self.execute(context)
        try:
            prepare(context, self._choices())
        except JumpsError as error:
            return self._fail(error)
        self._timer = context.window_manager.event_timer_add(TICK, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """At each tick, take in what the worker said; Esc cancels."""
        job = STATE.job
        if job and event.type == "ESC" and event.value == "PRESS":
            job.worker.cancel()
        elif event.type != "TIMER":
            return {"PASS_THROUGH"}
        redraw_sidebars(context)
        if job and not job.poll():
            return {"PASS_THROUGH"}
        self._stop_timer(context)
        try:
            return self._finish(context, job) if job else {"CANCELLED"}
        except JumpsError as error:
            return self._fail(error)
        finally:
            STATE.drop()

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself, for instance because another file is opened."""
        self._stop_timer(context)
        STATE.drop()

    def _choices(self) -> Choices:
        return Choices(self.settings, round(self.smoothness, 6), self.seed)  # the property is a float32

    def _finish(self, context: bpy.types.Context, job: Job) -> set[OperatorReturnItems]:
        answer = job.worker.answer()
        result = job.apply(context, answer)
        STATE.end(f"{result.name}: done")
        for warning in (*answer.report.get("warnings", ()), *job.gaps_in_scene(answer)):
            self.report({"WARNING"}, str(warning))
        self.report({"INFO"}, f"Made {result.name}")
        return {"FINISHED"}

    def _fail(self, error: JumpsError) -> set[OperatorReturnItems]:
        cancelled = isinstance(error, Cancelled)
        STATE.end(str(error), failed=not cancelled)
        self.report({"WARNING" if cancelled else "ERROR"}, str(error))
        return {"CANCELLED"}

    def _stop_timer(self, context: bpy.types.Context) -> None:
        if self._timer:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None


class JUMPS_OT_cancel(bpy.types.Operator):
    """Stop upsampling; nothing is changed."""

    bl_idname = "jumps.cancel"
    bl_label = "Cancel"
    bl_description = "Stop upsampling; nothing is changed"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether anything runs."""
        if not STATE.job:
            cls.poll_message_set("Nothing is being upsampled")
        return STATE.job is not None

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Stop the worker; the running operator then ends by itself."""
        if STATE.job:
            STATE.job.worker.cancel()
        return {"FINISHED"}


def is_in_background() -> bool:
    """Whether Blender runs without a window, where modal operators end at once."""
    return bpy.app.background


def redraw_sidebars(context: bpy.types.Context) -> None:
    """Show the progress."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()
