"""The direct answer: the Gaussian, the refiner, both sides of the body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from jumps_blender.core.gaussian import Gaussian
from jumps_blender.core.normalise import HEAD, Units
from jumps_blender.core.objective import Observation
from jumps_blender.core.refiner import Refiner
from jumps_blender.core.regression import deviation, regress
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.skeleton import MIRROR
from jumps_blender.core.weights import load_weights
from jumps_blender.errors import Cancelled
from tests.core.people import walker
from trainer.refine import network

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


def _answer(weights, seen, settings, held=None):
    held = np.zeros(seen.weight.shape, bool) if held is None else held
    return regress(weights, seen, held, settings, lambda _share, _text: None, lambda: False)


def _mirrored(positions):
    return positions[..., MIRROR, :] * (-1, 1)


def test_numpy_runs_the_refiner_as_torch_trained_it():
    torch.manual_seed(0)
    trained = network(20, 32)
    torch.nn.init.normal_(trained[-1].weight)
    torch.nn.init.normal_(trained[-1].bias)
    linear = [layer for layer in trained if isinstance(layer, torch.nn.Linear)]
    refiner = Refiner(tuple((layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in linear))
    inputs = np.random.default_rng(0).normal(size=(5, linear[0].in_features)).astype(np.float32)
    with torch.no_grad():
        expected = trained(torch.from_numpy(inputs)).numpy()
    np.testing.assert_allclose(refiner.change(inputs), expected, rtol=1e-4, atol=1e-4)


def test_an_untrained_refiner_leaves_the_observations_to_the_gaussian(weights, seen):
    linear = [layer for layer in network(weights.window.rank, 16) if isinstance(layer, torch.nn.Linear)]
    silent = Refiner(tuple((layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in linear))
    drafts = _answer(weights, seen, PRESETS["draft"])
    there = seen.weight > 0
    answer = _answer(replace(weights, refiner=silent), seen, PRESETS["default"])
    np.testing.assert_allclose(answer[~there], drafts[~there], atol=0.02)
    miss = [np.abs(a - seen.positions)[there].mean() for a in (answer, drafts)]
    assert miss[0] <= miss[1]


def test_drafts_are_the_gaussians_conditional_mean(weights, seen):
    variance = np.full(seen.weight.shape, np.inf)
    there = seen.weight > 0
    variance[there] = (deviation(PRESETS["draft"].smoothness) * HEAD) ** 2 / seen.weight[there]
    spread = np.repeat(variance.reshape(2, -1), 2, axis=1)
    gaussian: Gaussian = weights.window
    residual = np.where(np.isfinite(spread), seen.positions.reshape(2, -1) - gaussian.mean, 0)
    expected = gaussian.mean + gaussian.posterior(residual, spread)
    np.testing.assert_allclose(_answer(weights, seen, PRESETS["draft"]).reshape(2, -1), expected, atol=1e-9)


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
    many = seen.repeat(9)  # 18 windows: more than one chunk
    np.testing.assert_allclose(
        _answer(weights, many, settings)[::9], _answer(weights, seen, settings), rtol=1e-4, atol=1e-5
    )


def test_best_treats_both_sides_of_the_body_alike(weights, seen):
    mirrored = Observation(_mirrored(seen.positions), seen.weight[..., MIRROR])
    best = PRESETS["best"]
    np.testing.assert_allclose(
        _answer(weights, mirrored, best), _mirrored(_answer(weights, seen, best)), rtol=1e-4, atol=1e-5
    )


def test_smoothness_leads_from_the_detector_to_the_prior(weights):
    windows = walker(24)[None] + np.random.default_rng(2).normal(0, 5, (1, 24, 28, 2))
    noisy = Observation(Units.of(windows).normalise(windows), np.ones((1, 24, 28)))
    misses = [
        np.abs(_answer(weights, noisy, replace(PRESETS["draft"], smoothness=s)) - noisy.positions).mean()
        for s in (0.0, 0.3, 0.6, 1.0)
    ]
    assert misses == sorted(misses)
    assert misses[-1] > 2 * misses[0]
    assert deviation(0) == pytest.approx(0.01)
    assert deviation(0) < deviation(0.5) < deviation(1)


def test_cancelling_is_asked_between_chunks(weights, seen):
    asked = []

    def cancel():
        asked.append(1)
        return len(asked) > 1

    many = seen.repeat(9)
    with pytest.raises(Cancelled, match="nothing was changed"):
        regress(weights, many, many.weight > 2, PRESETS["draft"], lambda _share, _text: None, cancel)
    assert len(asked) == 2
