"""The armature that a result was made of, also where it was renamed since."""

from __future__ import annotations

from typing import Any

import bpy

from ..records import result_header, source_header, tracks_header


def origin_of(ob: bpy.types.Object) -> bpy.types.Object | None:
    """The armature that a result was made of; None where it is gone."""
    header = result_header(ob)
    if header is None:
        return None
    named: bpy.types.Object | None = bpy.data.objects.get(header["source"])
    if named is not None and named.type == "ARMATURE":
        return named
    tracks = source_header(ob)
    return next((other for other in bpy.data.objects if tracks and _same(tracks, tracks_header(other))), None)


def _same(tracks: dict[str, Any], others: dict[str, Any] | None) -> bool:
    """Whether two armatures hold the same person of the same file, at the same place."""
    return others is not None and all(tracks[name] == others[name] for name in ("source", "person", "placement"))
