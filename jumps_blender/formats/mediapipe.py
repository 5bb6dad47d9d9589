"""MediaPipe's 33 landmarks (BlazePose) in the JSON shapes that people dump them in; the library defines no file.

A list of frames, or an object with `frames` (and often `fps`, `width`, `height`), or an object keyed by frame. A frame
is a list of landmarks, or an object with `landmarks` / `pose_landmarks` / `poseLandmarks`, or with `people`. A landmark
is `{x, y, z, visibility}` or `[x, y, z, visibility]`; x and y are fractions of the image's width and height.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import numpy as np

from ..core.body.joint_sets import JOINT_SETS
from ..errors import FormatError
from .points import are_fractions, number, rate_of, size_of, whole_number
from .recording import Sighting, Take
from .source import Source

FORMATS: Final = {"mediapipe": "MediaPipe"}

_JOINTS: Final = JOINT_SETS["mediapipe33"]
_LANDMARKS: Final = ("landmarks", "pose_landmarks", "poseLandmarks", "keypoints")
_PEOPLE: Final = ("people", "poses", "persons")
_NUMBER: Final = ("frame", "frame_index", "frame_id", "frame_number", "frame_idx", "index")
_FARTHEST: Final = 5.0
"""Fractions leave 0..1 (2.6 seen in a failed crop); pixels are far beyond."""


def sniff(source: Source) -> bool:
    """Some frame shows somebody with 33 landmarks."""
    return any(_bodies(frame) for _, frame in _frames(source.value))


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    content = source.main.content
    frames = _frames(content.value)
    sightings = tuple(
        Sighting(number_, _points(landmarks, f"{source.name}, frame {number_}"), person)
        for number_, frame in frames
        for person, landmarks in _bodies(frame)
    )
    numbers = [number_ for number_, _ in frames]
    head = content.value if isinstance(content.value, dict) else {}
    size = _image_size(head)
    normalised = are_fractions([sighting.points for sighting in sightings], _FARTHEST)
    if normalised and size:
        sightings = tuple(_in_pixels(sighting, size) for sighting in sightings)
    return Take(
        "mediapipe", sightings, f"{len(frames)} frames", (min(numbers), max(numbers)),
        rate_of(head.get("fps", head.get("frame_rate"))) or _rate_by_time(frames), size, normalised and size is None,
        _JOINTS, "33 landmarks per person", content.damage,
    )  # fmt: skip


def _frames(value: Any) -> list[tuple[int, Any]]:
    """(number, frame) of every frame, empty ones too; nothing where the value is no container of frames."""
    if isinstance(value, dict):
        inner = value.get("frames")
        if isinstance(inner, (list, dict)):
            return _frames(inner)
        keys = [re.search(r"[0-9]{1,15}$", key) for key in value]
        if not all(keys):
            return []
        return [(int(key[0]), frame) for key, frame in zip(keys, value.values(), strict=True) if key]
    if not isinstance(value, list):
        return []
    return [(_number(frame, i), frame) for i, frame in enumerate(value)]


def _number(frame: Any, otherwise: int) -> int:
    if isinstance(frame, dict):
        for key in _NUMBER:
            which = whole_number(frame.get(key))
            if which is not None:
                return which
    return otherwise


def _bodies(frame: Any) -> list[tuple[str | None, Any]]:
    """(id, landmarks) of everybody in a frame; nobody where it has another shape."""
    if _are_landmarks(frame):
        return [(None, frame)]
    if isinstance(frame, list):  # the newer tasks API: one list per person
        return [(None, one) for one in frame if _are_landmarks(one)]
    if not isinstance(frame, dict):
        return []
    for key in _LANDMARKS:
        if frame.get(key):
            which = whole_number(frame.get("id"))
            return [(person or (None if which is None else str(which)), one) for person, one in _bodies(frame[key])]
    for key in _PEOPLE:
        if isinstance(frame.get(key), list):
            return [body for one in frame[key] if isinstance(one, dict) for body in _bodies(one)]
    named = [(re.search(r"[0-9]*$", key), one) for key, one in frame.items() if _are_landmarks(one)]
    return [(match[0] or None if match else None, one) for match, one in named]


def _are_landmarks(value: Any) -> bool:
    if isinstance(value, dict):
        return set(_JOINTS.joints) <= value.keys()
    if not isinstance(value, list) or len(value) != len(_JOINTS):
        return False
    return all(one is None or (isinstance(one, dict) and "x" in one) or _is_row(one) for one in value)


def _is_row(one: Any) -> bool:
    return isinstance(one, list) and 2 <= len(one) <= 5 and not any(isinstance(x, (list, dict)) for x in one)


def _points(landmarks: Any, where: str) -> np.ndarray:
    """(33, 3): x, y, visibility (1 where there is none)."""
    rows = [landmarks[name] for name in _JOINTS.joints] if isinstance(landmarks, dict) else landmarks
    points = np.array([_row(row) for row in rows])
    if points.shape != (len(_JOINTS), 3):
        raise FormatError(f"{where}: 33 landmarks with x and y were expected.")
    return points


def _row(row: Any) -> tuple[float, float, float]:
    if isinstance(row, dict):
        return number(row.get("x")), number(row.get("y")), number(row.get("visibility", row.get("score", 1.0)))
    if isinstance(row, list):
        return number(row[0]), number(row[1]), number(row[3]) if len(row) > 3 else 1.0
    return float("nan"), float("nan"), float("nan")


def _image_size(head: dict[str, Any]) -> tuple[int, int] | None:
    given = head.get("image_size", head.get("resolution"))
    if isinstance(given, list) and len(given) == 2:
        return size_of(*given)
    width, height = head.get("width", head.get("image_width")), head.get("height", head.get("image_height"))
    return size_of(width, height)


def _in_pixels(sighting: Sighting, size: tuple[int, int]) -> Sighting:
    with np.errstate(over="ignore"):  # damaged numbers end as infinite, which is missing
        return replace(sighting, points=sighting.points * (*size, 1))


def _rate_by_time(frames: Sequence[tuple[int, Any]]) -> float | None:
    """Frames per second by the frames' time stamps in milliseconds; a rate near a whole number is that number."""
    stamps = [(n, number(frame.get("timestamp_ms"))) for n, frame in frames if isinstance(frame, dict)]
    steps = [(t - s) / (n - m) for (m, s), (n, t) in pairwise(stamps) if n > m and t > s]
    if len(steps) < 2:
        return None
    rate = 1000 / float(np.median(steps))
    return rate_of(round(rate) if round(rate) and abs(rate / round(rate) - 1) < 1e-3 else round(rate, 3))
