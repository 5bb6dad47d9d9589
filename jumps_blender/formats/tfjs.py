"""TensorFlow.js pose detection (MoveNet, BlazePose): per frame a list of poses `{keypoints: [{x, y, score, name}]}`."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np

from ..core.body.joint_sets import JOINT_SETS, JointSet
from ..errors import FormatError
from .points import are_fractions, number, whole_number
from .recording import Sighting, Take
from .source import Source

FORMATS: Final = {"tfjs": "TensorFlow.js"}


def sniff(source: Source) -> bool:
    """A list of lists of poses, some pose with `keypoints` of x and y."""
    value: Any = source.value
    return (
        isinstance(value, list)
        and all(isinstance(frame, list) or frame is None for frame in value)
        and any(_is_pose(pose) for frame in value for pose in frame or [])
    )


def _is_pose(pose: Any) -> bool:
    points = pose.get("keypoints") if isinstance(pose, dict) else None
    return isinstance(points, list) and bool(points) and all(isinstance(one, dict) and "x" in one for one in points)


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    content = source.main.content
    poses = [(frame, pose) for frame, found in enumerate(content.value) for pose in found or []]
    for frame, pose in poses:
        if not _is_pose(pose):
            raise FormatError(f"{source.name}, frame {frame}: a pose with keypoints of x and y was expected.")
    sightings = tuple(_sighting(frame, pose) for frame, pose in poses)
    named = _by_names([str(one.get("name", "")) for one in poses[0][1]["keypoints"]])
    return Take(
        "tfjs", sightings, f"{len(content.value)} frames", (0, len(content.value) - 1),
        normalised=are_fractions([sighting.points for sighting in sightings]),
        joint_set=named, joint_set_reason="the file names its joints" if named else "", damage=content.damage,
    )  # fmt: skip


def _sighting(frame: int, pose: dict[str, Any]) -> Sighting:
    rows = [(number(one.get("x")), number(one.get("y")), number(one.get("score", 1.0))) for one in pose["keypoints"]]
    which = whole_number(pose.get("id"))
    return Sighting(frame, np.array(rows), None if which is None else str(which), number(pose.get("score")))


def _by_names(names: list[str]) -> JointSet | None:
    """The joint set with these names in this order, written in camelCase or snake_case."""
    plain = tuple(re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower() for name in names)
    return next((table for table in JOINT_SETS.values() if table.joints == plain), None)
