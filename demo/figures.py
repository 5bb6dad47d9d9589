"""A figure for the performance to lead, built with Blender alone."""

from __future__ import annotations

from typing import Any

import bpy

Point = tuple[float, float, float]

_SIDED: dict[str, tuple[Point, Point, str]] = {
    "Shoulder": ((0.03, 0, 1.45), (0.18, 0, 1.45), "Spine2"),
    "Arm": ((0.18, 0, 1.45), (0.46, 0, 1.45), "Shoulder"),
    "ForeArm": ((0.46, 0, 1.45), (0.72, 0, 1.45), "Arm"),
    "Hand": ((0.72, 0, 1.45), (0.82, 0, 1.45), "ForeArm"),
    "UpLeg": ((0.1, 0, 0.95), (0.1, 0, 0.52), "Hips"),
    "Leg": ((0.1, 0, 0.52), (0.1, 0, 0.09), "UpLeg"),
    "Foot": ((0.1, 0, 0.09), (0.1, -0.14, 0.03), "Leg"),
    "ToeBase": ((0.1, -0.14, 0.03), (0.1, -0.22, 0.03), "Foot"),
}  # fmt: skip


def _side(name: str, sign: int) -> dict[str, tuple[Point, Point, str]]:
    return {
        f"{name}{bone}": (
            (sign * head[0], *head[1:]),
            (sign * tail[0], *tail[1:]),
            f"{name}{parent}" if parent in _SIDED else parent,
        )
        for bone, (head, tail, parent) in _SIDED.items()
    }


MIXAMO: dict[str, tuple[Point, Point, str]] = {
    f"mixamorig:{bone}": (head, tail, f"mixamorig:{parent}" if parent else "")
    for bone, (head, tail, parent) in {
        "Hips": ((0, 0, 1.0), (0, 0, 1.1), ""),
        "Spine": ((0, 0, 1.1), (0, 0, 1.2), "Hips"),
        "Spine1": ((0, 0, 1.2), (0, 0, 1.3), "Spine"),
        "Spine2": ((0, 0, 1.3), (0, 0, 1.48), "Spine1"),
        "Neck": ((0, 0, 1.5), (0, -0.02, 1.58), "Spine2"),
        "Head": ((0, -0.02, 1.58), (0, -0.02, 1.75), "Neck"),
        **_side("Left", 1),
        **_side("Right", -1),
    }.items()
}
"""Bones of a figure in T pose that faces the viewer: from, to, and the parent's name."""


def make_figure(name: str, bones: dict[str, tuple[Point, Point, str]]) -> Any:
    """An armature of these bones in the scene; active, in object mode."""
    armature = bpy.data.armatures.new(name)
    ob = bpy.data.objects.new(name, armature)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for bone, (head, tail, parent) in bones.items():
        new = armature.edit_bones.new(bone)
        new.head, new.tail = head, tail
        new.parent = armature.edit_bones[parent] if parent else None
    bpy.ops.object.mode_set(mode="OBJECT")
    return ob
