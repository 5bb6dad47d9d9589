"""Find what is wrong with imported tracks, and go there."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty

from ...blender.records import RESULT, TRACKS
from ...blender.results.doubt import doubt_of
from ...blender.results.problems import Problem, next_problem, problems_of
from ...blender.scene.handles import Handle
from ...blender.scene.present import layer_of, pose_bones_of, scene_of, select_bones, selected_bones
from ...blender.scene.slices import Slices
from ...blender.scene.strip_time import in_action, in_scene
from ...blender.tracks.checking import checking
from ...blender.tracks.mending import limb_joints
from ...blender.tracks.states import states_of
from ...blender.tracks.summary import colour_by_side, colour_by_trouble
from ...core import Upsampler
from ...core.body.skeleton import JOINTS
from ..text import counted
from ..work import Work
from .in_slices import InSlices
from .mend import has_tracks

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

DIRECTION = (
    ("NEXT", "Next", "The next one after the current frame"),
    ("PREVIOUS", "Previous", "The last one before the current frame"),
)

SIDES = "Blue is left, red is right"
TROUBLE = (
    "From green to red: in how many frames of the clip the point is weak, not believed, not seen or ignored; red is "
    "half of them and more"
)


@cache
def _upsampler() -> Upsampler:
    """The bundled prior in Blender's own Python, loaded once."""
    return Upsampler.load(engine="numpy")


class JUMPS_OT_check_tracks(InSlices, bpy.types.Operator):
    """Tell which points of imported tracks cannot be right, without solving."""

    bl_idname = "jumps.check_tracks"
    bl_label = "Check Tracks"
    bl_description = (
        "Find points that cannot be right and sides that seem to be swapped, as the solver will, without solving. "
        "Keys are not changed"
    )
    bl_options = {"REGISTER", "UNDO"}

    title = "Checking tracks"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether imported tracks are active and nothing runs."""
        return has_tracks(cls, context)

    def slices(self, context: bpy.types.Context, _work: Work, seconds: float) -> Slices[str]:
        """Check."""
        ob = layer_of(context).objects.active
        assert ob
        find = Handle.of(ob).find
        found = yield from checking(context, find, _upsampler, seconds)
        problems = len(problems_of(find()) or ())
        rejected = counted(found.rejected.sum(), "point")
        return f"{counted(problems, 'problem') if problems else 'No problems'}, {rejected} rejected"


class JUMPS_OT_jump_problem(bpy.types.Operator):
    """Go to where something is wrong with the active tracks or result."""

    bl_idname = "jumps.jump_problem"
    bl_label = "Jump to Problem"
    bl_description = (
        "Go to the frame where the next stretch begins with points that cannot be right, swapped sides, or hardly "
        "anything seen; in pose mode its joints are selected"
    )
    bl_options = {"REGISTER", "UNDO"}

    direction: EnumProperty(name="Direction", description="Where to look", items=DIRECTION, default="NEXT")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether somebody looked for problems."""
        ob = layer_of(context).objects.active
        if ob is None or ob.type != "ARMATURE" or (ob.get(RESULT) is None and ob.get(TRACKS) is None):
            cls.poll_message_set("The active object must be imported keypoints, or a result")
        elif problems_of(ob) is None:
            cls.poll_message_set("Nobody has looked yet: press Check Tracks, or upsample")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Go there."""
        ob, scene = layer_of(context).objects.active, scene_of(context)
        assert ob
        now = round(in_action(ob, scene.frame_current))
        problem = next_problem(problems_of(ob) or (), now, self.direction == "NEXT")
        if problem is None:
            self.report({"INFO"}, f"Nothing is wrong {'after' if self.direction == 'NEXT' else 'before'} this frame")
            return {"CANCELLED"}
        scene.frame_set(round(in_scene(ob, problem.first)))
        if context.mode == "POSE":
            _select(ob, problem)
        self.report({"INFO"}, f"{problem.frames}: {problem.words}")
        return {"FINISHED"}


class JUMPS_OT_jump_pin(bpy.types.Operator):
    """Go to a frame of the active result with a pin."""

    bl_idname = "jumps.jump_pin"
    bl_label = "Jump to Pin"
    bl_description = "Go to the next frame with a pin, in pose mode of the selected joints if any of them is pinned"
    bl_options = {"REGISTER", "UNDO"}

    direction: EnumProperty(name="Direction", description="Where to look", items=DIRECTION, default="NEXT")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a result with pins is active."""
        ob = layer_of(context).objects.active
        doubt = doubt_of(ob) if ob is not None and ob.type == "ARMATURE" else None
        if doubt is None:
            cls.poll_message_set("The active object must be a result: the armature with 28 joints that was upsampled")
        elif not doubt.count:
            cls.poll_message_set("Nothing is pinned: move a joint of the result, key it, and press Solve Again")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Go there."""
        ob, scene = layer_of(context).objects.active, scene_of(context)
        doubt = doubt_of(ob) if ob else None
        assert ob
        assert doubt
        chosen = [JOINTS.index(name) for name in selected_bones(ob) if name in JOINTS] if context.mode == "POSE" else []
        frames = doubt.pin_frames(chosen)
        if not len(frames):
            frames = doubt.pin_frames()
        forward, now = self.direction == "NEXT", round(in_action(ob, scene.frame_current))
        ahead = frames[frames > now] if forward else frames[frames < now][::-1]
        if not len(ahead):
            self.report({"INFO"}, f"Nothing is pinned {'after' if forward else 'before'} this frame")
            return {"CANCELLED"}
        scene.frame_set(round(in_scene(ob, int(ahead[0]))))
        return {"FINISHED"}


class JUMPS_OT_colour_bones(bpy.types.Operator):
    """Colour the bones of imported tracks by side, or by how often their point is in trouble."""

    bl_idname = "jumps.colour_bones"
    bl_label = "Colour Bones"
    bl_description = "What the colour of bones tells"
    bl_options = {"REGISTER", "UNDO"}

    by: EnumProperty(
        name="By",
        description="What the colour of bones tells",
        items=(
            ("SIDE", "Sides", SIDES),
            ("TROUBLE", "Trouble", TROUBLE),
        ),
        default="TROUBLE",
    )

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """The tooltip of the choice."""
        return TROUBLE if getattr(properties, "by", "") == "TROUBLE" else SIDES

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether imported tracks are active and nothing runs."""
        return has_tracks(cls, context)

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Colour."""
        ob = layer_of(context).objects.active
        assert ob
        if self.by == "SIDE":
            colour_by_side(ob)
            return {"FINISHED"}
        states = states_of(ob)
        if states is None:
            self.report({"ERROR"}, f"What is stored with {ob.name!r} cannot be read: import the keypoint file again")
            return {"CANCELLED"}
        colour_by_trouble(ob, states)
        return {"FINISHED"}


def _select(ob: bpy.types.Object, problem: Problem) -> None:
    """Select what the buttons should act on: joints that were rejected, or limbs that are swapped."""
    joints = tuple(bone.name for bone in pose_bones_of(ob))
    limbs = [joint for limb in problem.swapped for joint in limb_joints(joints, limb.upper())]
    if problem.rejected or limbs:
        select_bones(ob, {*problem.rejected, *limbs})
