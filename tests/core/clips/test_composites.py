"""What a detector's other points tell of joints that it has no point for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.core.clips.composites import RECIPES, compose, recipes_for
from jumps_blender.core.direct.screening import Screening
from jumps_blender.core.settings import PRESETS
from tests.core.people import walker

COCO = JOINT_SETS["coco17"]
TOP = INDEX["head_top"]


def _nodding(frames: int = 40) -> np.ndarray:
    """A walker whose head hangs to the side, which no joint of a limb tells."""
    person = walker(frames)
    for name in ("head", "head_top"):
        up = person[:, INDEX["neck"], 1] - person[:, INDEX[name], 1]
        person[:, INDEX[name]] = person[:, INDEX["neck"]] + np.stack([0.8 * up, -0.6 * up], -1)
    return person


def _seen_by(joint_set: str, person: np.ndarray) -> np.ndarray:
    """The points of a set that are among the 28; the others NaN."""
    table = JOINT_SETS[joint_set]
    points = np.full((len(person), len(table), 2), np.nan)
    for source, joint in table.observes:
        points[:, source] = person[:, joint]
    return points


def _with_ears(person: np.ndarray) -> np.ndarray:
    points = _seen_by("coco17", person)
    shoulders = person[:, [INDEX["left_shoulder"], INDEX["right_shoulder"]]].mean(1)
    middle = shoulders + (person[:, TOP] - shoulders) / 1.72
    for side, out in (("left", 1.0), ("right", -1.0)):
        points[:, COCO.index(f"{side}_ear")] = middle + out * np.array([20.0, 0.0])
    return points


def test_ears_tell_where_the_head_is(upsampler):
    person = _nodding()
    blind, told = (upsampler.upsample(points) for points in (_seen_by("coco17", person), _with_ears(person)))
    errors = [np.linalg.norm(each.positions[:, TOP] - person[:, TOP], axis=-1).mean() for each in (blind, told)]
    assert errors[1] < errors[0] / 2


def test_a_clue_is_no_observation(upsampler):
    person = _nodding()
    blind, told = (upsampler.upsample(points) for points in (_seen_by("coco17", person), _with_ears(person)))
    assert not told.observed[:, TOP].any()
    np.testing.assert_array_equal(told.observed, blind.observed)
    assert (told.std[:, TOP] > 0).all()


def test_the_published_inference_gets_no_clues(upsampler):
    person = _nodding(24)
    quick = replace(PRESETS["paper"], steps=3, random_starts=1)
    blind, told = (
        upsampler.upsample(points, settings=quick) for points in (_seen_by("coco17", person), _with_ears(person))
    )
    np.testing.assert_array_equal(told.positions, blind.positions)


def test_a_joint_that_is_seen_needs_no_clue(upsampler):
    points = _seen_by("body25", walker(30))
    table = JOINT_SETS["body25"]
    before = upsampler.upsample(points, "body25").positions
    points[:, [table.index("left_small_toe"), table.index("right_small_toe")]] = 5.0
    np.testing.assert_array_equal(upsampler.upsample(points, "body25").positions, before)


def test_of_two_recipes_the_first_counts_whose_points_are_seen():
    points = np.zeros((3, len(COCO), 2))
    points[:, COCO.index("nose")] = 10.0
    points[:, [COCO.index("left_ear"), COCO.index("right_ear")]] = 20.0
    weight = np.ones((3, len(COCO)))
    weight[1:, COCO.index("left_ear")] = 0.0
    weight[2:, COCO.index("right_ear")] = 0.0
    clues = compose(COCO.joints, points, weight)
    np.testing.assert_allclose(clues.positions[:, TOP, 0], [1.72 * 20, 1.72 * 20, 1.35 * 10])
    assert clues.deviation[0, TOP] < clues.deviation[2, TOP]
    weight[:, COCO.index("left_shoulder")] = 0.0
    assert not compose(COCO.joints, points, weight).weight.any()


def test_a_clue_is_as_sure_as_its_least_sure_point():
    weight = np.ones((1, len(COCO)))
    weight[:, COCO.index("right_ear")] = 0.4
    assert compose(COCO.joints, np.zeros((1, len(COCO), 2)), weight).weight[0, TOP] == 0.4


def test_what_hangs_on_a_wrong_point_is_not_believed():
    table = JOINT_SETS["mediapipe33"]
    clues = compose(table.joints, np.ones((2, 33, 2)), np.ones((2, 33)))
    elsewhere = np.zeros((2, len(JOINTS)), bool)
    elsewhere[1, INDEX["left_wrist"]] = True
    mended = clues.mended(Screening(elsewhere, np.zeros((2, 2), bool), believed=True))
    assert mended.weight[:, INDEX["left_hand"]].tolist() == [1.0, 0.0]
    assert mended.weight[:, INDEX["right_hand"]].tolist() == [1.0, 1.0]


def test_clues_change_sides_with_their_limbs():
    table = JOINT_SETS["mediapipe33"]
    points = np.ones((1, 33, 2))
    points[:, table.index("left_index")] = points[:, table.index("left_pinky")] = 7.0
    swapped = np.array([[True, False]])
    screening = Screening(np.zeros((1, 28), bool), swapped, believed=True)
    mended = compose(table.joints, points, np.ones((1, 33))).mended(screening)
    assert mended.positions[0, INDEX["right_hand"], 0] > 6 > mended.positions[0, INDEX["left_hand"], 0]


def test_recipes_hold_anywhere_in_any_image():
    table = JOINT_SETS["mediapipe33"]
    points = np.random.default_rng(0).normal(size=(5, 33, 2))
    here, there = (compose(table.joints, each, np.ones((5, 33))).positions for each in (points, 3 * points + 100))
    np.testing.assert_allclose(there, 3 * here + 100)


@pytest.mark.parametrize(
    ("which", "joints"),
    [
        ("coco17", {"head", "head_top"}),
        ("coco18", {"head", "head_top", "neck"}),
        ("body25", {"head", "head_top", "neck", "left_foot", "right_foot", "left_toe", "right_toe"}),
        ("mediapipe33", {"head", "head_top", "left_hand", "right_hand", "left_foot", "right_foot"}),
        ("crowdpose14", set()),
    ],
)
def test_who_tells_what(which, joints):
    told = {JOINTS[recipe.joint] for recipe in recipes_for(JOINT_SETS[which].joints)}
    assert joints <= told
    assert told - joints <= {"neck", "left_ankle", "right_ankle"}


def test_sides_of_recipes_stay_sides():
    for recipe in RECIPES:
        side = JOINTS[recipe.joint].partition("_")[0]
        if side in ("left", "right"):
            assert all(point.startswith(side) for term in recipe.terms for point in term.points)
