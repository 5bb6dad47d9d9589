"""From a result back to what it was made of, to solve that with other settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import bpy

from ...blender.records import Choices, result_header
from ...blender.scene.present import layer_of, scene_of
from ...blender.scene.scene_state import select_only
from ..properties import SCENE_PROPERTY

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class JUMPS_OT_to_source(bpy.types.Operator):
    """Select the armature that the active result was made of, with the result's settings in the panel."""

    bl_idname = "jumps.to_source"
    bl_label = "Select Source"
    bl_description = (
        "Select the armature that this result was made of, with the result's settings in the panel: change them there, "
        "and upsample again. This result stays"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a result is active whose source is at hand."""
        ob = layer_of(context).objects.active
        header = None if ob is None else result_header(ob)
        if header is None:
            cls.poll_message_set("The active object must be a result: the armature with 28 joints that was upsampled")
        elif header["source"] not in layer_of(context).objects:
            cls.poll_message_set(f"There is no {header['source']!r} in this view layer: it was deleted or renamed")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Select it."""
        layer, settings = layer_of(context), getattr(scene_of(context), SCENE_PROPERTY)
        header = result_header(layer.objects.active) if layer.objects.active else None
        assert header, "the poll"
        if context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        source = layer.objects[header["source"]]
        layer.objects.active = source
        select_only(layer, [source])
        for name, value in asdict(Choices(**header["choices"])).items():
            setattr(settings, name, value)
        return {"FINISHED"}
