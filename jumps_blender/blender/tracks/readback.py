"""An armature as tracks again: what was imported, with all that the animator changed, or what was keyed by hand.

Of an imported armature a joint counts as observed in a frame where it still is where it was stored, with the stored
confidence, and where it was placed by hand, with confidence 1 (`counting`); not where its key was deleted, nor in the
gaps that were never observed, nor where it is to be ignored (`mends`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final

import bpy
import numpy as np

from ...core.body.joint_sets import JOINT_SETS, JointSet
from ...core.body.normalise import body_scale
from ...core.body.tracks import Tracks
from ...core.clips.clip import PRIOR_FPS
from ...core.clips.windows import WINDOW
from ...errors import InputError
from ..records import TracksRecord, stored_tracks
from ..scene.actions import PLACE, SAME_FRAME, acts_alone, driven_bones, key_frames
from ..scene.present import bones_of, pose_bones_of, scene_of
from ..scene.sampling import sampling_points, tracing_points
from ..scene.slices import WHOLE, Slices, at_once
from .counting import Imported, is_constrained, is_led
from .mends import stays, stored_mends, with_sides
from .placement import Placement, Timing

MENDED: Final = 0.5
"""Share of its frames up to which a joint that was placed by hand was mended, and not made anew."""

HAND_BODY: Final = 300.0
"""Body scale, in pixels, of the picture that a hand-keyed armature is projected to."""

MARGIN: Final = 100.0
"""Pixels that the picture keeps around a hand-keyed armature, so that no joint lies at (0, 0)."""

CONTEXT: Final = 2 * WINDOW / PRIOR_FPS
"""Seconds around a span that have a say in it."""

_SIDE = re.compile(r"(?P<part>.+)[._ -](?P<side>[lr]|left|right)$")


@dataclass(frozen=True)
class Reading:
    """What an armature shows over a stretch of scene frames, and enough around it to solve it as if all were there.

    The frames asked for are `own` of the record's; `before` more frames of the clip lie before the record. `whole` are
    all frames as they were imported; None where the record has them all, or nobody knows. `pinned` bool (frames,
    joints), where somebody placed an imported joint by hand: it stays there; None = nowhere.
    """

    record: TracksRecord
    own: slice
    before: int
    whole: Tracks | None = None
    pinned: np.ndarray | None = None


Span = tuple[float, float]
"""First and last scene frame."""


def read_armature(context: bpy.types.Context, ob: bpy.types.Object) -> TracksRecord:
    """The tracks that an armature shows; nothing in the scene changes. Raises what `reading` does."""
    return at_once(reading(context, lambda: ob)).record


def reading(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], span: Span | None = None, seconds: float = WHOLE
) -> Slices[Reading]:
    """Read the tracks that an armature shows, in slices; nothing in the scene changes.

    Args:
        context: its mode, active object, selection and frame stay.
        find: finds the armature, anew for each slice.
        span: scene frames to which the clip is read; None = all of it.
        seconds: of a slice.

    Raises:
        InputError: no bone with a known joint name, no keys, or none in the span; and what `find` raises.

    """
    keys = key_frames(find(), PLACE)
    yield  # of a long clip each of these steps takes its time
    record = standing_import(find(), keys)
    yield
    if record is None:
        return (yield from _reading_hand_keyed(context, find, key_frames(find()), span, seconds))
    if not keys:
        raise InputError(
            f"Armature {find().name!r} has no keys any more: undo, assign its Action again, or import the file again."
        )
    return (yield from _reading_imported(context, find, record, keys, span, seconds))


def joint_bones(ob: bpy.types.Object) -> tuple[JointSet, dict[str, str]]:
    """The joint set that most bones are named after, the 28 joints first, and the bone of each joint.

    Names may also end with their side: "shoulder.L" is "left_shoulder". Both are empty-handed where no bone is known.
    """
    return _match_bones(tuple(bone.name for bone in bones_of(ob)))


@lru_cache(maxsize=8)
def _match_bones(names: tuple[str, ...]) -> tuple[JointSet, dict[str, str]]:
    bones = {joint_name(name): name for name in names}
    sets = sorted(JOINT_SETS.values(), key=lambda joint_set: joint_set.id != "mpi28")
    best = max(sets, key=lambda joint_set: sum(joint in bones for joint in joint_set.joints))
    return best, {joint: bones[joint] for joint in best.joints if joint in bones}


def joint_name(bone: str) -> str:
    """What a joint would be called that has this bone name."""
    name = bone.lower()
    match = _SIDE.match(name)
    if not match:
        return name
    return f"{'left' if match['side'].startswith('l') else 'right'}_{match['part']}"


def standing_import(ob: bpy.types.Object, keys: dict[str, np.ndarray]) -> TracksRecord | None:
    """What was imported, with sides exchanged as told, at the moments and over the frames of its keys; None without.

    Raises:
        InputError: what is stored is damaged, or of a newer version.

    """
    record = stored_tracks(ob)
    return None if record is None else _fit_to_keys(with_sides(record, stored_mends(ob, record)), keys)


def _fit_to_keys(record: TracksRecord, keys: dict[str, np.ndarray]) -> TracksRecord:
    """Follow keys that were all moved in time together, and make room for keys beyond the clip's ends."""
    tracks, timing = record.tracks, record.timing
    own = [keys[joint] for joint in tracks.joint_set.joints if joint in keys]
    if not own or not tracks.observed.any():
        return record
    first, last = min(frames[0] for frames in own), max(frames[-1] for frames in own)
    seen = timing.frames(len(tracks))[tracks.observed.any(1)]
    shift = first - seen[0]
    if abs(shift - (last - seen[-1])) < timing.step / 2:
        return replace(record, timing=replace(timing, start=timing.start + shift))
    before = max(0, round((timing.start - first) / timing.step))
    after = max(0, round((last - timing.frames(len(tracks))[-1]) / timing.step))
    padded = replace(
        tracks,
        positions=np.pad(tracks.positions, ((before, after), (0, 0), (0, 0)), constant_values=np.nan),
        confidence=np.pad(tracks.confidence, ((before, after), (0, 0))),
        first_frame=tracks.first_frame - before,
    )
    return replace(record, tracks=padded, timing=replace(timing, start=timing.start - before * timing.step))


def _reading_imported(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], whole: TracksRecord, keys: dict[str, np.ndarray],
    span: Span | None, seconds: float,
) -> Slices[Reading]:  # fmt: skip
    read, own = _stretch(whole.timing.frames(len(whole.tracks)), span, whole.timing.fps)
    record, ob = _cut(whole, read), find()
    mends, tracks = stored_mends(ob, record), record.tracks
    present = [i for i, joint in enumerate(tracks.joint_set.joints) if joint in bones_of(ob)]
    bones = tuple(tracks.joint_set.joints[i] for i in present)
    if not bones:
        raise _no_joints(ob)
    chosen = np.zeros(len(whole.tracks), bool)
    chosen[read] = True
    known = Imported.of(ob, whole, keys, bones, chosen)
    alone = acts_alone(ob) and not known.led.any()
    looking = tracing_points if alone else partial(sampling_points, context)
    yield
    sampled = yield from looking(find, bones, known.looks, seconds)
    yield
    found = known.counted(record.placement.to_image(sampled[..., [0, 2]]))
    yield
    ignored = mends.over(tracks.first_frame, len(tracks)).ignored[:, present]
    counts = found.observed & ~stays(found.points, ignored)
    positions, confidence = np.full_like(tracks.positions, np.nan), np.zeros_like(tracks.confidence)
    positions[:, present] = np.where(counts[..., None], found.points, np.nan)
    believed = np.where(found.as_stored, tracks.confidence[:, present], 1.0)
    confidence[:, present] = np.where(counts, believed, 0.0)
    record = replace(record, tracks=replace(tracks, positions=positions, confidence=confidence))
    pinned = np.zeros(confidence.shape, bool)
    pinned[:, present] = found.by_hand & counts
    all_frames = whole.tracks if len(tracks) < len(whole.tracks) else None
    return Reading(record, own, read.start, all_frames, _pins(tracks.joint_set, pinned))


def _pins(joint_set: JointSet, by_hand: np.ndarray) -> np.ndarray | None:
    """What stays where a hand placed it, bool (frames, joints): joints that some frames were mended of, not all.

    One that was worked over as a whole, or is led by a constraint, is an observation like any other.
    """
    shown = np.isin(np.arange(len(joint_set)), [source for source, _ in joint_set.observes])
    pinned = by_hand & shown & (by_hand.mean(0) <= MENDED)
    return pinned if pinned.any() else None


def _reading_hand_keyed(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], keys: dict[str, np.ndarray], span: Span | None,
    seconds: float,
) -> Slices[Reading]:  # fmt: skip
    ob, scene = find(), scene_of(context)
    name, fps = ob.name, scene.render.fps / scene.render.fps_base
    joint_set, bones = joint_bones(ob)
    if not bones:
        raise _no_joints(ob)
    frames = _range_by_hand(scene, ob, keys)
    read, own = _stretch(frames, span, fps)
    frames = frames[read]
    moving = _moving_bones(ob, keys)
    bones = {joint: bone for joint, bone in bones.items() if bone in moving}
    if not bones:
        raise InputError(f"No bone of {name!r} that shows a joint has keys: key its joints, or import a keypoint file.")
    points = np.full((len(frames), len(joint_set), 2), np.nan)
    sampled = yield from sampling_points(context, find, tuple(bones.values()), frames, seconds)
    points[:, [joint_set.index(joint) for joint in bones]] = sampled[..., [0, 2]]
    placement = _picture_of(points, joint_set)
    positions = placement.to_image(points)
    observed = np.isfinite(positions).all(-1)
    tracks = Tracks(positions, observed.astype(np.float64), joint_set, fps=fps, source=name)
    return Reading(TracksRecord(tracks, placement, Timing(float(frames[0]), 1.0, fps)), own, read.start)


def _stretch(frames: np.ndarray, span: Span | None, fps: float) -> tuple[slice, slice]:
    """Which of a clip's frames are read for a span, and which of those show it, ends included.

    Raises:
        InputError: the clip has none there.

    """
    if span is None:
        return slice(0, len(frames)), slice(0, len(frames))
    first = max(int(np.searchsorted(frames, span[0] + SAME_FRAME, "right")) - 1, 0)
    stop = min(int(np.searchsorted(frames, span[1] - SAME_FRAME)) + 1, len(frames))
    if span[1] < frames[0] - SAME_FRAME or span[0] > frames[-1] + SAME_FRAME or span[0] > span[1]:
        raise InputError(
            f"Frames {span[0]:g} to {span[1]:g} show nothing of the clip, which has keys in frames {frames[0]:g} to "
            f"{frames[-1]:g}: choose other frames."
        )
    around = int(np.ceil(CONTEXT * fps))
    read = slice(max(first - around, 0), min(stop + around, len(frames)))
    return read, slice(first - read.start, stop - read.start)


def _cut(record: TracksRecord, read: slice) -> TracksRecord:
    """Some frames of the tracks."""
    tracks, timing = record.tracks, record.timing
    part = replace(
        tracks, positions=tracks.positions[read], confidence=tracks.confidence[read],
        first_frame=tracks.first_frame + read.start,
    )  # fmt: skip
    return replace(record, tracks=part, timing=replace(timing, start=timing.start + read.start * timing.step))


def _range_by_hand(scene: bpy.types.Scene, ob: bpy.types.Object, keys: dict[str, np.ndarray]) -> np.ndarray:
    """Whole scene frames from the first key of any bone to the last; the scene's where only constraints move bones."""
    if keys:
        first, last = min(frames[0] for frames in keys.values()), max(frames[-1] for frames in keys.values())
        return np.arange(np.floor(first), np.ceil(last) + 1)
    if any(is_led(bone) for bone in pose_bones_of(ob)) or driven_bones(ob):
        return np.arange(scene.frame_start, scene.frame_end + 1, dtype=np.float64)
    raise InputError(f"Armature {ob.name!r} has no keys: key its bones, or import a keypoint file.")


def _moving_bones(ob: bpy.types.Object, keys: dict[str, np.ndarray]) -> set[str]:
    """Bones whose place the animator decided: in one tree with a bone that has a key, a driver or a constraint."""
    deciding = set(keys) | driven_bones(ob) | {bone.name for bone in pose_bones_of(ob) if is_constrained(bone)}
    roots = {_root(bones_of(ob)[bone]).name for bone in deciding if bone in bones_of(ob)}
    return {bone.name for bone in bones_of(ob) if _root(bone).name in roots}


def _root(bone: bpy.types.Bone) -> bpy.types.Bone:
    while bone.parent:
        bone = bone.parent
    return bone


def _picture_of(points: np.ndarray, joint_set: JointSet) -> Placement:
    """A picture that a hand-keyed armature, X and Z (frames, joints, 2), fits into at a usual size."""
    flat = points[np.isfinite(points).all(-1)]
    scale = float(body_scale(joint_set.to_28(points))) / HAND_BODY
    if not scale > 0:
        scale = float(np.ptp(flat, axis=0).max()) / HAND_BODY or 1.0
    return Placement(
        scale, origin_x=MARGIN - float(flat[:, 0].min()) / scale, ground_y=MARGIN + float(flat[:, 1].max()) / scale
    )


def _no_joints(ob: bpy.types.Object) -> InputError:
    names = ", ".join(bone.name for bone in list(bones_of(ob))[:6]) or "none"
    return InputError(
        f"Armature {ob.name!r} has no bone with a known joint name (its bones: {names}). Name bones after joints, such "
        "as left_shoulder, left_elbow, left_wrist, left_hip, left_knee, left_ankle, or import a keypoint file."
    )
