"""The panel Onto a Rig: performance, rig, bones, how, and the two buttons."""

from __future__ import annotations

from typing import Any

import bpy

from ...blender.retarget.follow import is_current
from ...blender.retarget.guide import guide_of, led_by
from ...blender.retarget.rigs import RIGS
from ...blender.retarget.source import has_depth, lacks_depth
from ..operators.bake_rig import JUMPS_OT_bake_rig
from ..operators.onto_rig import (
    IN_A_PLANE,
    JUMPS_OT_free_rig,
    JUMPS_OT_guess_rig,
    JUMPS_OT_lead_rig,
    JUMPS_OT_take_armature,
    led_rig,
    rig_settings,
)
from ..operators.rig_presets import JUMPS_MT_rig_presets, JUMPS_OT_forget_rig, JUMPS_OT_save_rig
from ..rig_choice import PARTS, Part, chosen, offered
from ..text import draw_paragraph
from ..work import WORKING

CHANGED = "{name} was changed, or is gone, since it leads this rig: press Update"


class JUMPS_UL_rig_bones(bpy.types.UIList):
    """Joints and their bones."""

    def draw_item(  # type: ignore[override]  # Blender counts the arguments
        self, context: Any, layout: Any, data: Any, item: Any, icon: Any, active_data: Any, active: Any
    ) -> None:
        """Draw one line."""
        settings = rig_settings(context)
        split = layout.split(factor=0.42)
        split.label(text=item.joint.replace("_", " ").capitalize())
        row = split.row(align=True)
        if settings.target is not None and settings.target.type == "ARMATURE":
            row.prop_search(item, "bone", settings.target.data, "bones", text="")
        else:
            row.prop(item, "bone", text="")
        if settings.stretch and settings.space != "3d":
            row.prop(item, "stretch", text="", icon="FULLSCREEN_ENTER" if item.stretch else "CON_ROTLIMIT")


class _OfTheTab:
    """Where all panels of the add-on are."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "JUMPS"
    bl_options = {"DEFAULT_CLOSED"}


class JUMPS_PT_rig(_OfTheTab, bpy.types.Panel):  # type: ignore[misc]  # the stubs want wider types
    """From 28 joints onto the animator's rig."""

    bl_label = "Onto a Rig"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, settings = self.layout, rig_settings(context)
        assert layout
        if WORKING.now and WORKING.now.title == JUMPS_OT_bake_rig.title:
            layout.progress(factor=WORKING.now.fraction, text=WORKING.now.text)
            return
        column = _properties(layout)
        for part in PARTS:
            column.prop(settings, part.field)
            _draw_offer(context, column, part)
        if settings.target is not None:
            _draw_how(column, settings)
        target = led_rig(context)
        guide = guide_of(target) if target else None
        _draw_buttons(layout, guide)
        if target:
            _draw_state(context, layout, settings, guide, target.name)


class JUMPS_PT_rig_bones(_OfTheTab, bpy.types.Panel):  # type: ignore[misc]  # the stubs want wider types
    """Which bone shows which joint."""

    bl_label = "Bones"
    bl_parent_id = "JUMPS_PT_rig"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the list and the presets."""
        layout, settings = self.layout, rig_settings(context)
        assert layout
        kind = RIGS[settings.kind].title if settings.kind in RIGS else "guessed from names"
        count = sum(bool(line.bone) for line in settings.bones)
        if settings.target is None:
            layout.label(text="They are known once there is a rig")
            return
        layout.label(text=f"{count} bones, {kind}" if count else "No bones are known yet")
        layout.template_list("JUMPS_UL_rig_bones", "", settings, "bones", settings, "active", rows=6)
        layout.operator(JUMPS_OT_guess_rig.bl_idname, icon="FILE_REFRESH")
        row = layout.row(align=True)
        row.menu(JUMPS_MT_rig_presets.bl_idname, text="", icon="PRESET")
        row.prop(settings, "preset", text="")
        row.operator(JUMPS_OT_save_rig.bl_idname, icon="ADD", text="")
        row.operator(JUMPS_OT_forget_rig.bl_idname, icon="REMOVE", text="")


def _draw_offer(context: bpy.types.Context, column: Any, part: Part) -> None:
    """A button below a field with the armature that may be meant, beside the names of split properties."""
    if guessed := offered(context, part):
        split = column.split(factor=0.4)
        told = split.row()
        told.alignment = "RIGHT"
        told.label(text="Guessed" if chosen(context, part) is None else "Selected")
        name = guessed.name
        button = split.operator(JUMPS_OT_take_armature.bl_idname, text=name, icon="TRIA_UP", translate=False)
        button.part = part.field


def _properties(layout: Any) -> Any:
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    return column


def _draw_how(column: Any, settings: Any) -> None:
    """What there is to choose: for a drawing or for a figure in space, whichever the rig is."""
    deep = settings.source is not None and has_depth(settings.source)
    column.separator()
    column.prop(settings, "space")
    if settings.kind in RIGS and RIGS[settings.kind].limbs:
        column.prop(settings, "limbs")
    motion = column.column(heading="Motion")
    if deep:
        motion.prop(settings, "depth")
    if _is_cutout(settings):
        motion.prop(settings, "stretch")
        motion.prop(settings, "layers")
    elif deep and settings.depth:
        motion.prop(settings, "roll")
    motion.prop(settings, "mirror")
    if not _is_cutout(settings) and not (deep and settings.depth):
        column.prop(settings, "facing")
    _draw_place(column, settings)


def _draw_place(column: Any, settings: Any) -> None:
    """Where the body goes, on which ground, and how large it is."""
    column.separator()
    column.prop(settings, "travel")
    if settings.travel == "curve":
        column.prop(settings, "curve")
    column.row(heading="Ground").prop(settings, "ground")
    column.prop(settings, "ground_level")
    column.row(heading="Size").prop(settings, "fit")
    if not settings.fit:
        column.prop(settings, "scale", text=" ")


def _is_cutout(settings: Any) -> bool:
    return settings.space == "cutout" or (settings.space == "auto" and settings.drawn)


def _draw_buttons(layout: Any, guide: bpy.types.Object | None) -> None:
    row = layout.row(align=True)
    row.scale_y = 1.5
    row.operator(JUMPS_OT_lead_rig.bl_idname, icon="CON_ARMATURE", text="Update" if guide else "Lead Rig")
    row.operator(JUMPS_OT_free_rig.bl_idname, icon="X", text="")
    layout.operator(JUMPS_OT_bake_rig.bl_idname, icon="KEY_HLT")


def _draw_state(
    context: bpy.types.Context, layout: Any, settings: Any, guide: bpy.types.Object | None, name: str
) -> None:
    """What leads the rig, whether it still does, and that there is no depth: before and after it is led."""
    in_a_plane = lacks_depth(settings.source, settings.depth) and not _is_cutout(settings)
    if guide:
        led = led_by(guide)
        in_a_plane = not led.spatial and not led.flat
        draw_paragraph(context, layout.box(), f"Led by {led.source}", icon="INFO")
        if not is_current(led):
            draw_paragraph(context, layout.box(), CHANGED.format(name=led.source), icon="ERROR")
    if in_a_plane:
        draw_paragraph(context, layout.box(), IN_A_PLANE.format(name=name), icon="INFO")
