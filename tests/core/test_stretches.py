"""A clip in parts: streamed, cut, and solved again where it changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.normalise import HEAD, body_scale
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.result import Result
from jumps_blender.core.settings import PRESETS
from jumps_blender.errors import Cancelled, InputError
from tests.core.people import walker

QUICK_PAPER = replace(PRESETS["paper"], steps=3, random_starts=1)
ALL_SETTINGS = ["draft", "default", "best", QUICK_PAPER]
ARRAYS = ("positions", "observed", "rejected", "swapped", "std", "depth", "depth_std")
HAND = INDEX["left_wrist"]
LASTING = 0.4
"""Heads: a weak detector."""

SEEDS = st.integers(0, 10**6)


def _name(value: object) -> str:
    return value if isinstance(value, str) else "paper"


def _as_detected(frames: int, fps: float, seed: int, lasting: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A walker's limbs as an estimator tells them: trembling, with confidences, now and then without a limb.

    Also off by `lasting` heads, for a fifth of a second at a time.
    """
    rng = np.random.default_rng(seed)
    truth = walker(frames, fps)[:, [INDEX[name] for name in LIMB_JOINTS]]
    seen = truth + rng.normal(0, 2, truth.shape)
    stay = int(np.ceil(fps / 5))
    off = rng.normal(0, lasting * _heads(_all_joints(truth)), (-(-frames // stay), len(LIMB_JOINTS), 2))
    seen += np.repeat(off, stay, 0)[:frames]
    hidden = rng.integers(len(LIMB_JOINTS)), rng.integers(frames)
    seen[hidden[1] : hidden[1] + 20, hidden[0]] = np.nan
    return seen, rng.uniform(0.4, 1.0, truth.shape[:2])


def _all_joints(seen: np.ndarray) -> np.ndarray:
    """Limbs (frames, 12, 2) among the 28 joints."""
    out = np.full((len(seen), 28, 2), np.nan)
    out[:, [INDEX[name] for name in LIMB_JOINTS]] = seen
    return out


def _heads(positions: np.ndarray) -> float:
    return HEAD * float(body_scale(positions))


def _same(one: Result, other: Result) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.mark.parametrize("preset", ALL_SETTINGS, ids=_name)
@pytest.mark.parametrize("fps", [12.0, 25.0, 59.94])
def test_what_is_streamed_is_the_result(upsampler, preset, fps):
    seen, confidence = _as_detected(int(14 * fps), fps, 1)
    pinned = np.zeros(seen.shape[:2], bool)
    pinned[[5, 90, 93, 160], 3] = True
    pinned &= np.isfinite(seen).all(-1)
    asked = {"joint_set": LIMB_JOINTS, "confidence": confidence, "pinned": pinned, "fps": fps, "settings": preset}
    parts = list(upsampler.stream(seen, **asked))
    assert len(parts) > 1
    assert [part.first for part in parts] == list(np.cumsum([0, *(len(part.positions) for part in parts)])[:-1])
    _same(Result.joined(parts), upsampler.upsample(seen, **asked))


def test_the_first_stretch_comes_long_before_the_last(upsampler):
    heard: list[float] = []
    seen, _ = _as_detected(1500, 25.0, 2)
    stream = upsampler.stream(seen, joint_set=LIMB_JOINTS, progress=lambda share, _text: heard.append(share))
    first = next(stream)
    assert len(first.positions) >= WINDOW
    assert heard[-1] == 0


def test_a_stream_can_be_cancelled_and_what_came_is_kept(upsampler):
    seen, _ = _as_detected(1500, 25.0, 2)
    stop: list[bool] = []
    stream = upsampler.stream(seen, cancel=lambda: bool(stop), joint_set=LIMB_JOINTS)
    first = next(stream)
    stop.append(True)
    with pytest.raises(Cancelled):
        next(stream)
    assert np.isfinite(first.positions).all()


@settings(max_examples=6, deadline=None)
@given(
    st.sampled_from(["draft", "default", "best"]), st.sampled_from([12.0, 25.0, 29.97, 120.0]),
    st.sampled_from([0.0, LASTING]), SEEDS,
)  # fmt: skip
def test_a_part_comes_out_as_in_the_whole_but_for_two_windows_from_the_cut(upsampler, preset, fps, lasting, seed):
    rng = np.random.default_rng(seed)
    frames = int(11 * fps)
    seen, confidence = _as_detected(frames, fps, seed, lasting)
    whole = upsampler.upsample(seen, LIMB_JOINTS, confidence, fps=fps, settings=preset)
    assert (whole.estimates.noise.lasts > 0) == (lasting > 0)
    margin = int(np.ceil(2 * WINDOW / 25 * fps))
    first = int(rng.integers(frames - 3 * margin))
    last = int(rng.integers(first + 3 * margin, frames + 1))
    here = slice(first, last)
    part = upsampler.upsample(
        seen[here],
        LIMB_JOINTS,
        confidence[here],
        fps=fps,
        settings=preset,
        estimates=whole.estimates,
        first_frame=first,
    )
    inner = slice(margin if first else 0, last - first - (margin if last < frames else 0))
    apart = np.linalg.norm(part.positions - whole.positions[here], axis=-1)[inner] / _heads(_all_joints(seen))
    assert apart.max() < 1e-3


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
@pytest.mark.parametrize("count", [1, 3, 7])
def test_how_many_windows_go_together_changes_nothing(upsampler, preset, count, monkeypatch):
    seen, confidence = _as_detected(400, 25.0, 4)
    before = upsampler.upsample(seen, LIMB_JOINTS, confidence, settings=preset).positions
    for size in ("_FIRST", "_BATCH"):
        monkeypatch.setattr(f"jumps_blender.core.clip_solver.{size}", count)
    after = upsampler.upsample(seen, LIMB_JOINTS, confidence, settings=preset).positions
    assert np.abs(after - before).max() < 1e-3 * _heads(_all_joints(seen))


@settings(max_examples=6, deadline=None)
@given(
    st.sampled_from(["draft", "default", "best"]), st.sampled_from([24.0, 25.0, 50.0]),
    st.sampled_from([0.0, LASTING]), SEEDS,
)  # fmt: skip
def test_a_moved_joint_is_solved_again_as_if_all_were(upsampler, preset, fps, lasting, seed):
    rng = np.random.default_rng(seed)
    frames = int(rng.integers(10, 6 * fps))
    seen, confidence = _as_detected(frames, fps, seed, lasting)
    asked = {"joint_set": LIMB_JOINTS, "confidence": confidence, "fps": fps, "settings": preset}
    before = upsampler.upsample(seen, **asked)
    frame, joint = int(rng.integers(frames)), int(rng.integers(len(LIMB_JOINTS)))
    moved, pinned = seen.copy(), np.zeros(seen.shape[:2], bool)
    moved[frame, joint] = before.positions[frame, INDEX[LIMB_JOINTS[joint]]] + rng.normal(0, 20, 2)
    pinned[frame, joint] = True
    after = upsampler.update(before, [frame], moved, pinned=pinned, **asked)
    np.testing.assert_array_equal(after.positions[frame, INDEX[LIMB_JOINTS[joint]]], moved[frame, joint])
    anew = upsampler.upsample(moved, pinned=pinned, estimates=before.estimates, **asked)
    heads = _heads(_all_joints(seen))
    # The pin may change what the screen says and how large the body is elsewhere; an edit does not reach so far.
    assert np.median(np.abs(after.positions - anew.positions)) < 1e-3 * heads
    assert np.abs(after.positions - anew.positions).max() < 0.5 * heads
    away = np.abs(np.arange(frames) - frame) > 2 * WINDOW / 25 * fps + 2
    np.testing.assert_array_equal(after.positions[away], before.positions[away])
    np.testing.assert_array_equal(after.std is None, before.std is None)


@pytest.mark.parametrize("fps", [25.0, 60.0])
def test_wherever_a_pin_falls_the_windows_that_it_leads_are_solved_again(upsampler, fps):
    seen, confidence = _as_detected(int(8 * fps), fps, 3)
    asked = {"joint_set": LIMB_JOINTS, "confidence": confidence, "fps": fps}
    before = upsampler.upsample(seen, **asked)
    for frame in int(3 * fps) + np.arange(0, int(0.5 * fps), 3):
        pins = np.full((len(seen), 28, 2), np.nan)
        pins[frame, HAND] = before.positions[frame, HAND] + (90, 60)
        after = upsampler.update(before, [frame], seen, pins=pins, **asked)
        anew = upsampler.upsample(seen, pins=pins, estimates=before.estimates, **asked)
        assert np.abs(after.positions - anew.positions).max() < 1e-3 * _heads(_all_joints(seen))


def test_what_was_pinned_is_no_gap_and_other_settings_are_refused(upsampler):
    seen = _all_joints(_as_detected(150, 25.0, 4)[0])
    seen[60:80] = np.nan
    before = upsampler.upsample(seen, "mpi28")
    assert before.report.gaps == ((60, 79),)
    pins = np.full(seen.shape, np.nan)
    pins[60:80] = before.positions[60:80]
    assert upsampler.update(before, range(60, 80), seen, joint_set="mpi28", pins=pins).report.gaps == ()
    with pytest.raises(InputError, match="solve anew"):
        upsampler.update(before, [3], seen, joint_set="mpi28", settings="draft")
    with pytest.raises(InputError, match="frame rate"):
        upsampler.update(before, [3], seen, joint_set="mpi28", fps=0)
    with pytest.raises(InputError, match="Pins must be"):
        upsampler.update(before, [3], seen, joint_set="mpi28", pins=pins[:90])


def test_an_edit_of_a_long_clip_solves_a_few_windows(upsampler):
    seen, _ = _as_detected(1200, 25.0, 5)
    before = upsampler.upsample(seen, LIMB_JOINTS)
    moved = seen.copy()
    moved[600, 2] += 15
    after = upsampler.update(before, np.arange(1200) == 600, moved, joint_set=LIMB_JOINTS)
    assert before.report.windows > 90
    assert after.report.windows <= 9
    assert np.abs(after.positions - before.positions)[600].max() > 1


def test_edits_far_apart_are_solved_each_for_itself(upsampler):
    seen, _ = _as_detected(1200, 25.0, 5)
    before = upsampler.upsample(seen, LIMB_JOINTS)
    moved = seen.copy()
    moved[[100, 1000], 2] += 15
    after = upsampler.update(before, [100, 1000], moved, joint_set=LIMB_JOINTS)
    assert after.report.windows <= 18
    changed = np.flatnonzero(np.abs(after.positions - before.positions).max((1, 2)))
    assert set(changed) <= {*range(50, 150), *range(950, 1050)}


def test_where_nothing_changed_nothing_does(upsampler):
    seen, _ = _as_detected(100, 25.0, 6)
    before = upsampler.upsample(seen, LIMB_JOINTS)
    _same(upsampler.update(before, [], seen, joint_set=LIMB_JOINTS), before)


def test_a_person_who_was_away_for_long_is_found_from_before_and_after(upsampler):
    seen, _ = _as_detected(900, 25.0, 7)
    seen[300:600] = np.nan
    before = upsampler.upsample(seen, LIMB_JOINTS)
    moved, pinned = seen.copy(), np.zeros(seen.shape[:2], bool)
    moved[450, 0], pinned[450, 0] = before.positions[450, INDEX[LIMB_JOINTS[0]]] + 10, True
    after = upsampler.update(before, [450], moved, joint_set=LIMB_JOINTS, pinned=pinned)
    np.testing.assert_array_equal(after.positions[450, INDEX[LIMB_JOINTS[0]]], moved[450, 0])
    assert np.abs(after.positions - before.positions).max() < 2 * _heads(_all_joints(seen))
    assert after.report.gaps


@pytest.mark.parametrize("changed", [[-1], [100], [0.5], [True, False]], ids=str)
def test_frames_that_are_not_there_are_named(upsampler, changed):
    seen, _ = _as_detected(100, 25.0, 6)
    before = upsampler.upsample(seen, LIMB_JOINTS)
    with pytest.raises(InputError, match="from 0 to 99"):
        upsampler.update(before, changed, seen, joint_set=LIMB_JOINTS)


def test_the_result_of_another_clip_is_refused(upsampler):
    seen, _ = _as_detected(100, 25.0, 6)
    before = upsampler.upsample(seen, LIMB_JOINTS)
    with pytest.raises(InputError, match="solve anew"):
        upsampler.update(before, [3], seen[:90], joint_set=LIMB_JOINTS)
    assert JOINTS == before.joints
