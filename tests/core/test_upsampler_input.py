"""What cannot be upsampled: an error that says what was found, what was expected and what to do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jumps_blender.core import Upsampler
from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.core.settings import PRESETS
from jumps_blender.errors import EngineError, InputError, NotEnoughJoints
from tests.core.people import walker


@pytest.fixture
def person():
    return walker(30)


def _on_all_28(person, **options):
    return {"positions": person, "joint_set": list(JOINTS), **options}


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((30, 34), r"\(frames, joints, 2\), found \(30, 34\)"),
        ((30, 17, 3), r"\(frames, joints, 2\), found \(30, 17, 3\)"),
        ((30,), r"found \(30,\)"),
        ((30, 18, 2), r"COCO-17 has 17 joints, the array \(30, 18, 2\) has 18"),
    ],
)
def test_positions_of_another_shape(upsampler, shape, message):
    with pytest.raises(InputError, match=message):
        upsampler.upsample(np.ones(shape), "coco17")


@pytest.mark.parametrize(
    "positions",
    [np.full((30, 17, 2), np.nan), np.full((30, 17, 2), np.inf), np.zeros((30, 17, 2)), np.zeros((0, 17, 2))],
    ids=["nan", "infinite", "zeros", "no frames"],
)
def test_nothing_observed(upsampler, positions):
    with pytest.raises(NotEnoughJoints, match=r"at most 0 of the 28 joints .* at least 4 are needed.*COCO-17"):
        upsampler.upsample(positions)


def test_one_joint_only(upsampler, person):
    with pytest.raises(NotEnoughJoints, match=r"at most 1 of the 28 joints"):
        upsampler.upsample(person[:, :1], ["pelvis"])


def test_joints_that_are_never_seen_together(upsampler, person):
    seen = np.full_like(person, np.nan)
    for frame in range(30):
        seen[frame, (3 * frame + np.arange(3)) % 28] = person[frame, (3 * frame + np.arange(3)) % 28]
    with pytest.raises(NotEnoughJoints, match=r"at most 3 of the 28 joints .* at least 4 are needed in some frame"):
        upsampler.upsample(seen, list(JOINTS))


def test_no_confidence_is_enough(upsampler, person):
    with pytest.raises(NotEnoughJoints, match=r"confidence threshold \(0.3\)"):
        upsampler.upsample(**_on_all_28(person, confidence=np.full((30, 28), 0.2)))


@pytest.mark.parametrize("preset", ["draft", "default", replace(PRESETS["paper"], steps=1)])
def test_all_joints_on_one_spot(upsampler, preset):
    with pytest.raises(InputError, match=r"on one spot: the person has no size"):
        upsampler.upsample(np.full((30, 17, 2), 5.0), settings=preset)


@pytest.mark.parametrize("joint_set", ["coco", "", "COCO17"])
def test_an_unknown_joint_set(upsampler, person, joint_set):
    with pytest.raises(InputError, match=rf"Unknown joint set '{joint_set}'; known ones: coco17, coco18, body25"):
        upsampler.upsample(person, joint_set)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["left_knee", "left_nee"], r"unknown: left_nee\).*Known: spine3"),
        (["pelvis", "pelvis"], r"repeated names"),
        ([], r"empty"),
    ],
)
def test_joints_that_are_none_of_the_28(upsampler, person, names, message):
    with pytest.raises(InputError, match=message):
        upsampler.upsample(person[:, : len(names)], names)


@pytest.mark.parametrize("fps", [0, -25, 0.5, 1e4, np.nan, np.inf])
def test_a_frame_rate_that_cannot_be(upsampler, person, fps):
    with pytest.raises(InputError, match=r"The frame rate is .*, expected 1 to 1000 frames per second"):
        upsampler.upsample(**_on_all_28(person, fps=fps))


def test_damaged_coordinates(upsampler, person):
    person[3, 4] = 1e9
    with pytest.raises(InputError, match=r"beyond 1e\+06 pixels: the data are damaged"):
        upsampler.upsample(**_on_all_28(person))


def test_an_infinite_coordinate_counts_as_not_observed(upsampler, person):
    person[3, 4] = np.inf
    result = upsampler.upsample(**_on_all_28(person))
    assert np.argwhere(~result.observed).tolist() == [[3, 4]]
    assert np.isfinite(result.positions).all()


@pytest.mark.parametrize("confidence", [np.ones((30, 27)), np.ones((29, 28)), np.ones(30)])
def test_confidence_of_another_shape(upsampler, person, confidence):
    with pytest.raises(InputError, match=r"Confidence must be \(30, 28\) like the positions"):
        upsampler.upsample(**_on_all_28(person, confidence=confidence))


@pytest.mark.parametrize("confidence", [None, np.ones((30, 28))])
def test_pins_of_another_shape(upsampler, person, confidence):
    with pytest.raises(InputError, match=r"Pins must be \(30, 28\) like the positions, found \(28, 30\)"):
        upsampler.upsample(**_on_all_28(person, pinned=np.ones((28, 30), bool), confidence=confidence))


@pytest.mark.parametrize("confidence", [None, np.ones((30, 28))])
def test_a_pin_without_a_position(upsampler, person, confidence):
    pinned = np.zeros((30, 28), bool)
    pinned[7, INDEX["left_toe"]] = True
    person[7, INDEX["left_toe"]] = np.nan
    with pytest.raises(InputError, match=r"left_toe is pinned in frame 7 but has no position there"):
        upsampler.upsample(**_on_all_28(person, pinned=pinned, confidence=confidence))


def test_a_pin_on_a_point_that_is_no_joint(upsampler, person):
    pinned = np.zeros((30, 17), bool)
    pinned[7, JOINT_SETS["coco17"].index("nose")] = True
    with pytest.raises(InputError, match=r"Pins on nose cannot hold"):
        upsampler.upsample(person[:, :17], pinned=pinned)


def test_unknown_settings(upsampler, person):
    with pytest.raises(InputError, match=r"Unknown settings 'fast'; expected one of paper, draft, default, best"):
        upsampler.upsample(**_on_all_28(person, settings="fast"))


@pytest.mark.parametrize("smoothness", [-0.1, 1.1, np.nan])
def test_smoothness_beyond_its_ends(upsampler, person, smoothness):
    with pytest.raises(InputError, match=r"Smoothness is .*, expected 0 \(the detector\) to 1 \(the prior\)"):
        upsampler.upsample(**_on_all_28(person, smoothness=smoothness))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold": 1.5}, r"confidence threshold is 1.5, expected 0 to 1"),
        ({"random_starts": 0, "encoder_start": False}, r"No start"),
        ({"hop": 25}, r"The hop is 25 frames, expected 1 to 24"),
        ({"hop": 0}, r"The hop is 0 frames"),
        ({"stitch": "glue"}, r"called 'glue'; expected one of pick, blend"),
        ({"steps": -1}, r"-1 steps from 7 random starts, expected 0 or more"),
        ({"random_starts": -1}, r"200 steps from -1 random starts"),
    ],
)
def test_settings_that_cannot_be(change, message):
    with pytest.raises(InputError, match=message):
        replace(PRESETS["paper"], **change)


def test_no_such_engine():
    with pytest.raises(EngineError, match=r"Unknown engine 'abacus'; expected auto or one of numpy, torch"):
        Upsampler.load(engine="abacus")


@pytest.mark.parametrize("preset", ["default", replace(PRESETS["paper"], steps=1)])
@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_a_seed_that_cannot_be(upsampler, person, preset, seed):
    with pytest.raises(InputError, match=rf"The seed is {seed}, expected a whole number from 0 on"):
        upsampler.upsample(**_on_all_28(person, seed=seed, settings=preset))
