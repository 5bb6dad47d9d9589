"""Key how far joints may be off, for drivers and scripts."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty

from ...blender.results.uncertainty import STD, clear_uncertainty, key_uncertainty
from .on_result import OnResult, active_result
from .refusals import refusing, telling_of_copy


class JUMPS_OT_key_uncertainty(OnResult, bpy.types.Operator):
    """Key how far joints may be off on the bones of a result."""

    bl_idname = "jumps.key_uncertainty"
    bl_label = "Key Uncertainty"
    bl_description = (
        f"Key how far each joint may be off as the custom property {STD} of its bone, in armature units, for drivers "
        "and scripts. Solve Again keeps it up to date"
    )
    bl_options = {"REGISTER", "UNDO"}

    remove: BoolProperty(name="Remove", description="Take the properties and their keys away instead", default=False)

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Key, or take away."""
        ob = active_result(context)
        with telling_of_copy(self, ob):
            if self.remove:
                clear_uncertainty(ob)
            else:
                self.report({"INFO"}, f"{key_uncertainty(ob)} keys of {STD}")
