"""Mend imported tracks where bones are selected: exchange sides, ignore points, use them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty

from ...blender.records import TRACKS
from ...blender.scene.present import layer_of, selected_bones
from ...blender.tracks.mending import Part, ignore, limb_joints, part_of, standing, swap_sides, use_again
from ...errors import JumpsError
from ..properties import MEND_FRAMES
from .refusals import active_holds, telling_of_copy
from .upsample import redraw_sidebars

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

NOBODY = "No joint of {name!r} is selected: select bones in pose mode, and run again"


def has_tracks(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether imported tracks are active and nothing runs; a grey button says which."""
    return active_holds(cls, context, TRACKS, "imported keypoints: select the armature that was imported")


class JUMPS_OT_swap_sides(bpy.types.Operator):
    """Exchange left and right of imported tracks, keys and confidences."""

    bl_idname = "jumps.swap_sides"
    bl_label = "Swap Left/Right"
    bl_description = (
        "Exchange the keys of joints with those of the other side, where the detector took left for right. "
        "Keys set by hand and confidences go along; run it again to take it back"
    )
    bl_options = {"REGISTER", "UNDO"}

    joints: EnumProperty(
        name="Joints",
        description="Which joints change sides",
        items=(
            ("SELECTED", "Selected", "The selected bones and their partners on the other side"),
            ("ARMS", "Arms", "Both arms, from the shoulders on"),
            ("LEGS", "Legs", "Both legs, from the hips on"),
            ("ALL", "Whole Body", "All that has a left and a right, eyes and ears among them"),
        ),
        default="SELECTED",
    )
    frames: EnumProperty(**MEND_FRAMES)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether imported tracks are active and nothing runs."""
        return has_tracks(cls, context)

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Exchange."""
        ob = layer_of(context).objects.active
        assert ob
        try:
            part = self._part(context, ob)
            if not part:
                return _refuse(self, NOBODY.format(name=ob.name))
            with telling_of_copy(self, ob):
                samples = swap_sides(ob, part)
        except JumpsError as error:
            return _refuse(self, str(error))
        done = f"Left and right exchanged in {_many(samples, 'frame')}"
        return _tell(self, context, samples, done, "None of these joints has keys there")

    def _part(self, context: bpy.types.Context, ob: bpy.types.Object) -> Part | None:
        chosen = selected_bones(ob)
        if self.joints != "SELECTED":
            chosen = limb_joints(standing(ob).tracks.joint_set.joints, self.joints)
        return part_of(context, ob, chosen, self.frames) if chosen else None


class JUMPS_OT_ignore_joints(bpy.types.Operator):
    """Let the selected joints count as not observed."""

    bl_idname = "jumps.ignore_joints"
    bl_label = "Ignore"
    bl_description = (
        "Do not follow the selected joints on these frames: the solver fills them like anything that is hidden. "
        "Their keys stay; Use Again takes it back, and a joint that is moved and keyed there counts again"
    )
    bl_options = {"REGISTER", "UNDO"}

    frames: EnumProperty(**MEND_FRAMES)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether imported tracks are active and nothing runs."""
        return has_tracks(cls, context)

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Ignore."""
        return _on_selection(
            self,
            context,
            lambda ob, part: ignore(context, ob, part),
            "ignored",
            "Nothing is observed there that is not ignored",
        )


class JUMPS_OT_use_joints(bpy.types.Operator):
    """Let the selected joints count again where they were to be ignored."""

    bl_idname = "jumps.use_joints"
    bl_label = "Use Again"
    bl_description = "Follow the selected joints again on these frames, where they were to be ignored"
    bl_options = {"REGISTER", "UNDO"}

    frames: EnumProperty(**MEND_FRAMES)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether imported tracks are active and nothing runs."""
        return has_tracks(cls, context)

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Use again."""
        return _on_selection(self, context, use_again, "used again", "None of the selected joints is ignored there")


def _on_selection(
    operator: JUMPS_OT_ignore_joints | JUMPS_OT_use_joints,
    context: bpy.types.Context,
    work: Callable[[bpy.types.Object, Part], int],
    done: str,
    nothing: str,
) -> set[OperatorReturnItems]:
    """Do the work, which counts the points it changed, on the selected joints."""
    ob = layer_of(context).objects.active
    assert ob
    try:
        part = part_of(context, ob, selected_bones(ob), operator.frames)
        if not part.joints:
            return _refuse(operator, NOBODY.format(name=ob.name))
        points = work(ob, part)
    except JumpsError as error:
        return _refuse(operator, str(error))
    return _tell(operator, context, points, f"{_many(points, 'point')} {done}", nothing)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def _refuse(operator: bpy.types.Operator, why: str) -> set[OperatorReturnItems]:
    operator.report({"ERROR"}, why)
    return {"CANCELLED"}


def _tell(
    operator: bpy.types.Operator, context: bpy.types.Context, changed: int, done: str, nothing: str
) -> set[OperatorReturnItems]:
    if not changed:
        operator.report({"WARNING"}, nothing)
        return {"CANCELLED"}
    redraw_sidebars(context)
    operator.report({"INFO"}, done)
    return {"FINISHED"}
