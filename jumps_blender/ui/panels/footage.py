"""The video behind the joints: add it, see through it, take it away."""

from __future__ import annotations

import bpy

from ...blender.footage import footage_of, has_keypoints
from ...blender.scene.present import layer_of
from ..operators.footage import JUMPS_OT_add_footage, JUMPS_OT_remove_footage


class JUMPS_PT_footage(bpy.types.Panel):
    """The footage of the active armature."""

    bl_label = "Footage"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "JUMPS"
    bl_parent_id = "JUMPS_PT_upsample"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether the active armature has keypoints, which alone know where the picture lies."""
        return has_keypoints(layer_of(context).objects.active)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, ob = self.layout, layer_of(context).objects.active
        assert layout
        assert ob
        shown = footage_of(ob)
        row = layout.row(align=True)
        text = "Add Footage..." if shown is None else "Replace Footage..."
        row.operator(JUMPS_OT_add_footage.bl_idname, icon="FILE_MOVIE", text=text)
        row.operator(JUMPS_OT_remove_footage.bl_idname, icon="X", text="")
        if shown is not None:
            _draw_shown(layout, shown)


def _draw_shown(layout: bpy.types.UILayout, shown: bpy.types.Object) -> None:
    """Whether it is seen, and how much shines through."""
    row = layout.row(align=True)
    camera = shown.data
    if isinstance(camera, bpy.types.Camera):
        row.prop(camera, "show_background_images", text="", icon="HIDE_OFF")
        for background in camera.background_images[:1]:
            row.prop(background, "alpha", text="Opacity", slider=True)
        return
    row.prop(shown, "hide_viewport", text="", icon="HIDE_OFF")
    row.prop(shown, "color", index=3, text="Opacity", slider=True)
