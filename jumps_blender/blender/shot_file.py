"""A .blend of the people of one shot, as a batch leaves it: what was detected, and the 28 joints."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core.body.tracks import Tracks
from ..errors import JumpsError, NotEnoughJoints, OutputError
from .records import Choices, ResultRecord, stored_tracks
from .scene.present import scene_of
from .tracks.people import ImportOptions, add_result, import_person, last_key, placed
from .tracks.placement import Placement

START = 1
"""Scene frame of the recording's first frame."""


@dataclass(frozen=True)
class Performer:
    """A person as the detector saw it, and what the upsampler made of it.

    `name` of the armatures; `begin` the first frame of the whole recording, in which others may come earlier; `arrays`,
    `report` and `estimates` as `core.result.Result` has them, those that are None left out.
    """

    name: str
    tracks: Tracks
    fps: float
    begin: int
    arrays: dict[str, np.ndarray]
    choices: Choices
    report: dict[str, Any]
    estimates: dict[str, Any]


def save_performers(performers: Iterable[Performer], where: Path) -> tuple[str, ...]:
    """Write a new .blend with everybody in it, at the clip's own frame rate, and leave an empty scene open.

    The picture lies where the first one stands on the ground, for all of them: they stand to each other as they did
    before the camera.

    Returns:
        Warnings: who could not be placed.

    Raises:
        NotEnoughJoints: nobody could be placed; nothing was written.
        OutputError: the file cannot be written.

    """
    bpy.ops.wm.read_homefile(use_empty=True)
    context, warnings, ends = bpy.context, [], []
    picture: Placement | None = None
    for number, performer in enumerate(performers):
        if number == 0:
            _take_rate(scene_of(context), performer.fps)
        try:
            own = placed(scene_of(context), performer.tracks, _options(performer))
            picture = picture or own
            ends.append(_add(context, performer, picture))
        except JumpsError as error:
            warnings.append(f"Person {performer.tracks.person} is not in the .blend: {error}")
    if not ends:
        raise NotEnoughJoints(" ".join(warnings) or "Nobody is in this shot.")
    scene_of(context).frame_start, scene_of(context).frame_end = START, max(ends)
    _save(where.resolve())
    bpy.ops.wm.read_homefile(use_empty=True)
    return tuple(warnings)


def _save(where: Path) -> None:
    """Save the open file, compressed, under a name where it is either whole or as it was; raises OutputError."""
    part = where.with_name(f".{where.stem}.{os.getpid()}.blend")
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(part), compress=True, copy=True, relative_remap=False)
        # On a full disk Blender says that all went well, and leaves a file that is cut off.
        with bpy.data.libraries.load(str(part)):  # type: ignore[attr-defined]
            pass
        os.replace(part, where)
    except (OSError, RuntimeError) as error:
        raise OutputError(
            f"{where} cannot be written: {str(error).strip()}. Make room there, or choose another folder."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _take_rate(scene: bpy.types.Scene, fps: float) -> None:
    """Set the frame rate, which may be a fraction such as 29.97."""
    scene.render.fps = max(round(fps), 1)
    scene.render.fps_base = scene.render.fps / fps


def _options(performer: Performer) -> ImportOptions:
    return ImportOptions(performer.name, START, performer.begin)


def _add(context: bpy.types.Context, performer: Performer, placement: Placement) -> int:
    """Both armatures of a person, where the picture lies; the scene frame of the last key."""
    source = import_person(context, performer.tracks, replace(_options(performer), placement=placement))
    stored = stored_tracks(source)
    assert stored, "import_person stores the tracks"
    arrays = performer.arrays
    std = arrays.get("std")
    record = ResultRecord(
        observed=arrays["observed"],
        rejected=arrays["rejected"],
        std=None if std is None else std * placement.scale,
        placement=placement,
        timing=stored.timing,
        source=source.name,
        person=performer.tracks.person,
        choices=performer.choices,
        report=performer.report,
        estimates=performer.estimates,
        positions=arrays["positions"],
        pins=np.zeros(arrays["observed"].shape, bool),
        swapped=arrays["swapped"],
        depth=arrays.get("depth"),
        depth_std=arrays.get("depth_std"),
    )
    return last_key(add_result(context, source, record, stored))
