"""Whatever is written in an estimator's layout, or in our own, comes back as it was."""

from __future__ import annotations

import csv
import json
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jumps_blender.core.body.joint_sets import JOINT_SETS, find_joint_set
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.body.tracks import Tracks
from jumps_blender.errors import FormatError, InputError
from jumps_blender.formats import read
from jumps_blender.formats.export import write_result, write_tracks
from tests.formats.tables import yolo

points = arrays(np.float64, (17, 3), elements=st.floats(0, 1, width=16)).map(
    lambda a: a * [800, 900, 0.98] + [1, 1, 0.02]
)
one_track = st.dictionaries(st.integers(0, 40), points, min_size=1, max_size=6)
tracks_of_people = st.dictionaries(st.integers(1, 9).map(str), one_track, min_size=1, max_size=3)


def _dense(track, first: int, last: int) -> np.ndarray:
    out = np.full((last - first + 1, 17, 3), np.nan)
    for frame, body in track.items():
        out[frame - first] = body
    return out


@settings(max_examples=40, deadline=None)
@given(people=tracks_of_people)
def test_alphapose(people, alphapose) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        path.write_text(json.dumps(alphapose(people)))
        recording = read(path)
    frames = [frame for track in people.values() for frame in track]
    assert (recording.first_frame, recording.last_frame) == (min(frames), max(frames))
    assert {person.id for person in recording.people} == set(people)
    for person in recording.people:
        expected = _dense(people[person.id], min(frames), max(frames))
        np.testing.assert_array_equal(person.positions, expected[..., :2])
        np.testing.assert_array_equal(person.confidence, expected[..., 2])


@settings(max_examples=25, deadline=None)
@given(people=tracks_of_people)
def test_yolo(people) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in yolo(people, (1000, 1000), name="shot_{}.txt").items():
            (Path(folder) / name).write_text(text)
        recording = read(folder)
    frames = [frame for track in people.values() for frame in track]
    assert (recording.first_frame, recording.last_frame) == (min(frames) + 1, max(frames) + 1)
    assert {person.id for person in recording.people} == set(people)
    for person in recording.people:
        expected = _dense(people[person.id], min(frames), max(frames))
        np.testing.assert_allclose(person.positions * 1000, expected[..., :2], atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(people=tracks_of_people, named=st.booleans(), first=st.integers(0, 1))
def test_mmpose(people, named, first) -> None:
    frames: dict[int, list] = {frame: [] for frame in range(max(f for track in people.values() for f in track) + 1)}
    for who, track in people.items():
        for frame, body in track.items():
            frames[frame].append(
                {"keypoints": body[:, :2].tolist(), "keypoint_scores": body[:, 2].tolist(), "track_id": int(who)}
            )
    names = {str(i): name for i, name in enumerate(JOINT_SETS["coco17"].joints)}
    info = [{"frame_id": frame + first, "instances": found} for frame, found in frames.items()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.json"
        path.write_text(
            json.dumps({"meta_info": {"keypoint_id2name": names}, "instance_info": info} if named else info)
        )
        recording = read(path, joint_set=None if named else "coco17")
    assert (recording.first_frame, recording.last_frame) == (first, max(frames) + first)
    for person in recording.people:
        expected = _dense(people[person.id], 0, max(frames))
        np.testing.assert_array_equal(person.positions, expected[..., :2])
        np.testing.assert_array_equal(person.confidence, expected[..., 2])


@settings(max_examples=25, deadline=None)
@given(track=st.dictionaries(st.integers(0, 30), points, min_size=1, max_size=8))
def test_openpose(track, openpose) -> None:
    steady = {f: body * [0.1, 0.1, 1] + [300, 300, 0] for f, body in track.items()}  # nobody jumps away
    with tempfile.TemporaryDirectory() as folder:
        for name, text in openpose({"0": steady}).items():
            (Path(folder) / name).write_text(text)
        recording = read(folder)
    (first, last) = min(track), max(track)
    assert (recording.first_frame, recording.last_frame) == (first, last)
    total = sum(np.isfinite(person.positions[:, 0, 0]).sum() for person in recording.people)
    assert total == len(track)
    for person in recording.people:
        there = np.isfinite(person.positions[:, 0, 0])
        np.testing.assert_array_equal(person.positions[there], _dense(steady, first, last)[there][..., :2])


@settings(max_examples=30, deadline=None)
@given(people=tracks_of_people, first=st.integers(0, 1000))
def test_own_tracks(people, first) -> None:
    frames = [frame for track in people.values() for frame in track]
    start, end = min(frames), max(frames)
    given_tracks = []
    for which, track in people.items():
        body = _dense(track, start, end)
        there = np.isfinite(body[..., 2])
        given_tracks.append(
            Tracks(body[..., :2].round(1), np.where(there, body[..., 2], 0).round(2), JOINT_SETS["coco17"], first, 30.0,
                   (800, 900), which)
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        recording = read(write_tracks(Path(folder) / "own.json", given_tracks), threshold=0.0)
    assert (recording.format, recording.fps, recording.image_size) == ("jumps", 30.0, (800, 900))
    for one in given_tracks:
        if not one.confidence.any():
            continue
        back = recording.tracks(one.person)
        seen = np.flatnonzero(one.observed.any(1))
        assert (back.first_frame, len(back)) == (one.first_frame + seen[0], seen[-1] + 1 - seen[0])
        np.testing.assert_allclose(back.positions, one.positions[seen[0] : seen[-1] + 1], atol=1e-9)


def test_people_who_come_and_go_are_written_in_step(tmp_path) -> None:
    early = Tracks(np.full((3, 17, 2), 5.0), np.ones((3, 17)), JOINT_SETS["coco17"], 10, 30.0, None, "early")
    late = Tracks(np.full((2, 17, 2), 9.0), np.ones((2, 17)), JOINT_SETS["coco17"], 12, 30.0, None, "late")
    recording = read(write_tracks(tmp_path / "own.json", [early, late]))
    assert (recording.first_frame, recording.last_frame) == (10, 13)
    for one in (early, late):
        back = recording.tracks(one.person)
        assert (back.first_frame, len(back)) == (one.first_frame, len(one))


def test_joints_in_another_order_than_their_set_are_refused(tmp_path) -> None:
    tracks = Tracks(np.full((2, 17, 2), 5.0), np.ones((2, 17)), JOINT_SETS["coco17"])
    path = write_tracks(tmp_path / "own.json", [tracks])
    document = json.loads(path.read_text())
    document["joints"].reverse()
    path.write_text(json.dumps(document))
    with pytest.raises(FormatError, match="its joints are not those of COCO-17, in that order"):
        read(path)


def test_people_with_other_custom_joints_are_no_recording(tmp_path) -> None:
    knees, ankles = (
        Tracks(np.full((2, 2, 2), 5.0), np.ones((2, 2)), find_joint_set([f"left_{part}", f"right_{part}"]))
        for part in ("knee", "ankle")
    )
    with pytest.raises(InputError, match="same joint set"):
        write_tracks(tmp_path / "own.json", [knees, ankles])


def test_custom_joints_survive(tmp_path) -> None:
    names = ["left_knee", "right_knee", "head"]
    sample = Tracks(np.arange(12.0).reshape(2, 3, 2) + 5, np.ones((2, 3)), JOINT_SETS["coco17"])
    recording = read(write_tracks(tmp_path / "own.json", [replace(sample, joint_set=find_joint_set(names))]))
    assert recording.joint_set.joints == tuple(names)
    np.testing.assert_array_equal(recording.people[0].positions, sample.positions)


@dataclass(frozen=True)
class _Report:
    engine: str = "test"
    versions: dict[str, str] = field(default_factory=lambda: {"numpy": "1"})
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Result:
    positions: np.ndarray
    observed: np.ndarray
    rejected: np.ndarray
    swapped: np.ndarray
    std: np.ndarray | None = None
    depth: np.ndarray | None = None
    depth_std: np.ndarray | None = None
    joints: tuple[str, ...] = JOINTS
    report: _Report = _Report()


@pytest.fixture
def result() -> _Result:
    positions = np.arange(3 * 28 * 2, dtype=float).reshape(3, 28, 2) + 10
    positions[1, 4] = np.nan
    std = np.arange(84.0).reshape(3, 28) / 8
    std[2, 3] = np.nan
    return _Result(positions, np.arange(84).reshape(3, 28) % 2 == 0, np.arange(51).reshape(3, 17) % 5 == 0,
                   np.array([[False, True]] * 3), std)  # fmt: skip


@pytest.fixture
def tracks() -> Tracks:
    return Tracks(np.ones((3, 17, 2)), np.ones((3, 17)), JOINT_SETS["coco17"], 5, None, (640, 480), "2", "walk.json")


def test_result_as_json(tmp_path, result, tracks) -> None:
    path = write_result(tmp_path / "out.json", result, tracks, 50.0)
    document = json.loads(path.read_text())
    head = {
        "format": "jumps-result", "version": 1, "fps": 50.0, "first_frame": 5, "source": "walk.json", "person": "2",
        "image_size": [640, 480],
    }  # fmt: skip
    assert {key: document[key] for key in head} == head
    assert document["joints"] == list(JOINTS)
    assert document["positions"][1][4] is None
    assert document["positions"][2][0] == result.positions[2, 0].tolist()
    assert document["observed"] == result.observed.tolist()
    assert document["report"]["versions"] == {"numpy": "1"}
    assert document["input_joints"] == list(JOINT_SETS["coco17"].joints)
    assert (document["rejected"], document["swapped"]) == (result.rejected.tolist(), result.swapped.tolist())
    assert (document["std"][1][2], document["std"][2][3], document["depth"]) == (result.std[1, 2], None, None)
    recording = read(path)
    assert (recording.joint_set.id, recording.first_frame, recording.people[0].id) == ("mpi28", 5, "2")
    np.testing.assert_array_equal(recording.people[0].positions, result.positions)


def test_result_as_csv(tmp_path, result, tracks) -> None:
    with write_result(tmp_path / "out.CSV", result, tracks, 50.0).open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 28
    assert rows[28] == {"frame": "6", "time": "0.02", "joint": JOINTS[0], "x": "66.0", "y": "67.0", "observed": "1",
                        "std": "3.5", "depth": "", "depth_std": ""}  # fmt: skip
    assert (rows[32]["x"], rows[32]["y"], rows[59]["std"]) == ("", "", "")


def test_results_are_written_whole_or_not_at_all(tmp_path, result, tracks, monkeypatch) -> None:
    path = write_result(tmp_path / "out.json", result, tracks, 50.0)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        write_result(path, result, tracks, 25.0)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.json"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.txt", r"written as \.json or \.csv"),
        ("no/such/out.json", "not a folder that can be written"),
        ("d.json", "is a folder"),
    ],
)
def test_where_a_result_cannot_go(name, message, tmp_path, result, tracks) -> None:
    (tmp_path / "d.json").mkdir()
    with pytest.raises(InputError, match=message):
        write_result(tmp_path / name, result, tracks, 25.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "is jumps-tracks of version 2; this add-on reads version 1"),
        ({"joint_set": "hands"}, "joint set 'hands' is unknown"),
        ({"people": 3}, "people, each with an id and positions, were expected"),
        ({"people": []}, "shows nobody"),
        ({"people": [{"id": 1, "positions": [[[1, 2]]]}]}, "frame 0: a list of 17 points was expected"),
        ({"people": [{"id": 1, "positions": [None], "confidence": []}]}, "confidence for 1 frames was expected"),
        ({"people": [{"id": 1, "positions": []}] * 2}, "two people have the same id"),
        ({"first_frame": "soon"}, "first_frame is 'soon'"),
    ],
)
def test_own_files_that_are_wrong(change, message, sample, saved) -> None:
    with pytest.raises(FormatError, match=message):
        read(saved({**json.loads(sample.read_text()), **change}))
