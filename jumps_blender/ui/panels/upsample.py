"""The sidebar tab."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import bpy

from ...blender.records import RESULT, Choices, Solve, result_header, tracks_header
from ...blender.scene.present import layer_of, scene_of
from ...blender.tracks.readback import joint_bones
from ..jobs import STATE, Job
from ..operators.import_tracks import JUMPS_OT_import_tracks
from ..operators.solve_presets import JUMPS_MT_settings_presets, JUMPS_OT_forget_settings, JUMPS_OT_save_settings
from ..operators.to_source import JUMPS_OT_to_source
from ..operators.upsample import JUMPS_OT_cancel, JUMPS_OT_keep, JUMPS_OT_upsample
from ..properties import JUMPS_scene_settings, describe_choices, describe_solve
from ..text import draw_paragraph
from ..work import WORKING

SAMPLE: Final = Path(__file__).resolve().parents[2] / "samples" / "rooftop_coco17.json"
"""Keypoints of a real person, for whoever has none at hand."""


class JUMPS_PT_upsample(bpy.types.Panel):
    """From keypoints to 28 joints, top to bottom."""

    bl_label = "Upsample Skeleton"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "JUMPS"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout = self.layout
        assert layout
        layout.operator(JUMPS_OT_import_tracks.bl_idname, icon="IMPORT", text="Import Keypoints...")
        layout.separator()
        _draw_source(layout, layer_of(context).objects.active)
        if STATE.job:
            _draw_progress(layout, STATE.job)
            return
        if WORKING.now:
            layout.progress(factor=WORKING.now.fraction, text=WORKING.now.text)
        ob = layer_of(context).objects.active
        if ob is not None and ob.get(RESULT) is not None:
            _draw_made_with(layout, ob)
        else:
            _draw_settings(layout, scene_of(context))
        news = STATE.news(context)
        if news:
            draw_paragraph(context, layout.box(), news, icon="ERROR" if STATE.failed else "INFO")


def _draw_source(layout: bpy.types.UILayout, ob: bpy.types.Object | None) -> None:
    column = layout.column(align=True)
    if ob is None or ob.type != "ARMATURE":
        column.label(text="Select an armature, or import one", icon="INFO")
        column.operator_context = "EXEC_DEFAULT"
        sample = column.operator(JUMPS_OT_import_tracks.bl_idname, icon="ARMATURE_DATA", text="Import the Sample")
        sample.filepath = str(SAMPLE)
        return
    column.label(text=ob.name, icon="ARMATURE_DATA", translate=False)
    header = tracks_header(ob)
    if header:
        column.label(text=f"{len(header['joints'])} joints, {header['frames']} frames, {header['fps']:g} fps")
    elif ob.get(RESULT) is not None:
        column.label(text="28 joints, upsampled")
    else:
        column.label(text=f"{len(joint_bones(ob)[1])} bones named after joints")


def _draw_settings(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    settings: JUMPS_scene_settings = scene.jumps  # type: ignore[attr-defined]
    row = layout.row(align=True)
    row.menu(JUMPS_MT_settings_presets.bl_idname, text=settings.preset or "Presets")
    row.operator(JUMPS_OT_save_settings.bl_idname, icon="ADD", text="")
    row.operator(JUMPS_OT_forget_settings.bl_idname, icon="REMOVE", text="")
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(settings, "settings")
    # Only the published method draws random starts, and it has no say in how far the detector is followed.
    column.prop(settings, "seed" if settings.settings == "paper" else "smoothness")
    column.prop(settings, "frames")
    if settings.frames == "TYPED":
        column.prop(settings, "first_frame")
        column.prop(settings, "last_frame")
    row = layout.row()
    row.scale_y = 1.5
    operator = row.operator(JUMPS_OT_upsample.bl_idname, icon="OUTLINER_OB_ARMATURE")
    for name in ("settings", "smoothness", "seed", "frames", "first_frame", "last_frame"):
        setattr(operator, name, getattr(settings, name))


def _draw_made_with(layout: bpy.types.UILayout, ob: bpy.types.Object) -> None:
    """The settings that a result was made with; those of the scene are for the next one."""
    header = result_header(ob)
    if header is None:
        return
    column = layout.column(align=True)
    column.label(text=describe_choices(Choices(**header["choices"])))
    told = column.column(align=True)
    told.active = False
    for line in describe_solve(Solve(**header.get("solve", {})), header["edits"]):
        told.label(text=line, translate=False)
    layout.operator(JUMPS_OT_to_source.bl_idname, icon="RESTRICT_SELECT_OFF")


def _draw_progress(layout: bpy.types.UILayout, job: Job) -> None:
    layout.progress(factor=job.fraction, text=f"{job.fraction:.0%}  {job.text}")
    if job.pace.text:
        layout.label(text=job.pace.text, icon="TIME")
    row = layout.row(align=True)
    row.operator(JUMPS_OT_cancel.bl_idname, icon="CANCEL")
    row.operator(JUMPS_OT_keep.bl_idname, icon="CHECKMARK")
