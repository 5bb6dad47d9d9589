"""The video of a shot, found by the shot's name and shown behind whoever is seen best."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import bpy

from ..blender.footage import Kind, add_footage
from ..blender.scene.present import scene_of
from ..errors import JumpsError

_known: Any = bpy.path
IMAGES: Final = frozenset(_known.extensions_image)
PICTURES: Final = IMAGES | _known.extensions_movie
"""Suffixes of what Blender shows: other files of a shot's name, such as its sound, are no footage."""


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
    """A video or image, or the first image of a folder, of the same name but for its suffix."""
    names = {shot.casefold(), Path(shot).stem.casefold()}
    for entry in sorted(folder.absolute().iterdir()):
        if entry.is_dir() and entry.name.casefold() in names:
            found = [image for image in sorted(entry.iterdir()) if _shows(image, IMAGES)]
        else:
            found = [entry] if entry.stem.casefold() in names and _shows(entry, PICTURES) else []
        if found:
            return found[0]
    return None


def _shows(entry: Path, suffixes: Collection[str]) -> bool:
    return entry.suffix.lower() in suffixes and not entry.name.startswith(".") and entry.is_file()
