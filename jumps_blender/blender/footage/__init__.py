"""The video behind the joints: in register with them, at the right frames, as a plane or before a camera.

The footage of an armature is its child with the property `MARK`; there is at most one.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Literal

import bpy
import numpy as np

from ...errors import InputError
from ..records import RESULT, SOURCE, TRACKS, TracksRecord, stored_result, stored_tracks
from ..scene.actions import key_frames
from ..tracks.placement import Timing
from .clock import Clock, Pace, clock_of
from .fit import fit, misfit
from .pictures import Pictures, look_at_pictures
from .show import KINDS, TICKER, Scenery

MARK: Final = "jumps_footage"

Kind = Literal["PLANE", "CAMERA"]


@dataclass(frozen=True)
class Wishes:
    """What can be corrected: extra quarter `turns` clockwise, the `pace`, and a `shift` in pictures."""

    turns: int = 0
    pace: Pace = "AUTO"
    shift: int = 0


@dataclass(frozen=True)
class Footage:
    """What was added: its object, what was recognised, and what the user should know of it."""

    ob: bpy.types.Object
    about: str
    warnings: tuple[str, ...]


def add_footage(
    context: bpy.types.Context, ob: bpy.types.Object, path: str, kind: Kind = "PLANE", wishes: Wishes | None = None
) -> Footage:
    """Show footage in register with an armature's joints, in place of the footage it had.

    Neither the scene's frame rate nor its resolution is changed.

    Args:
        context: its mode, active object and selection stay.
        ob: an armature that was imported, or a result made of one.
        path: a video, or an image, or one of a numbered sequence of images.
        kind: an image in the armature's plane, or the background of a camera made for it.
        wishes: corrections.

    Raises:
        InputError: the file cannot be shown, has another shape, or the armature has no keypoints; nothing was changed.

    """
    wishes = wishes or Wishes()
    record = _record_now(ob)
    if kind == "CAMERA":
        _check_scale(ob)
    pictures = look_at_pictures(path)
    where = fit(record.tracks, record.placement, pictures, wishes.turns)
    clock = clock_of(record.tracks, record.timing, pictures, wishes.pace, wishes.shift)
    warnings = _warnings(record, pictures, clock), misfit(record.tracks, pictures, where.turns)
    image = _loaded(path)
    remove_footage(ob)
    image.name, image.source = bpy.path.basename(image.filepath), pictures.kind
    shown = KINDS[kind](context, Scenery(ob, image, where, clock))
    shown[MARK] = kind
    return Footage(shown, _about(pictures, record.timing), tuple(text for text in (*warnings[0], warnings[1]) if text))


def footage_of(ob: bpy.types.Object) -> bpy.types.Object | None:
    """The object that shows an armature's footage; None where it has none."""
    return next((child for child in ob.children if child.get(MARK) is not None), None)


def has_keypoints(ob: bpy.types.Object | None) -> bool:
    """Whether footage can be laid under an object: it is an armature of keypoints, or a result made of one."""
    return ob is not None and ob.type == "ARMATURE" and (ob.get(TRACKS) is not None or ob.get(SOURCE) is not None)


def remove_footage(ob: bpy.types.Object) -> bool:
    """Take an armature's footage away, and what was made for it; whether there was any."""
    shown = footage_of(ob)
    if shown is None:
        return False
    camera = shown.data if isinstance(shown.data, bpy.types.Camera) else None
    images = [background.image for background in camera.background_images] if camera else [shown.data]
    made = [block for block in (shown.get(TICKER), camera, *images) if block is not None]
    bpy.data.objects.remove(shown)
    for block in made:  # what uses another comes first
        if not block.users:
            bpy.data.batch_remove([block])
    return True


def _record_now(ob: bpy.types.Object) -> TracksRecord:
    """The keypoints of an armature, timed as its keys lie now: all of them may have been moved in time together."""
    record = stored_tracks(ob, SOURCE if ob.get(RESULT) is not None else TRACKS)
    if record is None:
        raise InputError(
            f"{ob.name!r} was not made of keypoints: choose an imported armature, or a result made of one."
        )
    result = stored_result(ob)
    frames = record.timing.frames(len(record.tracks))
    expected = frames if result else frames[record.tracks.observed.any(1)]
    keys = key_frames(ob).values()
    if not keys or not len(expected):
        return record
    slid = min(own[0] for own in keys) - expected[0]
    if abs(slid - (max(own[-1] for own in keys) - expected[-1])) >= record.timing.step / 2:
        return record
    return replace(record, timing=replace(record.timing, start=record.timing.start + slid))


def _check_scale(ob: bpy.types.Object) -> None:
    scale = np.abs(ob.matrix_world.to_scale()[:])
    if np.ptp(scale) > 1e-3 * scale.max():
        axes = ", ".join(f"{axis:.3g}" for axis in scale)
        raise InputError(
            f"{ob.name!r} is scaled unevenly ({axes}), which no camera's picture can follow: scale it evenly, or "
            "choose a reference plane."
        )


def _loaded(path: str) -> bpy.types.Image:
    """The footage as a data-block of its own, which knows its colours before a step of undo is made of it."""
    try:
        image = bpy.data.images.load(_kept_path(path))
    except RuntimeError as error:
        raise InputError(f"{path!r} vanished while it was read ({error}): choose it again.") from error
    if min(image.size) > 0:  # asked for its size, it learns its colour space
        return image
    bpy.data.images.remove(image)
    raise InputError(f"{path!r} changed while it was read: choose it again.")


def _kept_path(path: str) -> str:
    """The path as the file keeps it: relative where the user prefers that and it can be."""
    absolute = bpy.path.abspath(path)
    if bpy.data.is_saved and bpy.context.preferences.filepaths.use_relative_paths:
        with suppress(ValueError):  # on another drive
            return bpy.path.relpath(absolute)
    return absolute


def _about(pictures: Pictures, timing: Timing) -> str:
    pictures_of = {"MOVIE": f"{len(pictures.numbers)} frames", "SEQUENCE": f"{len(pictures.numbers)} images"}
    shown = pictures_of.get(pictures.kind, "one image")
    rate = "" if pictures.fps is None else f" at {pictures.fps:g} fps"
    return f"{shown}{rate}, {pictures.size[0]} x {pictures.size[1]}; keypoints at {timing.fps:g} fps"


def _warnings(record: TracksRecord, pictures: Pictures, clock: Clock) -> list[str]:
    """What the user should know of the footage's time."""
    texts = []
    timing, fps = record.timing, pictures.fps
    if fps and timing.assumed and abs(fps / timing.fps - 1) > 0.005:
        texts.append(
            f"The keypoints lie at {timing.fps:g} frames per second, as the scene did, the footage has {fps:g}: it is "
            "in step, but not at its own speed. Import the keypoints again with this Video to mend that"
        )
    needed = clock.first + (len(record.tracks) - 1) * timing.step * clock.rate
    if pictures.kind != "FILE" and needed > pictures.numbers[-1] + 1:
        texts.append(f"The footage ends at {pictures.numbers[-1]}, the keypoints at {needed:.0f}: its end stands still")
    if pictures.missing:
        are = "is" if pictures.missing == 1 else "are"
        texts.append(f"Of the sequence {pictures.missing} of {len(pictures.numbers)} images {are} missing")
    return texts
