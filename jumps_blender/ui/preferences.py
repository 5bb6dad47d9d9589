"""The add-on's preferences: which Python runs the solver, and the runtime that it can be."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import bpy
from bpy.props import EnumProperty, StringProperty

from .addon import ADDON, preferences_of, user_folder
from .panels.runtime import draw_diagnostics, draw_interpreter, draw_runtime


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
            ("cuda", "NVIDIA or AMD GPU", "A graphics card, by a PyTorch that is built for it (CUDA or ROCm)"),
            ("mps", "Apple GPU", "The graphics of an Apple processor"),
        ),
        default="auto",
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the preferences."""
        layout = self.layout
        layout.use_property_split = True
        draw_interpreter(context, layout, self)
        draw_runtime(context, layout, self)
        draw_diagnostics(context, layout)


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
    interpreter, device = sys.executable, "auto"
    preferences = preferences_of(context)
    if preferences is not None:
        interpreter, device = bpy.path.abspath(preferences.interpreter) or interpreter, preferences.device
    if bpy.app.background and device in ("auto", "cpu"):
        return WorkerOptions(interpreter, "cpu", "numpy")
    return WorkerOptions(interpreter, device, memory=_memory())


def _memory() -> str | None:
    """A file in the folder that Blender grants an extension; none for an add-on of a checkout."""
    if not ADDON.startswith("bl_ext."):
        return None
    try:
        folder = user_folder()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError):  # a profile that cannot be written: measured each time
        return None
    return str(folder / "engine.json")
