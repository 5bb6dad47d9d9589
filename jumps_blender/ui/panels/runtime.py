"""What the preferences show: the Python that solves, the runtime, and the way to a bug report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bpy

from ...runtime.environment import RuntimeFolder, State
from ..errand import DIAGNOSTICS, RUNTIME, Errand
from ..operators.diagnostics import JUMPS_OT_copy_diagnostics
from ..operators.runtime import (
    OFFLINE,
    JUMPS_OT_cancel_runtime,
    JUMPS_OT_check_runtime,
    JUMPS_OT_install_runtime,
    JUMPS_OT_install_runtime_from_wheels,
    JUMPS_OT_remove_runtime,
    JUMPS_OT_use_runtime,
    runtime_folder,
)
from ..text import draw_paragraph


def draw_interpreter(context: bpy.types.Context, layout: bpy.types.UILayout, preferences: Any) -> None:
    """Which Python solves, and whether there is such a file."""
    named = bpy.path.abspath(preferences.interpreter) or sys.executable
    row = layout.row()
    row.alert = missing = not Path(named).is_file()
    row.prop(preferences, "interpreter")
    if missing:
        draw_paragraph(context, layout, "There is no such Python: choose another, or clear the field.", icon="ERROR")
    layout.prop(preferences, "device")


def draw_runtime(context: bpy.types.Context, layout: bpy.types.UILayout, preferences: Any) -> None:
    """The runtime: what it is, how it comes and goes."""
    box = layout.box()
    box.label(text="GPU Runtime")
    if RUNTIME.task:
        box.progress(factor=RUNTIME.task.fraction, text=f"{RUNTIME.task.fraction:.0%}  {RUNTIME.task.text}")
        box.operator(JUMPS_OT_cancel_runtime.bl_idname, icon="CANCEL")
        return
    folder = runtime_folder()
    match folder.state():
        case State.ABSENT:
            draw_paragraph(context, box, "JUMPS works with what Blender ships; with PyTorch it can use a GPU.")
            _draw_installing(context, box)
        case State.HALF_MADE:
            draw_paragraph(context, box, "An installation was not finished: install again to go on.", icon="INFO")
            _draw_installing(context, box)
            box.operator(JUMPS_OT_remove_runtime.bl_idname, icon="TRASH")
        case State.READY:
            _draw_ready(context, box, folder, preferences)
    _draw_outcome(context, box, RUNTIME)


def _draw_installing(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    if not bpy.app.online_access:
        draw_paragraph(context, layout, OFFLINE, icon="INFO")
    row = layout.row()
    row.operator(JUMPS_OT_install_runtime.bl_idname, icon="IMPORT", text="Install GPU Runtime...")
    row.operator(JUMPS_OT_install_runtime_from_wheels.bl_idname, icon="FILE_FOLDER", text="Install from Wheels...")


def _draw_ready(
    context: bpy.types.Context, layout: bpy.types.UILayout, folder: RuntimeFolder, preferences: Any
) -> None:
    used = Path(preferences.interpreter) == folder.python
    text = f"{folder.ready()}{'' if used else '; not in use'}"
    draw_paragraph(context, layout, text, icon="CHECKMARK" if used else "INFO")
    row = layout.row()
    if not used:
        row.operator(JUMPS_OT_use_runtime.bl_idname)
    row.operator(JUMPS_OT_check_runtime.bl_idname, icon="FILE_REFRESH")
    row.operator(JUMPS_OT_remove_runtime.bl_idname, icon="TRASH")


def draw_diagnostics(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    """The way to a bug report."""
    layout.operator(JUMPS_OT_copy_diagnostics.bl_idname, icon="COPYDOWN")
    _draw_outcome(context, layout, DIAGNOSTICS)


def _draw_outcome(context: bpy.types.Context, layout: bpy.types.UILayout, errand: Errand) -> None:
    if errand.outcome:
        draw_paragraph(context, layout, errand.outcome, icon="ERROR" if errand.failed else "INFO")
