"""Rigs as they are met, built in code, and a person who moves in depth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from jumps_blender.blender.records import Choices, ResultRecord, store_result
from jumps_blender.blender.retarget.rigs import MIXAMO, UE5, RigKind
from jumps_blender.blender.tracks.armature import build_armature, key_joints
from jumps_blender.blender.tracks.placement import Placement, Timing
from jumps_blender.core.body.skeleton import INDEX, JOINTS

SIDED = {
    "clavicle": (0.03, 0.0, 1.45), "shoulder": (0.18, 0.0, 1.45), "elbow": (0.46, 0.0, 1.45),
    "wrist": (0.72, 0.0, 1.45), "hand": (0.82, 0.0, 1.45),
    "hip": (0.1, 0.0, 0.95), "knee": (0.1, 0.0, 0.52), "ankle": (0.1, 0.0, 0.09),
    "foot": (0.1, -0.14, 0.03), "toe": (0.1, -0.22, 0.03),
}  # fmt: skip
T_POSE = {
    "pelvis": (0.0, 0.0, 1.0), "spine": (0.0, 0.0, 1.1), "spine2": (0.0, 0.0, 1.2), "spine3": (0.0, 0.0, 1.3),
    "spine4": (0.0, 0.0, 1.4), "neck": (0.0, 0.0, 1.5), "head": (0.0, -0.02, 1.58), "head_top": (0.0, -0.02, 1.75),
    **{f"left_{part}": place for part, place in SIDED.items()},
    **{f"right_{part}": (-place[0], *place[1:]) for part, place in SIDED.items()},
}  # fmt: skip
"""A person who faces the viewer, arms held out: x to the right of the picture, y away, z up."""

PARENTS = {
    "spine": "pelvis", "spine2": "spine", "spine3": "spine2", "spine4": "spine3", "neck": "spine4", "head": "neck",
    "head_top": "head",
    **{f"{side}_{part}": above if above in {"spine4", "pelvis"} else f"{side}_{above}" for side in ("left", "right")
       for part, above in (("clavicle", "spine4"), ("shoulder", "clavicle"), ("elbow", "shoulder"), ("wrist", "elbow"),
                           ("hand", "wrist"), ("hip", "pelvis"), ("knee", "hip"), ("ankle", "knee"), ("foot", "ankle"),
                           ("toe", "foot"))},
}  # fmt: skip

POSES: dict[str, dict[str, tuple[tuple[float, float, float], float]]] = {
    "T": {},
    "A": {"left_shoulder": ((0, 1, 0), 45), "right_shoulder": ((0, 1, 0), -45)},
    "bent": {
        "left_shoulder": ((0, 1, 0), 60), "left_elbow": ((0, 0, 1), -50), "right_shoulder": ((0, 0, 1), 30),
        "right_elbow": ((0, 1, 0), 40), "left_hip": ((1, 0, 0), -30), "left_knee": ((1, 0, 0), 60),
        "spine2": ((1, 0, 0), 15),
    },
}  # fmt: skip
"""Joints, what they turn about and by how many degrees."""


def posed(turns: Mapping[str, tuple[tuple[float, float, float], float]]) -> dict[str, Vector]:
    """The T pose with joints, and all that hangs on them, turned."""
    points, frames = {"pelvis": Vector(T_POSE["pelvis"])}, {"pelvis": Matrix.Identity(3)}
    for joint, parent in PARENTS.items():
        own = Matrix.Identity(3)
        if joint in turns:
            axis, degrees = turns[joint]
            own = Matrix.Rotation(np.radians(degrees), 3, Vector(axis))
        offset = Vector(T_POSE[joint]) - Vector(T_POSE[parent])
        points[joint] = points[parent] + frames[parent] @ offset
        frames[joint] = frames[parent] @ own
    return points


def make_rig(
    kind: RigKind, pose: str = "T", prefix: str = "", upwards: str = "Z", honest: bool = True, scale: float = 1.0
) -> Any:
    """A rig with a kind's names. `upwards` "Y": as FBX files bring it; `honest` False: tails stick out sideways."""
    table = kind.mapping(kind._both(kind.bones).values()).bones
    points = {joint: scale * place for joint, place in posed(POSES[pose]).items()}
    if upwards == "Y":
        points = {joint: Vector((place.x, place.z, -place.y)) for joint, place in points.items()}
    armature = bpy.data.armatures.new(kind.id)
    ob = bpy.data.objects.new(f"{kind.id} rig", armature)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for joint, name in table.items():
        bone = armature.edit_bones.new(prefix + name)
        following = next((points[end] for end in table if above(end, table) == joint and end[:4] == joint[:4]), None)
        following = following or next((points[end] for end, up in PARENTS.items() if up == joint), None)
        away = (following - points[joint]) if following else Vector((0, 0, 0.1 * scale))
        bone.head = points[joint]
        bone.tail = points[joint] + (away if honest else away.orthogonal().normalized() * 0.05)
        bone.roll = 0.3 * len(name)
    for joint, name in table.items():
        parent = above(joint, table)
        if parent:
            armature.edit_bones[prefix + name].parent = armature.edit_bones[prefix + table[parent]]
    bpy.ops.object.mode_set(mode="OBJECT")
    return ob


def above(joint: str, table: Mapping[str, str]) -> str | None:
    parent = PARENTS.get(joint)
    while parent is not None and parent not in table:
        parent = PARENTS.get(parent)
    return parent


def dance(frames: int = 30) -> np.ndarray:
    """A person who walks to the right, turns, swings and bends the limbs, also in depth: (frames, 28, 3)."""
    points = np.empty((frames, 28, 3))
    for i, t in enumerate(np.linspace(0, 2 * np.pi, frames)):
        turns = {
            "left_shoulder": ((0.2, 1, 0.3), 50 + 30 * np.sin(t)),
            "right_shoulder": ((0, 1, 0.4), -40 + 40 * np.cos(t)),
            "left_elbow": ((0, 0.3, 1), -60 + 40 * np.sin(2 * t)), "right_elbow": ((0, 0.2, 1), 70 + 40 * np.cos(t)),
            "left_hip": ((1, 0, 0), -25 + 25 * np.sin(t)), "right_hip": ((1, 0, 0), -25 - 25 * np.sin(t)),
            "left_knee": ((1, 0, 0), 35 + 25 * np.sin(t)), "right_knee": ((1, 0, 0), 35 + 25 * np.cos(t)),
            "spine2": ((0.3, 0.2, 1), 20 * np.sin(t)), "neck": ((1, 0, 0), 15 * np.sin(t)),
        }  # fmt: skip
        pose = posed(turns)
        yaw = Matrix.Rotation(np.radians(40 * np.sin(t)), 3, "Z")
        step = Vector((0.03 * i, 0, 0.02 * np.sin(2 * t)))
        points[i] = [(yaw @ pose[joint] + step)[:] for joint in JOINTS]
    return points


def make_result(points: np.ndarray, depth: bool = True, name: str = "person 28 joints") -> Any:
    """A result's armature that shows joints (frames, 28, 3)."""
    ob = build_armature(bpy.context, name, JOINTS, 1.7)
    timing = Timing(1.0, 1.0, 25.0)
    flat = points[..., [0, 2]]
    key_joints(ob, f"{name} default", JOINTS, flat, timing.frames(len(points)))
    known = np.ones(points.shape[:2], bool)
    deep = points[..., 1] - points[:, [INDEX["pelvis"]], 1]
    store_result(
        ob,
        ResultRecord(
            known,
            ~known,
            None,
            Placement(1.0, 0.0, 0.0),
            timing,
            "person",
            "0",
            Choices(),
            depth=deep if depth else None,
        ),
    )
    return ob


def bone_directions(ob: Any, bones: Mapping[str, str], frames: Iterable[int]) -> dict[str, np.ndarray]:
    """Unit vectors (frames, 3), in armature space, from each bone's head to that of another."""
    found: dict[str, list[Vector]] = {bone: [] for bone in bones}
    for frame in frames:
        bpy.context.scene.frame_set(int(frame))
        pose = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones
        for bone, end in bones.items():
            found[bone].append((pose[end].head - pose[bone].head).normalized())
    return {bone: np.array([vector[:] for vector in vectors]) for bone, vectors in found.items()}


def degrees_apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Angles between vectors (frames, 3)."""
    first, second = (v / np.linalg.norm(v, axis=-1, keepdims=True) for v in (first, second))
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second), axis=-1), (first * second).sum(-1)))


KINDS = {"mixamo": MIXAMO, "ue5": UE5}

DRAWN: dict[str, tuple[tuple[float, float], tuple[float, float], str | None]] = {
    "hips": ((0, 1), (0, 1.12), None), "torso": ((0, 1.12), (0.02, 1.5), "hips"),
    "neck": ((0.02, 1.5), (0.03, 1.58), "torso"), "head": ((0.03, 1.58), (0.03, 1.8), "neck"),
    "upper_arm.L": ((0.15, 1.45), (0.3, 1.2), "torso"), "forearm.L": ((0.3, 1.2), (0.45, 1), "upper_arm.L"),
    "upper_arm.R": ((-0.15, 1.45), (-0.4, 1.35), "torso"), "forearm.R": ((-0.4, 1.35), (-0.5, 1.1), "upper_arm.R"),
    "thigh.L": ((0.1, 1), (0.12, 0.55), "hips"), "shin.L": ((0.12, 0.55), (0.1, 0.1), "thigh.L"),
    "foot.L": ((0.1, 0.1), (0.25, 0.03), "shin.L"), "thigh.R": ((-0.1, 1), (-0.12, 0.55), "hips"),
    "shin.R": ((-0.12, 0.55), (-0.1, 0.1), "thigh.R"), "foot.R": ((-0.1, 0.1), (0.05, 0.03), "shin.R"),
}  # fmt: skip
"""A cut-out as drawn: from, to (right, up), and the parent."""


def make_cutout(plane: Matrix | None = None) -> Any:
    """A rig of bones in a plane, that of the picture turned by a rotation."""
    turned = plane or Matrix.Identity(3)
    armature = bpy.data.armatures.new("cut-out")
    ob = bpy.data.objects.new("cut-out", armature)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for name, (head, tail, parent) in DRAWN.items():
        bone = armature.edit_bones.new(name)
        bone.head, bone.tail = (turned @ Vector((x, 0.0, z)) for x, z in (head, tail))
        bone.parent = armature.edit_bones[parent] if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    for drawn in ob.pose.bones:
        drawn.rotation_mode = "XYZ"
    return ob


def lengths_and_directions(ob: Any, frames: Iterable[int]) -> dict[str, np.ndarray]:
    """From head to tail (frames, 3) of every bone, in armature space."""
    found: dict[str, list[Vector]] = {bone.name: [] for bone in ob.pose.bones}
    for frame in frames:
        bpy.context.scene.frame_set(int(frame))
        for bone in ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones:
            found[bone.name].append(bone.tail - bone.head)
    return {name: np.array([vector[:] for vector in vectors]) for name, vectors in found.items()}
