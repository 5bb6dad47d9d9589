"""Legs of one window under the trunk of another."""

from collections.abc import Callable

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import INDEX, PARENTS
from trainer.recombine import UPPER, recombine

PELVIS = INDEX["pelvis"]
LEGS = np.setdiff1d(np.arange(28), UPPER)
Walk = Callable[[int, int], np.ndarray]


@pytest.fixture
def people(walk: Walk) -> np.ndarray:
    """Windows of two people; the second turns steadily, and began at another heading."""
    first, second = walk(24, 1), walk(24, 2)
    angle = 1.3 + np.linspace(0, 1, 24)
    return np.stack([first, turned(second, angle)])


def turned(motion: np.ndarray, angle: np.ndarray) -> np.ndarray:
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y, z = np.moveaxis(motion, -1, 0)
    return np.stack([c * x - s * y, s * x + c * y, z], -1).astype(np.float32)


def swapped(people: np.ndarray) -> np.ndarray:
    """Both windows recombined with each other."""
    for seed in range(50):
        out = recombine(people, 1.0, np.random.default_rng(seed))
        if not np.array_equal(out, people):
            return out
    raise AssertionError("nobody was recombined")


def bones(motion: np.ndarray) -> np.ndarray:
    return np.linalg.norm(motion - motion[..., PARENTS, :], axis=-1)[..., [j for j, p in enumerate(PARENTS) if p >= 0]]


def test_legs_stay_and_the_trunk_is_the_others_turned_to_their_heading(people: np.ndarray) -> None:
    out = swapped(people)
    np.testing.assert_array_equal(out[:, :, LEGS], people[:, :, LEGS])
    headings = people[:, :, INDEX["left_hip"], :2] - people[:, :, INDEX["right_hip"], :2]
    angles = np.arctan2(headings[..., 1], headings[..., 0])
    expected = turned(people[1] - people[1, :, PELVIS, None], angles[0] - angles[1]) + people[0, :, PELVIS, None]
    np.testing.assert_allclose(out[0, :, UPPER], np.swapaxes(expected, 0, 1)[UPPER], atol=1e-5)


def test_bones_stay_rigid(people: np.ndarray) -> None:
    out = bones(swapped(people))
    np.testing.assert_allclose(out, out[:, :1].repeat(24, 1), atol=1e-5)


def test_the_joint_at_the_pelvis_moves_smoothly(people: np.ndarray) -> None:
    out, before = (np.linalg.norm(np.diff(m, n=2, axis=1), axis=-1).max() for m in (swapped(people), people))
    assert out < 2 * before


def test_who_lies_down_keeps_his_own_legs(people: np.ndarray) -> None:
    lying = people.copy()
    lying[1] = lying[1][..., [0, 2, 1]]  # the trunk along y
    for seed in range(20):
        np.testing.assert_array_equal(recombine(lying, 1.0, np.random.default_rng(seed)), lying)


def test_nobody_else_to_share_with(people: np.ndarray) -> None:
    np.testing.assert_array_equal(recombine(people[:1], 1.0, np.random.default_rng(0)), people[:1])


def test_the_share_is_that_of_the_windows(people: np.ndarray) -> None:
    many = np.concatenate([people + np.float32(x) for x in range(200)])
    out = recombine(many, 0.3, np.random.default_rng(0))
    assert 0.2 < (out != many).any((1, 2, 3)).mean() < 0.36
