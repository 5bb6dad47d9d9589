"""From constraints to keys: what a led rig shows, frame by frame, on the controls that are led and on no other bone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ...errors import InputError
from ..scene.actions import CONSTANT, Curve, discard_action, property_keys
from ..scene.drafts import Draft, drafting_over, take_over
from ..scene.present import pose_bones_of
from ..scene.sampling import posed_frames
from ..scene.slices import WHOLE, Clock, Slices
from .channels import LAYER, layer_curve
from .guide import MARK, detach, guide_of, led_by
from .switches import limbs_of, put_switches, switches_of

ROTATIONS: Final = {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}
"""Channel of a rotation mode; all others are Euler orders."""

TINY: Final = 1e-9

ALL_ROTATIONS: Final = (*ROTATIONS.values(), "rotation_euler")


def baking(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], progress: Callable[[float], None],
    seconds: float = WHOLE,
) -> Slices[str]:  # fmt: skip
    """Write what a led rig shows as keys into a new Action, and take the guide away; return the Action's name.

    The new Action takes over what the present one holds for other bones; that one stays. Between slices the scene holds
    what the sampling needs: whoever gives up closes the generator, and then nothing was changed.

    Args:
        context: its mode, active object, selection and frame stay.
        find: finds the rig, anew for each slice.
        progress: called with the share of its frames that is sampled.
        seconds: of a slice.

    Raises:
        InputError: nothing leads the rig, or does any more; and what `find` raises.

    """
    guide = _guide(find())
    names, frames = _in_order(find()), _whole_frames(guide)
    poses = _Poses(find(), names, len(frames))
    clock = Clock(seconds)
    with closing(posed_frames(context, find, frames)) as shown:
        for i, posed in enumerate(shown):
            poses.take(i, posed)
            progress((i + 1) / len(frames))
            if clock.over:
                yield
                clock.restart()
    yield
    curves = [curve for name in names for curve in poses.curves(name, frames)]
    layers, switches = _layers(_guide(find()), names), _switches(find())
    curves += layers + [
        Curve(name, 0, frames[:1], np.array([value]), f'["{key}"]', CONSTANT)
        for name, values in switches.items()
        for key, value in values.items()
    ]
    draft = yield from drafting_over(find, curves, [path for name in names for path in _paths(name)], seconds)
    try:
        yield
        return _take(find(), draft, layers, switches)
    finally:
        discard_action(draft.name)


def _guide(target: bpy.types.Object) -> bpy.types.Object:
    guide = guide_of(target)
    if guide is None:
        raise InputError(f"Nothing leads {target.name}: bring a performance onto it first.")
    return guide


def _switches(target: bpy.types.Object) -> dict[str, dict[str, float]]:
    """What a led rig's switches are set to, by bone."""
    led = led_by(_guide(target))
    return {limb.switch: switches_of(target, limb.switch) for limb in limbs_of(target, led.rig)}


def _take(
    target: bpy.types.Object, draft: Draft, layers: Sequence[Curve], switches: dict[str, dict[str, float]]
) -> str:
    """Let keys come in the place of what leads a rig; first the keys, for want of which nothing may be changed."""
    name = take_over(target, draft, f"{target.name} {led_by(_guide(target)).source}")
    for curve in layers:
        pose_bones_of(target)[curve.bone][LAYER] = float(curve.values[0])
    detach(target)
    put_switches(target, switches)
    return name


class _Poses:
    """Local transforms of bones over time, such that the bones lie as they are shown with the constraints at work."""

    def __init__(self, target: bpy.types.Object, names: list[str], count: int) -> None:
        bones = pose_bones_of(target)
        self.names = names
        self.kinds = {name: _kinds(bones[name]) for name in names}
        self.stretched = any("length" in kinds for kinds in self.kinds.values())
        self.modes = {name: bones[name].rotation_mode for name in names}
        self.before: dict[str, Any] = {}
        self.values = {name: self._channels(name, count) for name in names}

    def take(self, i: int, posed: bpy.types.Object) -> None:
        """Note the transforms at one frame, the i-th."""
        bones = pose_bones_of(posed)
        real: dict[str, Matrix] = {}
        for name in self.names:
            bone, kinds = bones[name], self.kinds[name]
            carrier = self._carrier(bone, real)
            local = _convert(bone, bone.matrix, carrier, invert=True)
            turned = _lengthwise(local)
            scale = _scale(bone, Matrix.LocRotScale(local.translation, turned, None), carrier)
            self.before[name] = rotation = _rotation(turned, self.modes[name], self.before.get(name))
            shown = {"rotation": rotation, "place": local.translation, "length": scale}
            for kind, (_, values) in self.values[name].items():
                values[i] = shown[kind][:]
            if self.stretched:
                place = local.translation if "place" in kinds else bone.location
                size = scale if "length" in kinds else bone.scale
                real[name] = _convert(bone, Matrix.LocRotScale(place, turned, size), carrier, invert=False)

    def curves(self, name: str, frames: np.ndarray) -> list[Curve]:
        """Keys of one bone."""
        return [
            Curve(name, axis, frames, values[:, axis], channel)
            for channel, values in self.values[name].values()
            for axis in range(values.shape[1])
        ]

    def _channels(self, name: str, count: int) -> dict[str, tuple[str, np.ndarray]]:
        """By what leads the bone: the channel, and room for its values (frames, 3 or 4)."""
        rotation = ROTATIONS.get(self.modes[name], "rotation_euler")
        channels = {"rotation": (rotation, 3 if rotation == "rotation_euler" else 4)}
        channels |= {"place": ("location", 3), "length": ("scale", 3)}
        return {
            kind: (channel, np.empty((count, width)))
            for kind, (channel, width) in channels.items()
            if kind in self.kinds[name]
        }

    def _carrier(self, bone: bpy.types.PoseBone, real: dict[str, Matrix]) -> Matrix | None:
        """Where the bone's parent will lie: as it is shown, but for the shear that stretched parents hand down."""
        parent = bone.parent
        if parent is None:
            return None
        if parent.name in real:
            return real[parent.name]
        above = self._carrier(parent, real) if real else None
        return parent.matrix if above is None else above @ parent.parent.matrix.inverted_safe() @ parent.matrix


def _convert(bone: bpy.types.PoseBone, matrix: Matrix, carrier: Matrix | None, invert: bool) -> Matrix:
    """From pose to channels (`invert`) or back, with the parent where it is said to be."""
    if carrier is None:
        return bone.bone.convert_local_to_pose(matrix, bone.bone.matrix_local, invert=invert)
    return bone.bone.convert_local_to_pose(
        matrix, bone.bone.matrix_local, parent_matrix=carrier, parent_matrix_local=bone.parent.bone.matrix_local,
        invert=invert,
    )  # fmt: skip


def _scale(bone: bpy.types.PoseBone, unscaled: Matrix, carrier: Matrix | None) -> Vector:
    """What makes a bone as long and as wide as it is shown, however parents that are squeezed hand it down."""
    bare = _convert(bone, unscaled, carrier, invert=False)
    return Vector([bone.matrix.col[i].to_3d().length / max(bare.col[i].to_3d().length, TINY) for i in range(3)])


def _lengthwise(local: Matrix) -> Any:
    """Rotation of a matrix that may be sheared: the bone's own direction is right."""
    along = local.col[1].to_3d().normalized()
    rotation = local.to_3x3().normalized().to_quaternion()
    return (rotation @ Vector((0, 1, 0))).rotation_difference(along) @ rotation


def _rotation(turned: Any, mode: str, before: Any) -> Any:
    """A quaternion in a bone's rotation mode, next to the value of the frame before."""
    if mode == "QUATERNION":
        if before is not None and before.dot(turned) < 0:
            turned.negate()
        return turned
    if mode == "AXIS_ANGLE":
        axis, angle = turned.to_axis_angle()
        if before is not None and axis.dot(Vector(before[1:])) < 0:
            axis, angle = -axis, -angle
        return (angle, *axis)
    return turned.to_euler(mode, before) if before is not None else turned.to_euler(mode)


def _in_order(target: bpy.types.Object) -> list[str]:
    """Led bones, parents before their children."""
    led = [bone for bone in pose_bones_of(target) if _kinds(bone)]
    return [bone.name for bone in sorted(led, key=lambda bone: len(bone.parent_recursive))]


def _kinds(bone: bpy.types.PoseBone) -> set[str]:
    """Which of our constraints lead a bone: "rotation", "length", "place"."""
    return {each.name[len(MARK) :].partition(".")[0] for each in bone.constraints if each.name.startswith(MARK)}


def _whole_frames(guide: bpy.types.Object) -> np.ndarray:
    assert guide.animation_data
    assert guide.animation_data.action
    ends = guide.animation_data.action.frame_range
    frames = np.arange(np.ceil(ends[0] - 1e-3), np.floor(ends[1] + 1e-3) + 1)
    return frames if len(frames) else np.array([np.round(ends[0])])


def _layers(guide: bpy.types.Object, names: list[str]) -> list[Curve]:
    """The layers that the guide has keys of, for the rig's own bones."""
    found = [(name, *property_keys(guide, name, LAYER)) for name in names]
    return [layer_curve(name, frames, values) for name, frames, values in found if len(frames)]


def _paths(name: str) -> list[str]:
    return [Curve(name, 0, np.empty(0), np.empty(0), channel).path for channel in ALL_ROTATIONS]
