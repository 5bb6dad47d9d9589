"""Objects that are out of sight: in which ways, and how they are shown again."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from .present import layer_of, scene_of


def why_out_of_sight(context: bpy.types.Context, ob: bpy.types.Object) -> str:
    """What of more than the object itself hides it, and what to do; empty where it can be shown."""
    layer = layer_of(context)
    if ob.name not in scene_of(context).objects or scene_of(context).objects[ob.name] != ob:
        home = next((scene.name for scene in ob.users_scene), "")
        return f"{ob.name!r} is in the scene {home!r}: go there" if home else f"{ob.name!r} is in no scene any more"
    homes = [home for home in _homes(layer.layer_collection) if ob in home[-1].collection.objects.values()]
    said = [_hiding(home) for home in homes]
    return said[0] if said and all(said) else ""


def _homes(*path: bpy.types.LayerCollection) -> Iterator[tuple[bpy.types.LayerCollection, ...]]:
    """Every collection of a view layer, with those that it lies in before it."""
    yield path
    for child in path[-1].children:
        yield from _homes(*path, child)


def _hiding(path: tuple[bpy.types.LayerCollection, ...]) -> str:
    """Which collection of a path hides what is in the last one, and what to do; empty where none does."""
    for home in path:
        if home.exclude:
            return f"The collection {home.name!r} is excluded from this view layer: tick its box in the Outliner"
        if home.hide_viewport or home.collection.hide_viewport:
            return f"The collection {home.name!r} is hidden: show it in the Outliner, by its eye or its screen"
        if home.collection.hide_select:
            return f"Nothing in the collection {home.name!r} can be selected: allow it by its arrow in the Outliner"
    return ""


def show(context: bpy.types.Context, ob: bpy.types.Object) -> bool:
    """Let an object be seen and selected, in the local view too if there is one; whether it was hidden."""
    layer, view = layer_of(context), context.space_data
    local = view if isinstance(view, bpy.types.SpaceView3D) and view.local_view else None
    hidden = ob.hide_get(view_layer=layer) or ob.hide_viewport or ob.hide_select
    ob.hide_viewport = ob.hide_select = False
    ob.hide_set(False, view_layer=layer)
    if local:
        ob.local_view_set(local, True)
    return hidden
