"""The public door: what goes in, what comes out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.joint_sets import JOINT_SETS, find_joint_set
from jumps_blender.core.body.normalise import HEAD, body_scale
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.core.body.tracks import CONFIDENCE_THRESHOLD
from jumps_blender.core.settings import PRESETS
from jumps_blender.errors import Cancelled
from tests.core.people import as_seen, walker

QUICK_PAPER = replace(PRESETS["paper"], steps=5, random_starts=1)
ALL_SETTINGS = ["draft", "default", "best", QUICK_PAPER]
SEEDS = st.integers(0, 10**6)


def _name(value: object) -> str:
    return value if isinstance(value, str) else "paper"


def _head(truth: np.ndarray) -> float:
    return HEAD * float(body_scale(truth))


@settings(max_examples=40)
@given(
    st.integers(1, 200), st.floats(12, 240), st.sampled_from(["draft", "default"]),
    st.sampled_from(sorted(JOINT_SETS)), st.floats(0, 0.95), SEEDS,
)  # fmt: skip
def test_any_clip_becomes_28_joints(upsampler, frames, fps, preset, joint_set, hidden, seed):
    rng = np.random.default_rng(seed)
    seen = as_seen(walker(frames, fps), JOINT_SETS[joint_set])
    mask = rng.random(seen.shape[:2]) >= hidden
    mask[rng.integers(frames)] = True
    seen[~mask] = np.nan
    before = seen.copy()
    result = upsampler.upsample(seen, joint_set, fps=fps, settings=preset)
    assert result.positions.shape == (frames, 28, 2)
    assert np.isfinite(result.positions).all()
    expected = np.zeros((frames, 28), bool)
    for source, joint in JOINT_SETS[joint_set].observes:
        expected[:, joint] = mask[:, source]
    assert result.rejected.shape == mask.shape
    assert not result.rejected[~mask].any()
    if not any("swapped" in warning for warning in result.report.warnings):
        for source, joint in JOINT_SETS[joint_set].observes:
            expected[:, joint] &= ~result.rejected[:, source]
        np.testing.assert_array_equal(result.observed, expected)
    for lengths in (result.std, result.depth, result.depth_std):
        if preset == "draft":
            assert lengths is None
        else:
            assert lengths.shape == (frames, 28)
            assert np.isfinite(lengths).all()
    assert result.joints == JOINTS
    np.testing.assert_array_equal(seen, before)


@pytest.mark.parametrize("preset", ALL_SETTINGS, ids=_name)
def test_the_report_tells_how(upsampler, preset):
    result = upsampler.upsample(as_seen(walker(30), JOINT_SETS["coco17"]), settings=preset)
    assert result.positions.shape == (30, 28, 2)
    estimated = [each is not None for each in (result.std, result.depth, result.depth_std)]
    assert estimated == 3 * [preset in ("default", "best")]
    report = result.report
    assert report.settings == _name(preset)
    assert (report.engine, report.device) == ("numpy", "cpu")
    assert report.windows == 2
    assert report.seconds > 0
    assert report.versions["numpy"] == np.__version__
    assert report.warnings == ()
    assert (report.seed, report.weights) == (0, upsampler.weights.digest)
    assert report.smoothness is not None


def test_the_report_names_what_was_asked_for(upsampler):
    report = upsampler.upsample(walker(24)[:, :17], smoothness=0.25, seed=7).report
    assert (report.smoothness, report.seed, report.threshold) == (0.25, 7, CONFIDENCE_THRESHOLD)


@pytest.mark.parametrize("preset", ALL_SETTINGS, ids=_name)
def test_the_same_input_gives_the_same_result(upsampler, preset):
    seen = as_seen(walker(40), JOINT_SETS["coco17"])
    first, second = (upsampler.upsample(seen, settings=preset, seed=3).positions for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_the_seed_chooses_the_random_starts(upsampler):
    seen = as_seen(walker(24), JOINT_SETS["coco17"])
    only_random = replace(QUICK_PAPER, encoder_start=False)
    first, second = (upsampler.upsample(seen, settings=only_random, seed=seed).positions for seed in (1, 2))
    assert np.abs(first - second).max() > 0.1


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
@given(scale=st.floats(0.02, 50), right=st.floats(-5e3, 5e3), down=st.floats(-5e3, 5e3))
@settings(max_examples=5)
def test_the_result_moves_and_grows_with_the_person(upsampler, preset, scale, right, down):
    seen = as_seen(walker(60, 30), JOINT_SETS["body25"])
    seen[20:30, 5:9] = np.nan
    moved = upsampler.upsample(scale * seen + (right, down), "body25", fps=30, settings=preset).positions
    plain = upsampler.upsample(seen, "body25", fps=30, settings=preset).positions
    np.testing.assert_allclose(moved, scale * plain + (right, down), atol=1e-3 * 300 * scale)


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
def test_what_a_detector_cannot_show_is_put_where_a_body_has_it(upsampler, preset):
    truth = walker(75)
    result = upsampler.upsample(truth[:, [INDEX[name] for name in LIMB_JOINTS]], list(LIMB_JOINTS), settings=preset)
    errors = np.linalg.norm(result.positions - truth, axis=-1).mean(0) / _head(truth)
    worst = dict(zip(JOINTS, errors.round(2), strict=True))
    assert {name: error for name, error in worst.items() if error > 1} == {}
    assert errors.mean() < 0.35


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
@pytest.mark.parametrize("fps", [25.0, 30.0])
def test_windows_leave_no_seams(upsampler, preset, fps):
    truth = walker(90, fps)
    result = upsampler.upsample(as_seen(truth, JOINT_SETS["coco17"]), fps=fps, settings=preset).positions
    jolts = np.linalg.norm(np.diff(result, 2, axis=0), axis=-1).max() / _head(truth)
    assert jolts < 0.1


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
def test_without_smoothness_observed_joints_stay_where_they_were_seen(upsampler, preset):
    truth = walker(60)
    seen = as_seen(truth, JOINT_SETS["halpe26"])
    result = upsampler.upsample(seen, "halpe26", settings=preset, smoothness=0.0)
    miss = np.linalg.norm(result.positions - truth, axis=-1)[result.observed] / _head(truth)
    assert miss.max() < 0.02


def test_smoothness_calms_a_trembling_detector(upsampler):
    truth = walker(60)
    seen = as_seen(truth, JOINT_SETS["coco17"])
    seen += np.random.default_rng(0).normal(0, 5, seen.shape)
    jitter = [
        np.abs(np.diff(upsampler.upsample(seen, smoothness=s).positions, 3, axis=0)).mean() for s in (0.0, 0.5, 1.0)
    ]
    assert jitter[0] > 1.3 * jitter[1] > 1.3 * jitter[2]


@pytest.mark.parametrize("preset", ["default", "best"])
def test_a_pin_where_the_joint_is_already_does_not_bring_back_the_detectors_errors(upsampler, crowd, preset):
    """With the screen off: what is rejected at the border of doubt may change with a pin nearby."""
    blind = replace(PRESETS[preset], screen=False)
    for person in crowd:
        shape = (len(person.truth) // 5 + 1, 28, 2)
        errors = np.repeat(np.random.default_rng(0).normal(0, 0.3, shape), 5, 0)[: len(person.truth)]
        seen = person.seen + person.head * errors
        before = upsampler.upsample(seen, "mpi28", settings=blind)
        hand, pins = INDEX["left_wrist"], np.full(seen.shape, np.nan)
        pins[10:60:10, hand] = before.positions[10:60:10, hand]
        after = upsampler.upsample(seen, "mpi28", settings=blind, pins=pins, estimates=before.estimates)
        moved = np.linalg.norm(after.positions - before.positions, axis=-1)[10:60] / person.head
        assert np.delete(moved, hand, axis=1).mean() < 0.01, person.name
        assert person.misses(after.positions).mean() < person.misses(before.positions).mean() + 0.002, person.name


def test_low_confidence_counts_as_not_observed(upsampler):
    seen = as_seen(walker(30), JOINT_SETS["coco17"])
    confidence = np.ones((30, 17))
    confidence[3:9, 9] = 0.29
    doubted = upsampler.upsample(seen, confidence=confidence)
    assert not doubted.observed[3:9, INDEX["left_wrist"]].any()
    seen[3:9, 9] = np.nan
    np.testing.assert_array_equal(doubted.positions, upsampler.upsample(seen).positions)
    assert upsampler.upsample(seen + 1, confidence=confidence, settings=replace(PRESETS["draft"], threshold=0.2))


def test_the_threshold_is_a_setting(upsampler):
    seen = as_seen(walker(30), JOINT_SETS["coco17"])
    confidence = np.full((30, 17), 0.2)
    result = upsampler.upsample(seen, confidence=confidence, settings=replace(PRESETS["draft"], threshold=0.1))
    assert result.observed[:, INDEX["left_wrist"]].all()


def test_a_doubtful_joint_is_kept_less_than_a_sure_one(upsampler):
    truth, unscreened = walker(30), replace(PRESETS["draft"], screen=False)
    wrist = INDEX["right_wrist"]
    wrong = truth.copy()
    wrong[10:14, wrist] += 60
    misses = []
    for believed in (1.0, 0.31):
        confidence = np.ones((30, 28))
        confidence[10:14, wrist] = believed
        result = upsampler.upsample(wrong, list(JOINTS), confidence=confidence, settings=unscreened)
        misses.append(np.linalg.norm(result.positions - wrong, axis=-1)[10:14, wrist].mean())
    assert misses[1] > 1.2 * misses[0]


def test_a_list_of_joints_may_be_in_any_order(upsampler):
    truth = walker(30)
    names = list(LIMB_JOINTS[::-1])
    by_list = upsampler.upsample(truth[:, [INDEX[name] for name in names]], names)
    by_set = upsampler.upsample(truth[:, [INDEX[name] for name in names]], find_joint_set(names))
    np.testing.assert_array_equal(by_list.positions, by_set.positions)
    hidden = np.where(np.isin(JOINTS, names)[:, None], truth, np.nan)
    np.testing.assert_array_equal(by_list.positions, upsampler.upsample(hidden, list(JOINTS)).positions)


@pytest.mark.parametrize("preset", ALL_SETTINGS, ids=_name)
def test_one_frame_is_enough(upsampler, preset):
    truth = walker(1)
    result = upsampler.upsample(as_seen(truth, JOINT_SETS["coco17"]), settings=preset, smoothness=0.0)
    assert result.positions.shape == (1, 28, 2)
    if preset is not QUICK_PAPER:
        # Nearly: the refiner doubts what one frame alone says.
        near = 0.02 if preset == "draft" else 0.03
        assert np.linalg.norm(result.positions - truth, axis=-1)[result.observed].max() < near * _head(truth)
    assert result.report.gaps == ()


@pytest.mark.parametrize("fps", [25.0, 30.0, 59.94])
@pytest.mark.parametrize("frame", [0, 7, 39])
def test_one_observed_frame_among_many_is_enough(upsampler, fps, frame):
    truth = walker(40, fps)
    seen = np.full_like(truth, np.nan)
    seen[frame] = truth[frame]
    result = upsampler.upsample(seen, list(JOINTS), fps=fps)
    assert np.linalg.norm(result.positions - truth, axis=-1)[frame].mean() < 0.5 * _head(truth)


def test_a_person_who_leaves_is_carried_over_and_said_to_be_invented(upsampler):
    truth = walker(250)
    seen = as_seen(truth, JOINT_SETS["coco17"])
    seen[80:170] = np.nan
    result = upsampler.upsample(seen)
    assert result.report.gaps == ((80, 169),)
    assert np.linalg.norm(np.diff(result.positions, axis=0), axis=-1).max() < 0.5 * _head(truth)
    assert not result.observed[80:170].any()
    carried = (result.positions[79] + result.positions[170]) / 2
    assert np.linalg.norm(result.positions[124] - carried, axis=-1).mean() < 0.5 * _head(truth)
    across = [p[INDEX["left_shoulder"], 0] - p[INDEX["right_shoulder"], 0] for p in (result.positions[124], carried)]
    assert across[0] > 0.7 * across[1]


@pytest.mark.parametrize("left", ["left_wrist", "left_knee"])
def test_where_one_joint_stays_in_sight_the_person_is_known_from_before_and_after(upsampler, left):
    truth = walker(96)
    seen = truth.copy()
    seen[24:72] = np.nan
    seen[24:72, INDEX[left]] = truth[24:72, INDEX[left]]
    result = upsampler.upsample(seen, "mpi28")
    errors = np.linalg.norm(result.positions - truth, axis=-1)[24:72].mean(0) / _head(truth)
    assert errors.mean() < 0.3
    assert errors.max() < 0.8


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
def test_a_person_may_walk_away_from_the_camera(upsampler, preset):
    near = walker(200)
    size = np.geomspace(1, 0.1, 200)
    truth = near * size[:, None, None]
    seen = truth[:, [INDEX[name] for name in LIMB_JOINTS]]
    result = upsampler.upsample(seen, list(LIMB_JOINTS), settings=preset)
    errors = np.linalg.norm(result.positions - truth, axis=-1).mean(1) / (_head(near) * size)
    assert errors.max() < 0.5


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
@pytest.mark.parametrize(
    "names",
    [
        ["left_hip", "left_knee", "left_ankle", "left_foot"],
        ["left_shoulder", "left_elbow", "left_wrist", "left_hand"],
        ["neck", "head", "head_top", "spine4"],
        ["left_hand", "right_hand", "left_toe", "right_toe"],
    ],
    ids=["a leg", "an arm", "a head", "the ends"],
)
def test_a_few_joints_make_a_person(upsampler, names, preset):
    truth = walker(40)
    seen = truth[:, [INDEX[name] for name in names]]
    result = upsampler.upsample(seen, names, settings=preset, smoothness=0.0)
    observed = [INDEX[name] for name in names]
    assert np.linalg.norm(result.positions[:, observed] - seen, axis=-1).max() < 0.1 * _head(truth)
    height = np.ptp(result.positions[..., 1], axis=1) / np.ptp(truth[..., 1], axis=1)
    assert ((height > 0.6) & (height < 1.7)).all()


@pytest.mark.parametrize("preset", ALL_SETTINGS, ids=_name)
def test_progress_runs_from_none_to_all(upsampler, preset):
    heard: list[tuple[float, str]] = []
    seen = as_seen(walker(300), JOINT_SETS["coco17"])
    upsampler.upsample(seen, settings=preset, progress=lambda share, text: heard.append((share, text)))
    shares = [share for share, _ in heard]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)
    assert len(set(shares)) > 2
    assert all(text for _, text in heard)


@pytest.mark.parametrize("preset", ALL_SETTINGS, ids=_name)
def test_cancelling_works_at_any_time(upsampler, preset):
    seen = as_seen(walker(300), JOINT_SETS["coco17"])
    asked: list[int] = []

    def run(patience: float) -> None:
        asked.clear()

        def cancel() -> bool:
            asked.append(1)
            return len(asked) > patience

        upsampler.upsample(seen, settings=preset, cancel=cancel)

    run(math.inf)
    times = len(asked)
    assert times >= 2
    for patience in {0, 1, times - 1}:
        with pytest.raises(Cancelled, match="nothing was changed"):
            run(patience)
