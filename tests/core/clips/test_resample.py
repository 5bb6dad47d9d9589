"""From one frame rate to another and back, by time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.clips.resample import resample_observations, resample_positions

RATES = st.sampled_from([12.0, 23.976, 24.0, 25.0, 29.97, 30.0, 48.0, 50.0, 59.94, 60.0, 100.0, 120.0, 240.0])


def _wave(seconds: float, rate: float) -> np.ndarray:
    """A joint that swings by 100 pixels at 0.7 Hz and one that moves straight; (frames, 2, 2)."""
    t = np.arange(round(seconds * rate) + 1) / rate
    swing = 100 * np.sin(2 * np.pi * 0.7 * t)
    return np.stack([np.stack([swing, 300 + 40 * t], -1), np.stack([10 * t, -5 * t], -1)], 1)


def _seen(positions: np.ndarray) -> np.ndarray:
    return np.isfinite(positions).all(-1)


def _sure(positions: np.ndarray) -> np.ndarray:
    return _seen(positions).astype(float)


@given(st.integers(1, 60), RATES, st.integers(0, 10**6))
def test_the_same_rate_changes_nothing(frames, rate, seed):
    rng = np.random.default_rng(seed)
    positions = rng.normal(size=(frames, 3, 2))
    positions[rng.random((frames, 3)) < 0.4] = np.nan
    confidence = np.where(_seen(positions), rng.uniform(0.3, 1, (frames, 3)), 0)
    same, weight = resample_observations(positions, confidence, rate, rate)
    np.testing.assert_allclose(same, positions, atol=1e-9)
    np.testing.assert_allclose(weight, confidence, atol=1e-9)


@given(RATES, st.floats(0.2, 4))
@settings(max_examples=60)
def test_smooth_motion_comes_back(rate, seconds):
    wave = _wave(seconds, rate)
    at_prior, weight = resample_observations(wave, _sure(wave), rate, 25.0)
    inside = _seen(at_prior)
    truth = _wave(seconds + 1, 25.0)[: len(at_prior)]
    assert inside.all()
    assert np.abs(at_prior - truth)[:-1].max() < 1.5  # of a swing of 200 pixels
    assert np.abs(at_prior - truth)[-1].max() < 5  # it may lie beyond the last frame
    assert (weight == inside).all()
    back = resample_positions(truth, 25.0, rate, len(wave))
    assert back.shape == wave.shape
    assert np.abs(back - wave).max() < 1.5


@given(RATES, st.integers(1, 100))
def test_the_result_reaches_the_last_frame(rate, frames):
    at_prior, _ = resample_observations(np.zeros((frames, 1, 2)), np.ones((frames, 1)), rate, 25.0)
    last = (frames - 1) / rate * 25
    assert last - 1e-6 <= len(at_prior) - 1 < last + 1


@pytest.mark.parametrize("rate", [23.976, 24.0, 29.97, 30.0, 50.0, 60.0, 240.0])
@pytest.mark.parametrize("frames", [2, 3, 8, 24, 31])
def test_the_last_frame_counts_wherever_it_falls(rate, frames):
    wave = _wave(3, rate)[:frames]
    at_prior, weight = resample_observations(wave, 0.7 * _sure(wave), rate, 25.0)
    assert _seen(at_prior).all()
    np.testing.assert_allclose(weight, 0.7)
    assert np.abs(resample_positions(at_prior, 25.0, rate, frames) - wave).max() < 1.5


@given(RATES, st.integers(0, 10**6))
def test_nothing_is_invented_in_gaps(rate, seed):
    rng = np.random.default_rng(seed)
    wave = _wave(3, rate)
    first, length = rng.integers(0, len(wave)), rng.integers(1, int(rate))
    wave[first : first + length, 0] = np.nan
    at_prior, weight = resample_observations(wave, _sure(wave), rate, 25.0)
    moments = np.arange(len(at_prior)) / 25
    gap = (moments > (first - 1) / rate + 0.021) & (moments < (first + length) / rate - 0.021) & (length / rate > 0.04)
    assert not _seen(at_prior)[gap, 0].any()
    assert (weight[gap, 0] == 0).all()
    assert (_seen(at_prior) == (weight > 0)).all()
    assert _seen(at_prior)[:, 1].all()


def test_a_gap_does_not_bend_its_neighbours():
    wave = _wave(3, 30.0)
    wave[40:50, 0] = np.nan
    at_prior, _ = resample_observations(wave, _sure(wave), 30.0, 25.0)
    truth = _wave(4, 25.0)[: len(at_prior)]
    assert np.nanmax(np.abs(at_prior - truth)) < 1.5


@pytest.mark.parametrize("rate", [12.0, 25.0, 240.0])
def test_a_single_frame_stays_one(rate):
    positions = np.array([[[3.0, 4.0], [np.nan, np.nan]]])
    at_prior, weight = resample_observations(positions, np.array([[0.7, 0.0]]), rate, 25.0)
    np.testing.assert_array_equal(at_prior, positions)
    assert weight.tolist() == [[0.7, 0.0]]
    assert resample_positions(positions[:, :1], 25.0, rate, 1).tolist() == [[[3.0, 4.0]]]


@pytest.mark.parametrize("rate", [30.0, 50.0, 60.0, 240.0])
@pytest.mark.parametrize("offset", [0, 1])
def test_every_second_frame_is_enough(rate, offset):
    wave = _wave(2, rate)
    wave[offset::2] = np.nan
    at_prior, _ = resample_observations(wave, _sure(wave), rate, 25.0)
    assert _seen(at_prior)[1:-1].mean() > (0.5 if rate == 30.0 else 0.95)
    assert np.nanmax(np.abs(at_prior - _wave(3, 25.0)[: len(at_prior)])) < 3


@pytest.mark.parametrize("rate", [23.976, 30.0, 50.0, 240.0])
@pytest.mark.parametrize("frame", range(9))
def test_a_lonely_observation_is_not_lost(rate, frame):
    positions = np.full((9, 1, 2), np.nan)
    positions[frame] = (3, 4)
    at_prior, weight = resample_observations(positions, _sure(positions), rate, 25.0)
    (at,) = np.flatnonzero(_seen(at_prior))
    assert abs(at / 25 - frame / rate) <= 0.0200001
    assert at_prior[at, 0].tolist() == [3, 4]
    assert weight[at, 0] > 0


def test_lonely_observations_far_apart_are_not_mixed():
    positions = np.full((60, 1, 2), np.nan)
    positions[[7, 37]] = (((3, 4),), ((100, 90),))
    at_prior, _ = resample_observations(positions, _sure(positions), 30.0, 25.0)
    assert at_prior[_seen(at_prior)].tolist() == [[3, 4], [100, 90]]
