"""Short ways to do and to see what the tests are about."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from jumps_blender.blender.records import TracksRecord, stored_tracks


def import_tracks(path: Path, **options: Any) -> Any:
    """Import a file through the operator; the new armature, also where it did not become active."""
    before = set(bpy.data.objects.keys())
    assert bpy.ops.jumps.import_tracks(filepath=str(path), **options) == {"FINISHED"}
    (name,) = set(bpy.data.objects.keys()) - before
    return bpy.data.objects[name]


def upsample(**options: Any) -> Any:
    """Upsample the active armature through the operator; the new armature."""
    before = set(bpy.data.objects.keys())
    assert bpy.ops.jumps.upsample(**options) == {"FINISHED"}
    (name,) = set(bpy.data.objects.keys()) - before
    return bpy.data.objects[name]


def heads(ob: Any, frames: Iterable[float], tails: bool = False) -> np.ndarray:
    """Evaluated heads (or tails) of the bones in armature space, (frames, bones, 3)."""
    scene = bpy.context.scene
    points = []
    for frame in frames:
        scene.frame_set(int(np.floor(frame)), subframe=float(frame % 1))
        posed = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones
        points.append([bone.tail[:] if tails else bone.head[:] for bone in posed])
    return np.array(points)


def record_of(ob: Any) -> TracksRecord:
    """The tracks stored with an armature."""
    record = stored_tracks(ob)
    assert record is not None
    return record


def make_armature(
    name: str, bones: dict[str, tuple[float, float, float]], parents: dict[str, str] | None = None
) -> Any:
    """An armature with bones at these heads, pointing up; active and selected."""
    armature = bpy.data.armatures.new(name)
    ob = bpy.data.objects.new(name, armature)
    bpy.context.scene.collection.objects.link(ob)
    bpy.context.view_layer.objects.active = ob
    bpy.ops.object.mode_set(mode="EDIT")
    for bone, head in bones.items():
        new = armature.edit_bones.new(bone)
        new.head, new.tail = head, (head[0], head[1], head[2] + 0.1)
    for bone, parent in (parents or {}).items():
        armature.edit_bones[bone].parent = armature.edit_bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    ob.select_set(True)
    return ob


def key_location(ob: Any, bone: str, frame: float, location: tuple[float, float, float]) -> None:
    """Key a bone's location by hand."""
    ob.pose.bones[bone].location = location
    ob.pose.bones[bone].keyframe_insert("location", frame=frame)
