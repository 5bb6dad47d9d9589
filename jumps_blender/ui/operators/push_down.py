"""Make a result's Action a strip of the NLA."""

from __future__ import annotations

import bpy

from ...blender.results.nla import push_down
from ...blender.scene.present import layer_of
from .refusals import refusing
from .resolve import has_result


class JUMPS_OT_push_down(bpy.types.Operator):
    """Push the result's Action down to the NLA."""

    bl_idname = "jumps.push_down"
    bl_label = "Push Down to NLA"
    bl_description = (
        "Make the result's Action a strip of a new NLA track, so that other motion can be laid over it. To edit it "
        "later, select the strip in the NLA editor and press Tab"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a result is active and nothing runs."""
        return has_result(cls, context)

    @refusing
    def execute(self, context: bpy.types.Context) -> None:
        """Push down."""
        ob = layer_of(context).objects.active
        assert ob
        self.report({"INFO"}, f"Made the NLA strip {push_down(ob)!r}")
