"""Body scale, and normalised units."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.normalise import HEAD, Units, body_scale, centre
from jumps_blender.core.body.skeleton import INDEX
from tests.core.people import walker


def _without(positions: np.ndarray, *parts: str) -> np.ndarray:
    """The same person, where no joint of these parts was observed."""
    out = positions.copy()
    for name, joint in INDEX.items():
        if any(part in name for part in parts):
            out[..., joint, :] = np.nan
    return out


_BELOW_THE_NECK = ("left", "right", "spine", "pelvis")


def _standing() -> np.ndarray:
    """Shoulders 60 apart, torso 100, thighs 80 and shins 70; (5, 28, 2)."""
    frame = np.full((28, 2), np.nan)
    for side, x in (("left", 30), ("right", -30)):
        for part, y in (("shoulder", 0), ("hip", 100), ("knee", 180), ("ankle", 250)):
            frame[INDEX[f"{side}_{part}"]] = (x, y)
    return np.repeat(frame[None], 5, axis=0)


def test_torso_and_leg():
    assert body_scale(_standing()) == pytest.approx(250)


def test_one_leg_is_enough():
    assert body_scale(_without(_standing(), "left_knee")) == pytest.approx(250)


def test_without_legs_the_torso_tells():
    assert body_scale(_without(_standing(), "ankle")) == pytest.approx(2.7 * 100)


def test_without_hips_the_shoulders_tell():
    assert body_scale(_without(_standing(), "hip")) == pytest.approx(3.7 * 60)


@pytest.mark.parametrize("hidden", [("shoulder",), ("left_shoulder", "right_hip"), ("",)])
def test_what_cannot_be_measured_is_nan(hidden):
    assert np.isnan(body_scale(_without(_standing(), *hidden)))


def test_a_frame_that_shows_the_legs_wins_over_those_that_do_not():
    clip = _standing()
    clip[1:] = _without(clip[1:], "knee")
    assert body_scale(clip) == pytest.approx(250)


@given(st.integers(1, 40), st.integers(0, 10**6))
def test_it_is_the_95th_percentile_of_the_frames(frames, seed):
    rng = np.random.default_rng(seed)
    sizes = rng.uniform(0.5, 2, frames)
    clip = _standing()[:1] * sizes[:, None, None]
    hidden = rng.random(frames) < 0.3
    hidden[0] = False
    clip[hidden] = np.nan
    assert body_scale(clip) == pytest.approx(250 * np.percentile(sizes[~hidden], 95))


def test_windows_are_measured_one_by_one():
    clips = np.stack([_standing(), 2 * _standing(), np.full((5, 28, 2), np.nan)])
    np.testing.assert_allclose(body_scale(clips), [250, 500, np.nan])


def test_the_centre_is_the_mean_mid_hip():
    clip = _standing()
    clip[2:] += (10, 0)
    np.testing.assert_allclose(centre(clip, np.array(250.0)), (6, 100))


def test_without_hips_the_centre_hangs_below_the_shoulders():
    np.testing.assert_allclose(centre(_without(_standing(), "hip"), np.array(250.0)), (0, 0.37 * 250))


@pytest.mark.parametrize(
    "hidden", [("hip", "shoulder"), ("left_hip", "left_shoulder"), ("right_hip", "shoulder", "knee"), _BELOW_THE_NECK]
)
def test_with_neither_pair_the_other_joints_tell_where_the_hips_would_be(hidden):
    clip = _without(walker(24), *hidden)
    found = centre(clip, np.array(300.0))
    np.testing.assert_allclose(found, centre(walker(24), np.array(300.0)), atol=30)
    shift = np.array([50.0, -20.0])
    np.testing.assert_allclose(centre(clip + shift, np.array(300.0)), found + shift)


def test_where_nothing_is_seen_there_is_no_centre():
    assert np.isnan(centre(_without(_standing(), ""), np.array(250.0))).all()


@given(st.floats(0.01, 100), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
@settings(max_examples=30)
def test_units_lead_there_and_back_and_forget_place_and_size(scale, right, down):
    clips = np.stack([walker(24), walker(48, height=50)[24:]])
    clips[0, 3:7, 5:9] = np.nan
    moved = scale * clips + (right, down)
    units = Units.of(moved)
    np.testing.assert_allclose(units.restore(units.normalise(moved)), moved, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(units.normalise(moved), Units.of(clips).normalise(clips), atol=1e-6)


def test_a_body_scale_known_better_is_taken():
    units = Units.of(walker(24)[None], np.array([600.0]))
    assert units.scale.tolist() == [600]
    head_to_toe = np.ptp(units.normalise(walker(24)[None])[..., 1])
    assert head_to_toe == pytest.approx(np.ptp(walker(24)[..., 1]) / 600)


def test_a_person_fits_the_generators_range():
    clip = walker(100)[None]
    assert np.abs(Units.of(clip).normalise(clip)).max() < 1


def test_a_head_is_what_the_paper_calls_one():
    assert pytest.approx(0.17, abs=0.001) == HEAD
    assert pytest.approx(HEAD) == HEAD
