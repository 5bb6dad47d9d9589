"""What is torch's own: devices, the step as one graph of a GPU, and that nothing is read back inside the loop."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from jumps_blender.core.body.normalise import Units
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.engines.opening import open_engine
from jumps_blender.core.engines.torch_engine import TorchEngine
from jumps_blender.core.inversion import descent
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import load_weights
from jumps_blender.errors import EngineError, WeightsError
from tests.core.people import walker

PAPER = PRESETS["paper"]
READ_BACK = {"_local_scalar_dense", "item", "nonzero", "_to_copy", "is_nonzero", "equal", "masked_select"}
"""Operations that wait for a device, or take something to another one."""


class Operations(TorchDispatchMode):
    """Counts what torch is asked to do."""

    def __init__(self) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        self.count[operation.__name__.partition(".")[0]] += 1
        return operation(*args, **(kwargs or {}))


@pytest.fixture(scope="module")
def weights():
    return load_weights()


@pytest.fixture(scope="module")
def engine(weights) -> TorchEngine:
    opened = TorchEngine(torch.device("cpu"), weights)
    opened.evaluate(opened.send(np.zeros((1, 128))), critic=True)  # sets its networks up
    return opened


@pytest.fixture(scope="module")
def seen() -> Observation:
    windows = walker(48).reshape(2, 24, 28, 2)
    weight = (np.random.default_rng(0).random((2, 24, 28)) > 0.3).astype(float)
    return Observation(Units.of(windows).normalise(windows), weight)


def _solve(engine, weights, seen, steps):
    settings = replace(PAPER, steps=steps, random_starts=1)
    rng = np.random.default_rng(0)
    return descent.solve(engine, weights, seen, settings, rng, lambda _share, _text: None, lambda: False)


def test_a_step_reads_nothing_back(engine, weights, seen):
    step = descent.inversion_step(engine, weights, seen, PAPER)
    state = descent.begin(engine, np.random.default_rng(0).normal(size=(2, 128)))
    with Operations() as seen_by:
        engine.repeat(step, state, 3, lambda _share: None)
    assert seen_by.count["convolution"] >= 3 * 11  # of G and D: it was watched
    assert not READ_BACK & set(seen_by.count)


def test_how_often_is_read_back_does_not_depend_on_the_steps(engine, weights, seen, monkeypatch):
    fetched = Counter[int]()
    plain = TorchEngine.fetch

    def fetch(self, array):
        fetched[steps] += 1
        return plain(self, array)

    monkeypatch.setattr(TorchEngine, "fetch", fetch)
    for steps in (1, 6):
        _solve(engine, weights, seen, steps)
    assert fetched[1] == fetched[6] > 0


def test_every_step_asks_torch_for_as_much_as_the_last(engine, weights, seen):
    step = descent.inversion_step(engine, weights, seen, PAPER)
    state = descent.begin(engine, np.random.default_rng(0).normal(size=(2, 128)))
    counts = []
    for times in (1, 2, 4):
        with Operations() as seen_by:
            engine.repeat(step, state, times, lambda _share: None)
        counts.append(sum(seen_by.count.values()))
    assert counts == [counts[0], 2 * counts[0], 4 * counts[0]]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that torch can use (CUDA or ROCm)")
def test_the_graph_of_a_step_does_what_the_step_does(weights, seen):
    gpu = open_engine("torch", "cuda", weights)
    step = descent.inversion_step(gpu, weights, seen, PAPER)
    state = descent.begin(gpu, np.random.default_rng(0).normal(size=(2, 128)))
    replayed = [gpu.repeat(step, state, 5, lambda _share: None) for _ in range(2)]
    alone = state
    with torch.no_grad():
        for _ in range(5):
            alone = step(alone)
    for one, again, expected in zip(*replayed, alone, strict=True):
        np.testing.assert_array_equal(gpu.fetch(one), gpu.fetch(again))
        np.testing.assert_allclose(gpu.fetch(one), gpu.fetch(expected), rtol=1e-3, atol=1e-3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that torch can use (CUDA or ROCm)")
def test_a_gpu_agrees_with_the_processor(engine, weights, seen):
    gpu = open_engine("torch", "cuda", weights)
    latents = np.random.default_rng(0).normal(size=(4, 128))
    up = np.random.default_rng(1).normal(size=(4, 24, 28, 2))
    pulled = []
    for each in (engine, gpu):
        evaluation = each.evaluate(each.send(latents), critic=True)
        pulled.append(each.fetch(evaluation.pull_back(each.send(up), evaluation.score)))
    np.testing.assert_allclose(pulled[1], pulled[0], rtol=0, atol=1e-5 * np.abs(pulled[0]).max())
    gaussian = weights.window
    residual = np.random.default_rng(2).normal(0, 0.1, (3, len(gaussian.mean)))
    variance = np.where(np.random.default_rng(3).random(residual.shape) < 0.5, 1e-6, np.inf)
    np.testing.assert_allclose(
        gpu.infer(gaussian, residual, variance), engine.infer(gaussian, residual, variance), atol=1e-6
    )


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that torch can use (CUDA or ROCm)")
def test_a_gpu_is_not_waited_for(weights, seen):
    gpu = open_engine("torch", "cuda", weights)
    step = descent.inversion_step(gpu, weights, seen, PAPER)
    state = descent.begin(gpu, np.random.default_rng(0).normal(size=(2, 128)))
    gpu.repeat(step, state, 1, lambda _share: None)  # sets its networks up
    torch.cuda.set_sync_debug_mode("error")
    try:
        gpu.repeat(step, state, 3, lambda _share: None)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_the_same_bytes_again(engine, weights, seen):
    one, again = (_solve(engine, weights, seen, 4) for _ in range(2))
    np.testing.assert_array_equal(one.positions, again.positions)
    np.testing.assert_array_equal(one.loss, again.loss)


@pytest.mark.parametrize("network", ["generator", "critic"])
def test_weights_that_do_not_fit_are_told(weights, network, seen):
    networks = dict(weights.networks)
    del networks[f"{network}.layers.0.weight"]
    engine = open_engine("torch", "cpu", replace(weights, networks=networks))
    with pytest.raises(WeightsError, match=f"do not fit the {network}"):
        engine.evaluate(engine.send(np.zeros((1, 128))), critic=True)


@pytest.mark.parametrize(
    ("name", "device", "message"),
    [
        ("abacus", "cpu", "Unknown engine 'abacus'; expected auto or one of numpy, torch"),
        ("torch", "toaster", "cannot use the device 'toaster'.*Try auto or cpu"),
        ("numpy", "cuda", "runs on the CPU, not on 'cuda'"),
    ],
)
def test_no_such_engine_or_device(weights, name, device, message):
    with pytest.raises(EngineError, match=message):
        open_engine(name, device, weights)
