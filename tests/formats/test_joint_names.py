"""Points that somebody named: which joint is meant, and what is said where it cannot be told."""

from __future__ import annotations

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.errors import FormatError, InputError
from jumps_blender.formats import read
from tests.formats.tables import deeplabcut, sleap

COCO = JOINT_SETS["coco17"].joints


def _walk(points: int) -> dict[str, dict[int, np.ndarray]]:
    body = np.column_stack([np.linspace(100, 300, points), np.linspace(50, 400, points), np.full(points, 0.9)])
    return {"0": {frame: body + np.array([frame, 0, 0]) for frame in range(5)}}


@pytest.fixture
def named(saved):
    """A DeepLabCut file whose points have these names."""
    return lambda names: saved(deeplabcut(_walk(len(names)), names, several=False), "shot.csv")


@pytest.mark.parametrize(
    ("name", "joint"),
    [
        ("left_hip", "left_hip"), ("LHip", "left_hip"), ("hip_l", "left_hip"), ("l_hip", "left_hip"),
        ("Hip.L", "left_hip"), ("hipL", "left_hip"), ("LeftHip", "left_hip"), ("left hip", "left_hip"),
        ("HIP_LEFT", "left_hip"), ("lhip", "left_hip"), ("kneeright", "right_knee"), ("RBigToe", "right_big_toe"),
        ("mixamorig:LeftShoulder", "left_shoulder"), ("leftElbow", "left_elbow"), ("R-Wrist", "right_wrist"),
        ("Nose", "nose"), ("left_eye", "left_eye"), ("TopOfHead", "head_top"), ("Neck", "neck"),
        ("R Ankle", "right_ankle"), ("ankle.R", "right_ankle"),
        ("left_foot_index", "left_foot_index"), ("RToe", "right_big_toe"), ("pelvis", "pelvis"),
    ],
)  # fmt: skip
def test_names_as_people_write_them(name, joint, named) -> None:
    other = "right_shoulder" if joint != "right_shoulder" else "left_shoulder"
    recording = read(named([name, other]))
    assert recording.names == ((name, joint), (other, other))
    assert recording.joint_set.joints == (joint, other)


@pytest.mark.parametrize("name", ["snout", "head", "chest", "l_r_hip", "hip", "left", "", "🦿", "x" * 300, "spine"])
def test_what_cannot_be_told_is_left_out_and_said(name, named) -> None:
    recording = read(named([name, "left_knee", "right_knee"]))
    assert recording.names[0] == (name, "")
    assert recording.joint_set.joints == ("left_knee", "right_knee")
    assert any("no known joint were left out" in warning for warning in recording.warnings)
    assert all(len(warning) < 200 for warning in recording.warnings)


def test_names_of_a_known_set_in_any_order_are_that_set(named) -> None:
    upside_down = read(named(COCO[::-1]))
    assert upside_down.joint_set.id == "coco17"
    np.testing.assert_array_equal(upside_down.people[0].positions, read(named(COCO)).people[0].positions[:, ::-1])


def test_a_foot_is_the_ankle_where_there_is_no_other(named) -> None:
    assert read(named(["left_knee", "left_foot"])).joint_set.joints == ("left_knee", "left_ankle")
    assert read(named(["left_ankle", "left_foot"])).joint_set.joints == ("left_ankle", "left_foot")
    assert read(named(["RElbow", "RHand"])).joint_set.joints == ("right_elbow", "right_wrist")


def test_numbered_sides_of_the_human_model_that_deeplabcut_ships(named) -> None:
    names = ["ankle1", "knee1", "hip1", "hip2", "knee2", "ankle2", "wrist1", "wrist2", "chin"]
    found = dict(read(named(names)).names)
    assert (found["knee1"], found["knee2"], found["chin"]) == ("right_knee", "left_knee", "")
    assert dict(read(named(["left_hip", "knee1", "knee2"])).names)["knee1"] == ""  # two are no habit


def test_two_names_for_one_joint_count_once(named) -> None:
    assert read(named(["LHip", "left_hip", "Nose"])).names == (("LHip", ""), ("left_hip", "left_hip"), ("Nose", "nose"))


def test_told_names_win(named) -> None:
    path = named(["Snout", "left_hip", "Ball", "RKnee"])
    recording = read(path, names={"snout": "nose", "left_hip": "right_hip", "RKnee": ""})
    assert recording.joint_set.joints == ("nose", "right_hip")
    assert recording.names == (("Snout", "nose"), ("left_hip", "right_hip"), ("Ball", ""), ("RKnee", ""))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"Snot": "nose"}, r"shot\.csv has no point 'Snot'; its points are Snout, left_hip, Ball"),
        ({"Snout": "nosy"}, "There is no joint 'nosy'; known: .*left_knee"),
    ],
)
def test_told_names_that_do_not_exist(names, message, named) -> None:
    with pytest.raises(InputError, match=message):
        read(named(["Snout", "left_hip", "Ball"]), names=names)


def test_an_animal_is_refused_with_the_way_out(named) -> None:
    with pytest.raises(FormatError, match=r"names its points Snout, Tail, .*--name THEIRS=JOINT"):
        read(named(["Snout", "Tail"]))


def test_a_chosen_set_takes_points_in_their_order(named) -> None:
    odd = [f"p{i}" for i in range(17)]
    recording = read(named(odd), joint_set="h36m17")
    assert (recording.joint_set.id, recording.joint_set_reason) == ("h36m17", "chosen by the user")
    assert read(named(odd[:2]), joint_set=["left_knee", "left_ankle"]).joint_set.joints == ("left_knee", "left_ankle")
    with pytest.raises(InputError, match=r"has 17 points, but Halpe-26 \(halpe26\) has 26"):
        read(named(COCO), joint_set="halpe26")


def test_sleap_names_may_hold_dots(saved) -> None:
    path = saved(sleap(_walk(2), ["Hip.L", "Hip.R"]), "shot.csv")
    assert read(path).joint_set.joints == ("left_hip", "right_hip")
