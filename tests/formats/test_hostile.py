"""Files that try to break out, and files that change or vanish while they are read."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.errors import FormatError, TruncatedFile
from jumps_blender.formats import read
from jumps_blender.formats import source as source_module
from tests.formats.tables import deeplabcut, sleap, yolo

COCO = JOINT_SETS["coco17"].joints
BODY = np.column_stack([np.linspace(100, 300, 17), np.linspace(50, 400, 17), np.full(17, 0.9)])


def _tracks(*ids: str, first: int = 0) -> dict:
    frame = [[x, y] for x, y, _ in BODY.tolist()]
    people = [{"id": one, "positions": [frame] * 3, "confidence": [[0.9] * 17] * 3} for one in ids]
    return {"format": "jumps-tracks", "version": 1, "joint_set": "coco17", "first_frame": first, "people": people}


@pytest.mark.parametrize(
    "hostile",
    ["../../etc/passwd", "C:\\Windows\\x", "..", ".", "", "a\0b", "a\nb", "x" * 5000, "\u202e🦿" * 60, "\udcff", " "],
)
def test_ids_become_names_that_files_and_blender_can_hold(hostile, saved) -> None:
    recording = read(saved(_tracks(hostile, "2")))
    plain, other = sorted((person.id for person in recording.people), key=lambda one: one == "2")
    assert other == "2"
    assert 0 < len(plain.encode()) <= 44
    assert not set(plain) & set("/\\:\0\n")
    assert plain.strip(". ") == plain
    assert recording.person(plain).frames == 3
    assert any("are no names were changed" in warning for warning in recording.warnings) == (plain != hostile)


@settings(max_examples=60, deadline=None)
@given(ids=st.lists(st.text(max_size=60), min_size=1, max_size=5, unique=True))
def test_everybody_keeps_a_name_of_their_own(ids, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("ids") / "tracks.json"
    path.write_text(json.dumps(_tracks(*ids)))
    names = [person.id for person in read(path).people]
    assert len(set(names)) == len(ids)
    assert all(len(name.encode()) < 50 for name in names)


def test_frame_numbers_beyond_any_timeline_begin_at_zero(saved) -> None:
    recording = read(saved(_tracks("1", first=1_700_000_000_000)))
    assert (recording.first_frame, recording.last_frame) == (0, 2)
    assert any("beyond any timeline" in warning for warning in recording.warnings)
    assert read(saved(_tracks("1", first=100_000))).first_frame == 100_000


def test_far_apart_frames_are_no_recording(saved) -> None:
    text = sleap({"1": {0: BODY, 10**9: BODY}}, COCO)
    with pytest.raises(FormatError, match=r"numbers its frames from 0 to 1000000000.*at most 500,000"):
        read(saved(text, "shot.csv"))


def test_names_of_points_never_reach_blender(saved) -> None:
    names = ["x" * 1000, "../hip", "a\tb", "LHip", "RHip"]
    recording = read(saved(deeplabcut({"1": {0: BODY[:5]}}, names, several=False), "shot.csv"))
    assert recording.joint_set.joints == ("left_hip", "right_hip")
    assert all(len(joint.encode()) <= 63 for table in JOINT_SETS.values() for joint in table.joints)


def test_paths_in_a_zip_are_names_only(tmp_path) -> None:
    path = tmp_path / "labels.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in yolo({"1": {0: BODY, 1: BODY}}, (1000, 1000), name="../../../labels/a_{}.txt").items():
            archive.writestr(name, text)
    assert read(path).people[0].frames == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["labels.zip"]


def _frames(folder: Path, count: int = 6) -> Path:
    folder.mkdir()
    for i in range(count):
        flat = BODY.ravel().tolist()
        (folder / f"f_{i}_keypoints.json").write_text(json.dumps({"people": [{"pose_keypoints_2d": flat}]}))
    return folder


@pytest.mark.parametrize("count", [6, 200])
def test_a_frame_that_vanishes_is_one_frame_less(count, tmp_path, monkeypatch) -> None:
    folder, load = _frames(tmp_path / "shot", count), source_module._bytes

    def vanishing(where: str) -> bytes:
        if where.endswith("f_3_keypoints.json"):
            Path(where).unlink(missing_ok=True)
        return load(where)

    monkeypatch.setattr(source_module, "_bytes", vanishing)
    with pytest.raises(FormatError, match=rf"whole are {count - 1} of {count} frame files.*--salvage"):
        read(folder)
    assert read(_frames(tmp_path / "again", count), salvage=True).people[0].frames == count - 1


def test_a_file_that_vanishes(tmp_path, monkeypatch, saved) -> None:
    path, load = saved(_tracks("1")), source_module._bytes

    def vanishing(where: str) -> bytes:
        Path(where).unlink()
        return load(where)

    monkeypatch.setattr(source_module, "_bytes", vanishing)
    with pytest.raises(FormatError, match=r"tracks\.json cannot be read: No such file or directory"):
        read(path)


def test_a_file_that_is_still_being_written(monkeypatch, saved) -> None:
    path, status = saved(_tracks("1")), os.fstat

    def growing(number: int) -> os.stat_result:
        found = status(number)
        with path.open("a") as file:
            file.write(" ")
        return found

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(FormatError, match="changed while it was read: wait until its writer has finished"):
        read(path)


def test_folders_full_of_other_things_are_refused_soon(tmp_path) -> None:
    for i in range(60):
        (tmp_path / f"{chr(97 + i % 26)}{i:x}{'y' * i}.json").write_text('{"a": 1}')
        (tmp_path / f"{chr(97 + i % 26)}{'z' * i}.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="no keypoints that are known: an object with 'a'"):
        read(tmp_path)


def test_the_recording_may_lie_beside_other_files(tmp_path) -> None:
    (tmp_path / "a.json").write_text('{"setting": 1}')
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "shot.csv").write_text(sleap({"1": {0: BODY}}, COCO))
    recording = read(tmp_path)
    assert recording.format == "sleap"
    assert recording.warnings == ("Not .csv, so not read: a.json, notes.txt.",)


BEGINNINGS = [
    b"",
    b"\x89HDF\r\n\x1a\n",
    b"scorer,",
    b"PathFileType\t4\n",
    b"0 0.5 0.5 ",
    b"[",
    b"{",
    b"PK\x03\x04",
    b"\xff\xfe",
]


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=300), start=st.sampled_from(BEGINNINGS))
def test_any_bytes_are_read_or_refused(data, start, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("bytes") / "file"
    path.write_bytes(start + data)
    try:
        read(path)
    except FormatError as error:
        assert len(str(error)) < 600  # noqa: PT017


def test_a_zip_of_a_cut_table(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "shot.zip", "w") as archive:
        archive.writestr("shot.csv", sleap({"1": dict.fromkeys(range(9), BODY)}, COCO)[:-30])
    with pytest.raises(TruncatedFile, match="whole are 8 rows"):
        read(tmp_path / "shot.zip")
