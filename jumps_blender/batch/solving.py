"""The child's work: read one shot and solve everybody in it."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..core import Upsampler
from ..core.body.tracks import Tracks
from ..core.excerpt import excerpt
from ..core.settings import find_settings
from ..errors import InputError, JumpsError, NotEnoughJoints, OutputError
from ..formats import Person, Recording, read
from ..formats.export import write_result
from ..formats.people_choice import chosen
from .measures import measure
from .options import ASSUMED_FPS, Solving
from .records import DONE, FAILED, Error, PersonRecord, ShotRecord
from .sheet import poses
from .shots import fingerprint
from .solved import Solved, write_solved

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True)
class Task:
    """One shot to solve; results go into the folder `work`. `content` is the fingerprint that the driver saw."""

    shot: str
    path: Path
    work: Path
    content: str
    solving: Solving

    @classmethod
    def read(cls, content: dict[str, Any]) -> Task:
        """A task as JSON tells it."""
        solving = dict(content["solving"])
        for name in ("image_size", "frames"):
            pair = solving[name]
            solving[name] = None if pair is None else (pair[0], pair[1])
        paths = {name: Path(content[name]) for name in ("path", "work")}
        return cls(content["shot"], **paths, content=content["content"], solving=Solving(**solving))


def solve_shot(upsampler: Upsampler, task: Task) -> ShotRecord:
    """Solve everybody in a shot; what fails is told in the record.

    Raises:
        OutputError: results cannot be written, which is no fault of the shot.

    """
    begin = time.perf_counter()
    record = ShotRecord(task.shot, task.path.name, FAILED, host=socket.gethostname())
    try:
        record = _solved(upsampler, task, record)
    except OutputError:
        raise
    except Exception as error:  # noqa: BLE001  whatever a file makes of us, the others go on
        record = replace(record, error=Error.of(error))
    return replace(record, seconds=round(time.perf_counter() - begin, 3))


def _solved(upsampler: Upsampler, task: Task, record: ShotRecord) -> ShotRecord:
    asked = task.solving
    recording = read(task.path, asked.joint_set, asked.salvage, asked.threshold, asked.names, asked.view, asked.up)
    if fingerprint(task.path) != task.content:
        raise InputError(f"{task.path.name} changed while it was read: run again once it is whole.")
    record = replace(record, warnings=recording.warnings, format=recording.format, joint_set=recording.joint_set.id)
    chosen_people = [recording.person(one) for one in chosen([one.id for one in recording.people], asked.people)]
    files = file_names([person.id for person in chosen_people])
    people = tuple(_person(upsampler, task, recording, *pair) for pair in zip(chosen_people, files, strict=True))
    outputs = tuple(person.output for person in people if person.output)
    if not outputs:
        reasons = [person.error for person in people if person.error]
        return replace(record, people=people, error=Error(NotEnoughJoints.__name__, _nobody(reasons)))
    return replace(record, status=DONE, people=people, outputs=outputs)


def _nobody(reasons: list[str]) -> str:
    return reasons[0] if len(reasons) == 1 else f"None of {len(reasons)} people could be solved. {reasons[0]}"


def file_names(people: list[str]) -> list[str]:
    """A file name for each person: its id where that is plain and no other's, else its place in the list."""
    taken: set[str] = set()
    names = []
    for number, person in enumerate(people):
        plain = _PLAIN.fullmatch(person) and person.casefold() not in taken
        name = person if plain else next(free for free in _numbers(number) if free not in taken)
        taken.add(name.casefold())
        names.append(f"person-{name}.json")
    return names


def _numbers(number: int) -> Iterator[str]:
    while True:
        yield f"n{number}"
        number += 1


def _person(upsampler: Upsampler, task: Task, recording: Recording, person: Person, file: str) -> PersonRecord:
    """Solve one person and write the result; a person who cannot be solved does not stop the others."""
    begin = time.perf_counter()
    record = PersonRecord(
        person.id, 0, int(recording.first_frame), int(person.frames), round(float(person.mean_confidence), 4)
    )
    least = task.solving.least_frames
    if person.frames < least:
        return replace(record, error=f"Seen in {person.frames} frames, which is less than {least}: left out.")
    try:
        return _solved_person(upsampler, task, recording, record, file, begin)
    except OutputError:
        raise
    except JumpsError as error:
        return replace(record, error=str(error))


def _solved_person(
    upsampler: Upsampler, task: Task, recording: Recording, record: PersonRecord, file: str, begin: float
) -> PersonRecord:
    asked = task.solving
    tracks = recording.tracks(record.id, asked.image_size, asked.fps)
    fps, notes = tracks.fps or ASSUMED_FPS, []
    if tracks.fps is None:
        notes.append(f"The file does not know its rate: {fps:g} frames per second taken.")
    result = upsampler.upsample(
        tracks.positions, joint_set=tracks.joint_set, confidence=tracks.confidence, fps=fps,
        settings=replace(find_settings(asked.settings), threshold=asked.threshold), smoothness=asked.smoothness,
        seed=asked.seed,
    )  # fmt: skip
    own = _asked_frames(tracks, asked.frames)
    result, shown = excerpt(result, own), _part(tracks, own)
    try:
        write_result(task.work / file, result, shown, fps)
        write_solved(task.work / f"{file}.npz", Solved.of(result, tracks, fps, recording.first_frame, own.start))
    except (OSError, InputError) as error:
        raise OutputError(f"The results of {task.shot} cannot be written: {error}") from error
    return replace(
        record, frames=len(shown), first_frame=int(shown.first_frame), fps=float(fps), output=file,
        figures=measure(result, shown), warnings=(*notes, *result.report.warnings),
        seconds=round(time.perf_counter() - begin, 3), sheet=poses(result, shown),
    )  # fmt: skip


def _asked_frames(tracks: Tracks, frames: tuple[int, int] | None) -> slice:
    """Which of the tracks' frames are asked for; raises InputError where they show none of them."""
    if frames is None:
        return slice(0, len(tracks))
    first, last = tracks.first_frame, tracks.first_frame + len(tracks) - 1
    begin, end = max(frames[0], first), min(frames[1], last)
    if end < begin:
        raise InputError(f"Seen from frame {first} to {last}, not from {frames[0]} to {frames[1]}: left out.")
    return slice(begin - first, end - first + 1)


def _part(tracks: Tracks, own: slice) -> Tracks:
    positions, confidence = tracks.positions[own], tracks.confidence[own]
    return replace(tracks, positions=positions, confidence=confidence, first_frame=tracks.first_frame + own.start)
