"""A folder with a file for each frame, as OpenPose writes it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import numpy as np

BODY_25: Final = 25
"""Points of a person; those that COCO has lie first here, which the time of reading does not depend on."""


def write_frames(folder: Path, person: dict[str, Any]) -> Path:
    """A folder of the frames of one person of our own tracks; nobody is in a frame that shows nobody."""
    place = folder / "frames"
    place.mkdir()
    for i, (positions, confidence) in enumerate(zip(person["positions"], person["confidence"], strict=True)):
        points = np.zeros((BODY_25, 3))
        for j, (point, certain) in enumerate(zip(positions, confidence, strict=True)):
            if point is not None:
                points[j] = *point, certain
        body = {"person_id": [-1], "pose_keypoints_2d": points.round(3).ravel().tolist(), "face_keypoints_2d": []}
        content = {"version": 1.3, "people": [body] if points.any() else []}
        (place / f"clip_{i:012d}_keypoints.json").write_text(json.dumps(content), encoding="utf-8")
    return place


def forget(folder: Path) -> bool:
    """Let the system forget what it holds of a folder's files in memory; whether it can be asked to."""
    advise = getattr(os, "posix_fadvise", None)
    if advise is None:
        return False
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
            advise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True
