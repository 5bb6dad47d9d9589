"""Conditioning a Gaussian, against the textbook with a dense covariance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.direct.gaussian import Gaussian, fill, observed_variance

SEEDS = st.integers(0, 10**6)


def _gaussian(rng: np.random.Generator, n: int = 12, rank: int = 4) -> Gaussian:
    return Gaussian(rng.normal(size=n), rng.normal(size=(n, rank)), rng.uniform(0.01, 0.1, n))


def _dense(gaussian: Gaussian, residual: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """E[x | x + noise = residual] = C[:, seen] (C[seen, seen] + V)^-1 residual[seen], for one sample."""
    covariance = gaussian.factor @ gaussian.factor.T + np.diag(gaussian.noise)
    seen = np.isfinite(variance)
    inner = covariance[np.ix_(seen, seen)] + np.diag(variance[seen])
    return np.asarray(covariance[:, seen] @ np.linalg.solve(inner, residual[seen]))


@given(SEEDS, st.booleans())
def test_the_posterior_is_the_textbooks(seed, one_mask):
    rng = np.random.default_rng(seed)
    gaussian = _gaussian(rng)
    residual = rng.normal(size=(3, 12))
    variance = rng.uniform(0, 0.5, (3, 12)) * (rng.random((3, 12)) > 0.2)
    variance[rng.random((3, 12)) < 0.4] = np.inf
    if one_mask:
        variance[:] = variance[0]
    expected = [_dense(gaussian, r, v) for r, v in zip(residual, variance, strict=True)]
    np.testing.assert_allclose(gaussian.posterior(residual, variance), expected, atol=1e-9)


@given(SEEDS)
def test_what_is_sure_comes_back_exactly(seed):
    rng = np.random.default_rng(seed)
    residual, variance = rng.normal(size=(2, 12)), rng.uniform(0, 1, (2, 12))
    sure = rng.random((2, 12)) < 0.3
    variance[sure] = 0
    np.testing.assert_allclose(_gaussian(rng).posterior(residual, variance)[sure], residual[sure], atol=1e-12)


@given(SEEDS)
def test_what_was_not_observed_has_no_say(seed):
    rng = np.random.default_rng(seed)
    gaussian, residual = _gaussian(rng), rng.normal(size=(2, 12))
    variance = np.where(rng.random((2, 12)) < 0.5, np.inf, 0.1)
    other = np.where(np.isinf(variance), 1e6, residual)
    np.testing.assert_allclose(gaussian.posterior(other, variance), gaussian.posterior(residual, variance), atol=1e-9)


def _with_detail(rng: np.random.Generator, frames: int = 3, size: int = 4) -> Gaussian:
    """A Gaussian over frames of some coordinates, whose fast part moves them together."""
    root = rng.normal(size=(size, size))
    gaussian = _gaussian(rng, frames * size)
    return Gaussian(gaussian.mean, gaussian.factor, gaussian.noise, root @ root.T + 0.01 * np.eye(size))


def _some_seen(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Variances, some of them 0 and some infinite; in half of the cases the same for all frames and samples."""
    variance = rng.uniform(0.01, 0.5, shape) * (rng.random(shape) > 0.2)
    variance[rng.random(shape) < 0.4] = np.inf
    return variance if rng.random() < 0.5 else np.broadcast_to(np.tile(variance[:1, :4], 3), shape).copy()


@given(SEEDS)
def test_the_remainder_follows_as_the_textbook_says_frame_by_frame(seed):
    rng = np.random.default_rng(seed)
    gaussian, residual = _with_detail(rng), rng.normal(size=(3, 12))
    variance = _some_seen(rng, (3, 12))
    assert gaussian.detail is not None
    expected = np.zeros((3, 12))
    for sample in range(3):
        for frame in (slice(0, 4), slice(4, 8), slice(8, 12)):
            seen = np.isfinite(variance[sample, frame])
            left, spread = residual[sample, frame][seen], variance[sample, frame][seen]
            inner = gaussian.detail[np.ix_(seen, seen)] + np.diag(spread)
            expected[sample, frame] = gaussian.detail[:, seen] @ np.linalg.solve(inner, left)
    np.testing.assert_allclose(gaussian.follow(residual, variance), expected, atol=1e-6)


@given(SEEDS)
def test_what_is_sure_is_followed_exactly_whatever_moves_together(seed):
    rng = np.random.default_rng(seed)
    gaussian, residual = _with_detail(rng), rng.normal(size=(3, 12))
    # Coordinates that always move together cannot be sure of different things, but pins may say so.
    together = replace(gaussian, detail=np.ones((4, 4)))
    variance = _some_seen(rng, (3, 12))
    sure = variance == 0
    for each in (gaussian, together):
        np.testing.assert_array_equal(each.follow(residual, variance)[sure], residual[sure])
        assert np.isfinite(each.follow(residual, variance)).all()
        np.testing.assert_allclose(each.posterior(residual, variance)[sure], residual[sure], atol=1e-12)


@given(SEEDS)
def test_one_matrix_leads_from_what_is_seen_to_the_latents(seed):
    rng = np.random.default_rng(seed)
    gaussian, residual = _gaussian(rng), rng.normal(size=(3, 12))
    variance = np.where(rng.random(12) < 0.4, np.inf, rng.uniform(0, 0.5, 12))
    seen = np.isfinite(variance)
    latents = gaussian.infer(residual, np.broadcast_to(variance, (3, 12)))
    np.testing.assert_allclose(residual[:, seen] @ gaussian.gain(variance), latents, atol=1e-9)


def test_without_observations_the_mean_stays():
    gaussian = _gaussian(np.random.default_rng(0))
    assert (gaussian.posterior(np.ones((2, 12)), np.full((2, 12), np.inf)) == 0).all()


def test_the_more_it_is_believed_the_nearer_it_comes_back():
    gaussian = _gaussian(np.random.default_rng(0))
    residual = np.full((1, 12), 5.0)
    misses = [np.abs(gaussian.posterior(residual, np.full((1, 12), v)) - residual).max() for v in (0, 0.01, 0.1, 1, 10)]
    assert misses == sorted(misses)


def test_fitting_keeps_every_variance_and_what_the_rank_can_hold():
    rng = np.random.default_rng(1)
    factor = rng.normal(size=(20, 3))
    covariance = factor @ factor.T + 0.01 * np.eye(20)
    gaussian = Gaussian.fit(np.zeros(20), covariance, 3)
    again = gaussian.factor @ gaussian.factor.T + np.diag(gaussian.noise)
    assert gaussian.rank == 3
    np.testing.assert_allclose(np.diag(again), np.diag(covariance))
    np.testing.assert_allclose(again, covariance, atol=0.011)


def test_confidence_becomes_variance():
    variance = observed_variance(np.array([1.0, 0.25, 0.0]), 0.2)
    np.testing.assert_allclose(variance, [0.04, 0.16, np.inf])


@pytest.mark.parametrize("frames", [1, 24])
@settings(max_examples=3)
@given(seed=SEEDS)
def test_windows_are_filled_frame_by_frame_or_whole(frames, seed):
    rng = np.random.default_rng(seed)
    gaussian = _gaussian(rng, frames * 56)
    positions = rng.normal(size=(2, 24, 28, 2))
    variance = np.where(rng.random((2, 24, 28)) < 0.5, np.inf, 0.1)
    filled = fill(gaussian, positions, variance).reshape(-1, frames * 56)
    flat, spread = (
        np.broadcast_to(a, (2, 24, 28, 2)).reshape(-1, frames * 56) for a in (positions, variance[..., None])
    )
    for i in (0, len(flat) - 1):
        expected = gaussian.mean + _dense(gaussian, flat[i] - gaussian.mean, spread[i])
        np.testing.assert_allclose(filled[i], expected, atol=1e-8)


@given(SEEDS, st.booleans(), st.integers(1, 6))
def test_errors_that_last_are_inverted_as_the_textbook_says(seed, one_mask, windows):
    rng = np.random.default_rng(seed)
    frames, joints = 4, 3
    shape = (frames, joints, 2)
    n = frames * joints * 2
    noise = np.repeat(rng.uniform(0.01, 0.1, (frames, joints)), 2)  # the same for both axes
    gaussian = replace(_gaussian(rng, n), noise=noise)
    root = rng.normal(size=(frames, frames))
    correlation = root @ root.T / frames + 0.1 * np.eye(frames)
    granted = rng.uniform(0.01, 0.5, (windows, frames, joints))
    granted[rng.random(granted.shape) < 0.4] = np.inf
    if one_mask:
        granted[:] = granted[0]
    variance = np.repeat(granted[..., None], 2, -1).reshape(windows, n)
    residual = rng.normal(size=(windows, n))

    found = gaussian.infer(residual, variance, correlation)

    for row in range(windows):
        seen = np.isfinite(variance[row])
        deviation = np.sqrt(np.where(seen, variance[row], 0)).reshape(shape)
        errors = np.einsum("fja,gkb,fg,jk,ab->fjagkb", deviation, deviation, correlation, np.eye(joints), np.eye(2))
        inner = (gaussian.factor @ gaussian.factor.T + np.diag(noise) + errors.reshape(n, n))[np.ix_(seen, seen)]
        expected = gaussian.factor[seen].T @ np.linalg.solve(inner, residual[row, seen])
        np.testing.assert_allclose(found[row], expected, atol=1e-7)
        np.testing.assert_allclose(residual[row, seen] @ gaussian.gain(variance[row], correlation), expected, atol=1e-7)
