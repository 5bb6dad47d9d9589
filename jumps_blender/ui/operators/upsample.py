"""Upsample the active armature, and end that early."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty

from ...blender.records import Choices
from ...blender.scene.handles import Handle
from ...blender.scene.present import layer_of, scene_of
from ...blender.scene.scene_state import make_active
from ...blender.scene.slices import SLICE, WHOLE
from ...errors import Cancelled, JumpsError
from ..jobs import CANCELLED, STATE, Job, span_of
from ..properties import FIRST_FRAME, FRAMES, LAST_FRAME, QUALITY, SEED, SMOOTHNESS
from ..work import LOOK, busy

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

TICK = 0.02
"""Seconds between two slices of work."""

WAIT = 0.005
"""Seconds between two looks at the worker where nobody else needs Blender."""


class JUMPS_OT_upsample(bpy.types.Operator):
    """Turn the active armature's tracks into a second armature with all 28 joints; the active one is not changed."""

    bl_idname = "jumps.upsample"
    bl_label = "Upsample Skeleton"
    bl_description = "Turn the active armature's tracks into a second armature with all 28 joints"
    bl_options = {"UNDO"}

    settings: EnumProperty(**QUALITY)
    smoothness: FloatProperty(**SMOOTHNESS)
    seed: IntProperty(**SEED)
    frames: EnumProperty(**FRAMES)
    first_frame: IntProperty(**FIRST_FRAME)
    last_frame: IntProperty(**LAST_FRAME)

    _timer: bpy.types.Timer | None = None
    _job: Job | None = None
    _shown = 0.0

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether an armature is active and nothing runs."""
        ob = layer_of(context).objects.active
        if said := busy():
            cls.poll_message_set(said)
        elif ob is None or ob.type != "ARMATURE":
            cls.poll_message_set("The active object must be an armature: select one, or import keypoints")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Upsample to the end, as batch work needs it."""
        manager = context.window_manager
        manager.progress_begin(0, 1)
        try:
            job = self._begin(context, WHOLE)
            while not (made := job.advance()):
                manager.progress_update(job.fraction)
                time.sleep(WAIT)
            return self._finish(job, made)
        except JumpsError as error:
            return self._fail(error)
        finally:
            manager.progress_end()
            STATE.drop()

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """Begin, and go on now and then; Blender stays free."""
        if is_in_background():
            return self.execute(context)
        try:
            self._job = self._begin(context, SLICE)
        except JumpsError as error:
            return self._fail(error)
        self._timer = context.window_manager.event_timer_add(TICK, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[OperatorReturnItems]:
        """At each tick, do a slice of the work; Esc cancels."""
        job, escape = self._job, event.type == "ESC" and event.value == "PRESS"
        if event.type != "TIMER" and not escape:
            return {"PASS_THROUGH"}
        if job is None or STATE.job is not job:  # ended from elsewhere
            return self._leave(context, {"CANCELLED"})
        try:
            if job.made:  # its step of undo takes a tick of its own
                show_instead(context, job.source, job.made)
                return self._leave(context, self._finish(job, job.made))
            if escape:
                return self._leave(context, self._fail(Cancelled(CANCELLED)))
            job.advance()
        except JumpsError as error:
            return self._leave(context, self._fail(error))
        except Exception:  # a bug of ours: no job may stay that nobody drives
            self.cancel(context)
            raise
        if time.perf_counter() - self._shown > LOOK:
            self._shown = time.perf_counter()
            redraw_sidebars(context)
        return {"PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator itself, for instance because another file is opened."""
        self._stop_timer(context)
        STATE.drop()

    def _begin(self, context: bpy.types.Context, seconds: float) -> Job:
        choices = Choices(self.settings, round(self.smoothness, 6), self.seed)  # the property is a float32
        span = span_of(scene_of(context), self.frames, self.first_frame, self.last_frame)
        return Job.begin(context, choices, span, seconds)

    def _finish(self, job: Job, made: Handle) -> set[OperatorReturnItems]:
        name = made.find().name
        STATE.end(f"{name}: done")
        for warning in job.warnings:
            self.report({"WARNING"}, str(warning))
        self.report({"INFO"}, f"Made {name}")
        return {"FINISHED"}

    def _fail(self, error: JumpsError) -> set[OperatorReturnItems]:
        cancelled = isinstance(error, Cancelled)
        STATE.end(str(error), failed=not cancelled)
        self.report({"WARNING" if cancelled else "ERROR"}, str(error))
        return {"CANCELLED"}

    def _leave(self, context: bpy.types.Context, how: set[OperatorReturnItems]) -> set[OperatorReturnItems]:
        self._stop_timer(context)
        redraw_sidebars(context)
        return how

    def _stop_timer(self, context: bpy.types.Context) -> None:
        if self._timer:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None


class JUMPS_OT_cancel(bpy.types.Operator):
    """Stop upsampling; nothing is changed."""

    bl_idname = "jumps.cancel"
    bl_label = "Cancel"
    bl_description = "Stop upsampling; nothing is changed. Esc does the same"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether anything runs."""
        return _runs(cls)

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Stop the worker; the running operator then ends by itself."""
        STATE.end(CANCELLED)
        self.report({"WARNING"}, CANCELLED)
        return {"FINISHED"}


class JUMPS_OT_keep(bpy.types.Operator):
    """Stop upsampling, and make a result of what is finished."""

    bl_idname = "jumps.keep"
    bl_label = "Stop and Keep"
    bl_description = "Stop upsampling, and make a result of the frames that are finished"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether any frame is finished."""
        if not _runs(cls):
            return False
        finished = STATE.job is not None and STATE.job.finished
        if not finished:
            cls.poll_message_set("No frame is finished yet")
        return bool(finished)

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Stop the worker; the running operator then goes on with what is finished."""
        if STATE.job:
            STATE.job.keep()
        return {"FINISHED"}


def _runs(cls: type[bpy.types.Operator]) -> bool:
    runs = STATE.job is not None and STATE.job.made is None
    if not runs:
        cls.poll_message_set("Nothing is being upsampled")
    return runs


def show_instead(context: bpy.types.Context, source: Handle, made: Handle) -> None:
    """Let the result be active where its source still is: a user who has gone on to something else keeps that."""
    active = layer_of(context).objects.active
    if active is not None and active.session_uid == source.uid:
        make_active(context, [made.find()])


def is_in_background() -> bool:
    """Whether Blender runs without a window, where modal operators end at once."""
    return bpy.app.background


def redraw_sidebars(context: bpy.types.Context) -> None:
    """Show the progress, and the frames that are finished."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "DOPESHEET_EDITOR"}:
                area.tag_redraw()
