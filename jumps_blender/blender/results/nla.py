"""A result's Action as a strip of the NLA."""

from __future__ import annotations

from typing import Any

import bpy

from ...errors import InputError
from ..scene.actions import is_tweaked


def push_down(ob: bpy.types.Object) -> str:
    """Make the object's Action a strip of a new NLA track that shows the same; returns the strip's name.

    Raises:
        InputError: nothing to push down, or the NLA is off.

    """
    animation: Any = ob.animation_data
    if is_tweaked(ob):
        raise InputError(f"A strip of {ob.name!r} is being tweaked: leave tweak mode first (Tab in the NLA editor).")
    if animation is None or animation.action is None:
        raise InputError(f"{ob.name!r} has no Action to push down: assign one first.")
    if not animation.use_nla and len(animation.nla_tracks):
        raise InputError(
            f"The NLA of {ob.name!r} is off, and with a strip more its other strips would show: tick the box before "
            "its name in the NLA editor, and run again."
        )
    mixed = any(len(track.strips) and not track.mute for track in animation.nla_tracks)
    strip = _new_strip(animation)
    if mixed:  # over nothing Blender shows an Action as it is, however it is to be mixed
        _mix_as_action(strip, animation)
    animation.action, animation.use_nla = None, True
    return str(strip.name)


def _new_strip(animation: Any) -> Any:
    """A strip of the Action in a track of its own, where it is in time."""
    action, slot = animation.action, getattr(animation, "action_slot", None)
    first, last = action.curve_frame_range
    track = animation.nla_tracks.new()
    track.name = action.name
    strip = track.strips.new(action.name, int(first), action)
    if slot is not None:
        strip.action_slot = slot
    strip.action_frame_start, strip.action_frame_end = first, last
    strip.frame_start, strip.frame_end = first, last
    strip.extrapolation = "HOLD"
    return strip


def _mix_as_action(strip: Any, animation: Any) -> None:
    """Let a strip act on those below it as the Action did."""
    strip.blend_type, strip.extrapolation = animation.action_blend_type, animation.action_extrapolation
    if animation.action_influence < 1:
        strip.use_animated_influence = True  # the only influence besides those of blending in and out
        (curve,) = (each for each in strip.fcurves if each.data_path == "influence")
        curve.keyframe_points.clear()
        curve.keyframe_points.insert(strip.frame_start, animation.action_influence)
        strip.influence = animation.action_influence


def strip_of(ob: bpy.types.Object) -> str:
    """Name of the topmost NLA strip with an Action, where none is being tweaked; empty where there is none."""
    animation: Any = ob.animation_data
    if animation is None or is_tweaked(ob):
        return ""
    return next((strip.name for track in reversed(animation.nla_tracks) for strip in track.strips if strip.action), "")
