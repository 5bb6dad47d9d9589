"""The direct answer: the Gaussian, the refiner, how sure it is, both sides of the body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jumps_blender.core.body.normalise import HEAD, Units
from jumps_blender.core.body.skeleton import INDEX, JOINTS, MIRROR
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.direct.gaussian import Gaussian
from jumps_blender.core.direct.noise import Noise
from jumps_blender.core.direct.perceptron import Perceptron
from jumps_blender.core.direct.refiner import COSINES, DEPTH_SPREADS, REGIMES, Refiner, inputs, outputs
from jumps_blender.core.direct.regression import regress
from jumps_blender.core.direct.trust import granted
from jumps_blender.core.engines.numpy_engine import NumpyEngine
from jumps_blender.core.settings import NEUTRAL, PRESETS
from jumps_blender.core.upsampler import Upsampler
from jumps_blender.core.weights import load_weights
from tests.core.captured import LIMB
from tests.core.people import walker
from trainer.practice import perceptron

GRANTED = 0.1
"""Heads."""

REFINED = [PRESETS[name] for name in ("default", "best")]
DIRECT = [PRESETS[name] for name in ("draft", "default", "best")]


@pytest.fixture(scope="module")
def weights():
    return load_weights()


@pytest.fixture(scope="module")
def seen():
    """Two windows of a walker with gaps, joints of low confidence, and one joint hidden in all of them."""
    rng = np.random.default_rng(0)
    windows = walker(48).reshape(2, 24, 28, 2)
    weight = rng.uniform(0.3, 1, (2, 24, 28)) * (rng.random((2, 24, 28)) > 0.3)
    weight[:, :, 12] = 0
    return Observation(Units.of(windows).normalise(windows), weight)


def _regress(weights, seen, settings, held=None, deviation=GRANTED):
    held = np.zeros(seen.weight.shape, bool) if held is None else held
    return regress(NumpyEngine(weights), weights, seen, held, Noise(deviation, 1.0), settings)


def _answer(weights, seen, settings, held=None, deviation=GRANTED):
    return _regress(weights, seen, settings, held, deviation).positions


def _mirrored(positions):
    return positions[..., MIRROR, :] * (-1, 1)


def _as_numpy(trained):
    linear = [layer for layer in trained if isinstance(layer, torch.nn.Linear)]
    return Perceptron(tuple((layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in linear))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 12), st.integers(1, 5), st.integers(0, 999))
def test_numpy_runs_perceptrons_as_torch_trained_them(size, width, answers, batch, seed):
    torch.manual_seed(seed)
    trained = perceptron(size, width, answers)
    for layer in trained[::2]:
        torch.nn.init.normal_(layer.weight)
        torch.nn.init.normal_(layer.bias)
    asked = 3 * torch.randn(batch, size)
    with torch.no_grad():
        expected = trained(asked).numpy()
    np.testing.assert_allclose(_as_numpy(trained)(asked.numpy()), expected, rtol=1e-4, atol=1e-3)


def test_a_refiners_numbers_are_change_depth_and_both_spreads():
    rank, depth_rank, rng = 5, 3, np.random.default_rng(0)
    numbers = 0.1 * rng.normal(size=(2, outputs(rank, depth_rank)))
    mean, basis = rng.normal(size=672), rng.normal(size=(depth_rank, 672))
    repeating = Perceptron(((np.eye(numbers.shape[1]), np.zeros(numbers.shape[1])),))
    said = Refiner(repeating, repeating, mean, basis)(NumpyEngine(load_weights()), numbers, Noise(0.15, 0.0))
    change, depth, spread, depth_spread = np.split(numbers, [5, 8, 8 + COSINES * 28], axis=1)
    np.testing.assert_allclose(said.change, change)
    np.testing.assert_allclose(said.depth.reshape(2, -1), mean + depth @ basis)
    time = (np.arange(24) + 0.5) / 24
    for found, slow, count in ((said.spread, spread, COSINES), (said.depth_spread, depth_spread, DEPTH_SPREADS)):
        waves = [np.cos(np.pi * k * time)[:, None] * slow.reshape(2, count, 1, 28)[:, k] for k in range(count)]
        expected = np.exp(sum(waves))
        if found is said.depth_spread:
            expected[:, :, INDEX["pelvis"]] = 0  # depth is relative to it
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("granted", "noisy"), [(0.05, 0.0), (0.1, 0.0), (0.1 * np.sqrt(2), 0.5), (0.2, 1.0), (0.5, 1.0)]
)
def test_exact_tracks_ask_one_network_detectors_the_other_and_those_between_both(granted, noisy):
    size = outputs(5, 3)
    calm, other = (Perceptron(((np.zeros((size, size)), np.full(size, number)),)) for number in (1.0, 3.0))
    refiner = Refiner(calm, other, np.zeros(672), np.zeros((3, 672)))
    said = refiner(NumpyEngine(load_weights()), np.zeros((2, size)), Noise(granted, 1.0))
    np.testing.assert_allclose(said.change, (1 - noisy) * 1.0 + noisy * 3.0)


def test_spreads_stay_finite_whatever_the_refiner_says():
    numbers = np.full((1, outputs(5, 3)), 1e4)
    numbers[:, ::2] *= -1
    repeating = Perceptron(((np.eye(numbers.shape[1]), np.zeros(numbers.shape[1])),))
    refiner = Refiner(repeating, repeating, np.zeros(672), np.zeros((3, 672)))
    said = refiner(NumpyEngine(load_weights()), numbers, Noise(0.4, 0.9))
    apart = np.arange(28) != INDEX["pelvis"]
    for spread in (said.spread, said.depth_spread[..., apart]):
        assert np.isfinite(spread).all()
        assert (spread > 0).all()


def test_an_untrained_refiner_leaves_the_observations_to_the_gaussian(weights, seen):
    rank, depth_rank = weights.window.rank, 3
    silent = _as_numpy(perceptron(inputs(rank), 16, outputs(rank, depth_rank)))
    basis = weights.refiner.depth_basis[:depth_rank]
    silent = replace(weights.refiner, calm=silent, noisy=silent, depth_basis=basis)
    drafts = _answer(weights, seen, PRESETS["draft"])
    there = seen.weight > 0
    answer = _answer(replace(weights, refiner=silent), seen, PRESETS["default"])
    np.testing.assert_allclose(answer[~there], drafts[~there], atol=0.02)
    miss = [np.abs(a - seen.positions)[there].mean() for a in (answer, drafts)]
    assert miss[0] <= 1.01 * miss[1]


@pytest.mark.parametrize("settings", REFINED, ids=lambda s: s.name)
def test_what_is_held_is_certain_and_all_else_is_not(weights, seen, settings):
    held = (np.random.default_rng(1).random(seen.weight.shape) < 0.2) & (seen.weight > 0)
    answer = _regress(weights, seen, settings, held)
    assert (answer.std[held] < 1e-5).all()
    assert (answer.std[~held] > 0).all()
    assert ((answer.depth_std > 0) == (np.arange(28) != INDEX["pelvis"])).all()


def test_drafts_of_what_has_no_jitter_are_the_gaussians_conditional_mean(weights, seen):
    variance = np.full(seen.weight.shape, np.inf)
    there = seen.weight > 0
    variance[there] = (GRANTED * HEAD) ** 2 / seen.weight[there]
    spread = np.repeat(variance.reshape(2, -1), 2, axis=1)
    gaussian: Gaussian = weights.window
    residual = np.where(np.isfinite(spread), seen.positions.reshape(2, -1) - gaussian.mean, 0)
    expected = gaussian.mean + gaussian.posterior(residual, spread)
    answer = _regress(weights, seen, PRESETS["draft"])
    np.testing.assert_allclose(answer.positions.reshape(2, -1), expected, atol=1e-6)
    assert (answer.std, answer.depth, answer.depth_std) == (None, None, None)


@pytest.mark.parametrize("settings", DIRECT, ids=lambda s: s.name)
def test_what_is_held_comes_back_exactly(weights, seen, settings):
    held = (np.random.default_rng(1).random(seen.weight.shape) < 0.2) & (seen.weight > 0)
    answer = _answer(weights, seen, settings, held)
    np.testing.assert_allclose(answer[held], seen.positions[held], atol=1e-9)


@pytest.mark.parametrize("settings", DIRECT, ids=lambda s: s.name)
def test_hidden_joints_have_no_say(weights, seen, settings):
    other = Observation(np.where(seen.weight[..., None] > 0, seen.positions, 55.0), seen.weight)
    np.testing.assert_allclose(_answer(weights, other, settings), _answer(weights, seen, settings), atol=1e-9)


@pytest.mark.parametrize("settings", DIRECT, ids=lambda s: s.name)
def test_windows_do_not_see_each_other(weights, seen, settings):
    many = Observation(np.repeat(seen.positions, 9, 0), np.repeat(seen.weight, 9, 0))
    np.testing.assert_allclose(
        _answer(weights, many, settings)[::9], _answer(weights, seen, settings), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("settings", REFINED, ids=lambda s: s.name)
def test_both_sides_of_the_body_are_treated_alike(weights, seen, settings):
    mirrored = Observation(_mirrored(seen.positions), seen.weight[..., MIRROR])
    plain, reflected = _regress(weights, seen, settings), _regress(weights, mirrored, settings)
    np.testing.assert_allclose(reflected.positions, _mirrored(plain.positions), rtol=1e-4, atol=1e-5)
    for name in ("std", "depth", "depth_std"):
        expected = getattr(plain, name)[..., MIRROR]
        np.testing.assert_allclose(getattr(reflected, name), expected, rtol=1e-4, atol=1e-5)


def test_the_more_is_granted_the_less_an_observation_says(weights):
    windows = walker(24)[None] + np.random.default_rng(2).normal(0, 5, (1, 24, 28, 2))
    noisy = Observation(Units.of(windows).normalise(windows), np.ones((1, 24, 28)))
    misses = [
        np.abs(_answer(weights, noisy, PRESETS["draft"], deviation=d) - noisy.positions).mean()
        for d in (0.005, 0.02, 0.1, 0.4)
    ]
    assert misses == sorted(misses)
    assert misses[-1] > 1.4 * misses[0]


@given(st.floats(0.01, 0.7), st.floats(0, 1), st.floats(0, 1))
def test_smoothness_grants_more_than_the_noise_deserves_or_less(level, one, other):
    less, more = sorted((one, other))
    found = Noise(level, 0.5)
    assert granted(found, less).deviation <= granted(found, more).deviation
    assert granted(found, NEUTRAL).deviation == pytest.approx(level)
    assert granted(found, 0.0).deviation < level < granted(found, 1.0).deviation


@pytest.mark.parametrize(("deviation", "asked"), [(0.05, {"calm"}), (0.15, {"calm", "noisy"}), (0.4, {"noisy"})])
def test_each_network_is_asked_about_the_noise_that_it_was_taught(weights, seen, deviation, asked):
    class Asked(NumpyEngine):
        found: set[str]

        def apply(self, network, inputs):
            self.found |= {name for name in REGIMES if network is getattr(weights.refiner, name)}
            return super().apply(network, inputs)

    engine = Asked(weights)
    engine.found = set()
    held = np.zeros(seen.weight.shape, bool)
    regress(engine, weights, seen, held, Noise(deviation, 0.9), PRESETS["default"])
    assert engine.found == asked


def test_the_answer_changes_evenly_from_one_network_to_the_other(weights, seen):
    deviations = np.geomspace(0.08, 0.25, 24)
    answers = np.stack([_answer(weights, seen, PRESETS["default"], deviation=each) for each in deviations])
    steps = np.abs(np.diff(answers, axis=0)).mean((1, 2, 3, 4))
    assert steps.max() < 4 * np.median(steps)


def test_exact_tracks_are_taken_at_their_word(crowd):
    """All that is seen comes back, also where somebody moves faster than latents tell."""
    upsampler = Upsampler.load(engine="numpy")
    missed = [
        person.misses(upsampler.upsample(person.seen, list(JOINTS)).positions)[:, LIMB].mean() for person in crowd
    ]
    assert np.mean(missed) < 3e-4
