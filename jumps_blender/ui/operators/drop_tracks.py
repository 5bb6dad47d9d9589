"""Keypoint files dropped onto the 3D view."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy
from bpy.props import CollectionProperty, StringProperty

from ...formats import SERIAL
from ..recognition import LARGE, Choice, Recognised, look_at
from .import_tracks import READABLE, close_dialog

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

LISTED: Final = 3
"""Dropped files that a message names."""


class JUMPS_OT_drop_tracks(bpy.types.Operator):
    """Look at dropped files, and ask how to import them."""

    bl_idname = "jumps.drop_tracks"
    bl_label = "Import Keypoints"
    bl_description = "Ask how to import the keypoint file that was dropped"
    bl_options = {"INTERNAL"}

    directory: StringProperty(
        name="Folder", description="Where the dropped files lie", subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"}
    )
    files: CollectionProperty(
        name="Files",
        description="Names of the dropped files",
        type=bpy.types.OperatorFileListElement,
        options={"SKIP_SAVE", "HIDDEN"},
    )

    def execute(self, context: bpy.types.Context) -> set[OperatorReturnItems]:
        """Open the dialog; files in which it could correct nothing are refused at once."""
        names = [file.name for file in self.files]
        if not names:
            self.report({"ERROR"}, "No file was dropped: drop a file of keypoints")
            return {"CANCELLED"}
        path = Path(self.directory, names[0])
        found = look_at(Choice(str(path)))
        frames = is_a_frame(found)
        refusal = "" if frames or len(names) == 1 else several_refused(names)
        refusal = refusal or ("" if can_be_asked(found) else found.problem)
        if refusal:
            close_dialog()
            self.report({"ERROR"}, refusal)
            return {"CANCELLED"}
        importer: Any = bpy.ops.jumps  # type: ignore[attr-defined]  # the stubs know Blender's own operators only
        importer.import_tracks("INVOKE_DEFAULT", filepath=str(path), whole_folder=frames, chosen_already=True)
        return {"FINISHED"}


class JUMPS_FH_tracks(bpy.types.FileHandler):
    """What Blender does with keypoint files that are dropped onto the 3D view."""

    bl_idname = "JUMPS_FH_tracks"
    bl_label = "Keypoints (JUMPS)"
    bl_import_operator = JUMPS_OT_drop_tracks.bl_idname
    bl_file_extensions = ";".join(READABLE)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Whether it is the 3D view that they were dropped onto."""
        return context.area is not None and context.area.type == "VIEW_3D"


def is_a_frame(found: Recognised) -> bool:
    """Whether a file is one frame of a recording that has a file for each."""
    return found.recording is not None and found.recording.format in SERIAL


def can_be_asked(found: Recognised) -> bool:
    """Whether the dialog could make something of the file."""
    return bool(found.recording or found.names or found.salvageable) or found is LARGE


def several_refused(names: list[str]) -> str:
    """Why several files cannot be imported at once, and what can be done."""
    listed = ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
    return (
        f"{len(names)} recordings were dropped ({listed}), and each has its own people and rate: drop them one at a "
        "time, or solve their folder with: blender -c jumps batch FOLDER -o RESULTS --blend"
    )
