"""The add-on's preferences: which Python runs the solver."""

from __future__ import annotations

import sys
from typing import Any, Final

import bpy
from bpy.props import EnumProperty, StringProperty

ADDON: Final = __package__.rpartition(".jumps_blender")[0] if ".jumps_blender" in __package__ else "jumps_blender"
"""Under which name Blender knows the add-on: "bl_ext.<repository>.jumps", or "jumps_blender" in a checkout."""


class JUMPS_preferences(bpy.types.AddonPreferences):
    """Preferences of JUMPS."""

    bl_idname = ADDON

    interpreter: StringProperty(
        name="Python",
        description="The Python that runs the solver, in a process of its own; it needs numpy; torch is optional",
        default=sys.executable,
        subtype="FILE_PATH",
    )
    device: EnumProperty(
        name="Device",
        description="What the solver computes on",
        items=(
            ("auto", "Automatic", "The graphics card where that Python can use it, else the processor"),
            ("cpu", "Processor", "The processor, always"),
            ("cuda", "NVIDIA GPU", "An NVIDIA graphics card"),
        ),
        default="auto",
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the preferences."""
        self.layout.prop(self, "interpreter")
        self.layout.prop(self, "device")


def worker_options(context: bpy.types.Context) -> tuple[str, str]:
    """Path of the solver's Python, and its device; the defaults where the add-on was registered by a script."""
    addons: Any = context.preferences.addons if context.preferences else {}
    if ADDON not in addons:
        return sys.executable, "auto"
    preferences: JUMPS_preferences = addons[ADDON].preferences
    return bpy.path.abspath(preferences.interpreter) or sys.executable, preferences.device
