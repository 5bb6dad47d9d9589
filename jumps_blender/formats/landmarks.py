"""Tables of landmarks as people dump them: MediaPipe's, Caliscope's, and others with columns of their own names.

Long, a row for each point: `frame,landmark,name,x,y,z,visibility`, `sync_index,port,...,point_id,img_loc_x,...`.
Wide, a row for each frame: `nose_x,nose_y,nose_z,nose_visibility,...`, or `x1,y1,z1,v1,...`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..core.body.joint_sets import JOINT_SETS
from ..errors import FormatError
from .named import Bodies, take_of
from .points import are_fractions, rate_of, whole_number
from .recording import LONGEST, Take
from .source import Source
from .table import Table, head_of, read_table

FORMATS: Final = {"mediapipe": "MediaPipe", "caliscope": "Caliscope", "table": "table of points"}

_FRAME: Final = ("sync_index", "frame", "frame_index", "frame_idx", "frame_id", "frame_number", "index", "")
_TIME: Final = ("time", "timestamp", "frame_time", "time_s", "timestamp_ms")
_PERSON: Final = ("person", "person_id", "track_id", "track", "id")
_CAMERA: Final = ("port", "camera", "cam_id")
_NAME: Final = ("name", "landmark_name", "joint", "keypoint", "bodypart", "landmark", "point_id", "landmark_id")
"""Columns that say which point a row is; a name is better than a number."""
_X: Final = ("x", "img_loc_x", "x_coord")
_SURE: Final = ("visibility", "score", "confidence", "conf", "likelihood", "c", "v")
_MEDIAPIPE: Final = JOINT_SETS["mediapipe33"].joints
_WIDE: Final = re.compile(r"(?P<name>.+?)[_. ](?P<part>x|y|z|" + "|".join(_SURE) + r")$", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(?P<part>[xyzvc])_?(?P<number>\d{1,3})$", re.IGNORECASE)
_BEYOND: Final = 5.0
"""Fractions of the image leave 0..1; pixels are far beyond."""
_FEWEST: Final = 3
"""Points of a wide table, at least."""


@dataclass(frozen=True)
class _Long:
    """The columns of a long table by what they say; -1 where it has none of that kind."""

    name: int
    x: int
    sure: int
    third: int


def sniff(source: Source) -> bool:
    """A header of either kind."""
    rows = head_of(source.main, 2)
    return len(rows) > 1 and bool(_long(_plain(rows[0])) or len(_wide(rows[0])) >= _FEWEST)


def _plain(header: Sequence[str]) -> list[str]:
    return [cell.strip().lower() for cell in header]


def _first(header: Sequence[str], wanted: Sequence[str]) -> int:
    return next((header.index(one) for one in wanted if one in header), -1)


def _long(header: Sequence[str]) -> _Long | None:
    name, x = _first(header, _NAME), _first(header, _X)
    if min(name, x, _first(header, _FRAME)) < 0 or name > x:
        return None
    y, third = header[x].replace("x", "y", 1), header[x].replace("x", "z", 1)
    if header[x + 1 : x + 2] != [y]:
        return None
    return _Long(name, x, _first(header, _SURE), header.index(third) if third in header else -1)


def _wide(header: Sequence[str]) -> dict[str, dict[str, int]]:
    """Columns of each point by its name, those that have an x and a y."""
    found: dict[str, dict[str, int]] = {}
    for i, cell in enumerate(header):
        match = _NUMBERED.fullmatch(cell.strip()) or _WIDE.fullmatch(cell.strip())
        if match:
            part = match["part"].lower()
            name = match.groupdict().get("name") or match["number"]
            found.setdefault(name, {})["sure" if part in _SURE else part] = i
    return {name: parts for name, parts in found.items() if {"x", "y"} <= parts.keys()}


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    header = head_of(source.main, 1)[0]
    plain = _plain(header)
    long = _long(plain)
    if long:
        labels, table = _read(source, long.x, len(header))
        bodies, solid, notes = _from_long(plain, long, labels, table, source.name)
    else:
        wide = _wide(header)
        labels, table = _read(source, min(min(parts.values()) for parts in wide.values()), len(header))
        bodies, solid, notes = _from_wide(plain, wide, labels, table)
    common = {name.lower() for name in bodies.names} <= set(_MEDIAPIPE)
    which = "caliscope" if "sync_index" in plain else "mediapipe" if common else "table"
    frames = (min(bodies.frames), max(bodies.frames)) if bodies.frames else None
    take = Take(
        which, (), f"{len(table.values)} rows", frames, _rate(plain, labels), damage=table.damage,
        warnings=(*table.warnings, *notes),
    )  # fmt: skip
    taken = take_of(take, bodies, source, unit="?" if solid else "")
    points = [sighting.points for sighting in taken.sightings]
    return taken if solid else replace(taken, normalised=are_fractions(points, _BEYOND))


def _read(source: Source, labels: int, width: int) -> tuple[list[tuple[str, ...]], Table]:
    table = read_table(source.main, 1, labels, width)
    return [row or ("",) for row in table.labels], table


def _column(header: Sequence[str], labels: Sequence[tuple[str, ...]], wanted: Sequence[str]) -> list[str] | None:
    at = _first(header, wanted)
    return [row[at] for row in labels] if labels and 0 <= at < len(labels[0]) else None


def _numbers(header: Sequence[str], labels: Sequence[tuple[str, ...]]) -> list[int]:
    """The frame of each row; its own number where the table has none."""
    given = [whole_number(cell) for cell in _column(header, labels, _FRAME) or []]
    return [one for one in given if one is not None] if given and None not in given else list(range(len(labels)))


def _rate(header: Sequence[str], labels: Sequence[tuple[str, ...]]) -> float | None:
    """Frames per second by the times of the rows, in seconds or, where they are too far apart, milliseconds."""
    times = _column(header, labels, _TIME)
    if times is None:
        return None
    try:
        moments = np.array(list(dict.fromkeys(zip(_numbers(header, labels), map(float, times), strict=True))))
    except ValueError:
        return None
    frames, first = np.unique(moments[:, 0], return_index=True)
    steps = np.diff(moments[first, 1]) / np.diff(frames)
    step = float(np.median(steps)) if len(steps) > 1 else 0.0
    rate = (1000.0 if step > 1 else 1.0) / step if np.isfinite(step) and step > 0 else 0.0
    return rate_of(round(rate) if round(rate) and abs(rate / round(rate) - 1) < 2e-3 else round(rate, 2))


def _ids(cells: Sequence[str] | None, rows: int) -> list[str | None]:
    return [None] * rows if cells is None else [cell or None for cell in cells]


def _from_wide(
    header: Sequence[str], wide: dict[str, dict[str, int]], labels: list[tuple[str, ...]], table: Table
) -> tuple[Bodies, bool, list[str]]:
    names = list(wide)
    if set(names) <= {str(i) for i in range(1, len(_MEDIAPIPE) + 1)} and len(names) == len(_MEDIAPIPE):
        names = list(_MEDIAPIPE)
    skipped = len(header) - table.values.shape[1]
    solid = all("z" in parts and "sure" not in parts for parts in wide.values())
    values = np.c_[table.values, np.full(len(table.values), np.nan), np.ones(len(table.values))]
    wanted = [
        at if at < 0 else at - skipped
        for parts in wide.values()
        for at in (parts["x"], parts["y"], parts["z"] if solid else parts.get("sure", -1))
    ]
    points = values[:, wanted].reshape(-1, len(names), 3)
    if solid and are_fractions(list(points), _BEYOND):
        points, solid = np.concatenate([points[..., :2], np.ones((*points.shape[:2], 1))], -1), False
    people = _ids(_column(header, labels, _PERSON), len(labels))
    return Bodies(tuple(names), _numbers(header, labels), points, people), solid, []


def _from_long(
    header: Sequence[str], long: _Long, labels: list[tuple[str, ...]], table: Table, name: str
) -> tuple[Bodies, bool, list[str]]:
    rows = list(range(len(labels)))
    cameras, notes = _column(header, labels, _CAMERA), []
    if cameras is not None and len(counts := Counter(cameras)) > 1:
        most = counts.most_common(1)[0][0]
        rows = [i for i in rows if cameras[i] == most]
        notes.append(f"Of {len(counts)} cameras {most[:20]}, which shows most, was read.")
    called = [labels[i][long.name] for i in rows]
    if all(whole_number(one) is not None for one in called):
        called = [_MEDIAPIPE[at] if 0 <= (at := whole_number(one) or 0) < len(_MEDIAPIPE) else "" for one in called]
    frames, people = _numbers(header, labels), _ids(_column(header, labels, _PERSON), len(labels))
    names = tuple(dict.fromkeys(one for one in called if one))
    place = {one: i for i, one in enumerate(names)}
    bodies = {key: i for i, key in enumerate(dict.fromkeys((frames[i], people[i]) for i in rows))}
    if len(bodies) * len(names) > 40 * LONGEST:
        raise FormatError(f"{name} has {len(names):,} points in {len(bodies):,} frames, more than any recording.")
    points = np.full((len(bodies), max(len(names), 1), 3), np.nan)
    solid = long.third >= 0 and long.sure < 0
    given = table.values[:, : 3 if solid else 2]
    sure = table.values[:, long.sure - long.x] if long.sure > long.x else np.ones(len(table.values))
    values = given if solid else np.c_[given, sure]
    for i, one in zip(rows, called, strict=True):
        if one:
            points[bodies[frames[i], people[i]], place[one]] = values[i]
    chosen = Bodies(names or ("",), [key[0] for key in bodies], points, [key[1] for key in bodies])
    return chosen, solid, notes
