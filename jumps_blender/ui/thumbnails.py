"""Strips of poses as icons: made when they are first drawn, and gone when the dialog is."""

from __future__ import annotations

from typing import Final

import bpy
import bpy.utils.previews

from .strips import SIZE, Strip, picture

MOST: Final = 32
"""Strips that are kept, as one looks at file after file."""


class _Shelf:
    """The icons of the strips drawn so far. The strips are kept with them, so that an address never means another."""

    def __init__(self) -> None:
        self.previews = bpy.utils.previews.new()
        self.icons: dict[int, tuple[Strip, tuple[int, ...]]] = {}

    def icons_of(self, strip: Strip) -> tuple[int, ...]:
        if id(strip) not in self.icons:
            made = tuple(self._icon(strip, number) for number in range(len(strip.poses)))
            self.icons[id(strip)] = (strip, made)
        return self.icons[id(strip)][1]

    def _icon(self, strip: Strip, number: int) -> int:
        preview = self.previews.new(f"{id(strip)} {number}")
        preview.image_size = (SIZE, SIZE)
        preview.image_pixels_float.foreach_set(picture(strip, number).ravel())  # type: ignore[attr-defined]
        return int(preview.icon_id)


_SHELVES: list[_Shelf] = []


def icons_of(strip: Strip) -> tuple[int, ...]:
    """An icon for each pose of a strip; 0 where Blender has no window."""
    if _SHELVES and len(_SHELVES[0].icons) >= MOST:
        free_icons()
    if not _SHELVES:
        _SHELVES.append(_Shelf())
    return _SHELVES[0].icons_of(strip)


def free_icons() -> None:
    """Remove all of them."""
    for shelf in _SHELVES:
        bpy.utils.previews.remove(shelf.previews)
    _SHELVES.clear()
