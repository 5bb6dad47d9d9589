"""Make a result's Action a strip of the NLA."""

from __future__ import annotations

import bpy

from ...blender.results.nla import push_down
from .on_result import OnResult, active_result
from .refusals import refusing


class JUMPS_OT_push_down(OnResult, bpy.types.Operator):
    """Push the result's Action down to the NLA."""

    bl_idname = "jumps.push_down"
    bl_label = "Push Down to NLA"
    bl_description = (
        "Make the result's Action a strip of a new NLA track, so that other motion can be laid over it. To edit it "
        "later, select the strip in the NLA editor and press Tab"
    )
    bl_options = {"REGISTER", "UNDO"}

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Push down."""
        ob = active_result(context)
        self.report({"INFO"}, f"Made the NLA strip {push_down(ob)!r}")
