"""The switches of a rig between FK and IK: custom properties of some of its bones."""

from __future__ import annotations

from typing import Any

import bpy

from ..present import pose_bones_of
from .mapping import RigMap
from .rigs import IK, RIGS


def switch_bones(target: bpy.types.Object, rig: RigMap) -> tuple[str, ...]:
    """Bones of the rig that hold switches."""
    names = RIGS[rig.kind].switch_bones() if rig.kind in RIGS else ()
    return tuple(name for name in names if name in pose_bones_of(target))


def switches_of(target: bpy.types.Object, name: str) -> dict[str, float]:
    """What a bone's switches are set to."""
    bone: Any = pose_bones_of(target)[name]
    return {key: float(bone[key]) for key in IK if key in bone}


def switch(target: bpy.types.Object, rig: RigMap, values: dict[str, float]) -> dict[str, dict[str, float]]:
    """Set all of a rig's switches; what they were, by bone."""
    before = {name: switches_of(target, name) for name in switch_bones(target, rig)}
    put_switches(target, dict.fromkeys(before, values))
    return before


def put_switches(target: bpy.types.Object, values: dict[str, dict[str, float]]) -> None:
    """Set switches by bone, as far as they are there; numbers, whole numbers and ticks stay what they are."""
    for name, own in values.items():
        bone: Any = pose_bones_of(target).get(name)
        for key, value in own.items():
            if bone is not None and key in bone:
                bone[key] = type(bone[key])(value)
