"""Joint sets of one count are told apart by geometry."""

from __future__ import annotations

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.errors import FormatError, InputError
from jumps_blender.formats.joint_vote import choose
from jumps_blender.formats.recording import Sighting

BODY = {
    "nose": (0, -70), "eye": (4, -76), "ear": (9, -74), "head_top": (0, -90), "neck": (0, -50), "upper_neck": (0, -54),
    "thorax": (0, -48), "neck_base": (0, -56), "shoulder": (18, -50), "elbow": (24, -20), "wrist": (30, 8),
    "spine": (0, -25), "pelvis": (0, 0), "mid_hip": (0, 0), "hip": (11, 0), "knee": (12, 45), "ankle": (13, 88),
    "big_toe": (18, 96), "small_toe": (22, 95), "heel": (11, 94),
}  # fmt: skip


def _people(which: str, missing: tuple[str, ...] = ()) -> list[Sighting]:
    rng = np.random.default_rng(0)
    points = []
    for name in JOINT_SETS[which].joints:
        side, _, part = name.partition("_")
        x, y = BODY[part] if side in ("left", "right") else BODY[name]
        points.append([0, 0, 0] if name in missing else [500 + (-x if side == "right" else x), 500 + y, 0.9])
    body = np.array(points)
    noise = rng.normal(0, 1, (9, *body.shape)) * (body[:, 2:] > 0) * [1, 1, 0]
    return [Sighting(f, body + noise[f]) for f in range(9)]


@pytest.mark.parametrize(
    "which", ["coco17", "h36m17", "body25", "body25b", "coco18", "crowdpose14", "aic14", "halpe26"]
)
def test_recognised(which: str) -> None:
    choice = choose(_people(which), len(JOINT_SETS[which]), "file")
    assert choice.joint_set.id == which
    assert str(len(JOINT_SETS[which])) in choice.reason
    assert choice.warnings == ()


@pytest.mark.parametrize("which", ["body25", "body25b"])
def test_a_back_view_without_face_is_told_by_the_hips(which: str) -> None:
    people = _people(which, ("nose", "neck", "left_eye", "right_eye", "left_ear", "right_ear"))
    choice = choose(people, 25, "file")
    assert choice.joint_set.id == which
    assert "point 8" in choice.reason


def test_too_few_points_to_tell_is_said() -> None:
    people = [Sighting(0, np.zeros((25, 3)))]
    choice = choose(people, 25, "file")
    assert choice.joint_set.id == "body25"
    assert "too few are seen to tell them apart" in choice.warnings[0]


def test_the_user_has_the_last_word() -> None:
    choice = choose(_people("body25"), 25, "file", "body25b")
    assert (choice.joint_set.id, choice.reason) == ("body25b", "chosen by the user")
    assert choose([], 2, "file", ["left_knee", "left_ankle"]).joint_set.joints == ("left_knee", "left_ankle")


def test_counts_that_do_not_fit() -> None:
    with pytest.raises(
        InputError, match=r"25 points per person, but COCO-17 .coco17. has 17: choose body25 or body25b"
    ):
        choose(_people("body25"), 25, "file", "coco17")
    with pytest.raises(FormatError, match=r"has 29 points per person.*known: 14, 15, 16, 17, 18, 25, 26, 28, 33"):
        choose([], 29, "file")
