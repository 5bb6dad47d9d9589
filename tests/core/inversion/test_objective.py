"""L_Inp without its critic, against an independent version in torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.normalise import Units
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.inversion.objective import Fit, Objective
from jumps_blender.core.settings import PRESETS, Settings
from tests.core.people import walker

PAPER = PRESETS["paper"]


def fit(generated: np.ndarray, seen: Observation, chosen: Settings) -> Fit:
    """What numpy makes of it."""
    return Objective(np, seen, chosen).measure(generated)


def _scene(seed: int, batch: int = 2) -> tuple[np.ndarray, Observation]:
    """Generated windows, and an observation of others with gaps and confidences."""
    rng = np.random.default_rng(seed)
    generated, target = rng.normal(0, 0.5, (2, batch, 24, 28, 2))
    weight = rng.uniform(0.3, 1, (batch, 24, 28)) * (rng.random((batch, 24, 28)) > 0.4)
    return generated, Observation(target, weight)


def _by_torch(generated: torch.Tensor, seen: Observation, align: bool = True) -> torch.Tensor:
    """10 MPJPE + 5 MPJVE, one loss per window, from the paper's text: loops and real numbers."""
    losses = []
    for window, target, weight in zip(generated, seen.positions, seen.weight, strict=True):
        x, q, w = window, torch.from_numpy(target), torch.from_numpy(weight)[..., None]
        if align:
            p, q0 = (v - (w * v).sum((0, 1)) / w.sum() for v in (x, q))
            size = (w * p**2).sum()
            c = (w * p * q0).sum() / size
            s = (w[..., 0] * (p[..., 0] * q0[..., 1] - p[..., 1] * q0[..., 0])).sum() / size
            turn = torch.stack([torch.stack([c, s]), torch.stack([-s, c])])
            x = p @ turn + (w * q).sum((0, 1)) / w.sum()
        w = w[..., 0]
        position = (w * (x - q).norm(dim=-1)).sum() / w.sum()
        both = torch.minimum(w[1:], w[:-1])
        speeds = (x[1:] - x[:-1]) - (q[1:] - q[:-1])
        losses.append(10 * position + 5 * (both * speeds.norm(dim=-1)).sum() / both.sum())
    return torch.stack(losses)


@settings(max_examples=10)
@given(st.integers(0, 10**6), st.booleans())
def test_loss_and_gradient_are_torchs(seed, align):
    generated, seen = _scene(seed)
    state = fit(generated, seen, replace(PAPER, align=align))
    leaf = torch.from_numpy(generated).requires_grad_()
    loss = _by_torch(leaf, seen, align)
    loss.sum().backward()
    np.testing.assert_allclose(state.loss, loss.detach().numpy(), rtol=1e-6)
    assert leaf.grad is not None
    np.testing.assert_allclose(state.gradient, leaf.grad.numpy(), rtol=1e-4, atol=1e-8)


@settings(max_examples=10)
@given(st.integers(0, 10**6), st.booleans())
def test_it_is_the_same_for_the_arrays_of_torch(seed, align):
    generated, seen = _scene(seed)
    chosen = replace(PAPER, align=align)
    expected = fit(generated, seen, chosen)
    found = Objective(torch, seen, chosen, torch.from_numpy).measure(torch.from_numpy(generated))
    for name in ("aligned", "loss", "frame_error", "gradient"):
        np.testing.assert_allclose(getattr(found, name).numpy(), getattr(expected, name), rtol=1e-9, atol=1e-9)


def test_windows_do_not_see_each_other():
    generated, seen = _scene(3, batch=3)
    together = fit(generated, seen, PAPER)
    alone = fit(generated[1:2], seen.part(slice(1, 2)), PAPER)
    np.testing.assert_allclose(together.loss[1], alone.loss[0])
    np.testing.assert_allclose(together.gradient[1], alone.gradient[0])


def test_velocity_counts_only_where_both_frames_are_observed():
    weight = np.zeros((1, 24, 28))
    weight[0, ::2, :14] = 1  # never two frames in a row
    target = np.random.default_rng(0).normal(size=(1, 24, 28, 2))
    generated = np.random.default_rng(1).normal(size=(1, 24, 28, 2))
    fast = fit(generated, Observation(target, weight), replace(PAPER, position_weight=0.0))
    assert fast.loss[0] == 0
    assert (fast.gradient == 0).all()
    weight[0, 1, 0] = 1
    fast = fit(generated, Observation(target, weight), replace(PAPER, position_weight=0.0))
    assert fast.loss[0] > 0


def test_a_joint_that_is_not_observed_is_free():
    generated, seen = _scene(5)
    hidden = np.where(seen.weight[..., None] > 0, seen.positions, 77.0)
    state, moved = fit(generated, seen, PAPER), fit(generated, Observation(hidden, seen.weight), PAPER)
    np.testing.assert_array_equal(state.loss, moved.loss)
    assert (state.gradient[seen.weight == 0] == 0).all()


def test_the_contextual_loss_is_the_mean_distance_of_a_frame():
    generated, seen = _scene(6)
    seen.weight[0, 3] = 0
    state = fit(generated, seen, replace(PAPER, align=False))
    distance = np.linalg.norm(generated - seen.positions, axis=-1)
    assert state.frame_error[0, 3] == np.inf
    assert state.frame_error[1, 5] == pytest.approx(np.average(distance[1, 5], weights=seen.weight[1, 5]))


def test_a_perfect_window_costs_nothing_wherever_it_stands():
    _, seen = _scene(7)
    turned = 0.3 * seen.positions[..., ::-1] * (1, -1) + 4
    state = fit(turned, seen, PAPER)
    assert (state.loss < 1e-4).all()
    assert np.isfinite(state.gradient).all()


@given(st.floats(0.05, 20), st.floats(-5e3, 5e3), st.floats(-5e3, 5e3))
@settings(max_examples=10)
def test_size_and_place_in_the_image_do_not_matter(scale, right, down):
    clip = walker(24)
    clip[5:9, 10:12] = np.nan
    generated = np.random.default_rng(8).normal(0, 0.5, (1, 24, 28, 2))

    def loss(pixels: np.ndarray) -> float:
        normalised = Units.of(pixels[None]).normalise(pixels[None])
        weight = np.isfinite(normalised).all(-1).astype(float)
        return float(fit(generated, Observation(np.nan_to_num(normalised), weight), PAPER).loss[0])

    assert loss(scale * clip + (right, down)) == pytest.approx(loss(clip), rel=1e-6)


def test_repeated_windows_stand_in_a_row_for_their_starts():
    _, seen = _scene(9)
    many = seen.repeat(3)
    assert many.positions.shape[0] == 6
    np.testing.assert_array_equal(many.weight[3:], np.stack([seen.weight[1]] * 3))
