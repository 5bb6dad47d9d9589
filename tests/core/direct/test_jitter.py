"""Jitter: measured in what an answer leaves, and settled where a body moves less than it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.normalise import HEAD, body_scale
from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.core.direct.jitter import jitter, settle, slow, steadily
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.upsampler import Upsampler
from tests.core.people import as_seen, walker
from trainer.noise import wandering


def _noise(deviation, windows=40, seed=0):
    return deviation * np.random.default_rng(seed).standard_normal((windows, 24, 28, 2))


def _seen(windows=40):
    return np.ones((windows, 24, 28), bool)


@pytest.mark.parametrize("deviation", [0.02, 0.3])
def test_it_is_measured_whatever_slow_error_lies_under_it(deviation):
    slow = np.linspace(-3, 5, 24)[:, None, None] ** 2 * np.ones((28, 2))
    found = jitter(_noise(deviation) + slow, _seen())
    np.testing.assert_allclose(np.sqrt(found), deviation, rtol=0.15)


def test_a_joint_that_leaps_does_not_make_the_others_noisy():
    left = _noise(0.02)
    left[:, 10, 3] += 5
    np.testing.assert_allclose(np.sqrt(jitter(left, _seen())), 0.02, rtol=0.15)


def test_what_is_not_shown_says_nothing():
    shown = _seen()
    shown[:, :, 5:] = False
    left = np.where(shown[..., None], _noise(0.02), 9.0)
    np.testing.assert_allclose(np.sqrt(jitter(left, shown)), 0.02, rtol=0.3)
    shown[:, ::4] = False
    np.testing.assert_array_equal(jitter(_noise(0.02), shown), 0)


@given(st.integers(1, 4), st.integers(0, 999))
def test_without_jitter_windows_stay(windows, seed):
    given_windows = _noise(1.0, windows, seed)
    np.testing.assert_allclose(settle(given_windows, np.zeros(windows)), given_windows, atol=1e-12)


def test_a_body_that_stands_still_is_rid_of_nearly_all_of_it():
    settled = settle(_noise(0.01), np.full(40, 0.04))
    assert settled.std() < 0.3 * 0.01


@given(st.integers(1, 4), st.integers(0, 999))
def test_fast_motion_is_what_changes_from_frame_to_frame(windows, seed):
    moving = np.random.default_rng(seed).normal(size=(windows, 1, 28, 2)) * np.ones((24, 1, 1))
    np.testing.assert_allclose(slow(moving), moving, atol=1e-12)
    trembling = moving * (-1.0) ** np.arange(24)[:, None, None]
    np.testing.assert_allclose(slow(trembling)[:, 4:-4] / moving[:, 4:-4], 0, atol=0.02)


def test_fast_motion_is_unknown_around_frames_in_which_a_joint_is_missed_that_others_show():
    shown = _seen(2)
    shown[0, 12, 3] = False
    shown[:, :, 20] = False
    known = steadily(shown)
    assert known[0, 11:14].max() < 0.1
    np.testing.assert_allclose(known[0, [0, -1]], 1, rtol=1e-3)
    np.testing.assert_allclose(known[1], 1)
    np.testing.assert_array_equal(steadily(np.zeros((1, 24, 28), bool)), 0)


@pytest.mark.parametrize("settings", ["draft", "default", "best"])
def test_who_stands_still_before_a_jittery_detector_stands_still(settings):
    coco = find_joint_set("coco17")
    still = np.repeat(as_seen(walker(1), coco), 60, axis=0)
    tracks = still + 5 * np.random.default_rng(1).standard_normal(still.shape)
    result = Upsampler.load(engine="numpy").upsample(tracks, coco, settings=settings).positions
    assert np.diff(result, 2, axis=0).std() < 0.02 * np.diff(tracks, 2, axis=0).std()


def test_the_slider_keeps_jitter_for_who_wants_to_stay_with_the_detector():
    coco = find_joint_set("coco17")
    tracks = as_seen(walker(60), coco) + 5 * np.random.default_rng(1).standard_normal((60, len(coco), 2))
    upsampler = Upsampler.load(engine="numpy")
    far = [
        np.abs(upsampler.upsample(tracks, coco, smoothness=each).positions[:, joint] - tracks[:, source]).mean()
        for each in (0.0, 0.6)
        for source, joint in [coco.observes[0]]
    ]
    assert far[0] < 0.5 * far[1]


@pytest.mark.parametrize("error", [0.05, 0.1])
def test_the_less_smooth_is_asked_for_the_more_of_a_detector_comes_through_step_by_step(error):
    """Errors that wander have no share that is surely jitter: they are a detector's all the same."""
    walk = walker(150)
    head = HEAD * body_scale(walk)
    wanders = error * head * wandering((1, 150, 28, 2), np.random.default_rng(0))[0]
    seen = np.where(np.isin(JOINTS, LIMB_JOINTS)[:, None], walk + wanders, np.nan)
    upsampler = Upsampler.load(engine="numpy")

    def trembles(positions):
        return np.linalg.norm(np.diff(positions, 3, axis=0), axis=-1).mean() / head

    levels = [replace(PRESETS["default"], smoothness=smoothness) for smoothness in (0.0, 0.2, 0.4, 0.6, 0.8)]
    found = [trembles(upsampler.upsample(seen, list(JOINTS), settings=level).positions) for level in levels]
    assert found == sorted(found, reverse=True)
    assert found[1] < 0.3 * trembles(walk + wanders)
