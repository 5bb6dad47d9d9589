"""How noisy a clip is judged to be, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.clips.clip import Clip
from jumps_blender.core.clips.clip_windows import ClipWindows
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.clips.resample import interpolate
from jumps_blender.core.direct.noise import HIGHEST, LOWEST, Noise
from jumps_blender.core.direct.noise_level import (
    SYMPTOMS,
    VERDICT,
    left_over,
    noise_level,
    symptoms,
    worth_a_look,
)
from jumps_blender.core.direct.perceptron import Perceptron
from jumps_blender.core.engines.numpy_engine import NumpyEngine
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import load_weights
from tests.core.captured import LIMB
from tests.core.people import walker


@pytest.fixture(scope="module")
def weights():
    return load_weights()


def _windows(weights, seen: np.ndarray, fps: float = 25.0) -> Observation:
    clip = Clip.read(seen, find_joint_set(list(JOINTS)), None, None, fps, PRESETS["default"])
    windows = ClipWindows.plan(clip, PRESETS["default"], weights.pose)
    return windows.part(worth_a_look(windows.shown)).seen


def _level(weights, seen: np.ndarray) -> float:
    return _noise(weights, seen).deviation


def _noise(weights, seen: np.ndarray, fps: float = 25.0) -> Noise:
    looks = _windows(weights, seen, fps)
    return noise_level(NumpyEngine(weights), weights.noise_judge, weights.window, looks, fps)


def _white(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def _like_a_detectors(frames: int, seed: int = 0, fps: float = 25.0) -> np.ndarray:
    """Errors in heads that stay for 0.4 s, as large as those of weak detectors."""
    stay = round(0.4 * fps)
    fresh = _white((frames + stay - 1, 28, 2), seed)
    return 0.25 * np.stack([fresh[i : i + stay].sum(0) for i in range(frames)]) / np.sqrt(stay)


def test_the_noisier_the_clip_the_higher_its_level(weights, crowd):
    for person in crowd:
        shape = person.truth.shape
        kinds = (np.zeros(shape), 0.05 * _white(shape), 0.15 * _white(shape), _like_a_detectors(len(person.truth)))
        levels = [_level(weights, person.seen + person.head * noise) for noise in kinds]
        assert levels == sorted(levels), person.name
        clean, little, much, wandering = levels
        assert clean < 0.04
        assert 0.02 < little < 0.1
        assert 0.08 < much < 0.3
        assert wandering > 0.15


@pytest.mark.parametrize("scale", [0.1, 7.0])
def test_the_level_is_in_heads_whatever_the_picture(weights, scale):
    seen = walker(80) + 5 * _white((80, 28, 2))
    assert _level(weights, scale * seen + (100, -50)) == pytest.approx(_level(weights, seen), rel=1e-3)


def test_hidden_joints_have_no_say(weights):
    seen = _windows(weights, np.where(LIMB[:, None], walker(80), np.nan))
    other = Observation(np.where(seen.weight[..., None] > 0, seen.positions, 33.0), seen.weight)
    np.testing.assert_allclose(symptoms(weights.window, other, 25.0), symptoms(weights.window, seen, 25.0))


def test_one_window_and_one_frame_have_a_level(weights):
    for frames in (1, 2, 24, 25):
        assert LOWEST <= _level(weights, walker(frames)) <= HIGHEST


def test_where_hardly_anything_is_seen_the_level_is_cautious(weights):
    looks = _windows(weights, walker(2))
    assert not len(looks.weight)
    assert (
        0.1 <= noise_level(NumpyEngine(weights), weights.noise_judge, weights.window, looks, 25.0).deviation <= HIGHEST
    )


@pytest.mark.parametrize(
    ("said", "level", "lasting"), [(-50.0, LOWEST, 0.0), (np.log(0.2), 0.2, 0.6), (50.0, HIGHEST, 1.0)]
)
def test_levels_stay_within_what_can_be_granted(weights, said, level, lasting):
    wild = {0.0: -3.0, 1.0: 7.0}
    told = np.array([said, wild.get(lasting, lasting)], np.float32)
    judge = Perceptron(((np.zeros((SYMPTOMS, VERDICT), np.float32), told),))
    found = noise_level(NumpyEngine(weights), judge, weights.window, _windows(weights, walker(40)), 25.0)
    assert (found.deviation, found.lasting) == (pytest.approx(level, rel=1e-5), pytest.approx(lasting))


def test_a_detectors_errors_last_and_those_of_every_frame_do_not(weights, crowd):
    for person in crowd:
        shape = person.truth.shape
        fresh = _noise(weights, person.seen + 0.3 * person.head * _white(shape))
        lasting = _noise(weights, person.seen + person.head * _like_a_detectors(len(person.truth)))
        assert fresh.lasting < 0.5 < lasting.lasting, person.name


@pytest.mark.parametrize("fps", [24.0, 15.0, 12.5, 60.0])
def test_the_same_detector_is_believed_as_far_at_any_frame_rate(weights, crowd, fps):
    for person in crowd:
        there = _noise(weights, person.seen + person.head * _like_a_detectors(len(person.truth)))
        film = interpolate(person.seen, np.arange(0, len(person.truth) - 1, 25 / fps))
        here = _noise(weights, film + person.head * _like_a_detectors(len(film), fps=fps), fps)
        assert there.deviation / 1.6 < here.deviation < 1.6 * there.deviation, person.name
        assert here.lasting > 0.5, person.name


def test_small_errors_count_as_new_in_every_frame():
    assert Noise(0.05, 1.0).lasts == 0
    assert Noise(0.05, 1.0).correlation is None
    assert 0 < Noise(0.15, 1.0).lasts < 1
    assert Noise(0.4, 0.9).lasts == 0.9


@pytest.mark.parametrize("lasting", [1e-6, 0.3, 0.95, 1.0])
def test_what_lasts_is_granted_as_covariance_that_can_be_inverted(lasting):
    correlation = Noise(0.3, lasting).correlation
    assert correlation is not None
    np.testing.assert_array_equal(correlation, correlation.T)
    assert np.linalg.eigvalsh(correlation).min() > 0
    assert (np.diff(correlation[0, 1:]) < 0).all()  # the farther apart, the less alike


def test_of_a_likely_window_little_is_left_over(weights):
    """What the Gaussian can say is explained, what no window of it does is left over."""
    rng = np.random.default_rng(0)
    shown = np.ones((3, 24, 28), bool)
    shown[:, :, 12] = False
    likely = weights.window.mean + rng.normal(size=(3, weights.window.rank)) @ weights.window.factor.T
    likely = likely.reshape(3, 24, 28, 2)
    small, large = (
        left_over(weights.window, positions, shown, [0.03])[0]
        for positions in (likely, likely + 0.1 * rng.normal(size=likely.shape))
    )
    assert np.abs(small).mean() < 0.1 * np.abs(large).mean()
    assert (small[:, :, 12] == 0).all()
