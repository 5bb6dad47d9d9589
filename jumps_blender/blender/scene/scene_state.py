"""Work that needs another mode, active object or visibility, and leaves all as the user had it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import bpy

from .present import layer_of


@contextmanager
def object_mode(context: bpy.types.Context) -> Iterator[None]:
    """Be in object mode; mode, active object and selection are afterwards as before, of what is still there."""
    layer = layer_of(context)
    active = layer.objects.active
    mode = active.mode if active else "OBJECT"
    # Not names: an object that is linked from another file may have the same one.
    first = [active.session_uid] if active else []
    together = [ob.session_uid for ob in layer.objects if ob.mode == mode] if mode != "OBJECT" else []
    selected = [ob.session_uid for ob in layer.objects if ob.select_get()]
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        yield
    finally:
        if context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        layer = layer_of(context)  # an undo may have replaced it
        there = next(iter(_found(layer, first)), None)
        layer.objects.active = there
        if mode != "OBJECT" and there:
            select_only(layer, _found(layer, together))
            bpy.ops.object.mode_set(mode=mode)
        select_only(layer, _found(layer, selected))


def _found(layer: bpy.types.ViewLayer, uids: Sequence[int]) -> list[bpy.types.Object]:
    return [ob for ob in layer.objects if ob.session_uid in uids]


def select_only(layer: bpy.types.ViewLayer, objects: list[bpy.types.Object]) -> None:
    """Select these objects of the view layer and no other."""
    for ob in layer.objects:
        if ob.select_get() != (ob in objects):
            ob.select_set(ob in objects)


def make_active(context: bpy.types.Context, made: Sequence[bpy.types.Object]) -> None:
    """Select what was made, as Blender's importers do; not while the user works in another mode."""
    layer = layer_of(context)
    there = [ob for ob in made if ob in layer.objects.values()]
    if context.mode == "OBJECT" and there:
        select_only(layer, there)
        layer.objects.active = there[0]
