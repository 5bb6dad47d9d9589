"""The keys of a result's joints: at every sample, or as few as a tolerance needs, with cubics between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import bpy
import numpy as np

from ...core.body.skeleton import JOINTS
from ...core.simplify import Keys as Kept
from ...core.simplify import simplified
from ..records import Holder
from ..scene.actions import SAME_FRAME, Curve, location_curves, put_curves
from ..scene.fcurves import Animated
from ..scene.keyframes import Keys, keys_of, keys_together, points_of, put_keys, some_keys
from ..scene.slices import WHOLE, Clock, Slices, beside
from ..tracks.placement import Timing
from .between import Between

TOLERANCE: Final = "jumps_tolerance"
"""Custom property of a simplified result: how far, in pixels, its curves may be from what was solved."""

_LINEAR, _BEZIER = 1, 2
_ALIGNED: Final = 3
_SLOPES: Final = 3
"""Samples on either side of a change that are looked at again: slopes there depend on it."""

_PLAIN: Final = {"back": 1.70158, "amplitude": 0.8, "period": 4.1}
"""What Blender gives a key."""


@dataclass(frozen=True)
class Path:
    """Where joints are at their samples, `points` (frames, 28, 2), X and Z in armature space, and at keys between."""

    points: np.ndarray
    timing: Timing
    between: Between

    @property
    def frames(self) -> np.ndarray:
        """Scene frames (frames,)."""
        return self.timing.frames(len(self.points))

    def curves(self) -> list[Curve]:
        """A key at every sample, and those between."""
        curves = []
        for i, joint in enumerate(JOINTS):
            frames, points = self.between.with_samples(i, self.frames, self.points[:, i])
            curves += [Curve(joint, axis, frames, points[:, channel]) for channel, axis in ((0, 0), (1, 2))]
        return curves


def tolerance_of(ob: Holder) -> float:
    """Pixels by which the curves of a simplified result may be off; 0 where there is a key at every sample."""
    value = ob.get(TOLERANCE, 0.0)
    return float(value) if isinstance(value, (int, float)) else 0.0


def set_tolerance(ob: bpy.types.Object, tolerance: float) -> None:
    """Remember it with the result."""
    if tolerance:
        ob[TOLERANCE] = float(tolerance)
    elif ob.get(TOLERANCE) is not None:
        del ob[TOLERANCE]


def keying_everywhere(ob: Animated, path: Path, seconds: float = WHOLE) -> Slices[None]:
    """Give each joint a key at every sample, with straight lines between them, in slices of so many seconds.

    Channels that were deleted come back.
    """
    present = location_curves(ob)
    put_curves(ob, [curve for curve in path.curves() if (curve.bone, curve.axis) not in present], ())
    every = np.ones(path.points.shape[:2], bool)
    yield from _putting(
        ob, path, Kept(every, np.zeros_like(path.points), np.zeros(every.shape)), every, _LINEAR, seconds
    )


def keying_sparsely(
    ob: Animated, path: Path, tolerance: float, exact: np.ndarray, seconds: float = WHOLE
) -> Slices[Kept]:
    """Give joints the keys that a tolerance in armature units needs; `exact` bool (frames, 28) are met exactly."""
    kept = yield from beside(lambda: simplified(path.points, tolerance, exact), seconds)
    yield 0.6
    yield from _putting(ob, path, kept, np.ones(exact.shape, bool), _BEZIER, seconds)
    return kept


def keying_again(
    ob: Animated, path: Path, tolerance: float, exact: np.ndarray, changed: np.ndarray, seconds: float = WHOLE
) -> Slices[None]:
    """Give a simplified result new keys where samples, bool (frames, 28), changed; other keys stay as they are."""
    padded = np.pad(changed, [(_SLOPES, _SLOPES), (0, 0)])
    touched = np.any([padded[shift : shift + len(changed)] for shift in range(2 * _SLOPES + 1)], axis=0)
    stay = _present(ob, path) & ~touched
    yield
    kept = yield from beside(lambda: simplified(path.points, tolerance, exact, stay), seconds)
    anew = touched | (kept.kept & ~stay)
    where = np.stack([_between(*both) for both in zip(stay.T, anew.T, strict=True)], 1)
    yield from _putting(ob, path, kept, where, _BEZIER, seconds)


def _between(stay: np.ndarray, anew: np.ndarray) -> np.ndarray:
    """Bool (frames,): all from the key that stays before a sample that is new to the one after it."""
    stretch = np.cumsum(stay)
    new = stretch[anew]
    return np.asarray(np.isin(stretch, new) | (stay & np.isin(stretch - 1, new)))


def _present(ob: Animated, path: Path) -> np.ndarray:
    """Bool (frames, 28): samples at which both channels of a joint have a key."""
    present = np.zeros((2, *path.points.shape[:2]), bool)
    for (bone, axis), fcurve in location_curves(ob).items():
        if bone in JOINTS and axis != 1:
            near = _samples(points_of(fcurve)[0], path)
            present[axis // 2, near[near >= 0], JOINTS.index(bone)] = True
    return np.asarray(present.all(0))


def _putting(
    ob: Animated, path: Path, kept: Kept, where: np.ndarray, interpolation: int, seconds: float
) -> Slices[None]:
    """Let joints have the kept keys, and no others, at the samples bool (frames, 28)."""
    clock = Clock(seconds)
    for bone, axis in [(bone, axis) for bone, axis in location_curves(ob) if bone in JOINTS and axis != 1]:
        if clock.over:
            yield
            clock.restart()
        fcurve, joint = location_curves(ob)[bone, axis], JOINTS.index(bone)
        new = _new_keys(path, kept, joint, axis // 2, interpolation)
        inside = _inside(points_of(fcurve)[0], path, where[:, joint])
        come = some_keys(new, _inside(new["co"][:, 0], path, where[:, joint]))
        put_keys(fcurve, come if inside.all() else keys_together(some_keys(keys_of(fcurve), ~inside), come))


def _inside(frames: np.ndarray, path: Path, where: np.ndarray) -> np.ndarray:
    """Keys' frames (n,) at the samples bool (frames,) or between two of them; those beyond the clip's ends are not."""
    at = (frames - path.timing.start) / path.timing.step
    near = np.rint(at).astype(int).clip(0, len(where) - 1)
    beyond = (at < -0.5) | (at > len(where) - 0.5)
    return np.asarray(where[near] & ~beyond)


def _samples(frames: np.ndarray, path: Path) -> np.ndarray:
    """The samples at which keys' frames (n,) are, int (n,); -1 of those between samples or beyond."""
    at = (frames - path.timing.start) / path.timing.step
    near = np.rint(at).astype(int)
    there = (np.abs(at - near) * path.timing.step < SAME_FRAME) & (near >= 0) & (near < len(path.points))
    return np.where(there, near, -1)


def _new_keys(path: Path, kept: Kept, joint: int, channel: int, interpolation: int) -> Keys:
    """The kept keys of a channel and those between samples, their handles a third of the way to the next."""
    at = np.flatnonzero(kept.kept[:, joint])
    frames, points = path.between.with_samples(joint, path.frames[at], path.points[at, joint])
    values = points[:, channel]
    slopes = np.interp(frames, path.frames, kept.slopes[:, joint, channel]) / path.timing.step
    gaps = np.diff(frames)
    before, after = (gaps[np.r_[0, : len(gaps)]], gaps[np.r_[: len(gaps), -1]]) if len(gaps) else (np.ones(1),) * 2
    count = np.ones((len(frames), 1), np.int32)

    def point(shift: Any) -> np.ndarray:
        return np.column_stack([frames + shift, values + shift * slopes]).astype(np.float32)

    numbers = {name: np.full((len(frames), 1), value, np.float32) for name, value in _PLAIN.items()}
    handles = {"handle_left_type": _ALIGNED * count, "handle_right_type": _ALIGNED * count}
    none = dict.fromkeys(
        ("type", "easing", "select_control_point", "select_left_handle", "select_right_handle"), 0 * count
    )
    return {
        "co": point(0.0), "handle_left": point(-before / 3), "handle_right": point(after / 3), **handles,
        "interpolation": interpolation * count, **numbers, **none,
    }  # fmt: skip
