"""What cannot be right: limbs that are elsewhere, left taken for right, and clips that nothing is wrong with."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core import Upsampler
from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.normalise import HEAD, body_scale
from jumps_blender.core.body.skeleton import ARMS_AND_LEGS, INDEX, JOINTS, LIMB_JOINTS, MIRROR, exchange_sides
from jumps_blender.core.clips.resample import resample_positions
from jumps_blender.core.direct.perceptron import Perceptron
from jumps_blender.core.direct.screening import (
    INPUTS,
    OUTPUTS,
    Screening,
    contexts,
    crossings,
    features,
    median,
    screen,
    steady,
)
from jumps_blender.core.engines.numpy_engine import NumpyEngine
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import load_weights
from jumps_blender.formats import read
from tests.core.people import walker

COCO = JOINT_SETS["coco17"]
LEFT_ARM = [INDEX["left_elbow"], INDEX["left_wrist"]]
EPISODE = slice(30, 38)
BLIND = replace(PRESETS["default"], name="blind", screen=False)


def _thrown(seen: np.ndarray, by: float, joints: list[int] = LEFT_ARM, frames: slice = EPISODE) -> np.ndarray:
    out = seen.copy()
    out[frames, joints] += (by, -by)
    return out


def _with_swapped(seen: np.ndarray, which: list[int], frames: slice = EPISODE) -> np.ndarray:
    swapped = np.zeros((len(seen), 2), bool)
    swapped[frames, which] = True
    return exchange_sides(seen, swapped)


def _as_coco(truth: np.ndarray) -> np.ndarray:
    """(frames, 17, 2); the points of the face sit on the head."""
    seen = truth[:, [INDEX["head"]] * len(COCO)].copy()
    for source, joint in COCO.observes:
        seen[:, source] = truth[:, joint]
    return seen


@pytest.mark.parametrize("preset", ["draft", "default"])
def test_an_arm_that_is_thrown_off_is_rejected_and_filled(upsampler, crowd, preset):
    found, misses, followed = [], [], []
    for person in crowd:
        wrong = _thrown(person.seen, 3 * person.head)
        result = upsampler.upsample(wrong, list(JOINTS), settings=preset)
        found.append(result.rejected[EPISODE, LEFT_ARM].mean())
        misses.append(person.misses(result.positions)[EPISODE, LEFT_ARM].mean())
        blind = upsampler.upsample(wrong, list(JOINTS), settings=replace(PRESETS[preset], screen=False))
        followed.append(person.misses(blind.positions)[EPISODE, LEFT_ARM].mean())
        assert any("cannot be right" in warning for warning in result.report.warnings)
        assert not blind.rejected.any()
    assert np.mean(found) > 0.75
    assert np.mean(misses) < 0.5
    assert np.mean(misses) < 0.3 * np.mean(followed)


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_a_thrown_arm_spoils_nothing_between_frames_of_another_rate(upsampler, crowd, fps):
    """Moments between a wrong frame and a right one would be half-way between both."""
    beside = []
    for person in crowd:
        frames = int(len(person.truth) * fps / 25)
        truth = resample_positions(person.truth, 25.0, fps, frames)
        seen = np.where(np.isfinite(person.seen[:1]), truth, np.nan)
        thrown = slice(int(1.2 * fps), int(1.5 * fps))
        wrong = _thrown(seen, 3 * person.head, frames=thrown)
        spoilt, right = (upsampler.upsample(each, list(JOINTS), fps=fps).positions for each in (wrong, seen))
        apart = np.linalg.norm(spoilt - right, axis=-1)[:, LEFT_ARM] / person.head
        beside += [apart[thrown.start - 2 : thrown.start].mean(), apart[thrown.stop : thrown.stop + 2].mean()]
    assert np.mean(beside) < 0.1


@pytest.mark.parametrize("half", [0, 1], ids=["arms", "legs"])
def test_swapped_sides_are_put_right_and_reported(upsampler, crowd, half):
    name = ("arms", "legs")[half]
    misses: list[float] = []
    followed: list[float] = []
    told = []
    for person in crowd:
        wrong = _with_swapped(person.seen, [half])
        result, blind = (upsampler.upsample(wrong, list(JOINTS), settings=s) for s in ("default", BLIND))
        for each, kept in ((result, misses), (blind, followed)):
            kept.append(person.misses(each.positions)[EPISODE, ARMS_AND_LEGS[half]].mean())
        told.append(f"Left and right {name} were swapped in frames 30-37" in " ".join(result.report.warnings))
    assert np.mean(told) >= 0.6
    assert np.mean(misses) < 0.4 * np.mean(followed)


def test_those_of_whom_nothing_is_wrong_are_not_accused(upsampler, crowd):
    results = [upsampler.upsample(person.seen, list(JOINTS)) for person in crowd]
    seen = sum(np.isfinite(person.seen).all(-1).sum() for person in crowd)
    assert sum(result.rejected.sum() for result in results) < 0.005 * seen
    assert not any("swapped" in warning for result in results for warning in result.report.warnings)


@pytest.mark.parametrize("fps", [25.0, 60.0, 29.97])
def test_what_is_rejected_is_told_point_by_point_of_the_input(upsampler, crowd, fps):
    person = crowd[0]
    frames = int(len(person.truth) * fps / 25)
    seen = _as_coco(resample_positions(person.truth, 25.0, fps, frames))
    wrist, elbow = COCO.index("left_wrist"), COCO.index("left_elbow")
    begin, end = int(1.2 * fps), int(1.5 * fps)
    seen[begin:end, [elbow, wrist]] += (3 * person.head, -3 * person.head)
    seen[5, wrist] = np.nan
    result = upsampler.upsample(seen, "coco17", fps=fps)
    assert result.rejected.shape == (frames, 17)
    assert result.rejected[begin + 2 : end - 2, [elbow, wrist]].mean() > 0.75
    assert result.rejected.sum() < 1.6 * 2 * (end - begin)
    assert not result.rejected[:, :5].any()  # the face is none of the 28 joints
    assert not result.rejected[5, wrist]
    for source, joint in COCO.observes:
        there = np.isfinite(seen[:, source]).all(-1)
        np.testing.assert_array_equal(result.observed[:, joint], there & ~result.rejected[:, source])


@settings(max_examples=4)
@given(st.sampled_from(["draft", "default"]), st.sampled_from([12.0, 25.0, 60.0]), st.integers(0, 999))
def test_pins_are_right_whatever_they_look_like(upsampler, preset, fps, seed):
    rng = np.random.default_rng(seed)
    seen = walker(60, fps)
    pinned = rng.random(seen.shape[:2]) < 0.3
    seen[rng.random(seen.shape[:2]) < 0.1] += (300, -250)
    swapped = _with_swapped(seen, [0, 1], slice(20, 30))
    result = upsampler.upsample(swapped, list(JOINTS), pinned=pinned, fps=fps, settings=preset)
    assert not result.rejected[pinned].any()
    np.testing.assert_array_equal(result.positions[pinned], swapped[pinned])


def test_a_pinned_limb_is_not_swapped(upsampler, crowd):
    person = crowd[0]
    wrong = _with_swapped(person.seen, [0])
    assert "arms were swapped" in " ".join(upsampler.upsample(wrong, list(JOINTS)).report.warnings)
    pinned = np.zeros(wrong.shape[:2], bool)
    pinned[EPISODE, INDEX["left_wrist"]] = True
    result = upsampler.upsample(wrong, list(JOINTS), pinned=pinned)
    assert "arms were swapped" not in " ".join(result.report.warnings)
    np.testing.assert_array_equal(result.positions[pinned], wrong[pinned])


def test_paper_believes_everything(upsampler, crowd):
    wrong = _thrown(crowd[0].seen[:24], 3 * crowd[0].head, frames=slice(8, 16))
    quick = replace(PRESETS["paper"], steps=2, random_starts=1)
    result = upsampler.upsample(wrong, list(JOINTS), settings=quick)
    assert not result.rejected.any()
    assert result.report.warnings == ()


def _saying(joint: int, half: int | None = None) -> Perceptron:
    """A network that thinks this joint is elsewhere wherever it looks, and of one half that its sides are swapped."""
    odds = np.full(OUTPUTS, -5.0, np.float32)
    odds[joint] = 5.0
    if half is not None:
        odds[len(JOINTS) + half] = 5.0
    return Perceptron(((np.zeros((INPUTS, OUTPUTS), np.float32), odds),))


def test_only_what_was_observed_can_be_wrong():
    wrist = INDEX["left_wrist"]
    seen, trusted = walker(10), np.zeros((10, 28), bool)
    seen[2, wrist], trusted[4, wrist] = np.nan, True
    found = screen(NumpyEngine(load_weights()), _saying(wrist), seen, trusted)
    assert sorted(zip(*np.nonzero(found.elsewhere), strict=True)) == [(f, wrist) for f in range(10) if f not in (2, 4)]
    assert not found.swapped.any()


@given(st.integers(0, 999))
def test_mending_hides_what_is_elsewhere_and_then_exchanges_names(seed):
    rng = np.random.default_rng(seed)
    positions, weight = rng.normal(size=(5, 28, 2)), rng.uniform(0.1, 1, (5, 28))
    elsewhere, swapped = rng.random((5, 28)) < 0.3, rng.random((5, 2)) < 0.5
    mended, believed = Screening(elsewhere, swapped, True).mend(positions, weight)
    for frame, joint in itertools.product(range(5), range(28)):
        side = swapped[frame] @ ARMS_AND_LEGS[:, joint]
        source = MIRROR[joint] if side else joint
        if elsewhere[frame, source]:
            assert np.isnan(mended[frame, joint]).all()
            assert believed[frame, joint] == 0
        else:
            np.testing.assert_array_equal(mended[frame, joint], positions[frame, source])
            assert believed[frame, joint] == weight[frame, source]


@pytest.mark.parametrize("fps", [25.0, 60.0])
def test_what_is_put_right_is_observed_where_it_is(upsampler, fps):
    """An arm that was seen under the other's name is observed, and the other is not."""
    doubtful = INDEX["right_hand"]
    sure = Upsampler(replace(upsampler.weights, screen=_saying(doubtful, half=0)))
    seen = walker(40, fps)
    seen[:, INDEX["left_wrist"]] = np.nan
    result = sure.upsample(seen, list(JOINTS), fps=fps)
    assert result.rejected[:, doubtful].all()
    assert result.rejected.sum() == 40
    hidden = {JOINTS[joint] for joint in np.flatnonzero(~result.observed.any(0))}
    assert hidden == {"right_wrist", "left_hand"}


@given(st.lists(st.floats(-12, 12), min_size=1, max_size=9), st.floats(0, 8))
def test_the_steady_course_is_the_best_of_all(odds, change):
    def gain(course):
        return sum(odd for odd, yes in zip(odds, course, strict=True) if yes) - change * sum(
            a != b for a, b in itertools.pairwise(course)
        )

    best = max(gain(course) for course in itertools.product([False, True], repeat=len(odds)))
    assert gain(steady(np.array(odds), change=change).tolist()) == pytest.approx(best, abs=1e-9)


@settings(max_examples=20)
@given(st.integers(3, 40), st.integers(1, 15), st.integers(0, 1), st.floats(-1.0, -0.1))
def test_joints_that_go_on_under_the_others_name_have_changed_it(begin, length, half, odd):
    """Where the network has no idea, the trail tells: arms or legs that are swapped for a while come back."""
    wide = walker(60) + np.where(np.char.startswith(JOINTS, "left")[:, None], [80.0, 0.0], 0.0)
    swapped = np.zeros((60, 2), bool)
    swapped[begin : begin + length, half] = True
    turns = crossings(exchange_sides(wide, swapped))
    np.testing.assert_array_equal(steady(np.full(60, odd), turns[:, half]), swapped[:, half])
    assert not steady(np.full(60, odd), turns[:, 1 - half]).any()


@given(st.floats(0.05, 20), st.floats(-3000, 3000))
def test_a_trail_is_the_same_in_any_picture(scale, right):
    seen = walker(40)
    seen[np.random.default_rng(0).random((40, 28)) < 0.2] = np.nan
    np.testing.assert_allclose(crossings(scale * seen + (right, 7.0)), crossings(seen), atol=1e-5)
    assert (crossings(np.full((9, 28, 2), np.nan)) == 0).all()


def test_sides_do_not_flicker():
    odds = np.array([-3.0, -3.0, 2.0, -3.0, -3.0])
    assert not steady(odds).any()
    assert steady(np.array([-9.0, 4.0, 4.0, -1.0, 4.0, -9.0])).tolist() == [False, True, True, True, True, False]


@settings(max_examples=30)
@given(st.integers(1, 4), st.integers(1, 30), st.integers(0, 999))
def test_the_median_is_that_of_what_was_seen(rows, count, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, count, 2)).astype(np.float32)
    values[rng.random((rows, count)) < 0.4] = np.nan
    found = median(values)
    for row in range(rows):
        finite = np.sort(values[row][np.isfinite(values[row]).all(-1)], axis=0)
        # The lower of both middles where their number is even.
        expected = finite[(len(finite) - 1) // 2] if len(finite) else np.zeros(2)
        np.testing.assert_array_equal(found[row], expected)


def test_beyond_both_ends_nothing_is_seen():
    clip = walker(40)
    around = contexts(clip, np.array([0, 20, 39]))
    assert np.isnan(around[0, :7]).all()
    assert np.isnan(around[2, 8:]).all()
    np.testing.assert_array_equal(around[1, 7], clip[20])
    np.testing.assert_array_equal(around[1, 0], clip[4])
    np.testing.assert_array_equal(around[1, 14], clip[36])


@given(st.floats(0.05, 20), st.floats(-3000, 3000), st.floats(-3000, 3000), st.integers(0, 999))
def test_neither_place_nor_size_matters(scale, right, down, seed):
    seen = walker(40)
    seen[np.random.default_rng(seed).random((40, 28)) < 0.3] = np.nan
    frames = np.array([0, 20, 39])
    plain, moved = (features(contexts(clip, frames)) for clip in (seen, scale * seen + (right, down)))
    assert plain.shape == (3, INPUTS)
    np.testing.assert_allclose(moved, plain, atol=0.02)


def test_where_nothing_is_seen_nothing_is_said():
    empty = np.full((20, 28, 2), np.nan)
    assert (features(contexts(empty, np.arange(20))) == 0).all()
    found = screen(NumpyEngine(load_weights()), _saying(3), empty, np.zeros((20, 28), bool))
    assert not found.elsewhere.any()


def test_toes_do_not_speak_for_a_swapped_limb(crowd):
    """Toes go astray with their foot: what is judged of the limbs is what is judged without them."""
    found = []
    for person in crowd:
        with_toes = np.where(np.isin(JOINTS, ["left_toe", "right_toe", *LIMB_JOINTS])[:, None], person.truth, np.nan)
        wrong = _with_swapped(with_toes, [1])
        upsampler = Upsampler.load(engine="numpy")
        by_all = upsampler.upsample(wrong, list(JOINTS))
        by_limbs = upsampler.upsample(np.where(np.isin(JOINTS, LIMB_JOINTS)[:, None], wrong, np.nan), list(JOINTS))
        np.testing.assert_array_equal(by_all.swapped, by_limbs.swapped)
        found.append(by_all.swapped[:, 1].any())
    assert sum(found) >= 2


@pytest.mark.parametrize("view", ["front", "back", "left", "right"])
def test_the_raised_leg_of_a_man_who_balances_is_believed(upsampler, shared, view):
    """Marker positions from four cameras: clean, and a pose that the network never saw."""
    tracks = read(shared / "keypoints" / "found" / "trc_3d_balancing.trc", view=view).tracks()
    assert not upsampler.upsample(tracks.positions, tracks.joint_set, tracks.confidence, fps=60.0).rejected.any()


@settings(max_examples=20)
@given(st.integers(0, 27), st.integers(8, 40), st.integers(1, 12), st.floats(0.0, 6.28))
def test_only_what_leaps_is_elsewhere(joint, begin, length, towards):
    """However sure the network is: a joint that moves as people do is not thrown away."""
    stretch = slice(begin, begin + length)
    engine, network = NumpyEngine(load_weights()), _saying(joint)
    trusted = np.ones((60, 28), bool)
    trusted[stretch, joint] = False
    seen = walker(60)
    assert not screen(engine, network, seen, trusted).elsewhere.any()
    leaping = seen.copy()
    leaping[stretch, joint] += 0.3 * body_scale(seen) * np.array([np.cos(towards), np.sin(towards)])
    np.testing.assert_array_equal(screen(engine, network, leaping, trusted).elsewhere, ~trusted)


@pytest.mark.parametrize(("way", "wrong"), [(1, True), (3, False)])
def test_a_punch_takes_its_time_and_what_goes_astray_does_not(way, wrong):
    """A wrist that is out for six frames: two heads in one frame, or in three, both as doubtful to the network."""
    wrist = INDEX["left_wrist"]
    seen, trusted = walker(60), np.ones((60, 28), bool)
    out = np.interp(np.arange(60), (25 - way, 25, 31, 31 + way), (0, 2, 2, 0))
    seen[:, wrist, 0] += out * HEAD * body_scale(seen)
    trusted[out > 0, wrist] = False
    found = screen(NumpyEngine(load_weights()), _saying(wrist), seen, trusted).elsewhere
    np.testing.assert_array_equal(found, ~trusted & wrong)


@pytest.mark.parametrize("stretch", [slice(0, 9), slice(51, 60)])
def test_what_is_doubtful_where_a_clip_begins_or_ends_must_have_leapt_at_the_side_that_is_seen(stretch):
    wrist = INDEX["left_wrist"]
    seen, trusted = walker(60), np.ones((60, 28), bool)
    trusted[stretch, wrist] = False
    assert not screen(NumpyEngine(load_weights()), _saying(wrist), seen, trusted).elsewhere.any()
    seen[stretch, wrist] += 2 * HEAD * body_scale(seen)
    assert screen(NumpyEngine(load_weights()), _saying(wrist), seen, trusted).elsewhere[stretch, wrist].all()


@given(frames=st.integers(1, 8), fps=st.sampled_from([5.0, 12.5, 25.0, 60.0]), joint=st.integers(0, 27))
@settings(max_examples=20)
def test_a_few_frames_are_looked_at_without_a_way_there_or_back(upsampler, frames, fps, joint):
    """Nothing of either is seen, so that the likelier is believed."""
    sure = Upsampler(replace(upsampler.weights, screen=_saying(joint)))
    rejected = sure.upsample(walker(frames, fps), list(JOINTS), fps=fps).rejected
    np.testing.assert_array_equal(rejected, np.isin(np.arange(28), joint) & np.ones((frames, 1), bool))


def test_of_somebody_without_a_size_the_likelier_is_believed():
    found = screen(NumpyEngine(load_weights()), _saying(3), np.full((60, 28, 2), 7.0), np.zeros((60, 28), bool))
    assert found.elsewhere[:, 3].all()


@pytest.mark.parametrize("fps", [10.0, 12.5, 15.0, 24.0, 25.0, 60.0])
def test_a_leap_is_one_at_any_frame_rate(upsampler, fps):
    wrist = INDEX["left_wrist"]
    seen = walker(int(4 * fps), fps)
    away = slice(int(1.5 * fps), int(1.5 * fps) + 3)
    seen[away, wrist, 0] += 2 * HEAD * body_scale(seen)
    sure = Upsampler(replace(upsampler.weights, screen=_saying(wrist)))
    assert sure.upsample(seen, list(JOINTS), fps=fps).rejected[away, wrist].all()
