"""The guide: an armature that holds the motion, in the space of the rig, and leads the rig's bones by constraints.

It has a bone for each control of the rig, with the same rest, and is a child of the rig's object: wherever that is
moved, scaled or parented to, the two armature spaces are one. The rig itself gets constraints and nothing else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix

from ..actions import CONSTANT, Curve, write_keys
from ..armature import move_to
from ..present import armature_of, bones_of, layer_of, pose_bones_of, scene_of
from ..scene_state import object_mode
from .mapping import RigMap
from .motion import Motion, Path, retarget
from .options import Options
from .rigs import FK, IK, RIGS, Limb
from .rotations import across, apply, quaternions, unit
from .source import read_performance
from .target import joints_of

GUIDE: Final = "jumps_guide"
"""Custom property of a guide: as JSON, from what it was made."""

MARK: Final = "JUMPS "
"""What the names of our constraints begin with."""

LAYER: Final = "jumps_layer"
"""Custom property of a bone: its layer, 0 = that of the torso, greater = nearer to the viewer."""

STRAIGHT: Final = 0.05
"""How much the rest counts for the side to which a pole lies, beside the bend of the limb in limb lengths."""


@dataclass(frozen=True)
class Control:
    """A bone of the rig that gets keys: it turns as a joint does; the root and the ends of IK limbs are moved, too.

    `limb`: of a pole, which is moved only.
    """

    bone: str
    joint: str
    moves: bool
    limb: Limb | None = None


@dataclass(frozen=True)
class Led:
    """What a guide was made of; `switches`: bone -> what its switches between FK and IK were set to before."""

    source: str
    rig: RigMap
    options: Options
    switches: dict[str, dict[str, float]]
    spatial: bool
    flat: bool


def controls(rig: RigMap, motion: Motion, limbs: tuple[Limb, ...] = ()) -> tuple[Control, ...]:
    """The rig's bones that get keys, the root first; `limbs` with IK in the place of FK."""
    joints = [part.joint for part in motion.rest.segments]
    root = Control(rig.root or rig.bones[joints[0]], joints[0], moves=True)
    replaced = {joint for limb in limbs for joint in limb.joints}
    tips = {limb.beyond: limb.tip for limb in limbs if limb.tip}
    own = (Control(tips.get(joint, rig.bones[joint]), joint, moves=False) for joint in joints if joint not in replaced)
    ends = (Control(limb.end, limb.joints[2], moves=True) for limb in limbs)
    poles = (Control(limb.pole, limb.joints[0], moves=True, limb=limb) for limb in limbs)
    return (root, *(control for control in own if control.bone != root.bone), *ends, *poles)


def _limbs(target: bpy.types.Object, rig: RigMap, motion: Motion, options: Options) -> tuple[Limb, ...]:
    """Limbs that are asked to follow by IK, where the rig has all of their controls."""
    if options.limbs != "ik" or rig.kind not in RIGS:
        return ()
    bones = bones_of(target)
    return tuple(
        limb
        for limb in RIGS[rig.kind].ik_limbs()
        if all(name in bones for name in (limb.end, limb.pole, limb.tip) if name)
        and all(joint in motion.rotations for joint in limb.joints)
    )


def attach(
    context: bpy.types.Context,
    source: bpy.types.Object,
    target: bpy.types.Object,
    rig: RigMap,
    options: Options,
    curve: bpy.types.Object | None = None,
) -> bpy.types.Object:
    """Lead a rig by a performance; a guide that it had is replaced. Returns the guide.

    Raises:
        InputError: the mapping does not fit the rig, or the performance has no keys; nothing was changed.

    """
    joints = joints_of(target, rig)
    path = _path(context, curve, target) if curve and options.travel == "curve" else None
    motion = retarget(read_performance(context, source), joints, options, path)
    detach(target)
    limbs = _limbs(target, rig, motion, options)
    parts = controls(rig, motion, limbs)
    guide = _build(context, target, parts)
    write_keys(guide, guide.name, _curves(guide, target, parts, rig, motion))
    for control in parts:
        _constrain(pose_bones_of(target)[control.bone], guide, control, control.joint in motion.stretch)
    led = Led(source.name, rig, options, _switch(target, rig, IK if limbs else FK), motion.spatial, motion.flat)
    guide[GUIDE] = json.dumps(asdict(led))
    return guide


def detach(target: bpy.types.Object) -> bool:
    """Take our constraints off a rig, and remove its guide; whether there was one."""
    guide = guide_of(target)
    for bone in pose_bones_of(target):
        for constraint in [each for each in bone.constraints if each.name.startswith(MARK)]:
            bone.constraints.remove(constraint)
    if guide is None:
        return False
    for name, values in led_by(guide).switches.items():
        if name in pose_bones_of(target):
            set_switches(pose_bones_of(target)[name], values)
    _remove(guide)
    return True


def guide_of(target: bpy.types.Object) -> bpy.types.Object | None:
    """The guide that leads a rig."""
    for child in bpy.data.objects:
        if child.parent == target and child.get(GUIDE) is not None:
            return child
    return None


def led_by(guide: bpy.types.Object) -> Led:
    """What a guide was made of."""
    content = json.loads(guide[GUIDE])
    rig, options = RigMap(**content.pop("rig")), Options(**content.pop("options"))
    return Led(rig=rig, options=options, **content)


def _remove(guide: bpy.types.Object) -> None:
    armature = armature_of(guide)
    action = guide.animation_data.action if guide.animation_data else None
    bpy.data.objects.remove(guide)
    bpy.data.armatures.remove(armature)
    if action and not action.users:
        bpy.data.actions.remove(action)


def _switch(target: bpy.types.Object, rig: RigMap, values: dict[str, float]) -> dict[str, dict[str, float]]:
    """Set the rig's switches between FK and IK; what they were."""
    before = {name: switches_of(target, name) for name in switch_bones(target, rig)}
    for name in before:
        set_switches(pose_bones_of(target)[name], values)
    return before


def switches_of(target: bpy.types.Object, name: str) -> dict[str, float]:
    """What the switches of a bone are set to."""
    bone: Any = pose_bones_of(target)[name]
    return {key: float(bone[key]) for key in IK if key in bone}


def set_switches(bone: Any, values: dict[str, float]) -> None:
    """Set the switches that a bone has."""
    for key, value in values.items():
        if key in bone:
            bone[key] = type(bone[key])(value)


def switch_bones(target: bpy.types.Object, rig: RigMap) -> tuple[str, ...]:
    """Bones of the rig that hold switches between FK and IK."""
    names = RIGS[rig.kind].switch_bones() if rig.kind in RIGS else ()
    return tuple(name for name in names if name in pose_bones_of(target))


def _build(context: bpy.types.Context, target: bpy.types.Object, parts: tuple[Control, ...]) -> bpy.types.Object:
    name = f"{target.name} guide"
    armature = bpy.data.armatures.new(name)
    guide = bpy.data.objects.new(name, armature)
    with object_mode(context):
        scene_of(context).collection.objects.link(guide)
        layer_of(context).objects.active = guide
        bpy.ops.object.mode_set(mode="EDIT")
        for control in parts:
            bone, copy = bones_of(target)[control.bone], armature.edit_bones.new(control.bone)
            copy.tail = (0.0, bone.length, 0.0)
            copy.matrix = bone.matrix_local
        bpy.ops.object.mode_set(mode="OBJECT")
    armature.display_type = "STICK"
    guide.parent = target
    guide.hide_render = True
    homes = [collection for collection in target.users_collection if collection.is_editable]
    if homes and all(collection in scene_of(context).collection.children_recursive for collection in homes[:1]):
        move_to(guide, homes[0])
    guide.hide_set(True)
    return guide


def _curves(
    guide: bpy.types.Object, target: bpy.types.Object, parts: tuple[Control, ...], rig: RigMap, motion: Motion
) -> list[Curve]:
    found: list[Curve] = []

    def add(bone: str, channel: str, values: np.ndarray) -> None:
        found.extend(Curve(bone, axis, motion.frames, values[:, axis], channel) for axis in range(values.shape[1]))

    for control in parts:
        rest, own = (np.array(bones_of(ob)[control.bone].matrix_local) for ob in (guide, target))
        if control.limb:
            heads = _pole_heads(own[:3, 3], target, rig, control.limb, motion)
            add(control.bone, "location", (heads - rest[:3, 3]) @ rest[:3, :3])
            continue
        rotation = motion.rotations[control.joint]
        add(control.bone, "rotation_quaternion", quaternions(rest[:3, :3].T @ rotation @ own[:3, :3]))
        pose_bones_of(guide)[control.bone].rotation_mode = "QUATERNION"
        if control.moves:
            heads = _moved_heads(own[:3, 3], target, rig, control, motion)
            add(control.bone, "location", (heads - rest[:3, 3]) @ rest[:3, :3])
        if control.joint in motion.stretch:
            found.append(Curve(control.bone, 1, motion.frames, motion.stretch[control.joint], "scale"))
        if control.joint in motion.layers:
            pose_bones_of(guide)[control.bone][LAYER] = 0.0
            found.append(layer_curve(control.bone, motion.frames, motion.layers[control.joint]))
    return found


def layer_curve(bone: str, frames: np.ndarray, layers: np.ndarray) -> Curve:
    """Keys of a bone's layer where it changes."""
    changed = np.flatnonzero(np.concatenate([[True], np.diff(layers) != 0]))
    return Curve(bone, 0, frames[changed], layers[changed], f'["{LAYER}"]', CONSTANT)


def _moved_heads(
    head: np.ndarray, target: bpy.types.Object, rig: RigMap, control: Control, motion: Motion
) -> np.ndarray:
    """Where a control's head goes (frames, 3), so that the joint it carries comes to its place."""
    is_root = control.bone == rig.root
    joint = rig.carried if is_root and rig.carried in motion.heads else control.joint
    anchor = np.array(bones_of(target)[rig.place_of(joint)].head_local, float)
    return motion.heads[joint] - apply(motion.rotations[control.joint], anchor - head)


def _pole_heads(head: np.ndarray, target: bpy.types.Object, rig: RigMap, limb: Limb, motion: Motion) -> np.ndarray:
    """Where a pole goes (frames, 3): out from the hinge, in the limb's plane; of a straight limb, as it rests."""
    upper, hinge, end = (motion.heads[joint] for joint in limb.joints)
    reach = head - np.array(bones_of(target)[rig.place_of(limb.joints[1])].head_local, float)
    line = unit(end - upper)
    length = np.linalg.norm(hinge - upper, axis=-1, keepdims=True)
    bend = across(hinge - upper, line) / np.maximum(length, 1e-9)
    rest = apply(motion.rotations[limb.joints[0]], unit(reach))
    return hinge + unit(across(bend + STRAIGHT * rest, line)) * np.linalg.norm(reach)


def _constrain(bone: bpy.types.PoseBone, guide: bpy.types.Object, control: Control, stretches: bool) -> None:
    kinds: list[tuple[Any, str]] = [] if control.limb else [("COPY_ROTATION", "rotation")]
    if stretches:
        kinds.append(("COPY_SCALE", "length"))
    if control.moves:
        kinds.append(("COPY_LOCATION", "place"))
    for kind, told in kinds:
        constraint: Any = bone.constraints.new(kind)
        constraint.name = f"{MARK}{told}"
        constraint.target = guide
        constraint.subtarget = bone.name
        constraint.owner_space = constraint.target_space = "POSE"


def _path(context: bpy.types.Context, curve: bpy.types.Object, target: bpy.types.Object) -> Path:
    """A curve as points in the rig's armature space."""
    depsgraph = context.evaluated_depsgraph_get()
    evaluated = curve.evaluated_get(depsgraph)
    mesh = evaluated.to_mesh()
    into: Matrix = target.matrix_world.inverted_safe() @ curve.matrix_world
    points = np.array([(into @ vertex.co)[:] for vertex in mesh.vertices], float).reshape(-1, 3)
    evaluated.to_mesh_clear()
    return Path(points)
