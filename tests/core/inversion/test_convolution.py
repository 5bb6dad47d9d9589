"""Convolutions by one matrix product, and their adjoints."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jumps_blender.core.inversion.convolution import Convolution


@st.composite
def layers(draw) -> tuple[np.ndarray, int, int, np.ndarray, np.ndarray]:
    """A weight, a stride and a padding, with inputs and outputs of sizes that leave no rest."""
    batch, channels, outputs, stride, tall, broad, high, wide = (draw(st.integers(1, 4)) for _ in range(8))
    padding = draw(st.integers(0, 2))
    height, width = ((n - 1) * stride + k - 2 * padding for n, k in ((high, tall), (wide, broad)))
    assume(height > 0)
    assume(width > 0)
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    weight = rng.normal(size=(outputs, channels, tall, broad)).astype(np.float32)
    inputs = rng.normal(size=(batch, height, width, channels))
    return weight, stride, padding, inputs, rng.normal(size=(batch, high, wide, outputs))


def _by_the_definition(weight: np.ndarray, stride: int, padding: int, inputs: np.ndarray) -> np.ndarray:
    outputs, _, tall, broad = weight.shape
    padded = np.pad(inputs, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    high, wide = ((n - k) // stride + 1 for n, k in zip(padded.shape[1:3], (tall, broad), strict=True))
    found = np.zeros((len(inputs), high, wide, outputs))
    for i, j in product(range(high), range(wide)):
        patch = padded[:, i * stride : i * stride + tall, j * stride : j * stride + broad]
        found[:, i, j] = np.einsum("bhwc,ochw->bo", patch, weight)
    return found


@given(layers())
def test_down_is_the_convolution(layer):
    weight, stride, padding, inputs, outputs = layer
    found = Convolution.of(weight, stride, padding).down(inputs)
    assert found.shape == outputs.shape
    np.testing.assert_allclose(found, _by_the_definition(weight, stride, padding, inputs), rtol=1e-9, atol=1e-9)


@given(layers())
def test_up_is_the_adjoint_of_down(layer):
    weight, stride, padding, inputs, outputs = layer
    convolution = Convolution.of(weight, stride, padding)
    there, back = convolution.down(inputs), convolution.up(outputs)
    assert back.shape == inputs.shape
    assert (there * outputs).sum() == pytest.approx((inputs * back).sum(), rel=1e-9, abs=1e-9)


@given(layers())
def test_factors_of_channels_and_outputs_go_into_the_matrix(layer):
    weight, stride, padding, inputs, outputs = layer
    plain = Convolution.of(weight, stride, padding)
    channels, answers = np.arange(1.0, inputs.shape[-1] + 1), np.arange(2.0, outputs.shape[-1] + 2)
    scaled = plain.scaled(channels, answers)
    np.testing.assert_allclose(scaled.down(inputs), plain.down(inputs * channels) * answers, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(scaled.up(outputs), plain.up(outputs * answers) * channels, rtol=1e-5, atol=1e-5)
