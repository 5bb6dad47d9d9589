"""A page for a bug report, in the clipboard."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import bpy

from ...runtime.diagnostics import Subject, page
from ...worker.client import RECENT
from ..addon import ADDON, preferences_of, user_folder
from ..errand import DIAGNOSTICS

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


def subject(context: bpy.types.Context) -> Subject:
    """What Blender alone knows; the rest is found out without it."""
    preferences = preferences_of(context)
    named = bpy.path.abspath(preferences.interpreter) if preferences else ""
    told = (
        ("Blender", f"{bpy.app.version_string}, {bpy.app.build_platform.decode()}, {_kind()}"),
        ("Add-on", f"{ADDON}{'' if preferences else ', registered by a script'}"),
        ("Online access", "allowed" if bpy.app.online_access else "not allowed"),
        ("Device chosen", preferences.device if preferences else "auto"),
    )
    try:
        folder = user_folder()
    except (OSError, ValueError):
        folder = None
    return Subject(named or sys.executable, folder, told, tuple(RECENT))


def _kind() -> str:
    return "without a window" if bpy.app.background else "with a window"


def draw_help(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    """Draw the entry of the menu Help."""
    menu.layout.operator(JUMPS_OT_copy_diagnostics.bl_idname, icon="COPYDOWN", text="Copy JUMPS Diagnostics")


class JUMPS_OT_copy_diagnostics(bpy.types.Operator):
    """Find out what runs where, and copy it."""

    bl_idname = "jumps.copy_diagnostics"
    bl_label = "Copy Diagnostics"
    bl_description = "Copy to the clipboard what a bug report needs: versions, the Python that solves, last errors"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Whether it is not being found out already."""
        if DIAGNOSTICS.task:
            cls.poll_message_set("The diagnostics are being made: they take a few seconds")
        return DIAGNOSTICS.task is None

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Find it out beside Blender, since the solver's Python has to be started; at once without a window."""
        about = subject(context)
        if not bpy.app.background:
            DIAGNOSTICS.start(lambda _progress, _cancel: page(about), _copy)
            self.report({"INFO"}, "Making the diagnostics: they are in the clipboard in a few seconds")
            return {"FINISHED"}
        text = page(about)
        print(text)
        _copy(text)
        return {"FINISHED"}


def _copy(text: str) -> str:
    bpy.context.window_manager.clipboard = text
    return "The diagnostics are in the clipboard: paste them into the bug report"
