"""The switches of a rig between FK and IK: custom properties of some of its bones."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import bpy

from ..scene.present import pose_bones_of
from .mapping import RigMap
from .rigs import FK, IK, RIGS, Limb


def limbs_of(target: bpy.types.Object, rig: RigMap) -> tuple[Limb, ...]:
    """The rig's limbs that can be switched."""
    limbs = RIGS[rig.kind].ik_limbs() if rig.kind in RIGS else ()
    return tuple(limb for limb in limbs if limb.switch in pose_bones_of(target))


def switches_of(target: bpy.types.Object, name: str) -> dict[str, float]:
    """What a bone's switches are set to."""
    bone: Any = pose_bones_of(target)[name]
    return {key: float(bone[key]) for key in IK if key in bone}


def switch(target: bpy.types.Object, rig: RigMap, by_ik: Collection[Limb]) -> dict[str, dict[str, float]]:
    """Let some of a rig's limbs follow by IK and all others by FK; what the switches were, by bone."""
    limbs = limbs_of(target, rig)
    before = {limb.switch: switches_of(target, limb.switch) for limb in limbs}
    put_switches(target, {limb.switch: IK if limb in by_ik else FK for limb in limbs})
    return before


def put_switches(target: bpy.types.Object, values: dict[str, dict[str, float]]) -> None:
    """Set switches by bone, as far as they are there; numbers, whole numbers and ticks stay what they are."""
    for name, own in values.items():
        bone: Any = pose_bones_of(target).get(name)
        for key, value in own.items():
            if bone is not None and key in bone:
                bone[key] = type(bone[key])(value)
