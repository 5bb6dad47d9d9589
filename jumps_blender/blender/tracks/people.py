"""Armatures made of people: imported keypoints, and the 28 joints that the upsampler found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import bpy
import numpy as np

from ...core.body.normalise import body_scale
from ...core.body.skeleton import JOINTS
from ...core.body.tracks import Tracks
from ..records import (
    RESULT,
    SOURCE,
    Choices,
    ResultRecord,
    Solve,
    TracksRecord,
    pack_result,
    pack_tracks,
    store,
    store_tracks,
)
from ..results.doubt import doubt_from, foretell_doubt
from ..scene.actions import discard_action, draft_action, key_frames, take_draft, take_object_keys
from ..scene.handles import Handle
from ..scene.names import fitted
from ..scene.present import scene_of
from ..scene.rekeying import marking_keys
from ..scene.slices import WHOLE, Slices, at_once, beside
from .armature import build_armature, join_bones, joint_curves, key_joints, move_to, takes_in
from .findings import learn_from
from .placement import BODY_SCALE, Placement, Timing, place

RESULT_SUFFIX: Final = " 28 joints"

TRANSFORM: Final = (
    "location", "rotation_mode", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale",
    "delta_location", "delta_rotation_euler", "delta_rotation_quaternion", "delta_scale",
)  # fmt: skip


@dataclass(frozen=True)
class ImportOptions:
    """How keypoints are laid into the scene.

    `height` of the person in metres; `scale` metres per pixel, 0 = from the height; `start_frame` the scene frame at
    which the clip's frame `first_frame` lies, so that people who come and go stay in step; None = the person's first;
    `placement` of the picture where others share it, None = so that this person stands on the ground.
    """

    name: str
    start_frame: float = 1.0
    first_frame: int | None = None
    height: float = 1.7
    scale: float = 0.0
    placement: Placement | None = None


def scene_fps(scene: bpy.types.Scene) -> float:
    """Frames per second of the scene."""
    return scene.render.fps / scene.render.fps_base


def import_person(context: bpy.types.Context, tracks: Tracks, options: ImportOptions) -> bpy.types.Object:
    """A keyed armature of the tracks, which are stored with it.

    Tracks that do not know their frame rate are taken to be at the scene's.

    Raises:
        NotEnoughJoints: nothing is observed, or too little to tell the body's size; nothing was created.

    """
    scene = scene_of(context)
    unit = scene.unit_settings.scale_length
    placement = options.placement or placed(scene, tracks, options)
    rate = scene_fps(scene)
    late = 0 if options.first_frame is None else tracks.first_frame - options.first_frame
    timing = Timing.by_time(options.start_frame, tracks.fps or rate, rate)
    timing = replace(timing, start=timing.start + late * timing.step, assumed=tracks.fps is None)
    joints = tracks.joint_set.joints
    ob = build_armature(context, options.name, joints, options.height / unit)
    key_joints(ob, ob.name, joints, placement.to_armature(tracks.positions), timing.frames(len(tracks)))
    store_tracks(ob, TracksRecord(replace(tracks, fps=timing.fps), placement, timing))
    return ob


def placed(scene: bpy.types.Scene, tracks: Tracks, options: ImportOptions) -> Placement:
    """Where the picture lies if this person stands on the ground; raises NotEnoughJoints as `place` does."""
    unit = scene.unit_settings.scale_length
    return place(tracks, options.height / unit, options.scale / unit)


def last_key(ob: bpy.types.Object) -> int:
    """The last scene frame with a key; 0 without keys."""
    return max((int(np.ceil(frames[-1])) for frames in key_frames(ob).values()), default=0)


def adding_result(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], record: ResultRecord, tracks: TracksRecord,
    remark: str = "", seconds: float = WHOLE,
) -> Slices[Handle]:  # fmt: skip
    """Make a keyed armature of the 28 joints, exactly where the source stands, in slices of so many seconds.

    All of it appears in the scene in the last slice.

    Args:
        context: its mode, active object, selection and frame stay.
        find: finds the armature that was upsampled.
        record: what is stored with the result, its positions among it.
        tracks: what was upsampled, which is stored too: a result can be solved again without its source.
        remark: what the result's name says of it.
        seconds: of a slice.

    Raises:
        InputError: the source is gone; nothing was created.

    """
    assert record.positions is not None
    points = record.placement.to_armature(record.positions)
    curves = joint_curves(JOINTS, points, record.timing.frames(len(points)))
    record = replace(record, solve=Solve.now(record.report))
    packed = yield from beside(lambda: {RESULT: pack_result(record), SOURCE: pack_tracks(tracks)}, seconds)
    doubt = yield from beside(lambda: doubt_from(record, tracks), seconds)
    draft = yield from draft_action(curves, seconds)
    try:
        source = find()
        name = fitted(source.name.partition(RESULT_SUFFIX)[0], f"{RESULT_SUFFIX}{remark}")
        ob = build_armature(context, name, JOINTS, _height_of(record.positions, record.placement))
        take_draft(ob, draft, _action_name(ob, record.choices))
    finally:
        discard_action(draft)
    join_bones(ob, JOINTS, curves)
    if record.pins is not None and record.pins.any():
        frames = record.timing.frames(len(points))
        at_once(marking_keys(ob, {"EXTREME": {joint: frames[record.pins[:, i]] for i, joint in enumerate(JOINTS)}}))
    foretell_doubt(packed[RESULT], doubt)
    for key, value in packed.items():
        store(ob, key, value)
    stand_like(ob, source)
    learn_from(source, tracks, record)
    return Handle.of(ob)


def _action_name(ob: bpy.types.Object, choices: Choices) -> str:
    """After source and settings; the published method has a seed where the others have a smoothness."""
    said = f"seed {choices.seed}" if choices.settings == "paper" else f"{choices.smoothness:g}"
    return fitted(ob.name, f" {choices.settings} {said}", room=4)


def stand_like(ob: bpy.types.Object, other: bpy.types.Object) -> None:
    """Give an object with an Action the transform, keys of it among that, parent, constraints and home of another."""
    ob.parent = other.parent
    ob.parent_type = other.parent_type
    ob.parent_bone = other.parent_bone
    ob.matrix_parent_inverse = other.matrix_parent_inverse
    for name in TRANSFORM:
        setattr(ob, name, getattr(other, name))
    take_object_keys(ob, other, TRANSFORM)
    for constraint in other.constraints:
        ob.constraints.copy(constraint)
    for home in filter(takes_in, other.users_collection[:1]):
        move_to(ob, home)


def _height_of(positions: np.ndarray, placement: Placement) -> float:
    """Height of the person in armature units, as far as the body's size can be told."""
    body = float(body_scale(positions))
    return placement.scale * body / BODY_SCALE if body > 0 else ImportOptions.height
