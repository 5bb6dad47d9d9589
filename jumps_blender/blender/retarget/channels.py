"""From a motion to channels of the controls that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np

from ..scene.actions import CONSTANT, Curve
from ..scene.present import bones_of
from .mapping import RigMap
from .motion import Motion
from .rigs import Limb
from .rotations import across, angle_about, apply, quaternions, turn, unit
from .steady import within

LAYER: Final = "jumps_layer"
"""Custom property of a bone: its layer, 0 = that of the torso, greater = nearer to the viewer."""

STRAIGHT: Final = 0.05
"""How much the rest counts for the side to which a pole lies, beside the bend of the limb in limb lengths."""

WRONG_WAY: Final = np.radians(30)
"""How far a pole lies from where the roll of its limb puts it: one that seems to bend backwards does not turn round."""


@dataclass(frozen=True)
class Control:
    """A bone of the rig that gets keys: it turns as a joint does; the root and the ends of IK limbs are moved, too.

    `limb`: of a pole, which is moved only.
    """

    bone: str
    joint: str
    moves: bool
    limb: Limb | None = None


def controls(
    target: bpy.types.Object, rig: RigMap, motion: Motion, limbs: tuple[Limb, ...] = ()
) -> tuple[Control, ...]:
    """The rig's bones that get keys, the root first; `limbs` with IK in the place of FK."""
    joints = [part.joint for part in motion.rest.segments]
    root = Control(_free(bones_of(target)[rig.root or rig.bones[joints[0]]]).name, joints[0], moves=True)
    replaced = {joint for limb in limbs for joint in limb.joints}
    tips = {limb.beyond: limb.tip for limb in limbs if limb.tip}
    own = (Control(tips.get(joint, rig.bones[joint]), joint, moves=False) for joint in joints if joint not in replaced)
    ends = (Control(limb.end, limb.joints[2], moves=True) for limb in limbs)
    poles = (Control(limb.pole, limb.joints[0], moves=True, limb=limb) for limb in limbs)
    return (root, *(control for control in own if control.bone != root.bone), *ends, *poles)


def _free(bone: bpy.types.Bone) -> bpy.types.Bone:
    """The bone that moves this one: where it is connected, its location counts for nothing, and its parent's does."""
    while bone.use_connect and bone.parent:
        bone = bone.parent
    return bone


def curves_of(control: Control, rest: np.ndarray, target: bpy.types.Object, rig: RigMap, motion: Motion) -> list[Curve]:
    """What a bone does that copies a control, and has the rest matrix (4, 4), in the space of the rig."""
    own = np.array(bones_of(target)[control.bone].matrix_local)
    heads = _heads(control, own[:3, 3], target, rig, motion)
    found = []
    if heads is not None:
        found += _axes(control.bone, "location", motion.frames, (heads - rest[:3, 3]) @ rest[:3, :3])
    if control.limb:
        return found
    turned = quaternions(rest[:3, :3].T @ motion.rotations[control.joint] @ own[:3, :3])
    found += _axes(control.bone, "rotation_quaternion", motion.frames, turned)
    if control.joint in motion.stretch:
        found.append(Curve(control.bone, 1, motion.frames, motion.stretch[control.joint], "scale"))
    if control.joint in motion.layers:
        found.append(layer_curve(control.bone, motion.frames, motion.layers[control.joint]))
    return found


def layer_curve(bone: str, frames: np.ndarray, layers: np.ndarray) -> Curve:
    """Keys of a bone's layer where it changes."""
    changed = np.flatnonzero(np.concatenate([[True], np.diff(layers) != 0]))
    return Curve(bone, 0, frames[changed], layers[changed], f'["{LAYER}"]', CONSTANT)


def _axes(bone: str, channel: str, frames: np.ndarray, values: np.ndarray) -> list[Curve]:
    return [Curve(bone, axis, frames, values[:, axis], channel) for axis in range(values.shape[1])]


def _heads(
    control: Control, head: np.ndarray, target: bpy.types.Object, rig: RigMap, motion: Motion
) -> np.ndarray | None:
    """Where a control's head goes (frames, 3); None where it only turns."""
    if control.limb:
        return _pole_heads(head, target, rig, control.limb, motion)
    return _moved_heads(head, target, rig, control, motion) if control.moves else None


def _moved_heads(
    head: np.ndarray, target: bpy.types.Object, rig: RigMap, control: Control, motion: Motion
) -> np.ndarray:
    """Where a control's head goes, so that the joint it carries comes to its place."""
    is_root = control.bone == rig.root
    joint = rig.carried if is_root and rig.carried in motion.heads else control.joint
    anchor = np.array(bones_of(target)[rig.place_of(joint)].head_local, float)
    return motion.heads[joint] - apply(motion.rotations[control.joint], anchor - head)


def _pole_heads(head: np.ndarray, target: bpy.types.Object, rig: RigMap, limb: Limb, motion: Motion) -> np.ndarray:
    """Where a pole goes: out from the hinge, in the limb's plane; of a straight limb, as it rests."""
    upper, hinge, end = (motion.heads[joint] for joint in limb.joints)
    reach = head - np.array(bones_of(target)[rig.place_of(limb.joints[1])].head_local, float)
    line = unit(end - upper)
    length = np.linalg.norm(hinge - upper, axis=-1, keepdims=True)
    bend = across(hinge - upper, line) / np.maximum(length, 1e-9)
    rest = unit(across(apply(motion.rotations[limb.joints[0]], unit(reach)), line))
    aside = within(angle_about(line, rest, bend + STRAIGHT * rest), WRONG_WAY)
    return hinge + apply(turn(line, aside), rest) * np.linalg.norm(reach)
