"""Sample sheets: pictures of windows, to see what training has learnt so far."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from jumps_blender.core.body.skeleton import JOINTS, PARENTS

CELL: Final = 150
"""Pixels of a window's picture."""

MARGIN: Final = 18
FRAMES: Final = (0, 8, 16, 23)
"""Frames of a window that are drawn, the later the darker."""

_REACH: Final = 1.1
"""Normalised units from a picture's middle to its border."""

_COLOURS: Final = {"left": (200, 60, 40), "right": (40, 90, 200), "axial": (60, 60, 60)}


def draw_sheet(rows: Mapping[str, np.ndarray]) -> Image.Image:
    """A picture with one row of windows (n, 24, 28, 2) in normalised units for each title."""
    columns = max(len(windows) for windows in rows.values())
    sheet = Image.new("RGB", (columns * CELL, len(rows) * (CELL + MARGIN)), "white")
    drawing = ImageDraw.Draw(sheet)
    for number, (title, windows) in enumerate(rows.items()):
        top = number * (CELL + MARGIN)
        drawing.text((4, top + 3), title, fill="black")
        for column, window in enumerate(windows):
            _draw_window(drawing, window, (column * CELL, top + MARGIN))
    return sheet


def _draw_window(drawing: ImageDraw.ImageDraw, window: np.ndarray, corner: tuple[int, int]) -> None:
    """The bones of some frames, left and right in their own colours."""
    points = np.clip((window + _REACH) / (2 * _REACH), 0, 1) * CELL + corner
    for age, frame in enumerate(reversed(FRAMES)):
        for joint, parent in reversed(list(enumerate(PARENTS))):
            if parent >= 0:
                ends = [tuple(map(float, points[frame, end])) for end in (joint, parent)]
                drawing.line(ends, fill=_colour(joint, 1 - 0.28 * age), width=2 if age == 0 else 1)


def _colour(joint: int, strength: float) -> tuple[int, int, int]:
    side = JOINTS[joint].split("_")[0]
    red, green, blue = _COLOURS.get(side if side in _COLOURS else "axial", _COLOURS["axial"])
    fade = [round(255 - strength * (255 - value)) for value in (red, green, blue)]
    return fade[0], fade[1], fade[2]


def write_sheet(path: Path, rows: Mapping[str, np.ndarray]) -> None:
    """Write a sheet as PNG; a kill leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    draw_sheet(rows).save(partial, format="PNG")
    partial.replace(path)
