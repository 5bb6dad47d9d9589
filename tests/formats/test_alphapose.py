from __future__ import annotations

import json

import numpy as np
import pytest

from jumps_blender.errors import FormatError, InputError, PersonNotFound
from jumps_blender.formats import read


def test_ids_of_the_file_are_kept(saved, alphapose, sample_people) -> None:
    recording = read(saved(alphapose(sample_people)))
    assert [(person.id, person.frames) for person in recording.people] == [("1", 207), ("2", 162)]
    assert recording.joint_set.id == "coco17"
    assert recording.warnings == ()


@pytest.mark.parametrize("ids", [False, 0])
def test_without_tracking_people_are_linked(ids, saved, alphapose, sample_people) -> None:
    linked = read(saved(alphapose(sample_people, ids)))
    tracked = read(saved(alphapose(sample_people), "tracked.json"))
    for one, other in zip(linked.people, tracked.people, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)
    assert any("linked from frame to frame" in warning for warning in linked.warnings)


def test_constant_zero_of_one_person_needs_no_linking(saved, alphapose, sample_people) -> None:
    recording = read(saved(alphapose({"2": sample_people["2"]}, 0)))
    assert [(person.id, person.frames) for person in recording.people] == [("0", 162)]
    assert recording.warnings == ()


def test_frames_come_from_the_names_and_gaps_stay(saved, alphapose, sample_people) -> None:
    track = sample_people["1"]
    recording = read(saved(alphapose({"1": {10: track[1], 2: track[0], 30: track[2]}})))
    assert (recording.first_frame, recording.last_frame) == (2, 30)
    assert np.flatnonzero(np.isfinite(recording.people[0].confidence[:, 0])).tolist() == [0, 8, 28]


@pytest.mark.parametrize("image", ["{}.jpg", "du_wohn_1_{:06d}.png", "cam1/clip.{:04d}.jpg", "IMG{}"])
def test_the_number_that_changes_is_the_frame(image, saved, alphapose, sample_people) -> None:
    recording = read(saved(alphapose({"1": {f: sample_people["1"][f] for f in (7, 8, 12)}}, image=image)))
    assert (recording.first_frame, recording.last_frame) == (7, 12)


def test_numeric_image_ids_are_coco_results(saved, alphapose, sample_people) -> None:
    entries = alphapose(sample_people, ids=False)
    for entry in entries:
        entry["image_id"] = int(entry["image_id"].removesuffix(".jpg"))
        del entry["box"]
    recording = read(saved(entries))
    assert recording.format == "coco"
    assert [person.frames for person in recording.people] == [207, 162]


def test_images_without_number_keep_their_order(saved, alphapose, sample_people) -> None:
    entries = alphapose({"1": {f: sample_people["1"][f] for f in (0, 1, 2)}})
    for entry, name in zip(entries, ["standing.jpg", "crouching.jpg", "flying.jpg"], strict=True):
        entry["image_id"] = name
    recording = read(saved(entries))
    assert (recording.first_frame, recording.last_frame) == (0, 2)
    assert recording.people[0].positions[1, 0, 0] == pytest.approx(sample_people["1"][1][0, 0])
    assert any("no frame number" in warning for warning in recording.warnings)


def test_missing_numbers_in_any_spelling(saved) -> None:
    points = [[100.0 + i, 50.0 + i, 0.9] for i in range(17)]
    text = json.dumps([{"image_id": "0.jpg", "keypoints": np.ravel(points).tolist(), "idx": 1}])
    text = text.replace("100.0, 50.0", "NaN, Infinity").replace("101.0, 51.0", 'null, "51.5"')
    text = text.replace("102.0, 52.0", '"102.5", "52.5"').replace("103.0, 53.0", "0, 0")
    tracks = read(saved(text)).tracks()
    assert tracks.observed[0].tolist() == [False, False, True, False] + [True] * 13
    assert tracks.positions[0, 2].tolist() == [102.5, 52.5]


def test_threshold_is_a_setting(saved, alphapose, sample_people) -> None:
    path = saved(alphapose(sample_people))
    seen = [read(path, threshold=threshold).tracks().observed.sum() for threshold in (0.0, 0.3, 0.8)]
    assert seen[0] > seen[1] > seen[2] > 0


def test_joint_set_can_be_overridden(saved, alphapose, sample_people) -> None:
    path = saved(alphapose(sample_people))
    assert read(path, joint_set="h36m17").joint_set.id == "h36m17"
    with pytest.raises(InputError, match=r"17 points per person, but Halpe-26 \(halpe26\) has 26: choose coco17 or"):
        read(path, joint_set="halpe26")
    with pytest.raises(InputError, match="Unknown joint set 'coco'; known ones: coco17"):
        read(path, joint_set="coco")


def test_unknown_person_lists_the_known_ones(saved, alphapose, sample_people) -> None:
    recording = read(saved(alphapose(sample_people)))
    with pytest.raises(PersonNotFound, match=r"no person '7'; it holds 1 \(207 frames\), 2 \(162 frames\)\."):
        recording.tracks("7")


def test_pairs_without_confidence_count_as_sure(saved) -> None:
    recording = read(saved([{"image_id": "0.jpg", "keypoints": list(range(10, 44)), "idx": 0}]))
    assert recording.joint_set.id == "coco17"
    assert (recording.people[0].confidence == 1).all()


@pytest.mark.parametrize(
    ("keypoints", "message"),
    [
        ([1.0] * 49, "entry 0 holds 49 numbers: x, y and confidence of each point were expected"),
        ([1.0] * 87, "29 points per person, and no known joint set has that many"),
        ([["x", 1, 2]] * 17, "keypoints of entry 0 is not a flat list of numbers"),
        ([float("nan")] * 51, r"not one usable point: all are NaN, at \(0, 0\)"),
        ([0.0] * 51, "not one usable point"),
        ([1e7, 5.0, 0.9] * 17, "beyond 1e.06 pixels"),
        ([5.0, -1e200, 0.9] * 17, "beyond 1e.06 pixels"),
        ([], "shows nobody"),
    ],
)
def test_keypoints_that_cannot_be(keypoints, message, saved) -> None:
    with pytest.raises(FormatError, match=message):
        read(saved([{"image_id": "0.jpg", "keypoints": keypoints}]))


def test_frame_numbers_beyond_reason_are_refused(saved, alphapose, sample_people) -> None:
    path = saved(alphapose({"1": {0: sample_people["1"][0], 10**9: sample_people["1"][1]}}))
    with pytest.raises(FormatError, match="frames from 0 to 1000000000"):
        read(path)


def test_bodies_of_another_kind_are_left_out(saved, alphapose, sample_people) -> None:
    entries = alphapose({"1": sample_people["1"]})
    entries[5]["keypoints"] = entries[5]["keypoints"][:42]
    recording = read(saved(entries))
    assert recording.people[0].frames == 206
    assert any("another number of points" in warning for warning in recording.warnings)


@pytest.mark.parametrize("key", ["bodies", "people"])
def test_layouts_keyed_by_image(key, saved, sample_people) -> None:
    points = {"bodies": "joints", "people": "pose_keypoints_2d"}[key]
    track = {f: np.vstack([p, p[5:6]]) for f, p in sample_people["1"].items()}  # 18 points
    recording = read(saved({f"{f}.jpg": {key: [{points: p.ravel().tolist()}]} for f, p in track.items()}))
    assert (recording.format, recording.joint_set.id) == ("alphapose_open", "coco18")
    assert recording.people[0].frames == 207
    assert any("no neck" in warning for warning in recording.warnings)  # point 1 is an eye here
