"""The one module that knows Actions: keys written and read in bulk, from Blender 4.2 to 5.2.

Since 4.4 an Action has layers, strips and slots, and an object whose slot is not set does not move; until 4.3 it has
F-curves directly; in between both doors exist, from 5.0 on only the new one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final
from uuid import uuid4
from zlib import crc32

import bpy
import numpy as np

from .fcurves import Animated, bag_of, own_fcurves, slot_of, timed_fcurves
from .keyframes import Keys, keys_of, keys_together, points_of, put_keys, some_keys
from .slices import WHOLE, Clock, Slices, at_once

SAME_FRAME: Final = 0.01
"""Frames by which keys may differ that are one: Blender keeps them as float32."""

CONSTANT: Final = 0
LINEAR: Final = 1
"""`Keyframe.interpolation` as a number."""

PLACE: Final = ".location"
"""How the data path of a bone's location ends."""

_BONE = re.compile(r'pose\.bones\["((?:[^"\\]|\\.)*)"\]')


@dataclass(frozen=True)
class Curve:
    """One channel of a bone: `values` (n,) at scene frames `frames` (n,), a location in armature units.

    `channel`: a transform channel, or a custom property as `["name"]`, whose `axis` is 0.
    """

    bone: str
    axis: int
    frames: np.ndarray
    values: np.ndarray
    channel: str = "location"
    interpolation: int = LINEAR

    @property
    def path(self) -> str:
        """Blender's data path of the channel."""
        bone = f'pose.bones["{bpy.utils.escape_identifier(self.bone)}"]'
        return f"{bone}{self.channel}" if self.channel.startswith("[") else f"{bone}.{self.channel}"


def write_keys(ob: bpy.types.Object, name: str, curves: Sequence[Curve]) -> str:
    """Give the object a new Action with these keys, interpolated linearly and grouped by bone; return its name.

    Other Actions stay as they are.
    """
    return take_draft(ob, at_once(draft_action(curves)), name)


def draft_action(curves: Sequence[Curve], seconds: float = WHOLE) -> Slices[str]:
    """Fill a new Action that no object has yet, in slices of so many seconds; return its name.

    An undo in between takes it away: it is then begun anew. Nothing stays of one that is given up.
    """
    clock, draft = Clock(seconds), ""
    try:
        while True:
            action: Any = bpy.data.actions.get(draft) or bpy.data.actions.new(f"JUMPS {uuid4()}")
            draft, bag = action.name, bag_of(action, slot_of(action))
            done = len(bag.fcurves)  # counted, since an undo may also have taken some of them away
            if done == len(curves):
                return draft
            _add_curves(bag, curves[done : done + 1])
            if clock.over:
                yield
                clock.restart()
    except BaseException:
        discard_action(draft)
        raise


def take_draft(ob: bpy.types.Object, draft: str, name: str) -> str:
    """Make a drafted Action the object's; return the name that it got. It is kept with the file without the object."""
    animation: Any = ob.animation_data_create()
    action: Any = bpy.data.actions[draft]
    action.name = name
    action.use_fake_user = True
    animation.action = action
    if hasattr(action, "slots"):
        animation.action_slot = slot = slot_of(action)
        slot.name_display = ob.name
    return str(action.name)


def discard_action(name: str) -> None:
    """Remove an Action that nobody uses; nothing happens where there is none."""
    action: bpy.types.Action | None = bpy.data.actions.get(name)
    if action is not None and not action.users:
        bpy.data.actions.remove(action)


def put_curves(ob: Animated, curves: Sequence[Curve], replaced: Iterable[str]) -> None:
    """Let the object's Action have these curves in place of those whose data paths begin with one of `replaced`."""
    animation: Any = ob.animation_data
    _replace_curves(bag_of(animation.action, getattr(animation, "action_slot", None)), curves, tuple(replaced))


def acts_alone(ob: bpy.types.Object) -> bool:
    """Whether nothing but its Action animates the object, and all of that: no NLA, no mixing, no muted curve."""
    animation: Any = ob.animation_data
    if animation is None or animation.action is None or len(animation.nla_tracks):
        return False
    mixed = animation.action_influence < 1 or animation.action_blend_type != "REPLACE"
    return not mixed and not any(fcurve.mute or (fcurve.group and fcurve.group.mute) for fcurve in own_fcurves(ob))


def is_tweaked(ob: bpy.types.Object) -> bool:
    """Whether the object's NLA strip is being edited, so that it can be given no other Action."""
    return bool(ob.animation_data and ob.animation_data.use_tweak_mode)


def location_keys(ob: Animated, bones: Sequence[str]) -> list[Curve]:
    """The location keys of some bones in the object's Action, as they stand; a curve that lost all of them is none."""
    return [
        Curve(bone, axis, *points_of(fcurve))
        for (bone, axis), fcurve in location_curves(ob).items()
        if bone in bones and len(fcurve.keyframe_points)
    ]


def location_channels(ob: bpy.types.Object, bones: Sequence[str], frames: np.ndarray) -> np.ndarray:
    """Locations (frames, bones, 3) of bones at scene frames, as the F-curves of the object's Action have them.

    Nothing is evaluated but the curves; a channel without one is what it is now.
    """
    pose: Any = ob.pose
    index = {bone: i for i, bone in enumerate(bones)}
    found = np.array([pose.bones[bone].location[:] for bone in bones])[None].repeat(len(frames), axis=0)
    for fcurve in own_fcurves(ob):
        bone = _bone_of(fcurve)
        if bone in index and fcurve.data_path.endswith(PLACE):
            found[:, index[bone], fcurve.array_index] = _values_at(fcurve, frames)
    return found


def _values_at(fcurve: Any, frames: np.ndarray) -> np.ndarray:
    """What an F-curve is at scene frames (n,): of a result, whose curves are linear, a hundred times faster."""
    kinds = np.empty(len(fcurve.keyframe_points), np.uint8)
    fcurve.keyframe_points.foreach_get("interpolation", kinds)
    if len(kinds) and (kinds == LINEAR).all() and fcurve.extrapolation == "CONSTANT" and not len(fcurve.modifiers):
        return np.interp(frames, *points_of(fcurve))
    return np.array([fcurve.evaluate(frame) for frame in frames.tolist()])


def keys_digest(ob: bpy.types.Object) -> int:
    """A number that changes with any location key of the object's Action."""
    digest = 0
    for fcurve in location_curves(ob).values():
        digest = crc32(np.concatenate(points_of(fcurve)).tobytes(), crc32(fcurve.data_path.encode(), digest))
    return digest


def places_digest(ob: bpy.types.Object) -> int:
    """A number that changes with any location key of the object's Action and of its NLA strips, and with their time."""
    digest = 0
    for fcurve, *time in timed_fcurves(ob):
        if fcurve.data_path.endswith(PLACE):
            named = crc32(repr((fcurve.data_path, fcurve.array_index, time)).encode(), digest)
            digest = crc32(keys_of(fcurve, ("co",))["co"].tobytes(), named)
    return digest


def location_curves(ob: Animated) -> dict[tuple[str, int], Any]:
    """The F-curves of bones' locations in the object's Action, by bone and axis."""
    return {
        (str(_bone_of(fcurve)), fcurve.array_index): fcurve
        for fcurve in own_fcurves(ob)
        if fcurve.data_path.endswith(PLACE)
    }


def exchange_keys(
    ob: bpy.types.Object, pairs: Sequence[tuple[str, str]], chosen: Callable[[np.ndarray], np.ndarray]
) -> None:
    """Exchange location keys between two bones, as they are: handles, interpolation and kind go along.

    A curve is made where there was none, and removed with its last key.

    Args:
        ob: an armature with an Action.
        pairs: of bones.
        chosen: tells bool (n,) which frames (n,) are meant.

    """
    animation: Any = ob.animation_data
    bag = bag_of(animation.action, getattr(animation, "action_slot", None))
    curves = location_curves(ob)
    for (left, right), axis in product(pairs, range(3)):
        both = curves.get((left, axis)), curves.get((right, axis))
        keys = [keys_of(fcurve) for fcurve in both]
        goes = [chosen(each["co"][:, 0].astype(np.float64)) for each in keys]
        if not any(each.any() for each in goes):
            continue
        for i, bone in enumerate((left, right)):
            kept, come = some_keys(keys[i], ~goes[i]), some_keys(keys[1 - i], goes[1 - i])
            nothing = Curve(bone, axis, np.empty(0), np.empty(0))
            _set_keys(bag, both[i], nothing, keys_together(kept, come))


def take_object_keys(ob: bpy.types.Object, other: bpy.types.Object, channels: Container[str]) -> None:
    """Give an object's Action the keys by which another's moves the object itself, of channels such as "location"."""
    animation: Any = ob.animation_data
    bag = bag_of(animation.action, getattr(animation, "action_slot", None))
    for fcurve in own_fcurves(other):
        if fcurve.data_path in channels and not fcurve.mute:
            taken = bag.fcurves.new(fcurve.data_path, index=fcurve.array_index)
            put_keys(taken, keys_of(fcurve))
            taken.extrapolation = fcurve.extrapolation


def selected_key_frames(ob: bpy.types.Object, bones: Iterable[str]) -> np.ndarray:
    """Sorted scene frames at which a location key of any of these bones is selected in the object's Action."""
    wanted, found = set(bones), [np.empty(0)]
    for (bone, _), fcurve in location_curves(ob).items():
        if bone in wanted:
            selected = np.empty(len(fcurve.keyframe_points), bool)
            fcurve.keyframe_points.foreach_get("select_control_point", selected)
            found.append(_frames_of(fcurve)[selected])
    return np.unique(np.concatenate(found))


def _set_keys(bag: Any, fcurve: Any, curve: Curve, keys: Keys) -> None:
    """Let a bone's curve have these keys and no others."""
    if not len(keys["co"]):
        if fcurve:
            bag.fcurves.remove(fcurve)
        return
    if not fcurve:
        _add_curves(bag, [curve])
        fcurve = bag.fcurves.find(curve.path, index=curve.axis)
    put_keys(fcurve, keys)


def key_frames(ob: bpy.types.Object, channel: str = "") -> dict[str, np.ndarray]:
    """Sorted scene frames of the keys of each bone, of one channel or all, from the Action and its NLA strips."""
    frames: dict[str, list[np.ndarray]] = {}
    for fcurve, start, offset, scale in timed_fcurves(ob):
        bone = _bone_of(fcurve)
        # A curve may have lost its last key.
        if bone is not None and fcurve.data_path.endswith(channel) and len(fcurve.keyframe_points):
            frames.setdefault(bone, []).append((_frames_of(fcurve) - offset) * scale + start)
    return {bone: np.unique(np.concatenate(parts)) for bone, parts in frames.items()}


def property_keys(ob: bpy.types.Object, bone: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Scene frames and values of the keys of a bone's custom property in the object's Action; empty without any."""
    path = Curve(bone, 0, np.empty(0), np.empty(0), f'["{name}"]').path
    for fcurve, *_ in timed_fcurves(ob):
        if fcurve.data_path == path:
            return _frames_of(fcurve), np.array([point.co[1] for point in fcurve.keyframe_points])
    return np.empty(0), np.empty(0)


def driven_bones(ob: bpy.types.Object) -> set[str]:
    """Bones with a driver on any of their channels."""
    drivers: Iterable[Any] = ob.animation_data.drivers if ob.animation_data else ()
    return {bone for bone in map(_bone_of, drivers) if bone is not None}


def _replace_curves(bag: Any, curves: Sequence[Curve], starts: tuple[str, ...]) -> None:
    for fcurve in [fcurve for fcurve in bag.fcurves if fcurve.data_path.startswith(starts)]:
        bag.fcurves.remove(fcurve)
    _add_curves(bag, curves)


def _add_curves(bag: Any, curves: Sequence[Curve]) -> None:
    groups: dict[str, Any] = {group.name: group for group in bag.groups}
    for curve in curves:
        if curve.bone not in groups:
            groups[curve.bone] = bag.groups.new(curve.bone)
        fcurve = bag.fcurves.new(curve.path, index=curve.axis)
        fcurve.group = groups[curve.bone]
        _fill(fcurve, curve)


def _fill(fcurve: Any, curve: Curve) -> None:
    points = fcurve.keyframe_points
    points.add(len(curve.frames))
    co = np.column_stack([curve.frames, curve.values]).astype(np.float32)
    points.foreach_set("co", co.ravel())
    points.foreach_set("interpolation", np.full(len(co), curve.interpolation, np.uint8))
    fcurve.update()


def _frames_of(fcurve: Any) -> np.ndarray:
    return points_of(fcurve)[0]


def _bone_of(fcurve: Any) -> str | None:
    match = _BONE.match(fcurve.data_path)
    return bpy.utils.unescape_identifier(match[1]) if match else None
