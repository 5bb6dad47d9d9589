"""Keys of a curve with all that they are, so that they can be carried elsewhere: handles, interpolation, kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

_NUMBERS: Final = {
    "co": 2, "handle_left": 2, "handle_right": 2, "handle_left_type": 1, "handle_right_type": 1, "interpolation": 1,
    "easing": 1, "back": 1, "amplitude": 1, "period": 1, "type": 1, "select_control_point": 1, "select_left_handle": 1,
    "select_right_handle": 1,
}  # fmt: skip
"""The attributes of `bpy.types.Keyframe`, and how many numbers each has."""

_REAL: Final = ("co", "handle_left", "handle_right", "back", "amplitude", "period")

Keys = dict[str, np.ndarray]
"""Keys, (n, numbers) by attribute."""


def points_of(fcurve: Any) -> tuple[np.ndarray, np.ndarray]:
    """Frames and values (n,) of a curve's keys."""
    co = np.empty(2 * len(fcurve.keyframe_points), np.float32)
    fcurve.keyframe_points.foreach_get("co", co)
    return co[::2].astype(np.float64), co[1::2].astype(np.float64)


def keys_of(fcurve: Any, names: Iterable[str] = tuple(_NUMBERS)) -> Keys:
    """All keys of a curve, with some of what they are or all of it; none of no curve."""
    keys = {}
    for name in names:
        size = _NUMBERS[name]
        kind = np.float32 if name in _REAL else np.int32
        values = np.empty((len(fcurve.keyframe_points) if fcurve else 0, size), kind)
        if fcurve:
            fcurve.keyframe_points.foreach_get(name, values.ravel())
        keys[name] = values
    return keys


def some_keys(keys: Keys, which: np.ndarray) -> Keys:
    """Those keys of which bool (n,) says so."""
    return {name: values[which] for name, values in keys.items()}


def keys_together(some: Keys, others: Keys) -> Keys:
    """Keys in the order of time."""
    both = {name: np.concatenate([values, others[name]]) for name, values in some.items()}
    order = np.argsort(both["co"][:, 0], kind="stable")
    return some_keys(both, order)


def put_keys(fcurve: Any, keys: Keys) -> None:
    """Let a curve have these keys and no others."""
    points = fcurve.keyframe_points
    points.clear()
    points.add(len(keys["co"]))
    for name, values in keys.items():
        points.foreach_set(name, values.ravel())
    fcurve.update()


def set_values(fcurve: Any, values: np.ndarray) -> None:
    """Let a curve's keys have other values (n,), where they are in time; their handles go along."""
    keys = keys_of(fcurve, ("co", "handle_left", "handle_right"))
    shift = values - keys["co"][:, 1]
    for name, there in keys.items():
        there[:, 1] += shift
        fcurve.keyframe_points.foreach_set(name, there.ravel())
