"""Led rigs follow later edits of the performance; and whether one still shows what the performance shows."""

from __future__ import annotations

from typing import Any, Final

import bpy
from bpy.app.handlers import persistent

from ...errors import InputError
from ..actions import keys_digest
from .guide import guides_of, led_by, refresh

_current: Final[dict[str, bool]] = {}
"""What is known of guides, by name, since an Action was last changed."""


def follow(context: bpy.types.Context, source: bpy.types.Object) -> tuple[str, ...]:
    """Let every rig that a performance leads show it as it is now; what could not be done, one text each."""
    said = []
    for guide in guides_of(source):
        try:
            refresh(context, guide)
        except InputError as error:
            said.append(str(error))
    _current.clear()
    return tuple(said)


def is_current(guide: bpy.types.Object) -> bool:
    """Whether the performance's keys are those that the guide was made of."""
    if guide.name not in _current:
        led = led_by(guide)
        source: bpy.types.Object | None = bpy.data.objects.get(led.source)
        _current[guide.name] = source is not None and keys_digest(source) == led.digest
    return _current[guide.name]


@persistent  # type: ignore[misc, unused-ignore]  # Blender's own decorator has no types
def _forget(_scene: Any = None, depsgraph: Any = None, *_: Any) -> None:
    if not isinstance(depsgraph, bpy.types.Depsgraph) or depsgraph.id_type_updated("ACTION"):
        _current.clear()


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
    _current.clear()
