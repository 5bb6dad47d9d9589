"""Fewer keys for a result, and a key at every frame again."""

from __future__ import annotations

from collections.abc import Callable

import bpy
from bpy.props import EnumProperty, FloatProperty

from ...blender.results.edits import Edit
from ...blender.results.simplify import pixels_of, restoring_keys, simplifying
from ...blender.scene.slices import Slices
from ..work import Work
from .on_result import ChangesResult


class JUMPS_OT_simplify(ChangesResult, bpy.types.Operator):
    """Keep as few keys as the motion needs."""

    bl_idname = "jumps.simplify"
    bl_label = "Simplify Keys"
    bl_description = (
        "Keep as few keys as it takes to stay within a tolerance of what was solved, with curves between them. Pins "
        "and feet that are held stay exactly; Solve Again works as before"
    )
    bl_options = {"REGISTER", "UNDO"}

    unit: EnumProperty(
        name="Tolerance In",
        description="What the tolerance is measured in",
        items=[
            ("PIXELS", "Pixels", "Pixels of the video"),
            ("SCENE", "Scene Units", "Units of the scene, at the person, before the object's own scale"),
        ],
        default="PIXELS",
    )
    pixels: FloatProperty(
        name="Tolerance",
        description="How far a joint may be from where it was solved, in pixels of the video",
        default=1.0,
        min=0.01,
        soft_max=20.0,
        max=1000.0,
    )
    distance: FloatProperty(
        name="Tolerance",
        description="How far a joint may be from where it was solved, in units of the scene",
        default=0.005,
        min=0.00001,
        soft_max=0.1,
        max=1000.0,
        precision=4,
        subtype="DISTANCE",
    )

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw the tolerance in its unit."""
        layout = self.layout
        assert layout
        layout.prop(self, "unit")
        layout.prop(self, "pixels" if self.unit == "PIXELS" else "distance")

    title = "Simplifying keys"

    def changing(
        self, _context: bpy.types.Context, find: Callable[[], bpy.types.Object], _work: Work, seconds: float
    ) -> Slices[str]:
        """Simplify."""

        def tolerance(edit: Edit) -> float:
            return float(self.pixels if self.unit == "PIXELS" else pixels_of(edit, self.distance))

        made = yield from simplifying(find, tolerance, seconds)
        removed = f"{made.before - made.after:,} of {made.before:,} keyed poses of joints removed"
        return f"{removed}, at most {made.off:.2g} px ({made.off_in_scene:.2g} units) off"


class JUMPS_OT_restore_keys(ChangesResult, bpy.types.Operator):
    """A key at every frame of the clip again."""

    bl_idname = "jumps.restore_keys"
    bl_label = "Key Every Frame"
    bl_description = "Give the result a key at every frame of its clip again, exactly as it was solved"
    bl_options = {"REGISTER", "UNDO"}

    title = "Keying every frame"

    def changing(
        self, _context: bpy.types.Context, find: Callable[[], bpy.types.Object], _work: Work, seconds: float
    ) -> Slices[str]:
        """Restore."""
        yield from restoring_keys(find, seconds)
        return "A key at every frame again"
