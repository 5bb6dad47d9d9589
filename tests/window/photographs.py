"""Pictures, taken by whoever started Blender: the story prints what it wants, and waits for the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import bpy

from tests.window.hand import Box, Waits

SUFFIXES: Final = {"picture": ".jpg", "join": ".jpg", "film": ".gif"}
"""Of what comes of an errand."""


def picture(name: str, folder: Path, of: Box | None = None) -> Waits:
    """Have the screen, or a part of the window, photographed."""
    yield 0.7  # all is drawn
    yield from _send("picture", name, folder, [_geometry(of)] if of else [])


def join(name: str, folder: Path, parts: Sequence[str]) -> Waits:
    """Have pictures put side by side."""
    yield from _send("join", name, folder, parts)


def film(name: str, folder: Path, parts: Sequence[str]) -> Waits:
    """Have pictures made into a film."""
    yield from _send("film", name, folder, parts)


def _send(errand: str, name: str, folder: Path, words: Sequence[str]) -> Waits:
    where = (folder / name).with_suffix(SUFFIXES[errand])
    where.unlink(missing_ok=True)
    print(errand, name, *words, flush=True)
    while not where.exists():
        yield 0.1


def _geometry(box: Box) -> str:
    """As X11 writes it, y from the top."""
    height = bpy.context.window_manager.windows[0].height
    return f"{box.width}x{box.height}+{box.left}+{height - box.bottom - box.height}"
