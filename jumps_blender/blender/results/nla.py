"""A result's Action as a strip of the NLA."""

from __future__ import annotations

from typing import Any

import bpy

from ...errors import InputError
from ..scene.actions import is_tweaked


def push_down(ob: bpy.types.Object) -> str:
    """Make the object's Action a strip of a new NLA track, where it is in time; returns the strip's name.

    Raises:
        InputError: nothing to push down.

    """
    animation: Any = ob.animation_data
    if is_tweaked(ob):
        raise InputError(f"A strip of {ob.name!r} is being tweaked: leave tweak mode first (Tab in the NLA editor).")
    if animation is None or animation.action is None:
        raise InputError(f"{ob.name!r} has no Action to push down: assign one first.")
    action, slot = animation.action, getattr(animation, "action_slot", None)
    first, last = action.frame_range
    track = animation.nla_tracks.new()
    track.name = action.name
    strip = track.strips.new(action.name, int(first), action)
    if slot is not None:
        strip.action_slot = slot
    strip.action_frame_start, strip.action_frame_end = first, last
    strip.frame_start, strip.frame_end = first, last
    strip.blend_type, strip.extrapolation = animation.action_blend_type, animation.action_extrapolation
    animation.action = None
    return str(strip.name)


def strip_of(ob: bpy.types.Object) -> str:
    """Name of the topmost NLA strip with an Action, where none is being tweaked; empty where there is none."""
    animation: Any = ob.animation_data
    if animation is None or is_tweaked(ob):
        return ""
    return next((strip.name for track in reversed(animation.nla_tracks) for strip in track.strips if strip.action), "")
