"""The add-on in other languages: Blender translates all labels and tooltips by what is registered here.

A language is a file such as `de_DE.json` in the folder `translations` of the user's folder: an object that maps each
English text to its translation. `python -m scripts.translation_template` writes one to be filled in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import bpy

from .addon import ADDON, user_folder

FOLDER: Final = "translations"

_CONTEXTS: Final = ("*", "Operator")
"""Blender looks for names of operators in a context of their own."""

Catalogs = dict[str, dict[tuple[str, str], str]]


def catalogs(folder: Path) -> Catalogs:
    """The translations of each language, by Blender's keys; a file that cannot be read is told of and left out."""
    found: Catalogs = {}
    for path in sorted(folder.glob("*.json")):
        try:
            texts = json.loads(path.read_text(encoding="utf-8"))
            pairs = [(str(english), str(other)) for english, other in texts.items() if other]
            found[path.stem] = {(context, english): other for english, other in pairs for context in _CONTEXTS}
        except (OSError, ValueError, AttributeError) as error:
            print(f"JUMPS: the translation {path} cannot be read ({error}): an object of texts is expected.")
    return found


def add_translations() -> None:
    """Register what there is."""
    bpy.app.translations.register(ADDON, catalogs(user_folder() / FOLDER))


def remove_translations() -> None:
    """Undo `add_translations`."""
    bpy.app.translations.unregister(ADDON)
