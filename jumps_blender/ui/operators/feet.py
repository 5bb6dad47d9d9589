"""Hold the feet of a result where they stand, and let them go."""

from __future__ import annotations

import bpy
from bpy.props import FloatProperty

from ...blender.results.feet import free_feet, hold_feet
from .on_result import OnResult, changing


class JUMPS_OT_lock_feet(OnResult, bpy.types.Operator):
    """Find when feet stand, and hold them where they do."""

    bl_idname = "jumps.lock_feet"
    bl_label = "Lock Feet"
    bl_description = (
        "Find when ankle, ball and tip of each foot stand still in the picture, and hold them there, so that feet do "
        "not slide. For a camera that stands still. Unpin lets the contact of a selected joint go"
    )
    bl_options = {"REGISTER", "UNDO"}

    speed: FloatProperty(
        name="Speed",
        description="How many times as fast as usual a foot may be and still count as standing: more finds more "
        "contacts, and more wrong ones",
        default=1.0,
        min=0.1,
        soft_max=3.0,
        max=10.0,
    )
    strength: FloatProperty(
        name="Strength",
        description="How much of the way to its place a foot goes: 1 holds it exactly",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )

    @changing
    def execute(self, _context: bpy.types.Context, ob: bpy.types.Object) -> None:
        """Lock the feet."""
        held = hold_feet(ob, self.speed, self.strength)
        self.report(
            {"INFO"},
            f"{held.contacts} contacts in {held.frames} frames: feet that stand slid {held.before:.0f} mm/s, now "
            f"{held.after:.0f}",
        )


class JUMPS_OT_free_feet(OnResult, bpy.types.Operator):
    """Let all feet go that are held."""

    bl_idname = "jumps.free_feet"
    bl_label = "Free Feet"
    bl_description = "Let all feet go that Lock Feet holds: they are again where they were solved"
    bl_options = {"REGISTER", "UNDO"}

    @changing
    def execute(self, _context: bpy.types.Context, ob: bpy.types.Object) -> None:
        """Let the feet go."""
        frames = free_feet(ob)
        self.report({"INFO"}, f"Feet are free again in {frames} frames")
