"""Mappings that a user saved, one JSON file each in the extension's own folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..scene.preset_files import PresetFiles
from .mapping import RigMap, from_json, to_json

FOLDER: Final = "rigs"


def preset_names(folder: Path) -> tuple[str, ...]:
    """The saved presets, sorted."""
    return PresetFiles(folder).names()


def save_preset(folder: Path, name: str, rig: RigMap) -> str:
    """Save a mapping under a name; the name that its file got. Raises what `PresetFiles.save` does."""
    return PresetFiles(folder).save(name, to_json(rig))


def load_preset(folder: Path, name: str) -> RigMap:
    """A saved mapping; raises what `PresetFiles.load` does, and InputError for a file of something else."""
    return from_json(PresetFiles(folder).load(name), name)


def remove_preset(folder: Path, name: str) -> None:
    """Forget a saved mapping; nothing happens where there is none."""
    PresetFiles(folder).remove(name)
