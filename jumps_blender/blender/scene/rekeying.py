"""Location keys of an Action changed, marked and replaced, curve by curve in slices."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

import bpy
import numpy as np

from .actions import SAME_FRAME, Curve, location_curves, put_curves
from .fcurves import Animated
from .keyframes import points_of, set_values
from .slices import WHOLE, Clock, Slices

Kinds = Mapping[str, Mapping[str, np.ndarray]]
"""By kind of key, such as EXTREME, and bone the scene frames of such keys."""

_NUMBERS: Final = {
    item.identifier: item.value
    for item in bpy.types.Keyframe.bl_rna.properties["type"].enum_items  # type: ignore[attr-defined]
}


def why_locked(ob: Animated, bones: Container[str]) -> str:
    """What to do where location channels of some bones must not be changed; empty where all may."""
    for (bone, _), fcurve in location_curves(ob).items():
        if bone in bones and (fcurve.lock or (fcurve.group and fcurve.group.lock)):
            return f"Channels of {bone!r} are locked: unlock them in the dope sheet (padlock), and run this again."
    return ""


def changing_keys(
    ob: Animated, curves: Sequence[Curve], changed: Mapping[str, np.ndarray], reach: float, seconds: float = WHOLE
) -> Slices[None]:
    """Put keys of an Action onto other curves where something changed; the others stay. In slices of so many seconds.

    Args:
        ob: who has the Action.
        curves: what its keys should lie on.
        changed: by bone the sorted scene frames (n,) that changed; they get a key where none is near.
        reach: scene frames around them in which keys are changed.
        seconds: of a slice.

    """
    clock = Clock(seconds)
    for curve in curves:
        at = changed.get(curve.bone, np.empty(0))
        if not len(at):
            continue
        if clock.over:
            yield
            clock.restart()
        fcurve = location_curves(ob).get((curve.bone, curve.axis))
        if fcurve is not None:
            _change(fcurve, curve, at, reach)


def _change(fcurve: Any, curve: Curve, at: np.ndarray, reach: float) -> None:
    frames, values = points_of(fcurve)
    touched = _among(frames, at, reach)
    set_values(fcurve, np.where(touched, np.interp(frames, curve.frames, curve.values), values))
    for frame in at[~_among(at, frames, reach)]:
        value = float(np.interp(frame, curve.frames, curve.values))
        fcurve.keyframe_points.insert(float(frame), value, options={"FAST"}).interpolation = "LINEAR"
    fcurve.update()


def marking_keys(ob: Animated, kinds: Kinds, seconds: float = WHOLE) -> Slices[None]:
    """Let location keys be of a kind, as the dope sheet shows it, in slices of so many seconds."""
    clock = Clock(seconds)
    for bone, axis in list(location_curves(ob)):
        marked = {kind: frames[bone] for kind, frames in kinds.items() if len(frames.get(bone, ()))}
        if not marked:
            continue
        if clock.over:
            yield
            clock.restart()
        _mark(location_curves(ob)[bone, axis], marked)


def _mark(fcurve: Any, marked: Mapping[str, np.ndarray]) -> None:
    frames, points = points_of(fcurve)[0], fcurve.keyframe_points
    types = np.empty(len(frames), np.int32)
    points.foreach_get("type", types)
    for kind, at in marked.items():
        types[_among(frames, at, SAME_FRAME)] = _NUMBERS[kind]
    points.foreach_set("type", types)


def replacing_curves(ob: Animated, curves: Sequence[Curve], seconds: float = WHOLE) -> Slices[None]:
    """Let an Action have these curves, each in place of the one that it has of the channel, in slices."""
    clock = Clock(seconds)
    for curve in curves:
        if clock.over:
            yield
            clock.restart()
        put_curves(ob, [curve], [curve.path])


def _among(frames: np.ndarray, others: np.ndarray, reach: float) -> np.ndarray:
    """Which of the frames (n,) are within reach of any of others, sorted: bool (n,)."""
    return np.abs(others[_nearest(others, frames)] - frames) <= reach if len(others) else np.zeros(len(frames), bool)


def _nearest(sorted_frames: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Which of the sorted frames (n,) is nearest to each of others (m,)."""
    after = np.searchsorted(sorted_frames, frames).clip(max=len(sorted_frames) - 1)
    before = np.maximum(after - 1, 0)
    return np.where(frames - sorted_frames[before] < sorted_frames[after] - frames, before, after)
