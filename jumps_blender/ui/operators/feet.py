"""Hold the feet of a result where they stand, and let them go."""

from __future__ import annotations

from collections.abc import Callable

import bpy
from bpy.props import FloatProperty

from ...blender.results.feet import freeing_feet, holding_feet
from ...blender.scene.slices import Slices
from ..text import counted
from ..work import Work
from .on_result import ChangesResult


class JUMPS_OT_lock_feet(ChangesResult, bpy.types.Operator):
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

    title = "Locking feet"

    def changing(
        self, _context: bpy.types.Context, find: Callable[[], bpy.types.Object], _work: Work, seconds: float
    ) -> Slices[str]:
        """Lock the feet."""
        held = yield from holding_feet(find, self.speed, self.strength, seconds)
        self.report({"INFO"}, f"Feet that stand slid {held.before:.0f} mm/s, now {held.after:.0f}")
        return f"{counted(held.contacts, 'contact')} in {counted(held.frames, 'frame')}"


class JUMPS_OT_free_feet(ChangesResult, bpy.types.Operator):
    """Let all feet go that are held."""

    bl_idname = "jumps.free_feet"
    bl_label = "Free Feet"
    bl_description = "Let all feet go that Lock Feet holds: they are again where they were solved"
    bl_options = {"REGISTER", "UNDO"}

    title = "Letting feet go"

    def changing(
        self, _context: bpy.types.Context, find: Callable[[], bpy.types.Object], _work: Work, seconds: float
    ) -> Slices[str]:
        """Let the feet go."""
        frames = yield from freeing_feet(find, seconds)
        return f"Feet are free again in {counted(frames, 'frame')}"
