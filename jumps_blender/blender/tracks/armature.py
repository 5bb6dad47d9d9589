"""An armature with one bone per joint: unparented, its head at the joint, stretched towards the child joint.

All bones rest at the origin along +Y, so that a bone's location channels are the joint's X, Y and Z in armature space,
and its two keyed channels, 0 and 2, the point of the picture plane.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import bpy
import numpy as np
from mathutils import Vector

from ...core.body.joint_sets import child_of
from ..scene.actions import Curve, write_keys
from ..scene.present import bones_of, layer_of, pose_bones_of, scene_of
from ..scene.scene_state import object_mode

BONE_LENGTH: Final = 0.05
"""Length of the bone at the end of a limb, in heights of the person; the others reach their child."""

BONE_THICKNESS: Final = 0.012
"""Thickness of the bones, in heights of the person; those of Blender's usual shape would be as thin as hair."""

SIDE_COLOURS: Final[dict[str, Literal["THEME01", "THEME04"]]] = {"left": "THEME04", "right": "THEME01"}
"""Bone colours by side; axial bones keep the default."""


def build_armature(context: bpy.types.Context, name: str, joints: tuple[str, ...], height: float) -> bpy.types.Object:
    """A new armature object in the active collection, with a bone for each joint.

    Args:
        context: its mode, active object and selection stay.
        name: of object and armature; Blender makes it unique.
        joints: the bones' names.
        height: of the person, in armature units.

    """
    armature = bpy.data.armatures.new(name)
    ob = bpy.data.objects.new(name, armature)
    ob.show_in_front = True
    length = BONE_LENGTH * height
    with object_mode(context):
        scene_of(context).collection.objects.link(ob)
        layer_of(context).objects.active = ob
        bpy.ops.object.mode_set(mode="EDIT")
        for joint in joints:
            armature.edit_bones.new(joint).tail = Vector((0.0, length, 0.0))
        bpy.ops.object.mode_set(mode="OBJECT")
    armature.display_type = "BBONE"
    for bone in armature.bones:
        bone.bbone_x = bone.bbone_z = BONE_THICKNESS * height
        bone.color.palette = SIDE_COLOURS.get(bone.name.partition("_")[0], "DEFAULT")
    if context.collection and takes_in(context.collection):
        move_to(ob, context.collection)
    return ob


def takes_in(collection: bpy.types.Collection | None) -> bool:
    """Whether objects can be put into a collection: not into one of another file, overridden or not."""
    return collection is not None and not collection.library and not collection.override_library


def move_to(ob: bpy.types.Object, collection: bpy.types.Collection) -> None:
    """Leave the object in this collection only."""
    if collection not in ob.users_collection:  # not by name: an object of another file may have the same
        collection.objects.link(ob)
    for other in ob.users_collection:
        if other != collection:
            other.objects.unlink(ob)


def key_joints(
    ob: bpy.types.Object, action_name: str, joints: tuple[str, ...], points: np.ndarray, frames: np.ndarray
) -> None:
    """Key the bones in a new Action, and stretch each towards its child joint.

    Args:
        ob: an armature with these joints as bones.
        action_name: of the new Action.
        joints: as in `joint_curves`, and so are points and frames.
        points: (frames, joints, 2).
        frames: (frames,).

    """
    curves = joint_curves(joints, points, frames)
    write_keys(ob, action_name, curves)
    join_bones(ob, joints, curves)


def joint_curves(joints: tuple[str, ...], points: np.ndarray, frames: np.ndarray) -> list[Curve]:
    """The keys of joints: each is keyed where it is known.

    Args:
        joints: names, one for each joint of `points`.
        points: (frames, joints, 2), X and Z in armature space, NaN = not known.
        frames: (frames,), scene frames.

    """
    known = np.isfinite(points).all(-1)  # (frames, joints)
    return [
        Curve(joint, axis, frames[known[:, i]], points[known[:, i], i, channel])
        for i, joint in enumerate(joints)
        if known[:, i].any()
        for channel, axis in ((0, 0), (1, 2))
    ]


def join_bones(ob: bpy.types.Object, joints: tuple[str, ...], curves: Sequence[Curve]) -> None:
    """Stretch each bone towards its child joint; one that is never known is hidden, and no bone stretches to it."""
    seen = frozenset(curve.bone for curve in curves)
    for joint in joints:
        bones_of(ob)[joint].hide = joint not in seen
        child = child_of(joint, seen)
        if joint in seen and child:
            stretch(ob, joint, child)


def join_bones_anew(ob: bpy.types.Object, joints: tuple[str, ...], seen: Iterable[str]) -> None:
    """Stretch and hide bones as `join_bones` does where other joints are known than before."""
    known = frozenset(seen)
    for joint in (joint for joint in joints if joint in bones_of(ob)):
        bones_of(ob)[joint].hide = joint not in known
        child, constraints = child_of(joint, known) if joint in known else None, pose_bones_of(ob)[joint].constraints
        stretches = [each for each in constraints if isinstance(each, bpy.types.StretchToConstraint)]
        stretched = [each for each in stretches if each.target == ob]  # others are the animator's
        if [each.subtarget for each in stretched] != ([child] if child else []):
            for each in stretched:
                constraints.remove(each)
            if child:
                stretch(ob, joint, child)


def stretch(ob: bpy.types.Object, bone: str, child: str) -> None:
    """Let a bone reach from its own head to another's, whatever the distance."""
    constraint = pose_bones_of(ob)[bone].constraints.new("STRETCH_TO")
    assert isinstance(constraint, bpy.types.StretchToConstraint)
    constraint.target = ob
    constraint.subtarget = child
    constraint.rest_length = bones_of(ob)[bone].length
    constraint.volume = "NO_VOLUME"
    constraint.keep_axis = "SWING_Y"
