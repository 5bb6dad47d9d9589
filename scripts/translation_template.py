"""Write all texts of the add-on's surface as a file that can be translated.

    .venv/bin/python -m scripts.translation_template > de_DE.json

Prints JSON that maps each text to nothing. Put it into the folder `translations` of the extension's user folder, fill
in what you translate, and enable the add-on again.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

REPOSITORY = Path(__file__).resolve().parents[1]

DRAWN = {"label": "text", "operator": "text", "prop": "text", "menu": "text", "draw_paragraph": ""}
"""Functions that draw a text, and the name of the argument; a paragraph's is any that is a text."""


def registered(cls: Any) -> Iterator[str]:
    """Names and tooltips of a class that Blender knows, of its properties, and of their choices."""
    known = cls.bl_rna
    if "." in getattr(cls, "bl_idname", "") and issubclass(cls, bpy.types.Operator):
        module, _, name = cls.bl_idname.partition(".")
        known = getattr(getattr(bpy.ops, module), name).get_rna_type()
        yield from (known.name, known.description)
    yield getattr(cls, "bl_label", "")
    for each in (known.properties[name] for name in vars(cls).get("__annotations__", ()) if name in known.properties):
        yield from (each.name, each.description)
        for choice in getattr(each, "enum_items", ()):
            yield from (choice.name, choice.description)


def drawn(path: Path) -> Iterator[str]:
    """Texts that a module draws as they are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in DRAWN:
                wanted = [word.value for word in node.keywords if word.arg == DRAWN[name]]
                wanted += node.args if name == "draw_paragraph" else []
                constants = [item.value for item in wanted if isinstance(item, ast.Constant)]
                yield from (value for value in constants if isinstance(value, str))


def texts() -> dict[str, str]:
    """All of them, each once, in the order of the code; the add-on has to be registered."""
    from jumps_blender.ui.registration import CLASSES

    found = [text for cls in CLASSES for text in registered(cls)]
    found += [text for path in sorted((REPOSITORY / "jumps_blender" / "ui").rglob("*.py")) for text in drawn(path)]
    return dict.fromkeys((text for text in found if any(map(str.isalpha, text))), "")


if __name__ == "__main__":
    import jumps_blender

    jumps_blender.register()
    print(json.dumps(texts(), indent=1, ensure_ascii=False))
    sys.stdout.flush()
    os._exit(0)  # bpy need not be taken down for this
