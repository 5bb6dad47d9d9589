"""Solve a result again where joints were moved on it, and let joints go that were pinned."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import bpy
import numpy as np
from bpy.props import EnumProperty

from ...blender.results.edits import Edit, apply_edit, read_edit, solve_edit, without_pins
from ...blender.retarget.follow import follow
from ...blender.scene.actions import SAME_FRAME
from ...blender.scene.present import scene_of, selected_bones
from ...core import Upsampler
from ...core.body.skeleton import JOINTS
from ...errors import JumpsError
from ..text import counted
from .on_result import OnResult, active_result
from .refusals import telling_of_copy

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


Change = Callable[[Edit], Edit]


@cache
def _upsampler() -> Upsampler:
    """The bundled prior in Blender's own Python, loaded once: an edit is too short for a process of its own."""
    return Upsampler.load(engine="numpy")


class JUMPS_OT_resolve(OnResult, bpy.types.Operator):
    """Pin the joints that were moved on the result, and solve again what shows them; the rest stays as it is."""

    bl_idname = "jumps.resolve"
    bl_label = "Solve Again"
    bl_description = (
        "Pin every joint that was moved and keyed on this result, and let the motion around it follow. Pinned joints "
        "stay exactly where they are; a foot that is held moves with its whole contact; frames farther away do not "
        "change"
    )
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Solve again."""
        return _solve(self, context, lambda edit: edit, "Nothing was moved: move a joint in pose mode and key it first")


class JUMPS_OT_unpin(OnResult, bpy.types.Operator):
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

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Let go and solve again."""
        chosen = selected_bones(active_result(context))
        joints = np.array([JOINTS.index(name) for name in chosen if name in JOINTS], int)
        if not len(joints):
            self.report({"ERROR"}, "No joint is selected: select bones in pose mode, and run again")
            return {"CANCELLED"}
        now = scene_of(context).frame_current

        def let_go(edit: Edit) -> Edit:
            away = np.abs(edit.record.timing.frames(len(edit.pins)) - now)
            here = np.flatnonzero(away <= edit.record.timing.step / 2 + SAME_FRAME)
            return without_pins(edit, joints, np.arange(len(away)) if self.frames == "ALL" else here)

        return _solve(self, context, let_go, "None of the selected joints is pinned or held there")


def _solve(
    operator: bpy.types.Operator, context: bpy.types.Context, change: Change, nothing: str
) -> set[OperatorReturnItems]:
    ob = active_result(context)
    try:
        edit = change(read_edit(ob))
        if not edit.changes:
            operator.report({"WARNING"}, nothing)
            return {"CANCELLED"}
        with telling_of_copy(operator, ob):
            frames = apply_edit(ob, edit, solve_edit(_upsampler(), edit))
    except JumpsError as error:
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    for said in follow(context, ob):
        operator.report({"WARNING"}, said)
    operator.report({"INFO"}, f"{counted(edit.count, 'pin')}, {counted(frames, 'frame')} solved again")
    return {"FINISHED"}
