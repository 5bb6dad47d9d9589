"""Under which name Blender knows the add-on, and where it may keep things."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import bpy

from ..blender.scene.preset_files import PresetFiles

ADDON: Final = __package__.rpartition(".jumps_blender")[0] if ".jumps_blender" in __package__ else "jumps_blender"
"""The name: "bl_ext.<repository>.jumps", or "jumps_blender" in a checkout."""


def user_folder() -> Path:
    """The folder that Blender grants an extension, which need not exist; a checkout has one among the user's data."""
    if ADDON.startswith("bl_ext."):
        return Path(bpy.utils.extension_path_user(ADDON))
    return Path(bpy.utils.user_resource("DATAFILES", path="jumps"))


def preset_folder(kind: str, create: bool = False) -> Path:
    """Where presets of a kind are kept: the extension's own folder; a checkout's, in the user's scripts."""
    try:
        return Path(bpy.utils.extension_path_user(ADDON, path=kind, create=create))
    except ValueError:
        return Path(bpy.utils.user_resource("SCRIPTS", path=f"presets/jumps/{kind}", create=create))


def preset_file(kind: str, name: str) -> str:
    """The file of a preset that the user saved, whose content tells when it is saved anew; any other name stays."""
    presets = PresetFiles(preset_folder(kind))
    return str(presets.folder / f"{name}.json") if name in presets.names() else name


def preset_content(kind: str, name: str) -> Any:
    """The JSON of a preset that the user saved, or of any file whose name ends in .json; raises InputError."""
    path = Path(name)
    named = path.suffix == ".json"
    return PresetFiles(path.parent if named else preset_folder(kind)).load(path.stem if named else name)


def preferences_of(context: bpy.types.Context) -> Any | None:
    """The add-on's preferences; None where it was registered by a script."""
    addons: Any = context.preferences.addons if context.preferences else {}
    return addons[ADDON].preferences if ADDON in addons else None
