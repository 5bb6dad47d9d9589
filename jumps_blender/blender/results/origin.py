"""The armature that a result was made of, also where it was renamed since."""

from __future__ import annotations

from typing import Any

import bpy

from ..records import result_header, source_header, tracks_header


def origin_of(ob: bpy.types.Object) -> bpy.types.Object | None:
    """The armature that a result was made of; None where it is gone.

    One of its name that holds other tracks may have been imported later, and is it only where no other can be.
    """
    header, tracks = result_header(ob), source_header(ob)
    if header is None:
        return None
    named: bpy.types.Object | None = bpy.data.objects.get(header["source"])
    if named is not None and named.type != "ARMATURE":
        named = None
    if tracks is None or (named is not None and _same(tracks, tracks_header(named))):
        return named
    return next((other for other in bpy.data.objects if _same(tracks, tracks_header(other))), named)


def _same(tracks: dict[str, Any], others: dict[str, Any] | None) -> bool:
    """Whether two armatures hold the same person of the same file, at the same place."""
    return others is not None and all(tracks[name] == others[name] for name in ("source", "person", "placement"))
