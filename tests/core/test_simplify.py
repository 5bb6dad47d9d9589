"""Fewer keys: within the tolerance, through samples as they are, and the same where nothing changed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.simplify import simplified, slopes_of


def motion(frames: int = 200, joints: int = 3, seed: int = 0) -> np.ndarray:
    """Smooth paths (frames, joints, 2) of some hundred pixels."""
    rng, time = np.random.default_rng(seed), np.arange(frames)[:, None, None]
    waves = [
        rng.uniform(10, 80) * np.sin(time * rng.uniform(0.05, 0.4, (1, joints, 2)) + rng.uniform(0, 6, (1, joints, 2)))
        for _ in range(3)
    ]
    return np.asarray(300 + sum(waves))


def drawn(values: np.ndarray, kept: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """The curves of one joint (frames, 2) through its keys, as Blender evaluates them: cubics of Bezier."""
    keys = np.flatnonzero(kept)
    out = values[keys[-1]] + np.zeros_like(values)
    for start, end in pairwise(keys):
        third = (end - start) / 3
        corners = values[start], values[start] + third * slopes[start], values[end] - third * slopes[end], values[end]
        share = (np.arange(start, end + 1) - start)[:, None] / (end - start)
        weights = (1 - share) ** 3, 3 * share * (1 - share) ** 2, 3 * share**2 * (1 - share), share**3
        out[start : end + 1] = sum(w * corner for w, corner in zip(weights, corners, strict=True))
    return out


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 250), st.sampled_from([0.1, 1.0, 10.0]), st.integers(0, 50))
def test_what_is_drawn_is_within_the_tolerance(frames: int, tolerance: float, seed: int) -> None:
    values = motion(frames, seed=seed)
    keys = simplified(values, tolerance)
    assert keys.off.max() <= tolerance
    for joint in range(values.shape[1]):
        shown = drawn(values[:, joint], keys.kept[:, joint], keys.slopes[:, joint])
        np.testing.assert_allclose(np.linalg.norm(shown - values[:, joint], axis=-1), keys.off[:, joint], atol=1e-9)


def test_a_smooth_motion_needs_few_keys_and_more_tolerance_fewer() -> None:
    few, fewer = (simplified(motion(), tolerance).kept.mean() for tolerance in (0.5, 5.0))
    assert fewer < few < 0.5


def test_a_cubic_needs_its_ends_only() -> None:
    time = np.arange(60)[:, None, None] / 20.0
    values = np.concatenate([time**3 - time, 2 * time**2], -1)
    keys = simplified(values, 0.01)
    assert np.flatnonzero(keys.kept[:, 0]).tolist() == [0, *keys.kept[1:-1, 0].nonzero()[0] + 1, 59]
    assert keys.kept.sum() < 8
    np.testing.assert_allclose(slopes_of(values)[2:-2, 0, 1], 4 * time[2:-2, 0, 0] / 20, atol=1e-9)


def test_a_place_that_is_held_is_met_exactly_by_two_keys() -> None:
    values = motion()
    values[50:80, 1] = values[50, 1]
    exact = np.zeros(values.shape[:2], bool)
    exact[50:80, 1] = True
    keys = simplified(values, 2.0, exact)
    assert np.flatnonzero(keys.kept[50:80, 1]).tolist() == [0, 29]
    assert keys.off[50:80, 1].max() < 1e-9


def test_a_pin_is_met_exactly() -> None:
    exact = np.zeros((200, 3), bool)
    exact[[33, 34, 120], 0] = True
    keys = simplified(motion(), 50.0, exact)
    assert keys.kept[exact].all()


def test_where_nothing_changed_keys_stay() -> None:
    values = motion()
    before = simplified(values, 1.0)
    changed = values.copy()
    changed[90:110, 0] += 30 * np.hanning(20)[:, None]
    start = before.kept.copy()
    start[87:113] = False
    after = simplified(changed, 1.0, kept=start)
    assert after.off.max() <= 1.0
    np.testing.assert_array_equal(after.kept[:80], before.kept[:80])
    np.testing.assert_array_equal(after.kept[120:], before.kept[120:])
    away = np.r_[:87, 113:200]
    np.testing.assert_array_equal(after.slopes[away], before.slopes[away])


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_clip_may_be_short(frames: int) -> None:
    keys = simplified(motion(frames), 1.0)
    assert keys.kept[[0, -1]].all()
