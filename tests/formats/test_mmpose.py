"""MMPose's inferencer: both of its shapes, names of joints, ids, whole bodies; and what a COCO evaluation writes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.errors import FormatError, TruncatedFile
from jumps_blender.formats import read


def _instance(body: np.ndarray, **more: object) -> dict:
    low, high = body[:, :2].min(0), body[:, :2].max(0)
    return {"keypoints": body[:, :2].tolist(), "keypoint_scores": body[:, 2].tolist(), "bbox": [[*low, *high]],
            "bbox_score": 0.9, **more}  # fmt: skip


def _frames(people, first: int = 0, ids: bool = False) -> list[dict]:
    last = max(frame for track in people.values() for frame in track)
    return [
        {"frame_id": first + frame, "instances": [
            _instance(track[frame], **({"track_id": int(who)} if ids else {}))
            for who, track in people.items() if frame in track
        ]}
        for frame in range(last + 1)
    ]  # fmt: skip


def _meta(names) -> dict:
    return {"dataset_name": "x", "keypoint_id2name": {str(i): name for i, name in enumerate(names)}}


def test_a_list_of_frames(saved, sample_people) -> None:
    recording = read(saved(_frames(sample_people)))
    assert (recording.format, recording.joint_set.id) == ("mmpose", "coco17")
    assert (recording.first_frame, recording.last_frame) == (0, 225)
    assert [person.frames for person in recording.people] == [207, 162]


def test_with_meta_frames_count_from_one_and_joints_have_names(saved, sample_people) -> None:
    document = {"meta_info": _meta(JOINT_SETS["coco17"].joints), "instance_info": _frames(sample_people, 1, ids=True)}
    recording = read(saved(document))
    assert (recording.first_frame, recording.joint_set_reason) == (1, "the file names its joints")
    assert [person.id for person in recording.people] == ["1", "2"]
    frame, body = next(iter(sample_people["2"].items()))
    np.testing.assert_array_equal(recording.person("2").positions[frame], body[:, :2])


def test_names_win_over_the_count(saved, sample_people) -> None:
    halpe = list(JOINT_SETS["coco17"].joints)
    halpe[3:5] = ["head", "hip"]  # as its Halpe has them
    document = {"meta_info": _meta(halpe), "instance_info": _frames(sample_people)}
    recording = read(saved(document))
    assert recording.joint_set.joints[3:5] == ("head_top", "mid_hip")
    assert read(saved(document), joint_set="coco17").joint_set.id == "coco17"


def test_one_image_has_no_frames(saved, sample_people) -> None:
    recording = read(saved([_instance(track[next(iter(track))]) for track in sample_people.values()]))
    assert (recording.first_frame, recording.last_frame, len(recording.people)) == (0, 0, 2)


@pytest.mark.parametrize("which", ["wholebody133", "halpe136", "body135", "halpe26"])
def test_whole_bodies_by_their_count(which, saved) -> None:
    table = JOINT_SETS[which]
    body = np.column_stack([np.arange(len(table)) + 100.0, np.arange(len(table)) * 2 + 50.0, np.full(len(table), 1.1)])
    flat = [{"image_id": i, "category_id": 1, "keypoints": body.ravel().tolist(), "score": 0.9} for i in range(3)]
    for document, format_id in (([{"frame_id": 0, "instances": [_instance(body)]}], "mmpose"), (flat, "coco")):
        recording = read(saved(document))
        assert (recording.format, recording.joint_set.id) == (format_id, which)
        tracks = recording.tracks()
        assert tracks.confidence.max() == 1.0  # scores of these heads exceed 1
        knee = table.index("right_knee")
        np.testing.assert_array_equal(tracks.positions[0, knee], body[knee, :2])


def test_whole_hands_tell_of_the_hand(saved) -> None:
    for which in ("wholebody133", "halpe136"):
        joints = JOINT_SETS[which].joints
        hand = joints.index("left_hand_root")
        assert [joints.index(f"left_{point}") - hand for point in ("thumb", "index", "pinky")] == [3, 5, 17]


def test_a_point_may_be_missing(saved, sample_people) -> None:
    instance = _instance(sample_people["1"][0])
    instance["keypoints"][3] = None
    instance["keypoint_scores"][4] = None
    instance["keypoints"][5] = [float("nan"), "7"]
    observed = read(saved([{"frame_id": 0, "instances": [instance]}])).tracks().observed[0]
    assert not observed[3:6].any()
    assert observed[6:].any()


@pytest.mark.parametrize(
    ("instance", "message"),
    [
        ({"keypoints": [[1, 2]] * 17, "keypoint_scores": [1]}, "frame 4, person 0: a score for each of 17 keypoints"),
        ({"keypoints": [1, 2], "keypoint_scores": [1, 1]}, "keypoint 0 is no list of x and y"),
        ({"bbox": 1}, "keypoints and keypoint_scores were expected"),
    ],
)
def test_instances_that_are_wrong(instance, message, saved, sample_people) -> None:
    good = {"frame_id": 3, "instances": [_instance(sample_people["1"][0])]}
    with pytest.raises(FormatError, match=message):
        read(saved([good, {"frame_id": 4, "instances": [instance]}]))


def test_nobody(saved) -> None:
    with pytest.raises(FormatError, match="shows nobody: 2 frames"):
        read(saved({"meta_info": {}, "instance_info": [{"frame_id": i, "instances": []} for i in range(2)]}))


def test_a_run_that_was_stopped(saved, sample_people) -> None:
    for document in (_frames(sample_people), {"meta_info": {}, "instance_info": _frames(sample_people)}):
        text = json.dumps(document)
        path = saved(text[: len(text) // 2])
        with pytest.raises(TruncatedFile, match=r"whole are \d+ frames.*--salvage"):
            read(path)
        assert 0 < read(path, salvage=True).people[0].frames < 207
