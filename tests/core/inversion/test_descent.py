"""Inversion of the generator: the argmin over starts and steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jumps_blender.core.body.normalise import Units
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.inversion import descent
from jumps_blender.core.settings import PRESETS
from jumps_blender.errors import Cancelled
from tests.core.people import walker

BRIEF = replace(PRESETS["paper"], steps=4, rate=0.05, random_starts=2)  # at the published rate 4 steps only overshoot


@pytest.fixture(scope="module")
def seen():
    """Three windows of a walker, a third of it hidden."""
    windows = walker(72).reshape(3, 24, 28, 2)
    weight = (np.random.default_rng(0).random((3, 24, 28)) > 0.3).astype(float)
    return Observation(Units.of(windows).normalise(windows), weight)


@pytest.fixture
def solve(upsampler):
    def run(seen, settings=BRIEF, seed=0, cancel=lambda: False):
        rng = np.random.default_rng(seed)
        return descent.solve(
            upsampler.engine_for(BRIEF), upsampler.weights, seen, settings, rng, lambda _s, _t: None, cancel
        )

    return run


def test_each_step_can_only_gain(solve, seen):
    losses = [solve(seen, replace(BRIEF, steps=steps)).loss for steps in (0, 3, 25)]
    assert (losses[1] <= losses[0]).all()
    assert (losses[2] < losses[1]).all()


def test_each_start_can_only_gain(solve, seen):
    alone = solve(seen, replace(BRIEF, encoder_start=False)).loss
    encoded = solve(seen, replace(BRIEF, random_starts=0)).loss
    np.testing.assert_allclose(solve(seen).loss, np.minimum(alone, encoded), rtol=1e-4)


def test_it_ends_nearer_to_what_was_observed(solve, seen):
    def miss(steps):
        result = solve(seen, replace(BRIEF, steps=steps, critic_weight=0.0, velocity_weight=0.0))
        off = np.linalg.norm(result.positions - seen.positions, axis=-1)
        return (off * seen.weight).sum((1, 2)) / seen.weight.sum((1, 2)), result

    start, _ = miss(0)
    end, result = miss(25)
    assert (end <= start).all()
    assert end.mean() < start.mean()
    np.testing.assert_allclose(result.loss, 10 * end, rtol=1e-3)
    np.testing.assert_allclose(np.average(result.frame_error, axis=1, weights=seen.weight.sum(2))[0], end[0], rtol=1e-3)


def test_windows_solved_in_batches_are_the_same(upsampler, solve, seen, monkeypatch):
    whole = solve(seen)
    monkeypatch.setattr(upsampler.engine_for(BRIEF), "batch", 3)  # one window with its three starts at a time
    parts = solve(seen)
    np.testing.assert_allclose(parts.loss, whole.loss, rtol=1e-3)
    np.testing.assert_allclose(parts.positions, whole.positions, atol=5e-3)


def test_without_alignment_the_window_stays_where_it_was_generated(solve, seen):
    result = solve(seen, replace(BRIEF, align=False))
    assert np.abs(result.positions).max() <= 1
    moved = Observation(seen.positions + 0.5, seen.weight)
    assert (solve(moved, replace(BRIEF, align=False)).loss > 2 * solve(moved).loss).all()


def test_the_critic_is_bounded_by_the_printed_weight(solve, seen):
    settings = replace(BRIEF, steps=0, position_weight=0.0, velocity_weight=0.0, critic_weight=15.0)
    loss = solve(seen, settings).loss
    assert ((loss < 0) & (loss > -15)).all()


def test_the_critic_is_measured_by_its_scores_on_real_windows(upsampler, solve, seen):
    settings = replace(BRIEF, steps=0, position_weight=0.0, velocity_weight=0.0, critic_weight=15.0)
    weights = upsampler.weights
    for shift, expected in ((-100, -15.0), (100, 0.0)):
        moved = replace(weights, critic_mean=weights.critic_mean + shift * weights.critic_spread)
        rng = np.random.default_rng(0)
        result = descent.solve(
            upsampler.engine_for(BRIEF), moved, seen, settings, rng, lambda _s, _t: None, lambda: False
        )
        np.testing.assert_allclose(result.loss, expected, atol=1e-3)


def test_cancel_is_heard_after_any_step(solve, seen):
    asked = []

    def cancel():
        asked.append(1)
        return len(asked) == 3

    with pytest.raises(Cancelled, match="nothing was changed"):
        solve(seen, cancel=cancel)
    assert len(asked) == 3
