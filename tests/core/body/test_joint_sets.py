"""Every table against the shared one, and what the tables promise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import JOINT_SETS, child_of, find_joint_set
from jumps_blender.core.body.skeleton import INDEX, JOINTS, PARENTS
from jumps_blender.errors import InputError

QUALITY = {"same": "=", "offset": "~", "weak": "?"}
KNUCKLES = {"thumb3": "thumb", "index1": "index", "little1": "pinky"}
"""Points of whole hands that are called as MediaPipe calls them."""


@pytest.mark.parametrize("which", list(JOINT_SETS))
def test_table_is_the_shared_one(which: str, shared: Path) -> None:
    document = json.loads((shared / "keypoints" / "joint-sets.json").read_text())
    theirs = next(one for one in document["sets"].values() if one["id"] == which)["joints"]
    ours = JOINT_SETS[which]
    assert ours.joints == tuple(_called(joint["name"]) for joint in theirs)
    shown = [(j["index"], j["mpi28_index"], QUALITY[j["quality"]]) for j in theirs if j["mpi28_index"] is not None]
    assert list(ours.shows) == shown


def _called(name: str) -> str:
    side, _, part = name.partition("_")
    return f"{side}_{KNUCKLES[part]}" if part in KNUCKLES else name


@pytest.mark.parametrize("which", list(JOINT_SETS))
def test_no_joint_is_shown_twice(which: str) -> None:
    joints = [joint for _, joint in JOINT_SETS[which].observes]
    assert len(set(joints)) == len(joints) >= 12


def test_sides_stay_sides() -> None:
    for table in JOINT_SETS.values():
        for source, joint, _ in table.shows:
            name = table.joints[source]
            if name.startswith(("left_", "right_")):
                assert JOINTS[joint].startswith(name.split("_")[0])


def test_values_move_to_the_28_joints() -> None:
    table = JOINT_SETS["halpe26"]
    values = np.arange(2 * 26.0).reshape(2, 26)
    moved = table.to_28(values)
    assert moved[1, INDEX["pelvis"]] == values[1, table.index("mid_hip")]
    assert moved[0, INDEX["right_toe"]] == values[0, table.index("right_big_toe")]
    assert np.isnan(moved[:, INDEX["spine3"]]).all()
    assert not table.to_28(values > 0, fill=False)[:, INDEX["spine3"]].any()


def test_array_of_another_set_is_refused() -> None:
    with pytest.raises(InputError, match=r"Halpe-26 has 26 joints, the array \(2, 17\) has 17"):
        JOINT_SETS["halpe26"].to_28(np.zeros((2, 17)))


def test_find_by_id_by_names_or_as_it_is() -> None:
    table = find_joint_set("body25b")
    assert find_joint_set(table) is table
    chosen = find_joint_set(["right_knee", "head"])
    assert chosen.observes == ((0, INDEX["right_knee"]), (1, INDEX["head"]))
    named = find_joint_set(["nose", "left_big_toe", "left_toe", "mid_hip", "upper_neck"])
    assert named.observes == ((2, INDEX["left_toe"]), (3, INDEX["pelvis"]))


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("body26", "Unknown joint set 'body26'; known ones: coco17"),
        (["left_knee", "snout"], "unknown: snout"),
        (["nose", "left_eye"], "none of them: nose, left_eye"),
        (["left_knee", "left_knee"], "repeated names"),
        ([], "empty"),
    ],
)
def test_sets_that_do_not_exist(which: str | list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_joint_set(which)


def test_bones_point_along_the_28_joints_tree() -> None:
    for i, name in enumerate(JOINTS):
        child = child_of(name, JOINTS)
        if child is not None:
            assert PARENTS[INDEX[child]] == i
    ends = {name for name in JOINTS if child_of(name, JOINTS) is None}
    assert ends == {"head_top", "left_hand", "right_hand", "left_toe", "right_toe"}


@pytest.mark.parametrize("which", list(JOINT_SETS))
def test_bones_stay_in_the_set_and_on_their_side(which: str) -> None:
    names = JOINT_SETS[which].joints
    children = {name: child_of(name, names) for name in names}
    assert all(child in (None, *names) and child != name for name, child in children.items())
    assert children["left_shoulder"] == "left_elbow"
    assert children["right_hip"] == "right_knee"
    assert children["left_knee"] == "left_ankle"
