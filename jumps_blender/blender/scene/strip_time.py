"""Frames of an Action and frames of the scene, which differ while a strip of the NLA is tweaked that was moved."""

from __future__ import annotations

from typing import Any

import bpy

from .actions import is_tweaked


def in_action(ob: bpy.types.Object, frame: float) -> float:
    """A frame of the scene as one of the object's Action."""
    return _across(ob, frame, invert=True)


def in_scene(ob: bpy.types.Object, frame: float) -> float:
    """A frame of the object's Action as one of the scene."""
    return _across(ob, frame, invert=False)


def _across(ob: bpy.types.Object, frame: float, invert: bool) -> float:
    animation: Any = ob.animation_data
    return float(animation.nla_tweak_strip_time_to_scene(frame, invert=invert)) if is_tweaked(ob) else frame
