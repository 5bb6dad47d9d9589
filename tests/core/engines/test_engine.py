"""Both engines against the published networks in double, and against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from jumps_blender.core import Upsampler
from jumps_blender.core.body.normalise import HEAD, Units
from jumps_blender.core.body.skeleton import JOINTS, from_grid, to_grid
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.direct.noise import Noise
from jumps_blender.core.engines.engine import Engine
from jumps_blender.core.engines.opening import open_engine
from jumps_blender.core.inversion import descent
from jumps_blender.core.inversion.networks import Critic, Encoder, Generator
from jumps_blender.core.inversion.objective import Objective
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import Weights, load_weights
from jumps_blender.errors import WeightsError
from tests.core.people import walker

PAPER = PRESETS["paper"]
PLACE = (24, 28, 2)
VARIANTS = [("linear", "count", 8), ("sigmoid", "count", 8), ("linear", "figure", 8), ("sigmoid", "figure", 4)]


@dataclass(frozen=True)
class InDouble:
    """E, G and D by torch in float64, where differences are exact enough."""

    encoder: torch.nn.Module
    generator: torch.nn.Module
    critic: torch.nn.Module

    @classmethod
    def of(cls, weights: Weights) -> InDouble:
        critic = Critic(weights.critic_output, weights.critic_norm, weights.critic_channels)
        networks: dict[str, torch.nn.Module] = {"encoder": Encoder(), "generator": Generator(), "critic": critic}
        for name, network in networks.items():
            arrays = weights.network(name).items()
            network.load_state_dict({key: torch.from_numpy(np.array(value)) for key, value in arrays})
            network.double().eval()
        return cls(**networks)

    def generated(self, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Positions (batch, 24, 28, 2) and scores (batch,)."""
        grid = self.generator(latents)
        joints = torch.from_numpy(from_grid(np.eye(72).reshape(72, 18, 4)).reshape(72, 56))
        frames = grid.permute(0, 2, 3, 1).reshape(len(latents), 24, 72)
        return (frames @ joints).reshape(-1, *PLACE), self.critic(grid)[:, 0]


def _variant(output: str, norm: str, channels: int) -> Weights:
    """The shipped prior with other critics, and batch norm that has something to do, in all networks."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    networks = dict(load_weights().networks)
    critic = Critic(output, norm, channels).state_dict()
    networks = {key: value for key, value in networks.items() if not key.startswith("critic.")}
    networks |= {f"critic.{key}": 2 * value.numpy() for key, value in critic.items()}
    for key, value in networks.items():
        if key.endswith("running_mean"):
            networks[key] = rng.normal(0, 0.1, value.shape).astype(np.float32)
        elif key.endswith("running_var"):
            networks[key] = value * rng.uniform(0.5, 2, value.shape).astype(np.float32)
    return replace(load_weights(), networks=networks, critic_output=output, critic_norm=norm)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return load_weights()


@pytest.fixture(scope="module", params=["numpy", "torch"])
def engine(request, weights) -> Engine:
    return open_engine(request.param, "cpu", weights)


@pytest.fixture(scope="module")
def both(weights) -> list[Engine]:
    return [open_engine(name, "cpu", weights) for name in ("numpy", "torch")]


@pytest.fixture
def latents() -> np.ndarray:
    return np.random.default_rng(2).normal(size=(3, 128))


def _assert_near(found: np.ndarray, expected: np.ndarray, relative: float = 1e-5) -> None:
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=relative * np.abs(expected).max())


@pytest.mark.parametrize("name", ["numpy", "torch"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_windows_scores_and_gradients_are_those_of_the_networks(name, variant, latents):
    weights = _variant(*variant)
    engine = open_engine(name, "cpu", weights)
    rng = np.random.default_rng(3)
    to_positions, to_score = rng.normal(size=(3, *PLACE)), 100 * rng.normal(size=3)
    leaf = torch.from_numpy(latents).requires_grad_()
    positions, score = InDouble.of(weights).generated(leaf)
    wanted = [torch.from_numpy(each) for each in (to_positions, to_score)]
    (expected,) = torch.autograd.grad([positions, score], leaf, wanted)

    evaluation = engine.evaluate(engine.send(latents), critic=True)
    pulled = evaluation.pull_back(engine.send(to_positions), engine.send(to_score))
    _assert_near(engine.fetch(evaluation.positions), positions.detach().numpy())
    _assert_near(engine.fetch(evaluation.score), score.detach().numpy())
    _assert_near(engine.fetch(pulled), expected.numpy())


def test_windows_are_encoded_as_by_the_encoder(engine, weights):
    windows = np.random.default_rng(0).normal(0, 0.3, (2, *PLACE))
    with torch.no_grad():
        expected = InDouble.of(weights).encoder(torch.from_numpy(to_grid(windows)).permute(0, 3, 1, 2)).numpy()
    _assert_near(engine.encode(windows), expected)


def test_the_critic_is_asked_only_where_it_is_wanted(engine, latents):
    up = engine.send(np.random.default_rng(1).normal(size=(3, *PLACE)))
    silent, asked = (engine.evaluate(engine.send(latents), critic=critic) for critic in (False, True))
    assert (engine.fetch(silent.score) == 0).all()
    pulled = [engine.fetch(each.pull_back(up, 0 * each.score)) for each in (silent, asked)]
    _assert_near(pulled[0], pulled[1])


def test_the_gradient_of_the_whole_objective_is_its_slope(engine, weights, latents):
    rng = np.random.default_rng(4)
    weight = rng.uniform(0.3, 1, (3, 24, 28)) * (rng.random((3, 24, 28)) > 0.5)
    seen = Observation(rng.normal(0, 0.4, (3, *PLACE)), weight)
    in_double = InDouble.of(weights)

    def total(z: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            positions, score = (each.numpy() for each in in_double.generated(torch.from_numpy(z)))
        return descent.with_critic(np, Objective(np, seen, PAPER).measure(positions).loss, score, weights, PAPER)[0]

    evaluation = engine.evaluate(engine.send(latents), critic=True)
    fit = Objective(engine.xp, seen, PAPER, engine.send).measure(evaluation.positions)
    loss, to_score = descent.with_critic(engine.xp, fit.loss, evaluation.score, weights, PAPER)
    np.testing.assert_allclose(engine.fetch(loss), total(latents), rtol=1e-5)
    pulled = engine.fetch(evaluation.pull_back(fit.gradient, to_score))
    for axis in (0, 17, 64, 127):
        step = np.zeros(128)
        step[axis] = 1e-6
        slope = (total(latents + step) - total(latents - step)) / 2e-6
        np.testing.assert_allclose(pulled[:, axis], slope, rtol=0, atol=1e-5 * np.abs(pulled).max())


def test_weights_without_an_encoder_are_inverted_from_random_starts(weights):
    networks = {key: value for key, value in weights.networks.items() if not key.startswith("encoder.")}
    bare, seen = replace(weights, networks=networks), _observed()
    settings = replace(PAPER, steps=3, random_starts=2)
    rng = np.random.default_rng
    for name in ("numpy", "torch"):
        engine = open_engine(name, "cpu", bare)
        given = (engine, bare, seen), (rng(0), lambda _share, _text: None, lambda: False)
        with pytest.raises(WeightsError, match="without an encoder"):
            descent.solve(*given[0], settings, *given[1])
        found = descent.solve(*given[0], replace(settings, encoder_start=False), *given[1])
        assert np.isfinite(found.positions).all()


def test_perceptrons_answer_alike(both, weights):
    for network in (weights.refiner.calm, weights.refiner.noisy, weights.screen, weights.noise_judge):
        inputs = np.random.default_rng(0).normal(size=(5, len(network.layers[0][0]))).astype(np.float32)
        answers = [engine.apply(network, inputs) for engine in both]
        assert all(answer.dtype == np.float32 for answer in answers)
        _assert_near(answers[1], answers[0])


@pytest.mark.parametrize("granted", [1e-12, 1e-6, 1e-2])
def test_latents_are_inferred_alike_however_sure_the_observation(both, weights, granted):
    """Also by the way that a GPU takes."""
    from jumps_blender.core.engines.torch_engine import latents_of

    gaussian, rng = weights.window, np.random.default_rng(1)
    truth = rng.normal(size=(6, gaussian.rank)) @ gaussian.factor.T
    variance = np.where(rng.random(truth.shape) < 0.4, granted * rng.uniform(0.5, 2, truth.shape), np.inf)
    found = [engine.infer(gaussian, truth, variance) for engine in both]
    given = [torch.from_numpy(np.asarray(each)) for each in (gaussian.factor, gaussian.noise, truth, variance)]
    found.append(latents_of(*given).numpy())
    for other in found[1:]:
        apart = np.linalg.norm(((other - found[0]) @ gaussian.factor.T).reshape(-1, 2), axis=-1)
        assert apart.max() < 1e-4 * HEAD


def test_errors_that_last_are_inverted_alike(both, weights):
    """Also by the way that a GPU takes."""
    from jumps_blender.core.engines.torch_engine import latents_of

    gaussian, rng = weights.window, np.random.default_rng(1)
    residual = rng.normal(size=(6, gaussian.rank)) @ gaussian.factor.T
    granted = np.where(rng.random((6, 24, 28)) < 0.4, 1e-2 * rng.uniform(0.5, 2, (6, 24, 28)), np.inf)
    variance = np.repeat(granted.reshape(6, -1), 2, axis=1)
    correlation = Noise(0.3, 0.9).correlation
    found = [engine.infer(gaussian, residual, variance, correlation) for engine in both]
    given = (gaussian.factor, gaussian.noise, residual, variance, correlation)
    found.append(latents_of(*(torch.from_numpy(np.asarray(each)) for each in given)).numpy())
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-5)


def _observed(frames: int = 72) -> Observation:
    windows = walker(frames).reshape(-1, *PLACE)
    weight = (np.random.default_rng(0).random(windows.shape[:-1]) > 0.3).astype(float)
    return Observation(Units.of(windows).normalise(windows), weight)


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
def test_direct_answers_are_the_same_within_a_thousandth_of_a_head(weights, preset):
    rng = np.random.default_rng(5)
    seen = walker(70)[:, :17] + rng.normal(0, 3, (70, 17, 2))
    seen[rng.random((70, 17)) < 0.2] = np.nan
    results = [Upsampler.load(engine=name, device="cpu").upsample(seen, settings=preset) for name in ("numpy", "torch")]
    head = 300 * 0.225 / 1.32
    assert [result.report.engine for result in results] == ["numpy", "torch"]
    apart = np.linalg.norm(results[0].positions - results[1].positions, axis=-1)
    assert 0 <= apart.max() < 1e-3 * head


def test_the_first_steps_of_the_inversion_are_the_same(both, weights):
    seen, settings = _observed(), replace(PAPER, random_starts=1, encoder_start=False)
    latents = np.random.default_rng(0).normal(size=(3, 128))
    states = []
    for engine in both:
        step = descent.inversion_step(engine, weights, seen, settings)
        state, passed = descent.begin(engine, latents), []
        for _ in range(5):
            state = step(state)
            passed.append([engine.fetch(each) for each in (state.z, state.best, state.aligned)])
        states.append(passed)
    for one, other in zip(*states, strict=True):
        for found, expected in zip(one, other, strict=True):
            _assert_near(found, expected, 1e-3)


def test_the_inversion_ends_equally_near_to_the_truth_with_both_engines(weights):
    truth = walker(48)
    seen = truth.copy()
    seen[:, [JOINTS.index(name) for name in ("left_wrist", "right_knee", "head_top", "left_toe")]] = np.nan
    fewer = replace(PAPER, steps=40, random_starts=1)
    off = []
    for name in ("numpy", "torch"):
        found = Upsampler.load(engine=name, device="cpu").upsample(seen, joint_set=JOINTS, settings=fewer).positions
        off.append(np.linalg.norm(found - truth, axis=-1).mean() / (300 * 0.225 / 1.32))
    assert off[0] == pytest.approx(off[1], rel=0.1)


def test_captured_motion_is_completed_equally_well_with_both_engines(crowd):
    fewer = replace(PAPER, steps=40, random_starts=1)
    off = []
    for name in ("numpy", "torch"):
        upsampler = Upsampler.load(engine=name, device="cpu")
        solved = [upsampler.upsample(person.seen[:24], joint_set=JOINTS, settings=fewer) for person in crowd[:2]]
        found = [
            np.linalg.norm(result.positions - person.truth[:24], axis=-1) / person.head
            for person, result in zip(crowd[:2], solved, strict=True)
        ]
        off.append(np.mean(found))
    assert off[0] == pytest.approx(off[1], rel=0.05)
