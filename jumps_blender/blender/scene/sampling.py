"""Where an armature's bones really are, frame by frame, with all parents, constraints and drivers at work.

The frames are evaluated in a scene of their own: the user's frame, and poses not keyed yet, stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from typing import Final

import bpy
import numpy as np

from ...errors import InputError
from .actions import location_channels
from .present import armature_of, bones_of, pose_bones_of
from .scene_state import object_mode
from .slices import WHOLE, Clock, Slices, at_once

_TOGETHER: Final = 4000
"""Frames of a bone that are traced at once: curves that are not linear take some milliseconds for a thousand."""


def sample_points(
    context: bpy.types.Context, ob: bpy.types.Object, bones: tuple[str, ...], frames: np.ndarray
) -> np.ndarray:
    """The bones' evaluated heads in armature space; see `sampling_points`."""
    return at_once(sampling_points(context, lambda: ob, bones, frames))


def sampling_points(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], bones: tuple[str, ...], frames: np.ndarray,
    seconds: float = WHOLE,
) -> Slices[np.ndarray]:  # fmt: skip
    """Sample the bones' evaluated heads in armature space, so without the object's own transform, in slices.

    Args:
        context: its mode, active object, selection and frame stay.
        find: finds the armature, anew for each slice.
        bones: names of bones it has.
        frames: (frames,), scene frames, which may lie between whole ones.
        seconds: of a slice.

    Returns:
        (frames, bones, 3) in armature units.

    Raises:
        InputError: a bone is gone, and what `find` raises.

    """
    points, done, clock = np.empty((len(frames), len(bones), 3)), 0, Clock(seconds)
    while done < len(frames):
        ob = find()
        chosen, heads = _places(ob, bones), np.empty((len(pose_bones_of(ob)), 3), np.float32)
        with closing(posed_frames(context, find, frames[done:])) as poses:
            for posed in poses:
                pose_bones_of(posed).foreach_get("head", heads.ravel())
                points[done] = heads[chosen]
                done += 1
                if clock.over:
                    break
        if done < len(frames):
            yield
            clock.restart()
    return points


def tracing_points(
    find: Callable[[], bpy.types.Object], bones: tuple[str, ...], frames: np.ndarray, seconds: float = WHOLE
) -> Slices[np.ndarray]:
    """What `sampling_points` samples, from F-curves: quick, and nothing is evaluated.

    For bones without parents that only the object's Action moves; see `actions.acts_alone`.
    """
    points, clock = np.empty((len(frames), len(bones), 3)), Clock(seconds)
    for first in range(0, len(frames), _TOGETHER):
        here = slice(first, first + _TOGETHER)
        for i, bone in enumerate(bones):
            if clock.over:
                yield
                clock.restart()
            ob = find()
            _places(ob, (bone,))
            rest = np.array(bones_of(ob)[bone].matrix_local)
            points[here, i] = location_channels(ob, (bone,), frames[here])[:, 0] @ rest[:3, :3].T + rest[:3, 3]
    return points


def _places(ob: bpy.types.Object, bones: tuple[str, ...]) -> list[int]:
    index = {bone.name: i for i, bone in enumerate(pose_bones_of(ob))}
    gone = [bone for bone in bones if bone not in index]
    if gone:
        raise InputError(f"Armature {ob.name!r} lost its bone {gone[0]!r} while it was read: undo that, and run again.")
    return [index[bone] for bone in bones]


def posed_frames(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], frames: np.ndarray
) -> Generator[bpy.types.Object, None, None]:
    """The evaluated armature at each of these scene frames, which may lie between whole ones.

    Raises:
        InputError: the scene that it is evaluated in is gone, as after an undo; and what `find` raises.

    """
    # Bones that are being edited have no pose.
    free = nullcontext() if context.mode in {"OBJECT", "POSE"} else object_mode(context)
    with free, _posed(find), _scene_for(find()) as name:
        for frame in frames:
            ob = find()
            scene: bpy.types.Scene | None = bpy.data.scenes.get(name)
            if scene is None:
                raise InputError(f"{ob.name!r} was changed meanwhile, by an undo or a script: run again.")
            whole = int(np.floor(frame))
            scene.frame_set(whole, subframe=float(frame - whole))
            depsgraph = scene.view_layers[0].depsgraph
            assert depsgraph
            posed = ob.evaluated_get(depsgraph)
            assert posed.pose
            yield posed


@contextmanager
def _posed(find: Callable[[], bpy.types.Object]) -> Iterator[None]:
    """Show the armature's pose: an armature at rest, or hidden in viewports, is not evaluated."""
    ob = find()
    position, hidden = armature_of(ob).pose_position, ob.hide_viewport
    armature_of(ob).pose_position = "POSE"
    ob.hide_viewport = False
    try:
        yield
    finally:
        with suppress(InputError):  # it was deleted meanwhile
            ob = find()
            armature_of(ob).pose_position = position
            ob.hide_viewport = hidden


@contextmanager
def _scene_for(ob: bpy.types.Object) -> Iterator[str]:
    """A scene with the object alone, by name: an undo may take it away."""
    scene = bpy.data.scenes.new("JUMPS sampling")
    name = scene.name
    try:
        scene.collection.objects.link(ob)
        yield name
    finally:
        if name in bpy.data.scenes:
            bpy.data.scenes.remove(bpy.data.scenes[name])
