"""The follower: joints that nobody saw take part in fast motion, in proportion to it, and at rest nothing happens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.core.direct.follower import HEARD, POSE, described
from jumps_blender.core.direct.jitter import slow
from jumps_blender.core.engines.numpy_engine import NumpyEngine
from jumps_blender.core.upsampler import Upsampler
from jumps_blender.core.weights import load_weights
from tests.core.people import walker

LIMBS = np.isin(JOINTS, LIMB_JOINTS)
MASKS = st.lists(st.booleans(), min_size=28, max_size=28).map(np.array)


@pytest.fixture(scope="module")
def weights():
    return load_weights()


def _trembling(seed, size=1.0):
    """Two windows of somebody who stands, and fast motion."""
    still = np.broadcast_to(walker(1) / 300, (2, 24, 28, 2))
    return still, still + 0.01 * size * np.random.default_rng(seed).standard_normal(still.shape)


@given(MASKS, st.integers(0, 99))
@settings(max_examples=20)
def test_what_was_seen_stays_and_who_stands_still_stands_still(weights, mask, seed):
    shown = np.broadcast_to(mask, (2, 24, 28))
    still, moving = _trembling(seed)
    engine = NumpyEngine(weights)
    assert (weights.follower(engine, moving, shown)[shown] == 0).all()
    np.testing.assert_allclose(weights.follower(engine, still, shown), 0, atol=1e-7)


@given(MASKS, st.integers(0, 99), st.floats(0.2, 5), st.floats(-9, 9))
@settings(max_examples=20)
def test_it_does_not_matter_where_somebody_stands_nor_how_large_they_are(weights, mask, seed, size, place):
    shown = np.broadcast_to(mask, (2, 24, 28))
    _, moving = _trembling(seed)
    engine = NumpyEngine(weights)
    added = weights.follower(engine, moving, shown)
    np.testing.assert_allclose(weights.follower(engine, size * moving + place, shown) / size, added, atol=1e-6)


@given(st.integers(0, 99))
@settings(max_examples=10)
def test_the_same_pose_follows_twice_the_motion_twice_as_far(weights, seed):
    shown = np.broadcast_to(LIMBS, (2, 24, 28))
    still, moving = _trembling(seed)
    fast = (moving - still) - slow(moving - still)
    poses, heard, _ = described(still + fast, shown)
    _, twice, _ = described(still + 2 * fast, shown)
    assert poses.shape == (48, POSE)
    assert heard.shape == (48, HEARD)
    unseen = np.repeat(~np.broadcast_to(np.tile(LIMBS, 3), (48, 84)), 2, axis=1)
    assert (heard[unseen] == 0).all()
    np.testing.assert_allclose(twice, 2 * heard, rtol=0.1, atol=1e-4)


def test_what_is_heard_is_the_frame_before_the_frame_and_the_one_after():
    _, moving = _trembling(0)
    shown = np.broadcast_to(LIMBS, (2, 24, 28))
    _, heard, size = described(moving, shown)
    fast = np.where(shown[..., None], moving - slow(moving), 0).reshape(2, 24, 56)
    heard = (heard * size).reshape(2, 24, 3, 56)
    np.testing.assert_allclose(heard[:, 1:, 0], fast[:, :-1], atol=1e-6)
    np.testing.assert_allclose(heard[:, :, 1], fast, atol=1e-6)
    np.testing.assert_allclose(heard[:, :-1, 2], fast[:, 1:], atol=1e-6)
    assert not heard[:, 0, 0].any()
    assert not heard[:, -1, 2].any()


def test_people_who_were_captured_move_more_like_themselves_with_it(weights, crowd):
    """Against a prior whose follower says nothing: accelerations of the joints that nobody saw."""

    def amiss(prior):
        upsampler = Upsampler(prior, engine="numpy")
        found = [(upsampler.upsample(person.seen, list(JOINTS)).positions, person) for person in crowd]
        errors = [np.diff(positions - person.truth, 2, axis=0)[:, ~LIMBS] / person.head for positions, person in found]
        return np.mean([np.linalg.norm(each, axis=-1).mean() for each in errors])

    silent = replace(weights, follower=replace(weights.follower, says=0 * weights.follower.says))
    assert amiss(weights) < 0.97 * amiss(silent)
