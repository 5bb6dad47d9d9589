"""From a result back to what it was made of, to solve that with other settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import bpy

from ...blender.records import Choices, result_header
from ...blender.results.origin import origin_of
from ...blender.scene.present import layer_of, scene_of
from ...blender.scene.scene_state import select_only
from ...blender.scene.sight import show, why_out_of_sight
from ..properties import SCENE_PROPERTY
from .refusals import allowed

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
        if ob is None or header is None:
            return allowed(cls, "The active object must be a result: the armature with 28 joints that was upsampled")
        source = origin_of(ob)
        if source is None:
            return allowed(cls, f"There is no {header['source']!r} any more: it was deleted")
        return allowed(cls, why_out_of_sight(context, source))

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Select it."""
        layer, settings = layer_of(context), getattr(scene_of(context), SCENE_PROPERTY)
        result = layer.objects.active
        header, source = (result_header(result), origin_of(result)) if result else (None, None)
        assert header, "the poll"
        assert source, "the poll"
        if context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        if show(context, source):
            self.report({"INFO"}, f"{source.name} was hidden: it is shown now")
        layer.objects.active = source
        select_only(layer, [source])
        for name, value in asdict(Choices(**header["choices"])).items():
            setattr(settings, name, value)
        return {"FINISHED"}
