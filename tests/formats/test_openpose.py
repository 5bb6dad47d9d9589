from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.errors import FormatError, TruncatedFile
from jumps_blender.formats import read


@pytest.fixture(scope="session")
def as_set(sample_people):
    """The sample's people in another joint set: named points moved over, a neck between the shoulders, feet below."""

    def convert(which: str):
        table, coco = JOINT_SETS[which], JOINT_SETS["coco17"]

        def points(body: np.ndarray) -> np.ndarray:
            out = np.zeros((len(table), 3))
            for i, name in enumerate(table.joints):
                if name in coco.joints:
                    out[i] = body[coco.index(name)]
                elif name in ("neck", "upper_neck"):
                    out[i] = (body[5] + body[6]) / 2
                elif name == "mid_hip":
                    out[i] = (body[11] + body[12]) / 2
            return out

        return {person: {f: points(body) for f, body in track.items()} for person, track in sample_people.items()}

    return convert


@pytest.mark.parametrize("joint_set", ["body25", "body25b", "coco18", "halpe26", "coco17"])
def test_folder_of_frames(joint_set, folder, openpose, as_set) -> None:
    recording = read(folder(openpose(as_set(joint_set))))
    assert (recording.format, recording.joint_set.id) == ("openpose", joint_set)
    assert [person.frames for person in recording.people] == [207, 162]
    assert (recording.first_frame, recording.last_frame) == (0, 225)


def test_zip_of_frames_is_the_folder(tmp_path, folder, openpose, sample_people) -> None:
    files = openpose(sample_people)
    packed = tmp_path / "frames.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"deep/down/{name}", text)
    for one, other in zip(read(packed).people, read(folder(files)).people, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)


@pytest.mark.parametrize("name", ["cam01.{:04d}.json", "demo_{:06d}.json", "1-aero_{}.json", "{}.json"])
def test_frame_numbers_by_any_naming(name, folder, openpose, sample_people) -> None:
    walk = {"2": {f: sample_people["2"][f] for f in range(95, 105)}}
    recording = read(folder(openpose(walk, name)))
    assert (recording.first_frame, recording.last_frame) == (95, 104)


def test_missing_joints_and_empty_frames_are_not_observed(folder, openpose, sample_people) -> None:
    body = sample_people["1"][0].copy()
    body[9] = 0
    files = openpose({"1": {0: body, 5: body}})
    tracks = read(folder(files)).tracks()
    assert tracks.observed.any(1).tolist() == [True, False, False, False, False, True]
    assert not tracks.observed[:, 9].any()


def test_strays_are_reported(folder, openpose, sample_people) -> None:
    files = openpose(sample_people, "cam03.{:04d}.json")
    files |= {"del_000000_0.json": '{"people": []}', "del_000001_0.json": '{"people": []}', "cam03.avi": "x"}
    warnings = "\n".join(read(folder(files)).warnings)
    assert "del_#_0.json (2)" in warnings
    assert "Not .json, so not read: cam03.avi." in warnings


def test_person_with_empty_list_is_nobody(folder) -> None:
    body = [[100.0 + i, 200.0 - i, 0.8] for i in range(25)]
    frame = {"people": [{"pose_keypoints_2d": []}, {"pose_keypoints_2d": np.ravel(body).tolist()}]}
    recording = read(folder({f"a_{i}.json": json.dumps(frame) for i in range(3)}))
    assert [person.frames for person in recording.people] == [3]


def test_a_trackers_ids_are_kept(folder, sample_people) -> None:
    files = {}
    for frame in range(40, 60):
        people = [
            {"person_id": [int(one)], "pose_keypoints_2d": track[frame].ravel().tolist()}
            for one, track in sample_people.items()
        ]
        files[f"f{frame}.json"] = json.dumps({"people": people})
    assert {person.id for person in read(folder(files)).people} == {"1", "2"}


@pytest.mark.parametrize("low", [0, -1])
def test_scaled_coordinates_need_an_image_size(low, folder, openpose, sample_people) -> None:
    scale = np.array([1768 / (1 - low), 994 / (1 - low), 1])
    track = {f: body / scale + [low, low, 0] for f, body in sample_people["1"].items()}
    recording = read(folder(openpose({"1": track})))
    assert recording.normalised
    tracks = recording.tracks(image_size=(1768, 994))
    assert tracks.positions[0, 0] == pytest.approx(sample_people["1"][0][0, :2])


def test_single_frame_says_that_it_is_one(saved, openpose, sample_people) -> None:
    text = openpose({"1": {4: sample_people["1"][4]}})["video_000000000004_keypoints.json"]
    recording = read(saved(text, "video_000000000004_keypoints.json"))
    assert (recording.first_frame, recording.last_frame) == (4, 4)
    assert any("choose the folder" in warning for warning in recording.warnings)


def test_a_cut_off_frame_is_an_error_until_salvaged(folder, openpose, sample_people) -> None:
    files = openpose(sample_people)
    last = list(files)[-1]
    files[last] = files[last][:200]
    path = folder(files)
    with pytest.raises(TruncatedFile, match=rf"in {last}: whole are 225 of 226 frame files.*--salvage"):
        read(path)
    recording = read(path, salvage=True)
    assert recording.people[0].frames == 206
    assert any("only 225 of 226 frame files were read" in warning for warning in recording.warnings)


def test_an_empty_first_frame_does_not_hide_the_rest(folder, openpose, sample_people) -> None:
    files = openpose(sample_people)
    first = next(iter(files))
    files[first] = ""
    path = folder(files)
    with pytest.raises(FormatError, match=f"{first}: whole are 225 of 226 frame files"):
        read(path)
    assert read(path, salvage=True).people[0].frames == 206


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.png": "x", "b.png": "x"}, r"in the folder frames: no .json, .* in it \(found are a.png, b.png\)"),
        ({"a.json": '{"name": 1}'}, "no keypoints that are known: an object with 'name'"),
        ({"a_1.json": '{"people": []}', "a_2.json": '{"people": []}'}, "shows nobody: 2 frame files"),
    ],
)  # fmt: skip
def test_folders_without_keypoints(files, message, folder) -> None:
    with pytest.raises(FormatError, match=message):
        read(folder(files))


def test_empty_folder(tmp_path) -> None:
    with pytest.raises(FormatError, match="it is empty"):
        read(tmp_path)
