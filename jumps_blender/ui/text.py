"""Text in panels, which do not wrap it themselves."""

from __future__ import annotations

import textwrap
from typing import Final, Literal

import bpy

WIDTH: Final = 40
"""Characters that fit a sidebar of usual width."""


def draw_paragraph(
    layout: bpy.types.UILayout, text: str, icon: Literal["NONE", "INFO", "ERROR", "CHECKMARK"] = "NONE"
) -> None:
    """Draw a text over as many lines as it needs, the icon at the first."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    for i, line in enumerate(textwrap.wrap(text, WIDTH)):
        column.label(text=line, icon=icon if i == 0 else "BLANK1", translate=False)
