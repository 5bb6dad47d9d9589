"""The panel Onto a Rig: performance, rig, bones, how, and the two buttons."""

from __future__ import annotations

from typing import Any

import bpy

from ...blender.retarget.guide import guide_of, led_by
from ...blender.retarget.rigs import RIGS
from ...blender.retarget.source import has_depth
from ..operators.onto_rig import (
    IN_A_PLANE,
    JUMPS_OT_bake_rig,
    JUMPS_OT_free_rig,
    JUMPS_OT_guess_rig,
    JUMPS_OT_lead_rig,
    led_rig,
    rig_settings,
)
from ..operators.rig_presets import JUMPS_MT_rig_presets, JUMPS_OT_forget_rig, JUMPS_OT_save_rig
from ..text import draw_paragraph


class JUMPS_UL_rig_bones(bpy.types.UIList):
    """Joints and their bones."""

    def draw_item(  # type: ignore[override]  # Blender counts the arguments
        self, context: Any, layout: Any, data: Any, item: Any, icon: Any, active_data: Any, active: Any
    ) -> None:
        """Draw one line."""
        target = rig_settings(context).target
        split = layout.split(factor=0.42)
        split.label(text=item.joint.replace("_", " ").capitalize())
        if target is not None and target.type == "ARMATURE":
            split.prop_search(item, "bone", target.data, "bones", text="")
        else:
            split.prop(item, "bone", text="")


class JUMPS_PT_rig(bpy.types.Panel):
    """From 28 joints onto the animator's rig."""

    bl_label = "Onto a Rig"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "JUMPS"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, settings = self.layout, rig_settings(context)
        column = _properties(layout)
        column.prop(settings, "source")
        column.prop(settings, "target")
        if settings.target is not None:
            _draw_how(column, settings)
        row = layout.row(align=True)
        row.scale_y = 1.5
        target = led_rig(context)
        guide = guide_of(target) if target else None
        row.operator(JUMPS_OT_lead_rig.bl_idname, icon="CON_ARMATURE", text="Update" if guide else "Lead Rig")
        row.operator(JUMPS_OT_free_rig.bl_idname, icon="X", text="")
        layout.operator(JUMPS_OT_bake_rig.bl_idname, icon="KEY_HLT")
        if guide and target:
            _draw_state(context, layout, guide, target.name)


class JUMPS_PT_rig_bones(bpy.types.Panel):
    """Which bone shows which joint."""

    bl_label = "Bones"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "JUMPS"
    bl_parent_id = "JUMPS_PT_rig"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the list and the presets."""
        layout, settings = self.layout, rig_settings(context)
        kind = RIGS[settings.kind].title if settings.kind in RIGS else "guessed from names"
        count = sum(bool(line.bone) for line in settings.bones)
        layout.label(text=f"{count} bones, {kind}" if count else "No bones are known yet")
        layout.template_list("JUMPS_UL_rig_bones", "", settings, "bones", settings, "active", rows=6)
        layout.operator(JUMPS_OT_guess_rig.bl_idname, icon="FILE_REFRESH")
        row = layout.row(align=True)
        row.menu(JUMPS_MT_rig_presets.bl_idname, text="", icon="PRESET")
        row.prop(settings, "preset", text="")
        row.operator(JUMPS_OT_save_rig.bl_idname, icon="ADD", text="")
        row.operator(JUMPS_OT_forget_rig.bl_idname, icon="REMOVE", text="")


def _properties(layout: Any) -> Any:
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    return column


def _draw_how(column: Any, settings: Any) -> None:
    column.prop(settings, "space")
    if settings.source is not None and has_depth(settings.source) and settings.space != "cutout":
        column.prop(settings, "depth")
    if settings.space != "cutout":
        column.prop(settings, "facing")
        column.prop(settings, "roll")
    if settings.space != "3d":
        column.prop(settings, "stretch")
        column.prop(settings, "layers")
    if settings.kind in RIGS and RIGS[settings.kind].switches:
        column.prop(settings, "limbs")
    column.prop(settings, "travel")
    if settings.travel == "curve":
        column.prop(settings, "curve")
    column.prop(settings, "mirror")
    column.prop(settings, "ground")
    column.prop(settings, "ground_level")
    column.prop(settings, "scale")


def _draw_state(context: bpy.types.Context, layout: Any, guide: bpy.types.Object, name: str) -> None:
    led = led_by(guide)
    draw_paragraph(context, layout.box(), f"Led by {led.source}", icon="INFO")
    if not led.spatial and not led.flat:
        draw_paragraph(context, layout.box(), IN_A_PLANE.format(name=name), icon="INFO")
