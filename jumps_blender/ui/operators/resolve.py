"""Solve a result again where joints were moved on it, and let joints go that were pinned."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Event
from typing import Final

import bpy
import numpy as np
from bpy.props import EnumProperty

from ...blender.results.edits import Edit, reading_edit, solve_edit, without_pins
from ...blender.results.rework import Rework, reworking
from ...blender.scene.actions import SAME_FRAME
from ...blender.scene.present import scene_of, selected_bones
from ...blender.scene.slices import Slices, beside
from ...blender.scene.strip_time import in_action
from ...core import Upsampler
from ...core.body.skeleton import JOINTS
from ...errors import Cancelled, InputError
from ..text import counted
from ..work import Work
from .on_result import ChangesResult

NOTHING_MOVED: Final = "Nothing was moved: move a joint in pose mode and key it first"


@cache
def _upsampler() -> Upsampler:
    """The bundled prior in Blender's own Python, loaded once: an edit is too short for a process of its own."""
    return Upsampler.load(engine="numpy")


class JUMPS_OT_resolve(ChangesResult, bpy.types.Operator):
    """Pin the joints that were moved on the result, and solve again what shows them; the rest stays as it is."""

    bl_idname = "jumps.resolve"
    bl_label = "Solve Again"
    bl_description = (
        "Pin every joint that was moved and keyed on this result, and let the motion around it follow. Pinned joints "
        "stay exactly where they are; a foot that is held moves with its whole contact; frames farther away do not "
        "change"
    )
    bl_options = {"REGISTER", "UNDO"}

    title = "Solving again"

    def changing(
        self, _context: bpy.types.Context, find: Callable[[], bpy.types.Object], work: Work, seconds: float
    ) -> Slices[str]:
        """Solve again."""
        edit = yield from reading_edit(find, seconds)
        return (yield from _solving(find, edit, NOTHING_MOVED, work, seconds))


class JUMPS_OT_unpin(ChangesResult, bpy.types.Operator):
    """Let joints go that were pinned, and solve again what shows them."""

    bl_idname = "jumps.unpin"
    bl_label = "Unpin"
    bl_description = (
        "Let the selected joints go that were pinned, and solve again what shows them. A foot that is held is let go "
        "for the whole contact"
    )
    bl_options = {"REGISTER", "UNDO"}

    frames: EnumProperty(
        name="Frames",
        description="Where pins are let go",
        items=[
            ("CURRENT", "This Frame", "Pins at the current frame"),
            ("ALL", "All Frames", "Pins at all frames of the result"),
        ],
        default="CURRENT",
    )

    title = "Unpinning"

    def changing(
        self, context: bpy.types.Context, find: Callable[[], bpy.types.Object], work: Work, seconds: float
    ) -> Slices[str]:
        """Let go and solve again."""
        chosen, now = selected_bones(find()), in_action(find(), scene_of(context).frame_current)
        joints = np.array([JOINTS.index(name) for name in chosen if name in JOINTS], int)
        if not len(joints):
            raise InputError("No joint is selected: select bones in pose mode, and run again")
        edit = yield from reading_edit(find, seconds)
        away = np.abs(edit.record.timing.frames(len(edit.pins)) - now)
        here = np.flatnonzero(away <= edit.record.timing.step / 2 + SAME_FRAME)
        loose = without_pins(edit, joints, np.arange(len(away)) if self.frames == "ALL" else here)
        return (yield from _solving(find, loose, "None of the selected joints is pinned or held there", work, seconds))


def _solving(find: Callable[[], bpy.types.Object], edit: Edit, nothing: str, work: Work, seconds: float) -> Slices[str]:
    """Solve again what an edit changes; `nothing` is said where that is nothing."""
    if not edit.changes:
        raise Cancelled(nothing)
    given_up = Event()
    yield 0.2

    def hear(share: float, _text: str) -> None:
        work.note(0.2 + 0.3 * share)

    try:
        solved = yield from beside(lambda: solve_edit(_upsampler(), edit, hear, given_up.is_set), seconds)
    finally:
        given_up.set()
    rework = yield from beside(lambda: Rework.of(edit, solved), seconds)
    yield from reworking(find, rework, seconds)
    return f"{counted(edit.count, 'pin')}, {counted(rework.frames, 'frame')} solved again"
