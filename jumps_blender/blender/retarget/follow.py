"""Led rigs follow later edits of the performance; and whether one still shows what the performance shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import bpy
from bpy.app.handlers import persistent

from ...errors import InputError
from ..scene.actions import keys_digest
from ..scene.handles import Handle
from ..scene.slices import WHOLE, Slices
from .guide import Led, guides_of, refreshing


@dataclass(frozen=True)
class _Seen:
    """What the keys of an Action, by name, came to: those of a long clip take a while to read."""

    action: str
    digest: int


_seen: Final[dict[str, _Seen]] = {}
"""By the performance's name, until its Action changes."""


def following(context: bpy.types.Context, source: bpy.types.Object, seconds: float = WHOLE) -> Slices[tuple[str, ...]]:
    """Let every rig that a performance leads show it as it is now, in slices; what could not be done, one text each."""
    said, name = [], source.name
    for guide in [Handle.of(guide) for guide in guides_of(source)]:
        try:
            yield from refreshing(context, guide.find, seconds)
        except InputError as error:
            said.append(str(error))
    _seen.pop(name, None)
    return tuple(said)


def is_current(led: Led) -> bool:
    """Whether the performance's keys are those that a guide was made of."""
    source: bpy.types.Object | None = bpy.data.objects.get(led.source)
    action = source.animation_data.action if source and source.animation_data else None
    if source is None or action is None:  # strips alone, as when it was read, or none of both
        return source is not None and not led.digest
    if led.source not in _seen or _seen[led.source].action != action.name:
        _seen[led.source] = _Seen(action.name, keys_digest(source))
    return _seen[led.source].digest == led.digest


@persistent  # type: ignore[misc, unused-ignore]  # Blender's own decorator has no types
def _forget(_scene: Any = None, depsgraph: Any = None, *_: Any) -> None:
    """Look anew at guides of Actions that changed; after undo, redo and loading, at all."""
    if not isinstance(depsgraph, bpy.types.Depsgraph):
        _seen.clear()
    elif depsgraph.id_type_updated("ACTION"):
        changed = {update.id.name for update in depsgraph.updates if isinstance(update.id, bpy.types.Action)}
        for name in [name for name, seen in _seen.items() if seen.action in changed]:
            del _seen[name]


def _lists() -> tuple[list[Any], ...]:
    handlers = bpy.app.handlers
    return handlers.depsgraph_update_post, handlers.undo_post, handlers.redo_post, handlers.load_post


def add_following() -> None:
    """Take note of changed Actions."""
    for handlers in _lists():
        handlers.append(_forget)


def remove_following() -> None:
    """Undo `add_following`."""
    for handlers in _lists():
        if _forget in handlers:
            handlers.remove(_forget)
    _seen.clear()
