"""Files that every version of this add-on since the one in the folder's name has to open."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.formats import read
from jumps_blender.formats.export import write_tracks

KEPT = sorted((Path(__file__).parent.parent / "data" / "kept").iterdir())


@pytest.fixture(params=KEPT, ids=lambda folder: folder.name)
def kept(request: pytest.FixtureRequest) -> Path:
    """A folder of files that a released version wrote."""
    return request.param


def test_tracks(kept: Path) -> None:
    recording = read(kept / "tracks.json")
    assert (recording.format, recording.joint_set.id, recording.fps, recording.image_size) == (
        "jumps", "coco17", 30.0, (1768, 994),
    )  # fmt: skip
    assert (recording.first_frame, recording.last_frame) == (60, 69)
    assert {person.id: person.frames for person in recording.people} == {"1": 10, "2": 10}
    nose = recording.person("2").positions[0, 0]
    np.testing.assert_allclose(nose, json.loads((kept / "tracks.json").read_text())["people"][1]["positions"][0][0])
    assert not recording.warnings


def test_result(kept: Path) -> None:
    recording = read(kept / "result.json")
    assert (recording.joint_set.joints, recording.people[0].id, recording.first_frame) == (JOINTS, "2", 60)
    tracks = recording.tracks()
    assert tracks.observed.all()
    seen = read(kept / "tracks.json").tracks("2")
    ankle = (
        tracks.positions[:, JOINTS.index("right_shoulder")] - seen.positions[:, seen.joint_set.index("right_shoulder")]
    )
    assert np.nanmax(np.abs(ankle)) < 30  # pixels; in register with what was seen


def test_joints_of_ones_own(kept: Path) -> None:
    recording = read(kept / "custom.json")
    assert recording.joint_set.joints == ("nose", "left_big_toe", "right_knee")
    assert (recording.people[0].id, recording.fps, recording.image_size) == ("lena", None, None)


@pytest.mark.parametrize("name", ["tracks.json", "custom.json"])
def test_what_is_written_again_says_the_same(name: str, kept: Path, tmp_path: Path) -> None:
    first = read(kept / name)
    again = read(write_tracks(tmp_path / name, [first.tracks(person.id) for person in first.people]))
    assert again.joint_set.joints == first.joint_set.joints
    for person in first.people:
        np.testing.assert_array_equal(again.tracks(person.id).positions, first.tracks(person.id).positions)


def test_what_a_later_version_adds_is_no_obstacle(kept: Path, saved) -> None:
    document = json.loads((kept / "result.json").read_text())
    assert read(saved({**document, "mood": "happy", "std": "?"})).people[0].frames == 10
