"""The video of a shot, found by the shot's name and shown behind whoever is seen best."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..blender.footage import Kind, add_footage
from ..blender.scene.present import scene_of
from ..errors import JumpsError


def show_footage_of(context: bpy.types.Context, ob: bpy.types.Object, shot: str, folder: str, kind: Kind) -> list[str]:
    """Show what lies in a folder under the name of a shot's file: a video, or a folder of images; warnings."""
    found = _found(shot, Path(folder))
    if found is None:
        return [f"No footage for {shot} lies in {folder}: none is shown."]
    try:
        footage = add_footage(context, ob, str(found), kind)
    except JumpsError as error:
        return [f"The footage is not shown: {error}"]
    if kind == "CAMERA" and scene_of(context).camera is None:
        scene_of(context).camera = footage.ob
    return list(footage.warnings)


def _found(shot: str, folder: Path) -> Path | None:
    """A file, or the first one in a folder, of the same name but for its suffix."""
    names = {shot.casefold(), Path(shot).stem.casefold()}
    entries = [entry for entry in sorted(folder.absolute().iterdir()) if not entry.name.startswith(".")]
    for entry in entries:
        if entry.is_file() and entry.stem.casefold() in names and entry.name.casefold() != shot.casefold():
            return entry
        if entry.is_dir() and entry.name.casefold() in names:
            return next((image for image in sorted(entry.iterdir()) if image.is_file()), None)
    return None
