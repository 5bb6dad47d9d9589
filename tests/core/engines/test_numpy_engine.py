"""What is numpy's own: it needs nothing else, and gives the same bytes again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core import Upsampler
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.engines.numpy_engine import NumpyEngine
from jumps_blender.core.engines.opening import open_engine
from jumps_blender.core.inversion.convolution import Convolution
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import load_weights
from jumps_blender.errors import EngineError
from tests.core.people import walker


@pytest.fixture(scope="module")
def engine() -> NumpyEngine:
    return NumpyEngine(load_weights())


@settings(max_examples=10)
@given(st.integers(1, 6), st.integers(0, 2**31), st.booleans())
def test_pulling_back_is_the_slope(engine, batch, seed, critic):
    """In float32, so along the gradient, where the slope is the steepest."""
    rng = np.random.default_rng(seed)
    latents = rng.normal(size=(batch, 128))
    to_positions, to_score = rng.normal(size=(batch, 24, 28, 2)).astype(np.float32), np.ones(batch, np.float32)

    def total(z: np.ndarray) -> float:
        found = engine.evaluate(engine.send(z), critic)
        return float((found.positions.astype(float) * to_positions).sum() + found.score.astype(float).sum())

    gradient = engine.evaluate(engine.send(latents), critic).pull_back(to_positions, to_score)
    assert gradient.dtype == np.float32
    steepness = float(np.linalg.norm(gradient))
    way = 2e-3 * gradient.astype(float) / steepness
    assert total(latents + way) - total(latents - way) == pytest.approx(4e-3 * steepness, rel=0.1)


@settings(max_examples=10)
@given(st.integers(1, 5), st.integers(1, 5))
def test_windows_do_not_see_each_other(engine, one, other):
    latents = engine.send(np.random.default_rng(one).normal(size=(one + other, 128)))
    whole = engine.evaluate(latents, critic=True)
    parts = [engine.evaluate(part, critic=True) for part in (latents[:one], latents[one:])]
    np.testing.assert_allclose(whole.positions, np.concatenate([part.positions for part in parts]), atol=1e-5)
    np.testing.assert_allclose(whole.score, np.concatenate([part.score for part in parts]), rtol=1e-4, atol=1e-3)


def test_a_step_costs_the_products_that_the_networks_have_and_no_more(engine, monkeypatch):
    """G and D, there and back, 10.7 million multiply-adds each way."""
    products = []
    for way in ("down", "up"):
        plain = getattr(Convolution, way)

        def counted(self, given, way=way, plain=plain):
            made = plain(self, given)
            small = made if way == "down" else given
            products.append(small[..., 0].size * self.matrix.size)
            return made

        monkeypatch.setattr(Convolution, way, counted)
    for critic, ways in ((True, 4), (False, 2)):
        products.clear()
        evaluation = engine.evaluate(engine.send(np.zeros((3, 128))), critic)
        evaluation.pull_back(evaluation.positions, evaluation.score)
        assert sum(products) == pytest.approx(3 * ways * 10.7e6, rel=0.01)


@pytest.mark.parametrize("preset", ["paper", "draft", "default", "best"])
def test_the_same_bytes_again(preset):
    fewer = replace(PRESETS[preset], steps=3, random_starts=2)
    seen = walker(40)[:, :17]
    one, again = (Upsampler.load(engine="numpy").upsample(seen, settings=fewer, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.positions, again.positions)
    assert (one.report.engine, one.report.device) == ("numpy", "cpu")


def test_paper_is_solved_by_numpy_alone():
    """Nearer to what was seen than it began, and complete."""
    truth = walker(30)
    seen = truth.copy()
    seen[:, 10:13] = np.nan
    upsampler = Upsampler.load(engine="numpy")
    off = []
    for steps in (0, 20):
        fewer = replace(PRESETS["paper"], steps=steps, rate=0.05, random_starts=1)
        found = upsampler.upsample(seen, joint_set=JOINTS, settings=fewer)
        assert np.isfinite(found.positions).all()
        off.append(np.nanmean(np.linalg.norm(found.positions - seen, axis=-1)))
    assert off[1] < 0.8 * off[0]


def test_another_device_is_refused():
    with pytest.raises(EngineError, match=r"runs on the CPU, not on 'cuda'\. Choose the torch engine"):
        open_engine("numpy", "cuda", load_weights())
