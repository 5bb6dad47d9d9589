"""How unlike others somebody moves and stands."""

from __future__ import annotations

import numpy as np
import pytest

from jumps_blender.core.body.normalise import Units
from jumps_blender.core.direct.rarity import rare_motion, rare_pose
from jumps_blender.core.weights import load_weights
from tests.core.people import walker


@pytest.fixture(scope="module")
def gaussian():
    return load_weights().window


@pytest.fixture(scope="module")
def walking():
    windows = walker(96).reshape(4, 24, 28, 2)
    return Units.of(windows).normalise(windows)


def test_the_average_is_never_rare_and_people_are_about_as_rare_as_others(gaussian, walking):
    average = gaussian.mean.reshape(1, 24, 28, 2)
    assert rare_motion(gaussian, average) == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(rare_pose(gaussian, average), 0, atol=1e-9)
    assert ((0.2 < rare_motion(gaussian, walking)) & (rare_motion(gaussian, walking) < 1.5)).all()
    assert rare_pose(gaussian, walking).shape == (4, 24)
    assert ((0.1 < rare_pose(gaussian, walking)) & (rare_pose(gaussian, walking) < 2)).all()


def test_a_sample_of_the_gaussian_has_a_rarity_of_one(gaussian):
    latents = np.random.default_rng(0).standard_normal((200, gaussian.rank))
    windows = (gaussian.mean + latents @ gaussian.factor.T).reshape(200, 24, 28, 2)
    np.testing.assert_allclose(rare_motion(gaussian, windows), np.sqrt((latents**2).mean(1)), atol=0.1)
    assert np.sqrt((rare_pose(gaussian, windows) ** 2).mean()) == pytest.approx(1, abs=0.1)


def test_what_goes_farther_than_people_do_is_rarer(gaussian, walking):
    mean = gaussian.mean.reshape(1, 24, 28, 2)
    farther = mean + 2 * (walking - mean)
    for rare in (rare_motion, rare_pose):
        np.testing.assert_allclose(rare(gaussian, farther), 2 * rare(gaussian, walking))


def test_a_pose_is_rare_in_its_frame_alone(gaussian, walking):
    strange = walking.copy()
    strange[:, 7] += 0.5 * np.random.default_rng(0).standard_normal((28, 2))
    found, usual = rare_pose(gaussian, strange), rare_pose(gaussian, walking)
    assert (found[:, 7] > 2 * usual[:, 7]).all()
    np.testing.assert_allclose(np.delete(found, 7, 1), np.delete(usual, 7, 1))
