"""Pins: they hold exactly, and the motion around them follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.core.clips.pins import hold
from jumps_blender.core.settings import PRESETS
from jumps_blender.errors import InputError
from tests.core.people import as_seen, walker

QUICK_PAPER = replace(PRESETS["paper"], steps=5, random_starts=1)
SEEDS = st.integers(0, 10**6)


@settings(max_examples=12)
@given(
    st.sampled_from(["draft", "default", "best", QUICK_PAPER]), st.integers(1, 28),
    st.sampled_from([12.0, 25.0, 29.97, 120.0]), SEEDS,
)  # fmt: skip
def test_pins_on_any_joints_hold_exactly(upsampler, preset, joints, fps, seed):
    rng = np.random.default_rng(seed)
    seen = walker(40, fps)
    pinned = np.zeros(seen.shape[:2], bool)
    pinned[:, rng.permutation(28)[:joints]] = rng.random((40, joints)) < rng.choice([0.03, 0.5])
    shown = pinned | (np.isin(JOINTS, LIMB_JOINTS) & (rng.random(seen.shape[:2]) < 0.9))
    seen[pinned] += rng.normal(0, 20, (pinned.sum(), 2))
    result = upsampler.upsample(
        np.where(shown[..., None], seen, np.nan), "mpi28", pinned=pinned, fps=fps, settings=preset
    )
    np.testing.assert_array_equal(result.positions[pinned], seen[pinned])
    if result.std is not None:
        assert (result.std[pinned] == 0).all()
        assert (result.std[~pinned] > 0).all()


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
@pytest.mark.parametrize("fps", [25.0, 60.0])
def test_motion_is_led_to_a_pin_and_back_without_a_jolt(upsampler, preset, fps):
    seen, at, hand = walker(int(4 * fps), fps), int(2 * fps), INDEX["right_hand"]
    plain = upsampler.upsample(seen, "mpi28", fps=fps, settings=preset).positions
    pinned = np.zeros(seen.shape[:2], bool)
    pinned[at, hand] = True
    seen[at, hand] = plain[at, hand] + (30, 40)
    led = upsampler.upsample(seen, "mpi28", pinned=pinned, fps=fps, settings=preset).positions
    moved = np.linalg.norm(led - plain, axis=-1)[:, hand]
    assert moved[at] == pytest.approx(50)
    near = moved[at - int(0.2 * fps) : at + 1]
    assert (np.diff(near) > -0.5).all()
    assert np.abs(np.diff(moved)).max() < 50 * 12 / fps
    assert moved[: at - int(1.2 * fps)].max() < 2


@pytest.mark.parametrize("preset", ["draft", "default", QUICK_PAPER], ids=["draft", "default", "paper"])
def test_a_joint_that_no_detector_names_can_be_pinned(upsampler, preset):
    seen = as_seen(walker(60), JOINT_SETS["coco17"])
    plain = upsampler.upsample(seen, settings=preset)
    pins = np.full((60, 28, 2), np.nan)
    pins[30, INDEX["left_toe"]] = plain.positions[30, INDEX["left_toe"]] + (12, -9)
    led = upsampler.upsample(seen, settings=preset, pins=pins)
    np.testing.assert_array_equal(led.positions[30, INDEX["left_toe"]], pins[30, INDEX["left_toe"]])
    assert np.linalg.norm(led.positions - plain.positions, axis=-1)[:4].max() < 1
    if preset != QUICK_PAPER:
        again = upsampler.update(plain, [30], seen, settings=preset, pins=pins)
        np.testing.assert_array_equal(again.positions[30, INDEX["left_toe"]], pins[30, INDEX["left_toe"]])
        assert np.abs(again.positions - led.positions).max() < 0.5


def test_pins_that_are_not_those_of_the_28_joints_are_refused(upsampler):
    seen = as_seen(walker(30), JOINT_SETS["coco17"])
    with pytest.raises(InputError, match=r"Pins must be \(30, 28, 2\)"):
        upsampler.upsample(seen, pins=np.zeros((30, 17, 2)))
    with pytest.raises(InputError, match="beyond"):
        upsampler.upsample(seen, pins=np.full((30, 28, 2), 1e7))
    half = np.full((30, 28, 2), np.nan)
    half[4, 3, 0] = 50
    with pytest.raises(InputError, match="pinned in frame 4"):
        upsampler.upsample(seen, pins=half)
    half[4, 3] = 0
    np.testing.assert_array_equal(upsampler.upsample(seen, pins=half).positions[4, 3], 0)


@given(st.integers(1, 60), st.floats(0.5, 12), st.floats(0, 1), SEEDS)
def test_a_stretch_holds_its_pins_as_the_whole_does(frames, reach, share, seed):
    rng = np.random.default_rng(seed)
    result, positions = rng.normal(size=(2, frames, 3, 2))
    pinned = rng.random((frames, 3)) < share
    whole = hold(result, positions, pinned, reach, slice(0, frames))
    np.testing.assert_array_equal(whole[pinned], positions[pinned])
    first, last = sorted(rng.integers(0, frames + 1, 2))
    np.testing.assert_allclose(hold(result, positions, pinned, reach, slice(first, last)), whole[first:last])
    away = np.array(
        [np.abs(np.flatnonzero(pinned[:, j])[:, None] - np.arange(frames)).min(0, initial=99) for j in range(3)]
    )
    np.testing.assert_allclose(whole[away.T >= reach], result[away.T >= reach], atol=1e-12)


@settings(max_examples=12)
@example("default", 25.0, 120016)  # pins so far off that the refiner is out of its depth
@given(st.sampled_from(["draft", "default", "best"]), st.sampled_from([12.0, 25.0, 30.0, 60.0]), SEEDS)
def test_pins_hold_exactly(upsampler, preset, fps, seed):
    rng = np.random.default_rng(seed)
    seen = as_seen(walker(50, fps), JOINT_SETS["coco17"])
    pinned = rng.random(seen.shape[:2]) < rng.choice([0.002, 0.1, 0.8])
    pinned[:, :5] = False  # the face is none of the 28 joints
    seen[pinned] += rng.normal(0, rng.choice([30, 3000]), (pinned.sum(), 2))
    result = upsampler.upsample(seen, pinned=pinned, fps=fps, settings=preset)
    for source, joint in JOINT_SETS["coco17"].observes:
        at = pinned[:, source]
        np.testing.assert_array_equal(result.positions[at, joint], seen[at, source])


def test_pins_hold_exactly_on_paper_and_are_reached_gradually(upsampler):
    seen, hand = walker(30), INDEX["left_hand"]
    plain = upsampler.upsample(seen, list(JOINTS), settings=QUICK_PAPER).positions
    pinned = np.zeros((30, 28), bool)
    pinned[[8, 25], hand] = True
    seen[8, hand] += 60
    led = upsampler.upsample(seen, list(JOINTS), pinned=pinned, settings=QUICK_PAPER).positions
    np.testing.assert_array_equal(led[pinned], seen[pinned])
    moved = np.linalg.norm(led - plain, axis=-1)[:16, hand]
    assert (moved[[7, 9]] > 0.8 * moved[8]).all()
    assert (moved[[5, 11]] > 0.4 * moved[8]).all()
    assert (moved[[5, 11]] < 0.9 * moved[8]).all()
    assert (moved[[0, 15]] < 0.4 * moved[8]).all()


@pytest.mark.parametrize("fps", [25.0, 30.0])
def test_a_pin_leads_its_limb_and_its_neighbours_in_time(upsampler, fps):
    truth = walker(60, fps)
    seen = np.where(np.isin(np.arange(28), [INDEX[name] for name in LIMB_JOINTS])[:, None], truth, np.nan)
    seen[25:36, [INDEX["left_wrist"], INDEX["left_elbow"]]] = np.nan
    hand, at = INDEX["left_hand"], 31
    plain = upsampler.upsample(seen, list(JOINTS), fps=fps, smoothness=1.0).positions
    pinned = np.zeros(seen.shape[:2], bool)
    pinned[at, hand] = True
    seen[at, hand] = plain[at, hand] + (60, -60)
    led = upsampler.upsample(seen, list(JOINTS), pinned=pinned, fps=fps, smoothness=1.0).positions
    np.testing.assert_array_equal(led[at, hand], seen[at, hand])
    moved = np.linalg.norm(led - plain, axis=-1)
    assert moved[at, INDEX["left_wrist"]] > 0.65 * moved[at, hand]
    assert moved[at - 2, hand] > 30
    assert moved[0].max() < 2


def test_a_pin_is_believed_whatever_the_detector_thought_of_the_joint(upsampler):
    seen = as_seen(walker(30), JOINT_SETS["coco17"])
    confidence, pinned = np.ones((30, 17)), np.zeros((30, 17), bool)
    wrist = JOINT_SETS["coco17"].index("left_wrist")
    confidence[7, wrist], pinned[7, wrist] = 0.05, True
    result = upsampler.upsample(seen, confidence=confidence, pinned=pinned)
    np.testing.assert_array_equal(result.positions[7, INDEX["left_wrist"]], seen[7, wrist])
    assert result.observed[7, INDEX["left_wrist"]]
