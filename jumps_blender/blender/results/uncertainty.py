"""How far joints of a result may be off as keyed custom properties of its bones, for drivers, scripts and renders."""

from __future__ import annotations

from typing import Any, Final

import bpy
import numpy as np

from ...core.body.skeleton import JOINTS
from ...errors import InputError
from ..records import ResultRecord, stored_result
from ..scene.actions import Curve, put_curves
from ..scene.present import pose_bones_of
from ..scene.shared_actions import own_action

STD: Final = "jumps_std"
"""Custom property of pose bones: one standard deviation per axis, in armature units."""

_ABOUT: Final = (
    "How far the joint may be off, as JUMPS estimates it: one standard deviation per axis, in armature units"
)


def has_uncertainty(ob: bpy.types.Object) -> bool:
    """Whether it is keyed."""
    return any(bone.get(STD) is not None for bone in pose_bones_of(ob))


def key_uncertainty(ob: bpy.types.Object) -> int:
    """Key it on every bone, in the result's Action; what was keyed before is replaced. Returns the number of keys.

    Raises:
        InputError: no result, one that estimated nothing, or one without an Action to write to.

    """
    record = stored_result(ob)
    if record is None or record.std is None:
        raise InputError(
            f"{ob.name!r} does not know how far its joints may be off: upsample with Balanced or Best, which tell."
        )
    if not _has_keys(ob):
        raise InputError(f"{ob.name!r} has no Action to key it in: assign its Action again, or tweak its NLA strip.")
    own_action(ob)
    curves = uncertainty_curves(record)
    put_curves(ob, curves, [curve.path for curve in curves])
    show_uncertainty(ob, record)
    return int(record.std.size)


def show_uncertainty(ob: bpy.types.Object, record: ResultRecord) -> None:
    """Give every bone the property that the keys are of."""
    assert record.std is not None
    for bone in pose_bones_of(ob):
        if bone.name in JOINTS:
            bone[STD] = float(record.std[0, JOINTS.index(bone.name)])
            ui: Any = bone.id_properties_ui(STD)
            ui.update(description=_ABOUT, min=0.0, precision=4)
    ob.update_tag()  # or drivers do not know of the property yet


def clear_uncertainty(ob: bpy.types.Object) -> None:
    """Take the properties and their keys away."""
    if _has_keys(ob):
        own_action(ob)
        put_curves(ob, [], [_curve(joint, _NONE, _NONE).path for joint in JOINTS])
    for bone in pose_bones_of(ob):
        if bone.get(STD) is not None:
            del bone[STD]


def _has_keys(ob: bpy.types.Object) -> bool:
    """Whether the object has an Action and, since Blender 4.4, a slot of it."""
    animation: Any = ob.animation_data
    return bool(animation and animation.action and getattr(animation, "action_slot", True))


def uncertainty_curves(record: ResultRecord) -> list[Curve]:
    """The keys of a result that knows how far its joints may be off."""
    assert record.std is not None
    frames = record.timing.frames(len(record.std))
    return [_curve(joint, frames, record.std[:, i]) for i, joint in enumerate(JOINTS)]


def _curve(joint: str, frames: np.ndarray, values: np.ndarray) -> Curve:
    return Curve(joint, 0, frames, values, channel=f'["{STD}"]')


_NONE: Final = np.empty(0)
