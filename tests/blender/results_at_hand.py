"""A result to work on, solved once and opened for every test; short ways to change it and to see what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np

from jumps_blender.blender.records import ResultRecord, stored_result
from jumps_blender.blender.scene.actions import location_curves
from tests.blender.people_at_hand import heads, import_tracks, upsample

_saved: dict[str, str] = {}
"""By the file that the result is kept in, the result's name."""


def result_of(sample: Path, folder: Path, person: str = "2", fps: int = 30) -> Any:
    """A person of the sample, upsampled in a scene of this rate; active."""
    path = folder / f"person {person} at {fps}.blend"
    if str(path) not in _saved:
        bpy.context.scene.render.fps = fps
        import_tracks(sample, people=person)
        _saved[str(path)] = upsample().name
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return opened(path, _saved[str(path)])


def opened(path: Path, name: str) -> Any:
    """An object of a file, active."""
    bpy.ops.wm.open_mainfile(filepath=str(path))
    ob = bpy.data.objects[name]
    bpy.context.view_layer.objects.active = ob
    return ob


def record_of_result(ob: Any) -> ResultRecord:
    """What is stored with a result."""
    record = stored_result(ob)
    assert record is not None
    return record


def points(ob: Any) -> np.ndarray:
    """X and Z of all joints at the clip's frames as they are shown, (frames, 28, 2)."""
    record = record_of_result(ob)
    return heads(ob, record.timing.frames(len(record.observed)))[..., [0, 2]]


def move(ob: Any, bone: str, frame: int, by: tuple[float, float]) -> np.ndarray:
    """Move a joint by X and Z as an animator does, and key it; returns where it is then."""
    scene, pose = bpy.context.scene, ob.pose.bones[bone]
    scene.frame_set(frame)
    pose.location = (pose.location[0] + by[0], pose.location[1], pose.location[2] + by[1])
    assert pose.keyframe_insert("location", frame=frame)
    return np.array([pose.location[0], pose.location[2]])


def select(ob: Any, bones: list[str]) -> None:
    """Select these bones and no others."""
    for bone in ob.pose.bones:
        holder = bone if hasattr(bone, "select") else bone.bone
        holder.select = bone.name in bones


def key_count(ob: Any) -> int:
    """Location keys of all joints."""
    return sum(len(fcurve.keyframe_points) for fcurve in location_curves(ob).values())


def kinds_at(ob: Any, bone: str, frame: float) -> set[str]:
    """Kinds of a bone's location keys at a scene frame."""
    curves = [fcurve for (owner, _), fcurve in location_curves(ob).items() if owner == bone]
    return {point.type for fcurve in curves for point in fcurve.keyframe_points if abs(point.co[0] - frame) < 0.01}
