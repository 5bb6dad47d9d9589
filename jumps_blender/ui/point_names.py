"""What a file's own names of points stand for: a line of the import dialog for each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import bpy
from bpy.props import StringProperty

from ..core.body.joint_sets import VOCABULARY

NO_JOINT: Final = "none"
"""Typed for a point that shows no joint."""

MOST_DRAWN: Final = 30
"""Names that fit a screen; scripts can tell of others."""

KNOWN: Final = (NO_JOINT, *(name for name in VOCABULARY if not re.search(r"face_|\d$", name)))


def _known(_line: Any, _context: bpy.types.Context, _edit_text: str) -> list[str]:
    return list(KNOWN)


class JUMPS_point_name(bpy.types.PropertyGroup):
    """A point as the file names it, and the joint that it stands for; empty = as guessed."""

    joint: StringProperty(
        name="Joint",
        description=f"The joint that this point of the file shows; empty as guessed, {NO_JOINT!r} for a point that "
        "shows none",
        search=_known,
    )


def told(lines: Any) -> tuple[tuple[str, str], ...]:
    """What the user says of some names, as `formats.read` takes it."""
    return tuple((line.name, "" if line.joint == NO_JOINT else line.joint) for line in lines if line.joint)


def fill(lines: Any, names: Sequence[str]) -> None:
    """A line for each name of the file; what was said of one stays."""
    if [line.name for line in lines] == list(names):
        return
    said = {line.name: line.joint for line in lines}
    lines.clear()
    for name in names:
        line = lines.add()
        line.name, line.joint = name, said.get(name, "")


def draw_names(layout: bpy.types.UILayout, lines: Any, guesses: dict[str, str]) -> None:
    """The names, each with a field for its joint in which the guess shines through; those without a guess first."""
    column = layout.column(align=True)
    for line in sorted(lines, key=lambda line: bool(guesses.get(line.name)))[:MOST_DRAWN]:
        row = column.split(factor=0.4, align=True)
        row.label(text=line.name, translate=False)
        row.prop(line, "joint", text="", placeholder=guesses.get(line.name) or "no joint")
    if len(lines) > MOST_DRAWN:
        column.label(text=f"and {len(lines) - MOST_DRAWN} more")
