"""Where an armature's bones really are, frame by frame, with all parents, constraints and drivers at work.

The frames are evaluated in a scene of their own: the user's frame, and poses not keyed yet, stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from .present import armature_of, pose_bones_of
from .scene_state import object_mode


def sample_heads(
    context: bpy.types.Context, ob: bpy.types.Object, bones: tuple[str, ...], frames: np.ndarray
) -> np.ndarray:
    """X and Z (frames, bones, 2) of the bones' evaluated heads; see `sample_points`."""
    return sample_points(context, ob, bones, frames)[..., [0, 2]]


def sample_points(
    context: bpy.types.Context, ob: bpy.types.Object, bones: tuple[str, ...], frames: np.ndarray
) -> np.ndarray:
    """The bones' evaluated heads in armature space, so without the object's own transform.

    Args:
        context: its mode, active object, selection and frame stay.
        ob: an armature.
        bones: names of bones it has.
        frames: (frames,), scene frames, which may lie between whole ones.

    Returns:
        (frames, bones, 3) in armature units.

    """
    index = {bone.name: i for i, bone in enumerate(pose_bones_of(ob))}
    chosen = [index[bone] for bone in bones]
    heads = np.empty((len(pose_bones_of(ob)), 3), np.float32)
    points = np.empty((len(frames), len(bones), 3))
    for i, posed in enumerate(posed_frames(context, ob, frames)):
        posed.pose.bones.foreach_get("head", heads.ravel())
        points[i] = heads[chosen]
    return points


def posed_frames(context: bpy.types.Context, ob: bpy.types.Object, frames: np.ndarray) -> Iterator[bpy.types.Object]:
    """The evaluated armature at each of these scene frames, which may lie between whole ones."""
    with object_mode(context), _posed(ob), _scene_for(ob) as scene:
        for frame in frames:
            whole = int(np.floor(frame))
            scene.frame_set(whole, subframe=float(frame - whole))
            depsgraph = scene.view_layers[0].depsgraph
            assert depsgraph
            posed = ob.evaluated_get(depsgraph)
            assert posed.pose
            yield posed


@contextmanager
def _posed(ob: bpy.types.Object) -> Iterator[None]:
    """Show the armature's pose: an armature at rest, or hidden in viewports, is not evaluated."""
    position, hidden = armature_of(ob).pose_position, ob.hide_viewport
    armature_of(ob).pose_position = "POSE"
    ob.hide_viewport = False
    try:
        yield
    finally:
        armature_of(ob).pose_position = position
        ob.hide_viewport = hidden


@contextmanager
def _scene_for(ob: bpy.types.Object) -> Iterator[bpy.types.Scene]:
    scene = bpy.data.scenes.new("JUMPS sampling")
    try:
        scene.collection.objects.link(ob)
        yield scene
    finally:
        bpy.data.scenes.remove(scene)
