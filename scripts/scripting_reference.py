"""Write the tables of `docs/scripting.md` from what the add-on registers.

    .venv/bin/python -m scripts.scripting_reference

Replaces what stands between the page's two marks: all operators with their properties and defaults, and what a scene
and the preferences remember. A test compares the page with what is registered.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import bpy

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "scripting.md"
BEGIN: Final = "<!-- Written by scripts/scripting_reference.py: begin -->"
END: Final = "<!-- Written by scripts/scripting_reference.py: end -->"

SETTINGS: Final = {
    "JUMPS_scene_settings": "`scene.jumps`, the panel *Upsample Skeleton*",
    "JUMPS_rig_settings": "`scene.jumps_rig`, the panel *Onto a Rig*",
    "JUMPS_rig_bone": "`scene.jumps_rig.bones`, a line of the list *Bones*",
    "JUMPS_preferences": "`bpy.context.preferences.addons[...].preferences`",
}
"""Groups of properties that scripts may set, and where they are found."""


FILES: Final = {"filepath", "directory", "files"}
"""Hidden in dialogs, since the file browser sets them."""


def properties(known: Any) -> list[Any]:
    """What a script may set, without what Blender adds and hides."""
    own = [each for each in known.properties if each.identifier not in known.base.properties]
    return [each for each in own if each.identifier in FILES or not each.is_hidden]


def default(each: Any) -> str:
    """The value that a property has when nobody sets it."""
    if each.type == "ENUM":
        return str(each.default_flag or "none" if each.is_enum_flag else each.default)
    if each.type in {"POINTER", "COLLECTION"}:
        return "none"
    if each.type == "STRING":
        return "empty" if not each.default else "that of Blender" if each.subtype == "FILE_PATH" else each.default
    return f"{each.default:.6g}" if each.type == "FLOAT" else str(each.default)


def meaning(each: Any) -> str:
    """A property's tooltip, and its choices."""
    choices = ", ".join(f"`{item.identifier}`" for item in getattr(each, "enum_items", ()))
    return ": ".join(text for text in (each.description, choices) if text).replace("|", "\\|")


def table(known: Any) -> Iterator[str]:
    """Properties, a row each."""
    yield from ("", "| Property | What | By default |", "| --- | --- | --- |")
    for each in properties(known):
        yield f"| `{each.identifier}` | {meaning(each)} | {default(each)} |"


def operators(classes: Iterable[type]) -> Iterator[str]:
    """Each operator as it is called, what its tooltip says, and its properties."""
    known = [cls for cls in classes if issubclass(cls, bpy.types.Operator)]
    for name in sorted(str(cls.bl_idname) for cls in known):
        module, _, called = name.partition(".")
        rna = getattr(getattr(bpy.ops, module), called).get_rna_type()
        yield from ("", f"### `bpy.ops.{name}`", "", f"*{rna.name}.* {rna.description}.")
        if properties(rna):
            yield from table(rna)


def groups(classes: Iterable[Any]) -> Iterator[str]:
    """What a scene and the preferences remember."""
    known = {cls.__name__: cls for cls in classes}
    for name, title in SETTINGS.items():
        yield from ("", f"### {title}")
        yield from table(known[name].bl_rna)


def reference() -> str:
    """All tables; the add-on has to be registered."""
    from jumps_blender.ui.registration import CLASSES

    return "\n".join(["", "## Operators", *operators(CLASSES), "", "## Settings", *groups(CLASSES), "", ""])


def replaced(page: str) -> str:
    """The page with the tables of this version; raises ValueError where it has no marks."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{reference()}{END}{after}"


if __name__ == "__main__":
    import jumps_blender

    jumps_blender.register()
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Wrote {PAGE.name}")
    sys.stdout.flush()
    os._exit(0)  # bpy need not be taken down for this
