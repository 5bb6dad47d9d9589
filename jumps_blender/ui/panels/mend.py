"""See what is wrong with imported tracks before solving, and mend it; on a result, where to look and what is pinned."""

from __future__ import annotations

from typing import Any, Final

import bpy

from ...blender.records import RESULT, TRACKS
from ...blender.results.doubt import Doubt, doubt_of
from ...blender.results.problems import problems_of
from ...blender.scene.present import layer_of, scene_of
from ...blender.scene.strip_time import in_action
from ...blender.tracks.states import State, States, states_of
from ...blender.tracks.summary import is_coloured_by_trouble
from ..jobs import STATE
from ..operators.look import JUMPS_OT_check_tracks, JUMPS_OT_colour_bones, JUMPS_OT_jump_pin, JUMPS_OT_jump_problem
from ..operators.mend import JUMPS_OT_ignore_joints, JUMPS_OT_swap_sides, JUMPS_OT_use_joints
from ..properties import SCENE_PROPERTY
from ..text import draw_paragraph

LEGEND: Final[tuple[tuple[State, str, str], ...]] = (
    (State.SURE, "Sure", "COLORSET_03_VEC"),
    (State.WEAK, "Weak", "COLORSET_09_VEC"),
    (State.REJECTED, "Rejected", "COLORSET_01_VEC"),
    (State.UNSEEN, "Not seen", "RADIOBUT_OFF"),
    (State.BY_HAND, "By hand", "KEYFRAME"),
    (State.IGNORED, "Ignored", "CANCEL"),
)
"""What the marks mean, in the order that is read, with icons of the marks' colours."""

DAMAGED: Final = "The points cannot be shown: all keys are gone, or what is stored with the armature is damaged"


class JUMPS_PT_mend(bpy.types.Panel):
    """Imported tracks, before they are solved."""

    bl_label = "Check and Mend"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "JUMPS"
    bl_parent_id = "JUMPS_PT_upsample"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether imported tracks are active and nothing runs."""
        return _is_active(context, TRACKS)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, ob, scene = self.layout, layer_of(context).objects.active, scene_of(context)
        assert layout
        assert ob
        states = states_of(ob)
        if states is None:
            draw_paragraph(context, layout.box(), DAMAGED, icon="ERROR")
            return
        layout.operator(JUMPS_OT_check_tracks.bl_idname, icon="VIEWZOOM")
        _draw_problems(context, layout, ob, scene)
        _draw_legend(layout, states, scene)
        _draw_colours(layout, ob)
        _draw_mending(layout, scene)


class JUMPS_PT_problems(bpy.types.Panel):
    """Where to look on a result, and what is pinned."""

    bl_label = "Problems and Pins"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "JUMPS"
    bl_parent_id = "JUMPS_PT_upsample"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a result is active and nothing runs."""
        return _is_active(context, RESULT)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, ob, scene = self.layout, layer_of(context).objects.active, scene_of(context)
        assert layout
        assert ob
        _draw_problems(context, layout, ob, scene)
        doubt = doubt_of(ob)
        if doubt:
            _draw_pins(layout, doubt, in_action(ob, scene.frame_current_final))


def _is_active(context: bpy.types.Context, key: str) -> bool:
    ob = layer_of(context).objects.active
    return not STATE.job and ob is not None and ob.type == "ARMATURE" and ob.get(key) is not None


def _draw_problems(context: bpy.types.Context, layout: Any, ob: bpy.types.Object, scene: bpy.types.Scene) -> None:
    problems = problems_of(ob)
    if problems is None:
        return
    row = layout.row(align=True)
    count = len(problems)
    row.label(text=f"{count} problem{'s' if count != 1 else ''}" if count else "No problems", icon="INFO")
    _draw_jumps(row, JUMPS_OT_jump_problem.bl_idname)
    now = round(in_action(ob, scene.frame_current))
    here = next((each for each in problems if round(each.first) <= now <= round(each.last)), None)
    if here:
        text = f"{here.frames}: {here.words}"
        draw_paragraph(context, layout.box(), text, icon="ERROR")


def _draw_jumps(row: Any, operator: str) -> None:
    for direction, icon in (("PREVIOUS", "TRIA_LEFT"), ("NEXT", "TRIA_RIGHT")):
        row.operator(operator, text="", icon=icon).direction = direction


def _draw_legend(layout: Any, states: States, scene: bpy.types.Scene) -> None:
    """Each mark with its meaning, and how many there are at this frame."""
    layout.prop(getattr(scene, SCENE_PROPERTY), "show_marks")
    sample = states.at(scene.frame_current_final)
    codes = states.codes[sample, states.ever_seen]
    grid = layout.box().grid_flow(row_major=True, columns=2, even_columns=True, align=True)
    for state, name, icon in LEGEND:
        grid.label(text=f"{name}: {(codes == state).sum()}", icon=icon)
    if states.swapped[sample].any():
        grid.label(text=f"Swapped: {states.swapped[sample].sum()}", icon="COLORSET_06_VEC")


def _draw_colours(layout: Any, ob: bpy.types.Object) -> None:
    row = layout.row(align=True)
    row.label(text="Bone Colours")
    troubled = is_coloured_by_trouble(ob)
    for by, name in (("SIDE", "Sides"), ("TROUBLE", "Trouble")):
        row.operator(JUMPS_OT_colour_bones.bl_idname, text=name, depress=troubled == (by == "TROUBLE")).by = by


def _draw_mending(layout: Any, scene: bpy.types.Scene) -> None:
    """The buttons, for the frames that are chosen above them."""
    settings: Any = getattr(scene, SCENE_PROPERTY)
    column = layout.column(align=True)
    column.prop(settings, "mend_frames", text="")
    row = column.row(align=True)
    for operator, icon in ((JUMPS_OT_ignore_joints, "HIDE_ON"), (JUMPS_OT_use_joints, "HIDE_OFF")):
        row.operator(operator.bl_idname, icon=icon).frames = settings.mend_frames
    column.label(text="Swap Left/Right", icon="ARROW_LEFTRIGHT")
    row = column.row(align=True)
    for joints, name in (("SELECTED", "Selected"), ("ARMS", "Arms"), ("LEGS", "Legs"), ("ALL", "All")):
        swap = row.operator(JUMPS_OT_swap_sides.bl_idname, text=name)
        swap.joints, swap.frames = joints, settings.mend_frames


def _draw_pins(layout: Any, doubt: Doubt, frame: float) -> None:
    row = layout.row(align=True)
    here, all_ = int(doubt.at(frame)[1].sum()), doubt.count
    row.label(text=f"{here} pinned here, {all_} in all" if all_ else "Nothing is pinned", icon="PINNED")
    _draw_jumps(row, JUMPS_OT_jump_pin.bl_idname)
