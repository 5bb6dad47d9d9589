"""The sample's two people, and the layouts that estimators would have written them in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

People = Mapping[str, Mapping[int, np.ndarray]]
"""Points (joints, 3) of each person in each frame."""


@pytest.fixture(scope="session")
def sample(repository: Path) -> Path:
    return repository / "jumps_blender" / "samples" / "rooftop_coco17.json"


@pytest.fixture(scope="session")
def sample_people(sample: Path) -> People:
    document = json.loads(sample.read_text())
    people: dict[str, dict[int, np.ndarray]] = {}
    for person in document["people"]:
        people[person["id"]] = {
            i: np.array([[*(point or (0, 0)), c] for point, c in zip(frame, scores, strict=True)])
            for i, (frame, scores) in enumerate(zip(person["positions"], person["confidence"], strict=True))
            if any(frame)
        }
    return people


@pytest.fixture(scope="session")
def alphapose() -> Callable[..., list]:
    """AlphaPose's result list; `ids` False leaves `idx` out, a number gives everybody that one."""

    def write(people: People, ids: bool | int = True, image: str = "{}.jpg") -> list:
        entries = []
        for frame in sorted({frame for track in people.values() for frame in track}):
            for person, track in people.items():
                if frame in track:
                    entry = {"image_id": image.format(frame), "category_id": 1,
                             "keypoints": track[frame].ravel().tolist(), "score": 2.5, "box": [0, 0, 9, 9]}  # fmt: skip
                    if ids is True:
                        entry["idx"] = int(person)
                    elif ids is not False:
                        entry["idx"] = [[float(ids)]]
                    entries.append(entry)
        return entries

    return write


@pytest.fixture(scope="session")
def openpose() -> Callable[..., dict[str, str]]:
    """OpenPose's frames by file name; who comes first changes from frame to frame, as in real files."""

    def write(people: People, name: str = "video_{:012d}_keypoints.json") -> dict[str, str]:
        frames = [frame for track in people.values() for frame in track]
        files = {}
        for frame in range(min(frames), max(frames) + 1):
            here = [track[frame] for track in people.values() if frame in track]
            found = [{"person_id": [-1], "pose_keypoints_2d": points.ravel().tolist()} for points in here]
            files[name.format(frame)] = json.dumps({"version": 1.3, "people": found[:: 1 if frame % 2 else -1]})
        return files

    return write


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write files into a folder."""

    def write(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / "frames" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "frames"

    return write


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Write one JSON file."""

    def write(value: object, name: str = "tracks.json") -> Path:
        path = tmp_path / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return path

    return write
