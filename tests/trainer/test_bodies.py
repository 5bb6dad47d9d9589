"""Other bodies: two equal sides, rigid bones, the proportions of people."""

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.skeleton import INDEX, MIRROR, PARENTS
from trainer.bodies import bone_factors, embody, lengthened

PELVIS = INDEX["pelvis"]


def vary(motion: np.ndarray, spread: float, shape: float, seed: int) -> np.ndarray:
    return embody(motion, lengthened(bone_factors(len(motion), spread, shape, np.random.default_rng(seed))))


def lengths(motion: np.ndarray) -> np.ndarray:
    """Bone lengths (n, frames, 27), without the root, and each joint's place in them."""
    return np.linalg.norm(motion - motion[:, :, PARENTS], axis=-1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.2))
def test_other_bodies_have_two_equal_sides(walk: Callable[[int, int], np.ndarray], seed: int, spread: float) -> None:
    motion = np.stack([walk(6, 1), walk(6, 2)]).astype(float)
    bones = [j for j, parent in enumerate(PARENTS) if parent >= 0]
    changed = vary(motion, spread, 0.0, seed)
    factor = (lengths(changed) / np.where(lengths(motion) > 0, lengths(motion), 1))[..., bones]
    np.testing.assert_allclose(factor, factor[:, :1].repeat(6, 1), rtol=1e-6)  # the same in every frame
    sides = lengths(changed) / np.maximum(lengths(motion), 1e-9)
    np.testing.assert_allclose(sides[..., bones], sides[..., MIRROR][..., bones], rtol=1e-6)
    assert factor.min() >= 0.8 - 1e-9
    assert factor.max() <= 1.25 + 1e-9
    np.testing.assert_array_equal(changed[:, :, PELVIS], motion[:, :, PELVIS])


def test_other_bodies_are_as_large_on_average(walk: Callable[[int, int], np.ndarray]) -> None:
    motion = np.repeat(walk(1, 0)[None].astype(float), 4000, 0)
    changed = vary(motion, 0.06, 0.0, 0)
    bones = [j for j, parent in enumerate(PARENTS) if parent >= 0]
    factor = (lengths(changed) / np.maximum(lengths(motion), 1e-9))[..., bones]
    np.testing.assert_allclose(factor.mean(axis=(0, 1)), 1.0, atol=0.01)
    np.testing.assert_allclose(factor.std(axis=(0, 1)), 0.06, atol=0.005)


def test_proportions_vary_together() -> None:
    factors = bone_factors(4000, 0.0, 1.0, np.random.default_rng(0))
    correlation = np.corrcoef(np.log(factors).T + 1e-12 * np.random.default_rng(1).standard_normal((28, 4000)))
    at = INDEX.__getitem__
    assert correlation[at("spine2"), at("neck")] > 0.99
    assert 0.4 < correlation[at("left_elbow"), at("left_wrist")] < 0.95
    assert 0.2 < correlation[at("left_wrist"), at("left_knee")] < 0.6
    assert abs(correlation[at("left_hip"), at("left_shoulder")]) < 0.1
    spread = np.log(factors).std(0)
    assert 0.02 < spread[at("spine")] < spread[at("left_wrist")] < 0.07


def test_without_variation_the_body_stays() -> None:
    np.testing.assert_array_equal(bone_factors(3, 0.0, 0.0, np.random.default_rng(0)), 1)
