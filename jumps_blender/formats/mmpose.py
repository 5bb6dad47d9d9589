"""MMPose's inferencer (RTMPose and others), and what people dump of rtmlib in its shape.

`{"meta_info": {...}, "instance_info": [{"frame_id": 1, "instances": [...]}]}`, or the list of frames alone, or, for one
image, the list of instances alone. Instance: `{"keypoints": [[x, y], ...], "keypoint_scores": [...], "bbox_score"}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ..errors import FormatError
from .joint_names import name_points
from .points import number, size_of, whole_number
from .recording import Sighting, Take
from .source import Source

FORMATS: Final = {"mmpose": "MMPose"}

_WORDS: Final = {"head": "head_top", "hip": "mid_hip", "root": "pelvis", "bottom_head": "neck", "top_head": "head_top"}
"""What MMPose's data sets call joints."""
_IDS: Final = ("track_id", "instance_id", "person_id")


def sniff(source: Source) -> bool:
    """Frames with `instances`, or instances with `keypoint_scores`."""
    value: Any = source.value
    return any(_is_instance(one) for _, found in _frames(value) for one in found) or _is_empty_dump(value)


def _is_empty_dump(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("instance_info"), list)


def _is_instance(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("keypoints"), list) and "keypoint_scores" in value


def _frames(value: Any) -> list[tuple[int, list[Any]]]:
    """(number, instances) of every frame; nothing where the value has another shape."""
    frames = value.get("instance_info") if isinstance(value, dict) else value
    if not isinstance(frames, list):
        return []
    if frames and all(_is_instance(one) for one in frames):
        return [(0, frames)]
    found = []
    for i, frame in enumerate(frames):
        if not isinstance(frame, dict) or not isinstance(frame.get("instances"), list):
            return []
        given = whole_number(frame.get("frame_id"))
        found.append((i if given is None else given, frame["instances"]))
    return found


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    content = source.main.content
    frames = _frames(content.value)
    sightings = tuple(
        _sighting(frame, one, f"{source.name}, frame {frame}, person {i}")
        for frame, found in frames
        for i, one in enumerate(found)
    )
    if not frames:
        raise FormatError(f"{source.name}: instance_info with a list of instances for each frame was expected.")
    meta = content.value.get("meta_info") if isinstance(content.value, dict) else None
    meta = meta if isinstance(meta, dict) else {}
    numbers = [frame for frame, _ in frames]
    take = Take(
        "mmpose", sightings, f"{len(frames)} frames", (min(numbers), max(numbers)),
        image_size=size_of(meta.get("image_width"), meta.get("image_height")), damage=content.damage,
    )  # fmt: skip
    names = _names(meta)
    return name_points(names, source.wishes, source.name, _WORDS).applied(take) if _fits(names, take) else take


def _sighting(frame: int, instance: Any, where: str) -> Sighting:
    if not _is_instance(instance):
        raise FormatError(f"{where}: keypoints and keypoint_scores were expected.")
    points, scores = instance["keypoints"], instance["keypoint_scores"]
    if not isinstance(scores, list) or len(scores) != len(points):
        raise FormatError(f"{where}: a score for each of {len(points)} keypoints was expected.")
    quick = _quickly(points, scores)
    rows = np.full((len(points), 3), np.nan) if quick is None else quick
    for i, (point, score) in enumerate(zip(points, scores, strict=True) if quick is None else ()):
        if isinstance(point, list) and len(point) >= 2:
            rows[i] = number(point[0]), number(point[1]), number(score)
        elif point is not None:
            raise FormatError(f"{where}: keypoint {i} is no list of x and y.")
    given = next((which for key in _IDS if (which := whole_number(instance.get(key))) is not None), None)
    person = None if given is None or given < 0 else str(given)
    return Sighting(frame, rows, person, number(instance.get("bbox_score")))


def _quickly(points: list[Any], scores: list[Any]) -> np.ndarray | None:
    """(joints, 3) where every point and score is plain numbers; None where one has to look closer."""
    try:
        places, confidence = np.array(points, np.float64), np.array(scores, np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    if places.ndim != 2 or places.shape[1] not in (2, 3) or confidence.shape != places.shape[:1]:
        return None
    return np.column_stack([places[:, :2], confidence])


def _names(meta: dict[str, Any]) -> list[str]:
    """The names of the points, in their order; nothing where the file does not say them."""
    given = meta.get("keypoint_id2name")
    if not isinstance(given, dict):
        return []
    named = {whole_number(key): str(name) for key, name in given.items()}
    return [named[i] for i in range(len(named))] if set(named) == set(range(len(named))) else []


def _fits(names: Sequence[str], take: Take) -> bool:
    return bool(names) and all(len(one.points) == len(names) for one in take.sightings)
