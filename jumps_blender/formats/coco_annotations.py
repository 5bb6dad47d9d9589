"""A COCO annotation file: `images` with names and sizes, `annotations` with keypoints of people in them.

The third number of a point is how visible it is: 0 not labelled, 1 hidden, 2 visible.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..errors import FormatError
from .alphapose import numbered
from .joint_names import name_points
from .points import flat_points, number, size_of, whole_number
from .recording import Sighting, Take
from .source import Source

FORMATS: Final = {"coco_annotations": "COCO annotations"}

_HIDDEN: Final = 0.5
"""Confidence of a point that is labelled and hidden, where a visible one has 1."""
_WORDS: Final = {"head": "head_top"}


def sniff(source: Source) -> bool:
    """An object with lists of images and annotations."""
    value: Any = source.value
    return isinstance(value, dict) and all(isinstance(value.get(key), list) for key in ("images", "annotations"))


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    content = source.main.content
    images = {str(one.get("id")): one for one in content.value["images"] if isinstance(one, dict)}
    files = {key: str(one.get("file_name", key)) for key, one in images.items()}
    frames, notes = numbered(list(files.values())) if files else ({}, [])
    sightings = []
    for i, entry in enumerate(content.value["annotations"]):
        where = f"{source.name}: annotation {i}"
        if not isinstance(entry, dict):
            raise FormatError(f"{where} is no object.")
        file = files.get(str(entry.get("image_id")))
        if file is None:
            raise FormatError(f"{where} is of image {str(entry.get('image_id'))[:40]!r}, which the file does not list.")
        if isinstance(entry.get("keypoints"), list) and entry["keypoints"] and file in frames:
            points = _believed(flat_points(entry["keypoints"], f"{where}, keypoints"))
            given = whole_number(entry.get("track_id"))
            person = None if given is None else str(given)
            sightings.append(Sighting(frames[file], points, person, number(entry.get("score"))))
    sizes = {size_of(one.get("width"), one.get("height")) for one in images.values()}
    size = sizes.pop() if len(sizes) == 1 else None
    whole = f"{len(content.value['annotations'])} annotations"
    take = Take("coco_annotations", tuple(sightings), whole, image_size=size, damage=content.damage,
                warnings=tuple(notes))  # fmt: skip
    return _named(take, content.value, source)


def _believed(points: np.ndarray) -> np.ndarray:
    """Visibility 0, 1, 2 as confidence; a score between stays what it is."""
    marks = points[:, 2]
    if not set(np.unique(marks[np.isfinite(marks)]).tolist()) <= {0.0, 1.0, 2.0}:
        return points
    return np.c_[points[:, :2], np.select([marks == 2, marks == 1], [1.0, _HIDDEN], 0.0)]


def _named(take: Take, document: dict[str, Any], source: Source) -> Take:
    """With the names of points that the file's category gives, where they fit."""
    kinds = document.get("categories")
    told = kinds[0].get("keypoints") if isinstance(kinds, list) and kinds and isinstance(kinds[0], dict) else None
    names = [str(one) for one in told] if isinstance(told, list) else []
    if not names or any(len(one.points) != len(names) for one in take.sightings):
        return take
    return name_points(names, source.wishes, source.name, _WORDS).applied(take)
