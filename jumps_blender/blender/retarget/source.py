"""The performance that a result's armature shows, with the depth that is stored with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy
import numpy as np

from ...core.body.skeleton import INDEX, JOINTS
from ...errors import InputError
from ..records import RESULT, Copied, ResultRecord, stored_result
from ..results.joint_keys import TOLERANCE, tolerance_of
from ..results.locks import stored_locks
from ..results.slid import in_time
from ..scene.actions import Curve, acts_alone, driven_bones, key_frames, location_keys
from ..scene.present import pose_bones_of, scene_of
from ..scene.sampling import sampling_points, tracing_points
from ..scene.slices import WHOLE, Slices, at_once, beside
from ..tracks.counting import is_led
from ..tracks.readback import joint_bones
from .motion import Performance
from .standing import Contacts

DEEP = 0.02
"""Extent away from the plane, in parts of that within, from which an armature counts as one in 3D."""


def why_not(ob: bpy.types.Object | None) -> str:
    """Why an armature is no performance; empty where it is one."""
    if ob is None or ob.type != "ARMATURE":
        return "Choose the armature of 28 joints as Performance: upsample one first"
    if not joint_bones(ob)[1]:
        return f"{ob.name} has no bones that are named after joints"
    return ""


def has_depth(ob: bpy.types.Object) -> bool:
    """Whether a depth is stored with a result."""
    group: Any = ob.get(RESULT)
    return hasattr(group, "to_dict") and "depth" in group


def lacks_depth(ob: bpy.types.Object | None, used: bool) -> bool:
    """Whether a result is known to be in a plane, for want of depth or because it is not `used`."""
    return ob is not None and ob.get(RESULT) is not None and not (used and has_depth(ob))


def read_performance(context: bpy.types.Context, ob: bpy.types.Object) -> Performance:
    """Joints as the armature shows them now; see `reading_performance`."""
    return at_once(reading_performance(context, lambda: ob))


def reading_performance(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], seconds: float = WHOLE
) -> Slices[Performance]:
    """Joints as the armature shows them now, with all that the animator changed, and as deep as they were estimated.

    Args:
        context: its mode, active object, selection and frame stay.
        find: finds the armature, anew for each slice.
        seconds: of a slice.

    Raises:
        InputError: the armature has no keys; and what `find` raises.

    """
    ob, scene = find(), scene_of(context)
    joint_set, bones = joint_bones(ob)
    shown = {
        JOINTS[joint]: joint_set.joints[own] for own, joint in joint_set.observes if joint_set.joints[own] in bones
    }
    held, curves = Copied.of(ob, RESULT, TOLERANCE), location_keys(ob, JOINTS)
    record = yield from beside(lambda: _result_now(held, curves), seconds)
    ob = find()
    if record is not None:
        frames, fps = record.timing.frames(len(record.observed)), record.timing.fps
    else:
        frames, fps = _key_range(ob), scene.render.fps / scene.render.fps_base
    points = np.full((len(frames), len(JOINTS), 3), np.nan)
    columns = [INDEX[joint] for joint in shown]
    names = tuple(bones[own] for own in shown.values())
    points[:, columns] = yield from _sampling(context, find, names, frames, seconds)
    yield
    ob = find()
    locks = stored_locks(ob, len(record.observed)) if record is not None else None
    contacts = Contacts(locks.places, locks.strength) if locks else None
    if record is not None and record.depth is not None:
        points[..., 1] += record.depth * record.placement.scale
        return Performance(points, frames, fps, spatial=True, contacts=contacts)
    extent = np.nanmax(points, axis=(0, 1)) - np.nanmin(points, axis=(0, 1))
    return Performance(points, frames, fps, spatial=bool(extent[1] > DEEP * extent[2]), contacts=contacts)


def _result_now(held: Copied, curves: Sequence[Curve]) -> ResultRecord | None:
    """What is stored of a result, at the time where its keys are now. Touches nothing of Blender's."""
    record = stored_result(held)
    if record is None or record.positions is None or record.pins is None:
        return record
    return in_time(curves, record, tolerance_of(held))


def _sampling(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], bones: tuple[str, ...], frames: np.ndarray,
    seconds: float,
) -> Slices[np.ndarray]:  # fmt: skip
    """Heads (frames, bones, 3) in armature space: of our own results, which keys alone move, without evaluation."""
    ob = find()
    led = driven_bones(ob) | {bone.name for bone in pose_bones_of(ob) if is_led(bone)}
    if acts_alone(ob) and not led & set(bones):
        return tracing_points(find, bones, frames, seconds)
    return sampling_points(context, find, bones, frames, seconds)


def _key_range(ob: bpy.types.Object) -> np.ndarray:
    keys = key_frames(ob)
    if not keys:
        raise InputError(f"Armature {ob.name!r} has no keys, so nothing to bring onto a rig: upsample an import first.")
    first, last = min(frames[0] for frames in keys.values()), max(frames[-1] for frames in keys.values())
    return np.arange(np.floor(first), np.ceil(last) + 1)
