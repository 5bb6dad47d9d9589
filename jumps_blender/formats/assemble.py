"""From what a reader found to a recording: joint set, people, frames, and the checks that every format needs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ..core.body.joint_sets import JointSet
from ..core.body.tracks import judge
from ..errors import FormatError, InputError
from .joint_vote import Choice, choose
from .people import tell_apart
from .recording import LONGEST, Person, Recording, Sighting, Take
from .source import listed

LAST_FRAME: Final = 1_000_000
"""Blender's timeline ends a little beyond it."""
LONGEST_ID: Final = 40
"""Bytes: Blender's names have 63 at most, and more than the id goes into them."""
_NO_NAME: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff/\\:*?\"<>|]|^[.\s]+|[.\s]+$"
)


def assemble(
    take: Take, name: str, threshold: float, joint_set: str | JointSet | Sequence[str] | None = None
) -> Recording:
    """Make a recording of what a reader found.

    Raises:
        FormatError: nobody in it, no usable point, a count that no joint set has, frame numbers beyond reason.
        InputError: the chosen joint set does not fit.

    """
    warnings = list(take.warnings)
    take = _with_one_count(take, name, warnings)
    _check_coordinates(take, name)
    choice = _joint_set(take, name, joint_set)
    first, last = _frames(take, name)
    if last > LAST_FRAME or first < -LAST_FRAME:
        warnings.append(f"Frames are numbered from {first}, which is beyond any timeline: here from 0.")
        take = replace(take, sightings=tuple(replace(one, frame=one.frame - first) for one in take.sightings))
        first, last = 0, last - first
    people = tell_apart(take.sightings)
    ids = _ids(people.tracks, warnings)
    persons = [_person(ids[one], track, first, last) for one, track in people.tracks.items()]
    persons = [person for person in persons if person.frames]
    if not persons:
        raise FormatError(
            f"{name} holds {take.whole} but not one usable point: all are NaN, at (0, 0) or of confidence 0."
        )
    persons.sort(key=lambda person: -person.frames * person.mean_confidence)
    return Recording(
        take.format, choice.joint_set, choice.reason, take.image_size, take.fps, first, last, tuple(persons),
        (*warnings, *choice.warnings, *people.warnings), take.normalised, threshold, name,
        take.names, take.view,
    )  # fmt: skip


def _with_one_count(take: Take, name: str, warnings: list[str]) -> Take:
    """Only the people with the most common number of points; those without any are nobody."""
    counts = Counter(len(sighting.points) for sighting in take.sightings if len(sighting.points))
    if not counts:
        raise FormatError(f"{name} shows nobody: {take.whole} and not one person in them.")
    count = counts.most_common(1)[0][0]
    others = sum(counts.values()) - counts[count]
    if others:
        warnings.append(f"{others} people with another number of points than {count} were left out.")
    return replace(take, sightings=tuple(one for one in take.sightings if len(one.points) == count))


def _check_coordinates(take: Take, name: str) -> None:
    points = np.stack([sighting.points for sighting in take.sightings])
    try:
        judge(points[..., :2], points[..., 2], threshold=0.0)
    except InputError as error:
        raise FormatError(f"{name}: {error}") from None


def _joint_set(take: Take, name: str, wanted: str | JointSet | Sequence[str] | None) -> Choice:
    if take.joint_set is not None and (wanted is None or take.names):  # what has names has been matched by the reader
        return Choice(take.joint_set, take.joint_set_reason)
    return choose(take.sightings, len(take.sightings[0].points), name, wanted)


def _frames(take: Take, name: str) -> tuple[int, int]:
    numbers = [sighting.frame for sighting in take.sightings]
    first, last = min(numbers), max(numbers)
    if take.frames:
        first, last = min(first, take.frames[0]), max(last, take.frames[1])
    if last - first >= LONGEST:
        raise FormatError(
            f"{name} numbers its frames from {first} to {last}, {last - first + 1:,} frames for {take.whole}; at most "
            f"{LONGEST:,} are read. Number the frames one by one."
        )
    return first, last


def _ids(given: Iterable[str], warnings: list[str]) -> dict[str, str]:
    """An id for each of the file's, short and without what names of files and objects cannot hold."""
    ids: dict[str, str] = {}
    taken = set(given)
    for one in given:
        plain = _NO_NAME.sub("_", one).encode()[:LONGEST_ID].decode(errors="ignore") or "_"
        if plain != one:
            number = next(i for i in range(len(taken) + 2) if (f"{plain}~{i}" if i else plain) not in taken)
            plain = f"{plain}~{number}" if number else plain
            taken.add(plain)
        ids[one] = plain
    changed = [f"{one[:LONGEST_ID]!r} is {plain}" for one, plain in ids.items() if plain != one]
    if changed:
        warnings.append(f"Ids of people that are no names were changed: {listed(changed)}.")
    return ids


def _person(which: str, track: Sequence[Sighting], first: int, last: int) -> Person:
    points = np.stack([sighting.points for sighting in track])
    positions, confidence = judge(points[..., :2], points[..., 2], threshold=0.0)
    shown = np.isfinite(positions).all(-1).any(1)
    mean = float(confidence[shown].mean()) if shown.any() else 0.0
    return Person(which, tuple(track), first, last, int(shown.sum()), mean)
