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

from jumps_blender.core.inversion.procrustes import Alignment, Target, Unmoved

POINTS = arrays(np.float64, (2, 7, 2), elements=st.floats(-2, 2, width=32))
WEIGHTS = arrays(np.float64, (2, 7), elements=st.sampled_from([0.0, 0.3, 1.0]))


def align(points: np.ndarray, target: np.ndarray, weight: np.ndarray) -> Alignment:
    """By numpy's arrays."""
    return Target.of(np, target, weight).align(points)


def _spread(points: np.ndarray, weight: np.ndarray) -> float:
    """The least root-mean-square distance from the mean of any row's points with weight."""
    share = (weight / weight.sum(1, keepdims=True))[..., None]
    centred = points - (share * points).sum(1, keepdims=True)
    return float(np.sqrt((share * centred**2).sum((1, 2))).min())


def _scattered(seed: int, rows: int = 3, n: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    points, target = rng.normal(size=(2, rows, n, 2))
    return points, target, rng.uniform(0, 1, (rows, n)) * (rng.random((rows, n)) > 0.3)


def _turn(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


@given(POINTS, WEIGHTS, st.floats(0.05, 20), st.floats(-np.pi, np.pi), st.tuples(*[st.floats(-50, 50)] * 2))
def test_any_similarity_is_recovered(points, weight, scale, angle, shift):
    assume((weight > 0).sum(1).min() >= 2)
    assume(_spread(points, weight) > 0.05)
    target = scale * points @ _turn(angle) + shift
    np.testing.assert_allclose(align(points, target, weight).apply(), target, atol=1e-6)


@given(st.integers(0, 10**6))
def test_points_without_weight_have_no_say(seed):
    points, target, weight = _scattered(seed)
    weight[:, :2] = 1
    before = align(points, target, weight).apply()
    unseen = (weight == 0)[..., None]
    np.testing.assert_allclose(align(points, np.where(unseen, target + 1e3, target), weight).apply(), before, atol=1e-9)
    elsewhere = align(np.where(unseen, points - 1e3, points), target, weight).apply()
    np.testing.assert_allclose(elsewhere[weight > 0], before[weight > 0], atol=1e-9)


def _areas(points: np.ndarray) -> np.ndarray:
    """Twice the signed areas of triangles with the row's first two points."""
    side, other = points[:, 1:2] - points[:, :1], points[:, 2:] - points[:, :1]
    return side[..., 0] * other[..., 1] - side[..., 1] * other[..., 0]


def test_a_mirrored_target_is_not_mirrored_to():
    points, _, weight = _scattered(4)
    weight[:] = 1
    mirrored = points * (1, -1)
    placed = align(points, mirrored, weight)
    turned = (np.abs(placed.a).max((1, 2)) > 1e-3)[:, None] & (np.abs(_areas(points)) > 1e-3)
    assert turned.any()
    assert (np.sign(_areas(placed.apply())) == np.sign(_areas(points)))[turned].all()
    assert (np.abs(placed.apply() - mirrored).max((1, 2)) > 0.1).all()


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
    np.testing.assert_allclose(align(points[None], target[None], np.ones((1, 9))).apply()[0], expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_weighted_least_squares_answer(seed):
    (points,), (target,), (weight,) = _scattered(seed, rows=1)

    def placed(x: np.ndarray) -> np.ndarray:
        return points @ np.array([[x[0], x[1]], [-x[1], x[0]]]) + x[2:]

    def residual(x: np.ndarray) -> np.ndarray:
        return (np.sqrt(weight)[:, None] * (placed(x) - target)).ravel()

    best = least_squares(residual, np.ones(4), xtol=1e-14, ftol=1e-14, gtol=1e-14).x
    np.testing.assert_allclose(align(points[None], target[None], weight[None]).apply()[0], placed(best), atol=1e-6)


def _pulled_by_autograd(points: np.ndarray, target: np.ndarray, weight: np.ndarray, up: np.ndarray) -> np.ndarray:
    """The gradient of sum(up . aligned) by torch, in the notes' own formula."""
    p = torch.from_numpy(points).requires_grad_()
    q, w = torch.from_numpy(target), torch.from_numpy(weight)[..., None]
    pm, qm = ((w * v).sum(1, keepdim=True) / w.sum(1, keepdim=True) for v in (p, q))
    (px, py), (qx, qy) = ((v).unbind(-1) for v in (p - pm, q - qm))
    w = w[..., 0]
    size = (w * (px**2 + py**2)).sum(1, keepdim=True)
    real = (w * (px * qx + py * qy)).sum(1, keepdim=True) / size
    imaginary = (w * (px * qy - py * qx)).sum(1, keepdim=True) / size
    aligned = torch.stack([real * px - imaginary * py, real * py + imaginary * px], -1) + qm
    (aligned * torch.from_numpy(up)).sum().backward()
    assert p.grad is not None
    return p.grad.numpy()


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
        return float((up * align(p, target, weight).apply()).sum())

    found = align(points, target, weight).pull_back(up)
    for place in ((0, 0, 0), (0, 0, 1), (1, 3, 0), (2, 8, 1)):
        ahead, behind = points.copy(), points.copy()
        ahead[place] += 1e-6
        behind[place] -= 1e-6
        assert (total(ahead) - total(behind)) / 2e-6 == pytest.approx(found[place], rel=1e-5, abs=1e-6)


def test_without_alignment_points_and_gradients_pass_through():
    points, target, _ = _scattered(3)
    np.testing.assert_array_equal(Unmoved(points).apply(), points)
    np.testing.assert_array_equal(Unmoved(points).pull_back(target), target)


def test_points_on_one_spot_end_on_the_targets_mean():
    points, target = np.ones((1, 4, 2)), np.array([[[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]]])
    placed = align(points, target, np.ones((1, 4)))
    np.testing.assert_allclose(placed.apply(), 1)
    assert np.isfinite(placed.pull_back(target)).all()
