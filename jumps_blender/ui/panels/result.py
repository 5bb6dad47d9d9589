"""What can be done with a result: put it right, and see how sure it is."""

from __future__ import annotations

import bpy

from ...blender.present import layer_of, scene_of
from ...blender.records import RESULT
from ..jobs import STATE
from ..operators.resolve import JUMPS_OT_resolve, JUMPS_OT_unpin
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
        layout = self.layout
        assert layout
        _draw_edits(layout, scene_of(context))


def _draw_edits(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """Joints that are moved and keyed lead the motion around them."""
    row = layout.row(align=True)
    row.operator(JUMPS_OT_resolve.bl_idname, icon="FILE_REFRESH")
    row.operator(JUMPS_OT_unpin.bl_idname, icon="UNPINNED", text="Unpin")
    layout.prop(getattr(scene, SCENE_PROPERTY), "show_uncertainty")
