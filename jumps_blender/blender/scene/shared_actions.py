"""Objects that share an Action, as linked duplicates do: what is done to one leaves the others alone."""

from __future__ import annotations

from typing import Any

import bpy

from ...errors import InputError
from .actions import is_tweaked


def sharers(ob: bpy.types.Object) -> tuple[str, ...]:
    """Other objects that move by the same keys, in their Action or an NLA strip; another slot's keys are others."""
    animation: Any = ob.animation_data
    if animation is None or animation.action is None:
        return ()
    own = _keys_of(animation)
    return tuple(other.name for other in bpy.data.objects if other != ob and own in _all_keys(other))


def own_action(ob: bpy.types.Object) -> None:
    """Give an object whose Action others share one of its own, as Blender's Make Single User does; to be edited then.

    Raises:
        InputError: the Action is that of a strip which is tweaked.

    """
    refuse_shared_strip(ob)
    if not sharers(ob):
        return
    animation: Any = ob.animation_data
    slot = getattr(animation, "action_slot", None)
    own = animation.action.copy()
    own.use_fake_user = True
    animation.action = own
    if slot is not None:
        animation.action_slot = own.slots[slot.identifier]


def refuse_shared_strip(ob: bpy.types.Object) -> None:
    """Raise InputError for a strip that is tweaked while others share its Action: it can be given no other."""
    others = sharers(ob)
    if others and is_tweaked(ob):
        raise InputError(
            f"The strip of {ob.name!r} shares its Action with {others[0]!r}: leave tweak mode (Tab), make the strip's "
            "Action single-user in the NLA's sidebar, and tweak it again."
        )


def action_of(ob: bpy.types.Object) -> str:
    """Name of the object's Action; empty without any."""
    return ob.animation_data.action.name if ob.animation_data and ob.animation_data.action else ""


def _all_keys(ob: bpy.types.Object) -> set[tuple[str, int]]:
    """What an object moves by."""
    animation: Any = ob.animation_data
    if animation is None:
        return set()
    users = [animation, *(strip for track in animation.nla_tracks for strip in track.strips)]
    return {_keys_of(user) for user in users if user.action}


def _keys_of(user: Any) -> tuple[str, int]:
    """An Action by its name, which of another file's tells that, and which slot of it."""
    slot = getattr(user, "action_slot", None)
    return user.action.name_full, slot.handle if slot else 0
