"""What can be done with a result: put it right, hold its feet, choose its keys, and see how sure it is."""

from __future__ import annotations

import bpy

from ...blender.records import RESULT
from ...blender.results.joint_keys import tolerance_of
from ...blender.results.locks import LOCKS
from ...blender.results.uncertainty import has_uncertainty
from ...blender.scene.present import layer_of, scene_of
from ..jobs import STATE
from ..operators.feet import JUMPS_OT_free_feet, JUMPS_OT_lock_feet
from ..operators.push_down import JUMPS_OT_push_down
from ..operators.resolve import JUMPS_OT_resolve, JUMPS_OT_unpin
from ..operators.simplify import JUMPS_OT_restore_keys, JUMPS_OT_simplify
from ..operators.uncertainty import JUMPS_OT_key_uncertainty
from ..properties import SCENE_PROPERTY


class JUMPS_PT_result(bpy.types.Panel):
    """The 28 joints of the active result."""

    bl_label = "Result"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "JUMPS"
    bl_parent_id = "JUMPS_PT_upsample"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a result is active and nothing runs."""
        ob = layer_of(context).objects.active
        return not STATE.job and ob is not None and ob.type == "ARMATURE" and ob.get(RESULT) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, ob = self.layout, layer_of(context).objects.active
        assert layout
        assert ob
        _draw_edits(layout, ob)
        _draw_keys(layout, ob)
        _draw_uncertainty(layout, ob, scene_of(context))


def _draw_edits(layout: bpy.types.UILayout, ob: bpy.types.Object) -> None:
    """Joints that are moved and keyed lead the motion around them; feet are held."""
    column = layout.column(align=True)
    row = column.row(align=True)
    row.operator(JUMPS_OT_resolve.bl_idname, icon="FILE_REFRESH")
    row.operator(JUMPS_OT_unpin.bl_idname, icon="UNPINNED", text="Unpin")
    row = column.row(align=True)
    row.operator(JUMPS_OT_lock_feet.bl_idname, icon="LOCKED")
    if ob.get(LOCKS) is not None:
        row.operator(JUMPS_OT_free_feet.bl_idname, icon="X", text="")


def _draw_keys(layout: bpy.types.UILayout, ob: bpy.types.Object) -> None:
    """How the result is keyed."""
    column = layout.column(align=True)
    row = column.row(align=True)
    row.operator(JUMPS_OT_simplify.bl_idname, icon="MOD_SIMPLIFY")
    if tolerance_of(ob):
        row.operator(JUMPS_OT_restore_keys.bl_idname, icon="X", text="")
    column.operator(JUMPS_OT_push_down.bl_idname, icon="NLA_PUSHDOWN")


def _draw_uncertainty(layout: bpy.types.UILayout, ob: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """How sure the result is, as rings and as properties."""
    column = layout.column(align=True)
    column.prop(getattr(scene, SCENE_PROPERTY), "show_uncertainty")
    row = column.row(align=True)
    row.operator(JUMPS_OT_key_uncertainty.bl_idname, icon="KEY_HLT").remove = False
    if has_uncertainty(ob):
        row.operator(JUMPS_OT_key_uncertainty.bl_idname, icon="X", text="").remove = True
