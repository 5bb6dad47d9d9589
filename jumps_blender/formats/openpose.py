"""OpenPose: one JSON per frame in a folder or zip, and all that others write in this layout.

Frame: `{"version": 1.3, "people": [{"person_id": [-1], "pose_keypoints_2d": [x, y, c, ...], ...}]}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ..errors import FormatError
from .ahead import Outcome, loaded
from .json_text import parse
from .numbering import Series
from .points import are_fractions, flat_points, whole_number
from .recording import Damage, Sighting, Take
from .source import Document, Source, listed

FORMATS: Final = {"openpose": "OpenPose"}

_PEOPLE: Final = ("people", "bodies")
_POINTS: Final = ("pose_keypoints_2d", "pose_keypoints", "joints")
_LOOKED_AT: Final = 5
"""Frames looked at before a folder counts as something else: the first ones may be damaged."""


def is_frame(value: Any) -> bool:
    """Whether a JSON value is one frame: an object with a list of people, each a list of points."""
    people = _people(value)
    return people is not None and all(isinstance(person, dict) and _points(person) is not None for person in people)


def _people(value: Any) -> list[Any] | None:
    if not isinstance(value, dict):
        return None
    return next((value[key] for key in _PEOPLE if isinstance(value.get(key), list)), None)


def _points(person: dict[str, Any]) -> list[Any] | None:
    return next((person[key] for key in _POINTS if isinstance(person.get(key), list)), None)


def sniff(source: Source) -> bool:
    """One of the first documents of the largest series is a frame."""
    members = source.series[0].members[:_LOOKED_AT] if source.collection else source.series[0].members
    return any(is_frame(_value(source.documents[name])) for _, name in members)


def _value(document: Document) -> Any:
    try:
        return document.content.value
    except FormatError:
        return None


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    main, *strays = source.series
    warnings = [_strays_note(main, strays)] if strays else []
    if not source.collection:
        warnings.append("This is a single frame: choose the folder (or a zip of it) to read all frames.")
    frames = main.frames(warnings)
    sightings: list[Sighting] = []
    broken: list[tuple[str, bool]] = []
    read_ahead = loaded([source.documents[name] for name in frames.values()])
    for (frame, name), data in zip(frames.items(), read_ahead, strict=True):
        value, cut = _frame(data, name)
        if value is None:
            broken.append((name, cut))
        else:
            sightings += sightings_of(value, frame, name)
    whole = f"{len(frames) - len(broken)} of {len(frames)} frame files" if broken else f"{len(frames)} frame files"
    span = (min(frames), max(frames))
    return _scaled(Take("openpose", tuple(sightings), whole, span, damage=_damage(broken), warnings=tuple(warnings)))


def _strays_note(main: Series, strays: Sequence[Series]) -> str:
    others = listed([f"{one.pattern} ({len(one.members)})" for one in strays])
    return f"Read were the {len(main.members)} files {main.pattern}, not: {others}. To read others, choose them alone."


def _frame(data: Outcome, name: str) -> tuple[Any, bool]:
    """The frame, or None and whether it was cut off, where the file is not a whole frame."""
    if isinstance(data, FormatError):
        return None, False
    try:
        content = parse(data, name)
    except FormatError:
        return None, False
    if content.damage or not is_frame(content.value):
        return None, bool(content.damage and content.damage.cut)
    return content.value, False


def _damage(broken: list[tuple[str, bool]]) -> Damage | None:
    if not broken:
        return None
    return Damage(all(cut for _, cut in broken), f"in {listed([name for name, _ in broken])}")


def sightings_of(value: Any, frame: int, where: str) -> list[Sighting]:
    """The people of one frame; somebody without any points is nobody."""
    found = []
    for i, person in enumerate(_people(value) or []):
        points = _points(person)
        if points:
            found.append(Sighting(frame, flat_points(points, f"{where}, person {i}"), _person_id(person)))
    return found


def _person_id(person: dict[str, Any]) -> str | None:
    """A tracker's id; OpenPose itself writes [-1] for "not tracked"."""
    given = person.get("person_id")
    which = whole_number(given[0] if isinstance(given, list) and given else given)
    return str(which) if which is not None and which >= 0 else None


def _scaled(take: Take) -> Take:
    """Recognise `--keypoint_scale` 3 (0..1) and 4 (-1..1), which leave no pixels in the file."""
    points = [sighting.points for sighting in take.sightings]
    if not are_fractions(points):
        return take
    below = np.concatenate([one[:, :2] for one in points]) < -0.05
    if not below.any():
        return replace(take, normalised=True)
    moved = tuple(replace(one, points=_from_minus_one(one.points)) for one in take.sightings)
    return replace(take, sightings=moved, normalised=True)


def _from_minus_one(points: np.ndarray) -> np.ndarray:
    """Coordinates -1..1 as 0..1; a missing point stays at (0, 0)."""
    given = (points != 0).any(1)
    return np.where(given[:, None], np.c_[(points[:, :2] + 1) / 2, points[:, 2]], points)
