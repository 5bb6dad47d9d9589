"""JUMPS' own JSON: keypoint tracks (`jumps-tracks`) and results (`jumps-result`), version 1."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..core.body.joint_sets import JOINT_SETS, JointSet, find_joint_set
from ..errors import FormatError
from .points import number, rate_of, size_of, whole_number
from .recording import LONGEST, Sighting, Take
from .source import Source

FORMATS: Final = {"jumps": "JUMPS tracks"}
TRACKS: Final = "jumps-tracks"
RESULT: Final = "jumps-result"
VERSION: Final = 1


def sniff(source: Source) -> bool:
    """An object that says its format."""
    value: Any = source.value
    return isinstance(value, dict) and value.get("format") in (TRACKS, RESULT)


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    content = source.main.content
    head: dict[str, Any] = content.value
    if head.get("version") != VERSION:
        raise FormatError(
            f"{source.name} is {head['format']} of version {head.get('version')!r}; this add-on reads version "
            f"{VERSION}: update the add-on."
        )
    first = whole_number(head.get("first_frame", 0))
    if first is None:
        raise FormatError(f"{source.name}: first_frame is {head.get('first_frame')!r}, a whole number was expected.")
    table = _joint_set(head, source.name)
    sightings, longest = [], 0
    for person in _people(head, source.name):
        points = _points(person, table, f"{source.name}, person {person.get('id')}")
        longest = max(longest, len(points))
        sightings += [
            Sighting(first + i, one, str(person.get("id"))) for i, one in enumerate(points) if np.isfinite(one).any()
        ]
    size = head.get("image_size")
    return Take(
        "jumps", tuple(sightings), f"{longest} frames", (first, first + max(longest - 1, 0)), rate_of(head.get("fps")),
        size_of(*size) if isinstance(size, list) and len(size) == 2 else None,
        joint_set=table, joint_set_reason="the file names it", damage=content.damage,
    )  # fmt: skip


def _joint_set(head: dict[str, Any], name: str) -> JointSet:
    which = "mpi28" if head["format"] == RESULT else head.get("joint_set")
    if which == "custom" and isinstance(head.get("joints"), list):
        return find_joint_set([str(joint) for joint in head["joints"]])
    if which not in JOINT_SETS:
        raise FormatError(f"{name}: joint set {which!r} is unknown; known: {', '.join(JOINT_SETS)}.")
    table = JOINT_SETS[which]
    if head.get("joints") not in (None, list(table.joints)):
        raise FormatError(f"{name}: its joints are not those of {table.title}, in that order. Name the set 'custom'.")
    return table


def _people(head: dict[str, Any], name: str) -> list[dict[str, Any]]:
    people = [{**head, "id": head.get("person", "0")}] if head["format"] == RESULT else head.get("people")
    if not isinstance(people, list) or not all(
        isinstance(one, dict) and isinstance(one.get("positions"), list) for one in people
    ):
        raise FormatError(f"{name}: people, each with an id and positions, were expected.")
    ids = [str(one.get("id")) for one in people]
    if len(set(ids)) != len(ids):
        raise FormatError(f"{name}: two people have the same id: {', '.join(ids)}.")
    return people


def _points(person: dict[str, Any], table: JointSet, where: str) -> np.ndarray:
    """(frames, joints, 3) of one person; NaN where a point is null."""
    frames, confidence = person["positions"], person.get("confidence")
    if confidence is not None and (not isinstance(confidence, list) or len(confidence) != len(frames)):
        raise FormatError(f"{where}: confidence for {len(frames)} frames was expected.")
    if len(frames) > LONGEST:
        raise FormatError(f"{where} has {len(frames):,} frames; at most {LONGEST:,} are read.")
    points = np.full((len(frames), len(table), 3), np.nan)
    for i, frame in enumerate(frames):
        scores = confidence[i] if confidence is not None else None
        if frame is None:
            continue
        if not _fits(frame, table) or not (scores is None or _fits(scores, table)):
            raise FormatError(f"{where}, frame {i}: a list of {len(table)} points was expected.")
        for j, point in enumerate(frame):
            if isinstance(point, list) and len(point) == 2:
                points[i, j] = number(point[0]), number(point[1]), 1.0 if scores is None else number(scores[j])
    return points


def _fits(frame: Any, table: JointSet) -> bool:
    return isinstance(frame, list) and len(frame) == len(table)
