"""A copy of an object's Action that nobody uses yet: worked over in slices out of sight, and taken in one go.

Until then the object moves as before, whatever happens meanwhile; and Blender evaluates the new keys once, not after
each slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final
from uuid import uuid4

import bpy

from .actions import Curve, discard_action, draft_action, put_curves
from .fcurves import Animated, slot_of
from .shared_actions import own_action, refuse_shared_strip, sharers
from .slices import WHOLE, Clock, Slices
from .stamps import Stamp, changed, unchanged

_OF_ASSETS: Final = ("author", "catalog_id", "copyright", "description", "license")


@dataclass(frozen=True)
class Draft:
    """The copy, by its name and that of its slot, None in Blender 4.3 and before; for whoever knows an object's Action.

    `of` is the name of the object.
    """

    name: str
    slot: str | None
    of: str

    @property
    def animation_data(self) -> Any:
        """What an object would have that moved by it.

        Raises:
            InputError: it is gone, as after an undo.

        """
        action: Any = bpy.data.actions.get(self.name)
        if action is None:
            raise changed(self.of)
        slot = None if self.slot is None else action.slots[self.slot]
        return SimpleNamespace(action=action, action_slot=slot, nla_tracks=())


@contextmanager
def drafted(find: Callable[[], bpy.types.Object], stamp: Stamp, seconds: float) -> Iterator[Animated]:
    """A draft of an object's Action, which is taken once all is well; nothing stays of one that is not.

    Where nobody watches, it is the Action itself: scripts may hold on to that. Where others share the Action, they keep
    it, and the object gets one of its own.

    Args:
        find: finds the object, anew for each slice.
        stamp: of the object, which has to be the same then.
        seconds: of a slice.

    Raises:
        InputError: the object was changed meanwhile; the Action is that of a strip which is tweaked, and others share
            it; and what `find` raises. Nothing was changed.

    """
    if seconds == WHOLE:
        own_action(find())
        yield find()
        return
    refuse_shared_strip(find())
    draft = _copy(find())
    try:
        yield draft
        _take(unchanged(find, stamp), draft)
    finally:
        discard_action(draft.name)


def drafting_over(
    find: Callable[[], bpy.types.Object], curves: Sequence[Curve], replaced: Sequence[str], seconds: float = WHOLE
) -> Slices[Draft]:
    """Draft what an object's Action holds, but for channels of some bones, and new keys; in slices of so many seconds.

    Whoever asked takes the draft by `take_over`, or discards it.

    Args:
        find: finds the object, anew for each slice.
        curves: the new keys.
        replaced: beginnings of data paths; the Action's curves below them are not taken over.
        seconds: of a slice.

    """
    animation: Any = find().animation_data
    if animation is None or animation.action is None:
        name = yield from draft_action(curves, seconds)
        slot = slot_of(bpy.data.actions[name])
        return Draft(name, slot.identifier if slot else None, find().name)
    draft, clock = _copy(find()), Clock(seconds)
    try:
        yield
        put_curves(draft, [], (*replaced, *(curve.path for curve in curves)))
        for curve in curves:
            if clock.over:
                yield
                clock.restart()
            put_curves(draft, [curve], ())
    except BaseException:
        discard_action(draft.name)
        raise
    return draft


def take_over(ob: bpy.types.Object, draft: Draft, name: str) -> str:
    """Give an object the draft as a new Action; return the name that it got. The present one is kept with the file."""
    animation: Any = ob.animation_data_create()
    there, present = draft.animation_data, animation.action
    there.action.name = name
    there.action.use_fake_user = present is None or present.use_fake_user
    if present is not None and not present.library:
        present.use_fake_user = True
    animation.action = there.action
    if there.action_slot is not None:
        animation.action_slot = there.action_slot
        if present is None:
            there.action_slot.name_display = ob.name
    return str(there.action.name)


def _copy(ob: bpy.types.Object) -> Draft:
    animation: Any = ob.animation_data
    slot, action = getattr(animation, "action_slot", None), animation.action.copy()
    action.name, action.use_fake_user = f"JUMPS {uuid4()}", False
    if slot is None and hasattr(action, "slots"):
        slot = action.slots.new(id_type="OBJECT", name=ob.name)
    return Draft(action.name, slot.identifier if slot else None, ob.name)


def _take(ob: bpy.types.Object, draft: Draft) -> None:
    """Let an object move by the draft of its Action, which is gone then unless others share it."""
    animation: Any = ob.animation_data
    there, old = draft.animation_data, animation.action
    name, new, shared = old.name, there.action, bool(sharers(ob))
    new.use_fake_user = old.use_fake_user or shared
    if shared:
        animation.action = new
        if there.action_slot is not None:
            animation.action_slot = there.action_slot
    else:
        _mark_asset(old, new)
        old.user_remap(new)
        bpy.data.actions.remove(old)
    new.name = name


def _mark_asset(old: Any, new: Any) -> None:
    """Let an Action be an asset as another is; Blender's copies are none."""
    told = old.asset_data
    if told:
        new.asset_mark()
        for name in _OF_ASSETS:
            setattr(new.asset_data, name, getattr(told, name))
        for tag in told.tags:
            new.asset_data.tags.new(tag.name)
