"""A .blend of the people of one shot, as a batch leaves it: what was detected, the 28 joints, and what they lead."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core.body.tracks import Tracks
from ..core.clips.spans import describe_spans
from ..errors import InputError, JumpsError, NotEnoughJoints, OutputError
from .records import Choices, ResultRecord, stored_tracks
from .scene.present import scene_of
from .scene.slices import at_once
from .tracks.people import ImportOptions, adding_result, import_person, last_key, placed
from .tracks.placement import Placement

Dress = Callable[[Sequence[bpy.types.Object]], tuple[str, ...]]
"""Does what is to be done to results, the best seen first, and returns warnings; raises JumpsError."""


@dataclass(frozen=True)
class Stage:
    """The scene that performers are put into.

    `template`: a .blend that is opened instead of an empty file; `start`: scene frame of the recording's first frame;
    `height` and `scale` as in `tracks.people.ImportOptions`.
    """

    template: str = ""
    start: int = 1
    height: float = 1.7
    scale: float = 0.0

    def open(self, fps: float) -> None:
        """Open the scene; an empty one takes the clip's frame rate, a template keeps its own.

        Raises:
            InputError: the template cannot be opened.

        """
        if not self.template:
            bpy.ops.wm.read_homefile(use_empty=True)
            _take_rate(scene_of(bpy.context), fps)
            return
        try:
            bpy.ops.wm.open_mainfile(filepath=str(Path(self.template).resolve()), load_ui=False)
        except RuntimeError as error:
            reason = str(error).strip().removeprefix("Error: ")
            raise InputError(f"The template {self.template} cannot be opened: {reason}") from error

    def options(self, performer: Performer) -> ImportOptions:
        """How a performer is laid into it."""
        return ImportOptions(performer.name, self.start, performer.begin, self.height, self.scale)


@dataclass(frozen=True)
class Performer:
    """A person as the detector saw it, and what the upsampler made of it.

    `name` of the armatures; `begin` the first frame of the whole recording, in which others may come earlier; `arrays`,
    `report` and `estimates` as `core.result.Result` has them, those that are None left out; `first` the frame of the
    tracks that the result begins with, which may be a part of them.
    """

    name: str
    tracks: Tracks
    fps: float
    begin: int
    arrays: dict[str, np.ndarray]
    choices: Choices
    report: dict[str, Any]
    estimates: dict[str, Any]
    first: int = 0


def save_performers(
    performers: Sequence[Performer], where: Path, stage: Stage = Stage(), dress: Dress = lambda _results: ()
) -> tuple[str, ...]:
    """Write a .blend with everybody in it, and leave an empty scene open.

    The picture lies where the first one stands on the ground, for all of them: they stand to each other as they did
    before the camera.

    Returns:
        Warnings: who could not be placed, and what `dress` said.

    Raises:
        NotEnoughJoints: nobody could be placed; nothing was written.
        InputError: the template cannot be opened, or what `dress` raises; nothing was written.
        OutputError: the file cannot be written.

    """
    try:
        stage.open(performers[0].fps)
        results, warnings = _entered(bpy.context, performers, stage)
        if not results:
            raise NotEnoughJoints(" ".join(warnings) or "Nobody is in this shot.")
        scene_of(bpy.context).frame_start = stage.start
        scene_of(bpy.context).frame_end = max(map(last_key, results))
        warnings += dress(results)
        _save(where.resolve())
    finally:
        bpy.ops.wm.read_homefile(use_empty=True)
    return warnings


def _entered(
    context: bpy.types.Context, performers: Sequence[Performer], stage: Stage
) -> tuple[list[bpy.types.Object], tuple[str, ...]]:
    """Results of those who could be placed, and why the others could not."""
    results, warnings = [], []
    picture: Placement | None = None
    for performer in performers:
        try:
            picture = picture or placed(scene_of(context), performer.tracks, stage.options(performer))
            results.append(_add(context, performer, replace(stage.options(performer), placement=picture)))
        except JumpsError as error:
            warnings.append(f"Person {performer.tracks.person} is not in the .blend: {error}")
    return results, tuple(warnings)


def _save(where: Path) -> None:
    """Save the open file, compressed, under a name where it is either whole or as it was; raises OutputError."""
    part = where.with_name(f".{where.stem}.{os.getpid()}.blend")
    try:
        # Relative paths of a template hold where the file is moved to: a shot's folder lies as deep as its working one.
        bpy.ops.wm.save_as_mainfile(filepath=str(part), compress=True, copy=True, relative_remap=True)
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


def _add(context: bpy.types.Context, performer: Performer, options: ImportOptions) -> bpy.types.Object:
    """Both armatures of a person, where the picture lies; the result."""
    source = import_person(context, performer.tracks, options)
    stored = stored_tracks(source)
    assert stored, "import_person stores the tracks"
    arrays, placement = performer.arrays, stored.placement
    std, timing = arrays.get("std"), stored.timing
    record = ResultRecord(
        observed=arrays["observed"],
        rejected=arrays["rejected"],
        std=None if std is None else std * placement.scale,
        placement=placement,
        timing=replace(timing, start=timing.start + performer.first * timing.step),
        source=source.name,
        person=performer.tracks.person,
        choices=performer.choices,
        report=performer.report,
        estimates=performer.estimates,
        first=performer.first,
        positions=arrays["positions"],
        pins=np.zeros(arrays["observed"].shape, bool),
        swapped=arrays["swapped"],
        depth=arrays.get("depth"),
        depth_std=arrays.get("depth_std"),
    )
    frames = record.timing.frames(len(arrays["positions"]))
    first, last = (round(frame) for frame in frames[[0, -1]])
    remark = "" if len(frames) == len(performer.tracks) else f" {describe_spans([(first, last)])}"
    return at_once(adding_result(context, lambda: source, record, stored, remark)).find()
