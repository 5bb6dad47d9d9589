"""Text in panels, which do not wrap it themselves."""

from __future__ import annotations

import textwrap
from typing import Final, Literal

import bpy

GLYPH: Final = 6.2
"""Width of a letter, on the average, in pixels at scale 1."""

MARGIN: Final = 86.0
"""Pixels at scale 1 that a sidebar keeps free beside a text in a box with an icon."""

NARROWEST: Final = 20
"""Characters that a line holds at least, and where there is no region to measure."""


def draw_paragraph(
    context: bpy.types.Context,
    layout: bpy.types.UILayout,
    text: str,
    icon: Literal["NONE", "INFO", "ERROR", "CHECKMARK"] = "NONE",
    width: float | None = None,
) -> None:
    """Draw a text over as many lines as it needs, the icon at the first.

    `width` is that of a dialog, in pixels at scale 1; without it that of the region at hand counts.
    """
    column = layout.column(align=True)
    column.scale_y = 0.8
    whole = bpy.app.translations.pgettext_iface(text)
    for i, line in enumerate(textwrap.wrap(whole, _characters(context, width))):
        column.label(text=line, icon=icon if i == 0 or icon == "NONE" else "BLANK1", translate=False)


def draw_automatic(layout: bpy.types.UILayout, value: str) -> None:
    """Draw below a property that is 0 what it then comes to, beside the names of split properties."""
    split = layout.split(factor=0.4)
    split.label(text="")
    split.label(text=f"0: {value}", translate=False)


def counted(count: int, thing: str) -> str:
    """So many of a thing whose plural ends in s, for people to read."""
    return f"{count:,} {thing if count == 1 else f'{thing}s'}"


def _characters(context: bpy.types.Context, width: float | None) -> int:
    """Characters that fit a line; Blender cuts off what is longer."""
    if width is None:
        if context.region is None or context.preferences is None:
            return NARROWEST
        width = context.region.width / context.preferences.system.ui_scale
    return max(NARROWEST, int((width - MARGIN) / GLYPH))
