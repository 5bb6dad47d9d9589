"""Write what leads a rig as keys, while Blender's window stays alive."""

from __future__ import annotations

from typing import Final

import bpy

from ...blender.retarget.bake import baking
from ...blender.scene.handles import Handle
from ...blender.scene.slices import Slices
from ..work import Work
from .in_slices import InSlices
from .onto_rig import led_rig, why_not_led
from .refusals import allowed

SLICE: Final = 0.04
"""Seconds that a slice takes: longer than others, since Blender draws all views anew whenever a frame was set."""


class JUMPS_OT_bake_rig(InSlices, bpy.types.Operator):
    """Write what leads the rig as keys."""

    bl_idname = "jumps.bake_rig"
    bl_label = "Bake to Keys"
    bl_description = "Write the motion as keys of the led bones into a new Action, and take the constraints away"
    bl_options = {"UNDO"}

    title = "Baking"
    longest = SLICE

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether the rig is led, and nothing else is under way."""
        return allowed(cls, why_not_led(context))

    def slices(self, context: bpy.types.Context, work: Work, seconds: float) -> Slices[str]:
        """Bake."""
        target = led_rig(context)
        assert target
        name = yield from baking(context, Handle.of(target).find, work.note, seconds)
        return f"Baked to the Action {name}"
