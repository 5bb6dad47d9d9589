"""The add-on's preferences: which Python runs the solver."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
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


@dataclass(frozen=True)
class WorkerOptions:
    """How the worker runs: the path of its Python, device, engine, and the file that keeps which engine is best."""

    interpreter: str = sys.executable
    device: str = "auto"
    engine: str = "auto"
    memory: str | None = None


def worker_options(context: bpy.types.Context) -> WorkerOptions:
    """As the preferences say; the defaults where the add-on was registered by a script.

    Without a window, as on a farm, numpy computes unless a GPU is named, so that every machine gives the same result.
    """
    addons: Any = context.preferences.addons if context.preferences else {}
    interpreter, device = sys.executable, "auto"
    if ADDON in addons:
        preferences: JUMPS_preferences = addons[ADDON].preferences
        interpreter, device = bpy.path.abspath(preferences.interpreter) or interpreter, preferences.device
    if bpy.app.background and device in ("auto", "cpu"):
        return WorkerOptions(interpreter, "cpu", "numpy")
    return WorkerOptions(interpreter, device, memory=_memory())


def _memory() -> str | None:
    """A file in the folder that Blender grants an extension; none for an add-on of a checkout."""
    if not ADDON.startswith("bl_ext."):
        return None
    try:
        return str(Path(bpy.utils.extension_path_user(ADDON, create=True)) / "engine.json")
    except (OSError, ValueError):  # a profile that cannot be written: measured each time
        return None
