"""Mappings that a user saved, one JSON file each in the extension's own folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ...errors import InputError
from .mapping import RigMap, load, save

FOLDER: Final = "rigs"

LONGEST: Final = 60
"""Letters that a name may have."""


def preset_names(folder: Path) -> tuple[str, ...]:
    """The saved presets, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.json") if not path.name.startswith(".")))


def save_preset(folder: Path, name: str, rig: RigMap) -> str:
    """Save a mapping under a name; the name that its file got.

    Raises:
        InputError: the name has no letter or digit, or the folder cannot be written.

    """
    safe = re.sub(r"[^\w \-().]", "_", name).strip(" .")[:LONGEST]
    if not re.search(r"\w", safe):
        raise InputError(f"{name!r} is no name for a preset: type letters or digits.")
    try:
        save(folder / f"{safe}.json", rig)
    except OSError as error:
        raise InputError(
            f"The preset {safe} cannot be written to {folder} ({error}): free the disk or its rights."
        ) from error
    return safe


def load_preset(folder: Path, name: str) -> RigMap:
    """A saved mapping.

    Raises:
        InputError: there is none of this name, or its file is damaged.

    """
    if name not in preset_names(folder):
        known = ", ".join(preset_names(folder)) or "none"
        raise InputError(f"There is no preset {name!r} (saved: {known}): save one first.")
    return load(folder / f"{name}.json")


def remove_preset(folder: Path, name: str) -> None:
    """Forget a saved mapping; nothing happens where there is none."""
    if name in preset_names(folder):
        (folder / f"{name}.json").unlink(missing_ok=True)
