"""The torch engine: what it generates, and the way back to the latents."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from jumps_blender.core.engines import open_engine
from jumps_blender.core.networks import Critic, Encoder, Generator
from jumps_blender.core.objective import Observation, fit
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.skeleton import from_grid, to_grid
from jumps_blender.core.solver import _with_critic
from jumps_blender.core.weights import load_weights
from jumps_blender.errors import EngineError

PAPER = PRESETS["paper"]


@pytest.fixture(scope="module")
def weights():
    return load_weights()


@pytest.fixture(scope="module")
def engine(weights):
    return open_engine("torch", "cpu", weights)


@pytest.fixture(scope="module")
def in_double(weights):
    """Encoder, generator and critic of the same weights in float64, where differences are exact enough."""
    networks: dict[str, torch.nn.Module] = {"encoder": Encoder(), "generator": Generator(), "critic": Critic()}
    for name, network in networks.items():
        network.load_state_dict(
            {key: torch.from_numpy(np.array(value)) for key, value in weights.network(name).items()}
        )
        network.double().eval()
    return networks


@pytest.fixture
def latents():
    return np.random.default_rng(2).normal(size=(3, 128))


def _generated(in_double, latents):
    with torch.no_grad():
        grid = in_double["generator"](torch.from_numpy(latents))
        return from_grid(grid.permute(0, 2, 3, 1).numpy()), in_double["critic"](grid)[:, 0].numpy()


def test_joints_and_score_are_those_of_the_networks(engine, in_double, latents):
    evaluation = engine.evaluate(latents, critic=True)
    positions, score = _generated(in_double, latents)
    assert evaluation.positions.shape == (3, 24, 28, 2)
    np.testing.assert_allclose(evaluation.positions, positions, atol=1e-5)
    np.testing.assert_allclose(evaluation.score, score, atol=1e-3)


def test_windows_are_encoded_as_by_the_encoder(engine, in_double):
    windows = np.random.default_rng(0).normal(0, 0.3, (2, 24, 28, 2))
    with torch.no_grad():
        expected = in_double["encoder"](torch.from_numpy(to_grid(windows)).permute(0, 3, 1, 2)).numpy()
    np.testing.assert_allclose(engine.encode(windows), expected, atol=1e-4)


def test_the_critic_is_asked_only_where_it_is_wanted(engine, latents):
    silent = engine.evaluate(latents, critic=False)
    assert (silent.score == 0).all()
    up = np.random.default_rng(1).normal(size=silent.positions.shape)
    asked = engine.evaluate(latents, critic=True)
    np.testing.assert_allclose(silent.pull_back(up, silent.score), asked.pull_back(up, 0 * asked.score), atol=1e-4)


def test_pulling_back_is_the_slope(engine, in_double, latents):
    rng = np.random.default_rng(3)
    to_positions, to_score = rng.normal(size=(3, 24, 28, 2)), rng.normal(size=3)

    def total(z: np.ndarray) -> np.ndarray:
        positions, score = _generated(in_double, z)
        return (to_positions * positions).sum((1, 2, 3)) + to_score * score

    pulled = engine.evaluate(latents, critic=True).pull_back(to_positions, to_score)
    _assert_slopes(pulled, total, latents)


def test_the_gradient_of_the_whole_objective_is_its_slope(engine, in_double, weights, latents):
    rng = np.random.default_rng(4)
    weight = rng.uniform(0.3, 1, (3, 24, 28)) * (rng.random((3, 24, 28)) > 0.5)
    seen = Observation(rng.normal(0, 0.4, (3, 24, 28, 2)), weight)

    def total(z: np.ndarray) -> np.ndarray:
        positions, score = _generated(in_double, z)
        return _with_critic(fit(positions, seen, PAPER), score, weights, PAPER)[0]

    evaluation = engine.evaluate(latents, critic=True)
    state = fit(evaluation.positions, seen, PAPER)
    loss, to_score = _with_critic(state, evaluation.score, weights, PAPER)
    np.testing.assert_allclose(loss, total(latents), rtol=1e-4)
    _assert_slopes(evaluation.pull_back(state.gradient, to_score), total, latents)


def _assert_slopes(pulled, total, latents):
    assert pulled.shape == latents.shape
    scale = np.abs(pulled).max()
    for axis in (0, 17, 64, 127):
        step = np.zeros(128)
        step[axis] = 1e-5
        slope = (total(latents + step) - total(latents - step)) / 2e-5
        np.testing.assert_allclose(pulled[:, axis], slope, rtol=2e-3, atol=2e-4 * scale)


@pytest.mark.parametrize(
    ("name", "device", "message"),
    [
        ("abacus", "cpu", "Unknown engine 'abacus'; expected auto or one of torch"),
        ("torch", "toaster", "cannot use the device 'toaster'.*Try auto or cpu"),
    ],
)
def test_no_such_engine_or_device(weights, name, device, message):
    with pytest.raises(EngineError, match=message):
        open_engine(name, device, weights)
