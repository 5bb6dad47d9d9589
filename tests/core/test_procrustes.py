"""The similarity that lays generated points onto observed ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import orthogonal_procrustes
from scipy.optimize import least_squares

from jumps_blender.core.procrustes import align, to_complex, to_positions, unaligned

POINTS = arrays(np.float64, (2, 7, 2), elements=st.floats(-2, 2, width=32)).map(to_complex)
WEIGHTS = arrays(np.float64, (2, 7), elements=st.sampled_from([0.0, 0.3, 1.0]))


def _spread(points: np.ndarray, weight: np.ndarray) -> float:
    """The least root-mean-square distance from the mean of any row's points with weight."""
    share = weight / weight.sum(1, keepdims=True)
    centred = points - (share * points).sum(1, keepdims=True)
    return float(np.sqrt((share * np.abs(centred) ** 2).sum(1)).min())


def _scattered(seed: int, rows: int = 3, n: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    points, target = (to_complex(rng.normal(size=(rows, n, 2))) for _ in range(2))
    return points, target, rng.uniform(0, 1, (rows, n)) * (rng.random((rows, n)) > 0.3)


@given(POINTS, WEIGHTS, st.floats(0.05, 20), st.floats(-np.pi, np.pi), st.complex_numbers(max_magnitude=50))
def test_any_similarity_is_recovered(points, weight, scale, angle, shift):
    assume((weight > 0).sum(1).min() >= 2)
    assume(_spread(points, weight) > 0.05)
    target = scale * np.exp(1j * angle) * points + shift
    np.testing.assert_allclose(align(points, target, weight).apply(), target, atol=1e-6)


@given(st.integers(0, 10**6))
def test_points_without_weight_have_no_say(seed):
    points, target, weight = _scattered(seed)
    weight[:, :2] = 1
    before = align(points, target, weight).apply()
    moved = np.where(weight == 0, target + 1e3, target)
    np.testing.assert_allclose(align(points, moved, weight).apply(), before, atol=1e-9)
    elsewhere = np.where(weight == 0, points - 1e3, points)
    seen = weight > 0
    np.testing.assert_allclose(align(elsewhere, target, weight).apply()[seen], before[seen], atol=1e-9)


def test_a_mirrored_target_is_not_mirrored_to():
    points, _, weight = _scattered(4)
    weight[:] = 1
    placed = align(points, points.conj(), weight)
    area = (placed.apply()[:, 1:] - placed.apply()[:, :1]).conj() * (placed.apply()[:, 2:3] - placed.apply()[:, :1])
    before = (points[:, 1:] - points[:, :1]).conj() * (points[:, 2:3] - points[:, :1])
    turned = (np.abs(placed.a[:, 0]) > 1e-3)[:, None] & (np.abs(before.imag) > 1e-3)
    assert turned.any()
    assert (np.sign(area.imag) == np.sign(before.imag))[turned].all()
    assert (np.abs(placed.apply() - points.conj()).max(1) > 0.1).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_angle_is_that_of_scipy_without_reflections(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(9, 2))
    target = points @ np.array([[0.6, 0.8], [-0.8, 0.6]]) * 3 + rng.normal(0, 0.2, (9, 2))
    centred = [p - p.mean(0) for p in (points, target)]
    rotation, nuclear = orthogonal_procrustes(*centred)
    assert np.linalg.det(rotation) > 0
    scale = nuclear / (centred[0] ** 2).sum()
    expected = centred[0] @ rotation * scale + target.mean(0)
    found = align(to_complex(points)[None], to_complex(target)[None], np.ones((1, 9))).apply()
    np.testing.assert_allclose(to_positions(found)[0], expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_weighted_least_squares_answer(seed):
    (points,), (target,), (weight,) = _scattered(seed, rows=1)

    def residual(x: np.ndarray) -> np.ndarray:
        off = np.sqrt(weight) * ((x[0] + 1j * x[1]) * points + x[2] + 1j * x[3] - target)
        return np.concatenate([off.real, off.imag])

    best = least_squares(residual, np.ones(4), xtol=1e-14, ftol=1e-14, gtol=1e-14).x
    expected = (best[0] + 1j * best[1]) * points + best[2] + 1j * best[3]
    found = align(points[None], target[None], weight[None]).apply()[0]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def _pulled_by_autograd(points: np.ndarray, target: np.ndarray, weight: np.ndarray, up: np.ndarray) -> np.ndarray:
    """The gradient of sum(up . aligned) by torch, in real numbers and the notes' own formula."""
    p = torch.from_numpy(to_positions(points)).requires_grad_()
    q, w = torch.from_numpy(to_positions(target)), torch.from_numpy(weight)[..., None]
    pm, qm = ((w * v).sum(1, keepdim=True) / w.sum(1, keepdim=True) for v in (p, q))
    (px, py), (qx, qy) = ((v).unbind(-1) for v in (p - pm, q - qm))
    w = w[..., 0]
    size = (w * (px**2 + py**2)).sum(1, keepdim=True)
    real = (w * (px * qx + py * qy)).sum(1, keepdim=True) / size
    imaginary = (w * (px * qy - py * qx)).sum(1, keepdim=True) / size
    aligned = torch.stack([real * px - imaginary * py, real * py + imaginary * px], -1) + qm
    (aligned * torch.from_numpy(to_positions(up))).sum().backward()
    assert p.grad is not None
    return to_complex(p.grad.numpy())


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_pulling_back_is_torchs_gradient(seed):
    points, target, weight = _scattered(seed)
    weight[:, :3] += 0.2
    up = _scattered(seed + 1)[0]
    found = align(points, target, weight).pull_back(up)
    np.testing.assert_allclose(found, _pulled_by_autograd(points, target, weight, up), rtol=1e-8, atol=1e-9)


def test_pulling_back_is_the_slope():
    points, target, weight = _scattered(11)
    up = _scattered(12)[0]

    def total(p: np.ndarray) -> float:
        return float((up.conj() * align(p, target, weight).apply()).real.sum())

    found = align(points, target, weight).pull_back(up)
    for row, column in ((0, 0), (1, 3), (2, 8)):
        for step, slope in ((1e-6, found[row, column].real), (1e-6j, found[row, column].imag)):
            ahead, behind = points.copy(), points.copy()
            ahead[row, column] += step
            behind[row, column] -= step
            assert (total(ahead) - total(behind)) / 2e-6 == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_without_alignment_points_and_gradients_pass_through():
    points, target, weight = _scattered(3)
    placed = unaligned(points, weight)
    np.testing.assert_array_equal(placed.apply(), points)
    np.testing.assert_array_equal(placed.pull_back(target), target)


def test_points_on_one_spot_end_on_the_targets_mean():
    points, target = np.full((1, 4), 1 + 1j), np.array([[0, 2, 2j, 2 + 2j]])
    placed = align(points, target, np.ones((1, 4)))
    np.testing.assert_allclose(placed.apply(), 1 + 1j)
    assert np.isfinite(placed.pull_back(target)).all()
