"""Stated deviations are stretched by what tells how true they are."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core import Upsampler
from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.direct.calibration import KIND, USED, Calibration, Signs, knots
from jumps_blender.core.direct.noise import Noise
from jumps_blender.core.weights import load_weights
from tests.core.people import walker

LIMBS = np.isin(JOINTS, LIMB_JOINTS)
ARM = [INDEX["left_elbow"], INDEX["left_wrist"]]


WEIGHTS = cache(load_weights)


def tables(rng: np.random.Generator | None = None) -> dict[str, np.ndarray]:
    """All that a file holds: factors of 1, or any between 1/20 and 20."""
    names = [f"{name}.{sign}" for name, signs in USED.items() for sign in signs]
    shapes = {name: knots(name.partition(".")[2]).shape for name in names}
    return {name: np.zeros(shape) if rng is None else rng.uniform(-1, 1, shape) for name, shape in shapes.items()}


def product(**arrays: np.ndarray) -> Any:
    return stating(tables() | {name.replace("_", ".", 1): table for name, table in arrays.items()})


def stating(arrays: dict[str, np.ndarray]) -> Any:
    """An upsampler whose deviations are stretched by these tables; `default` always states them."""
    return Upsampler(replace(WEIGHTS(), calibration=Calibration.of(arrays)), engine="numpy")


def observation(shown: np.ndarray) -> Observation:
    return Observation(np.zeros((*shown.shape, 2)), shown.astype(float))


def _signs(seen: Observation, held: np.ndarray, positions: np.ndarray, deviation: float, lost: np.ndarray) -> Signs:
    return Signs.read(WEIGHTS().window, seen, held, positions, Noise(deviation, 0.0), lost, 25.0)


@pytest.fixture(scope="module")
def seen() -> np.ndarray:
    return np.where(LIMBS[:, None], walker(50), np.nan)


def test_weights_without_tables_state_what_the_refiner_says(seen):
    plain = Upsampler(replace(WEIGHTS(), calibration=Calibration({})), engine="numpy")
    for name in ("std", "depth_std"):
        stated = getattr(plain.upsample(seen, list(JOINTS)), name)
        np.testing.assert_allclose(getattr(product().upsample(seen, list(JOINTS)), name), stated, rtol=1e-12)


def test_seen_and_unseen_joints_and_depth_have_factors_of_their_own(seen):
    as_stated = product().upsample(seen, list(JOINTS))
    entries = np.full(len(knots("granted")), np.log(2.0))
    unseen = product(unseen_granted=entries).upsample(seen, list(JOINTS))
    np.testing.assert_allclose(unseen.std[:, ~LIMBS], 2 * as_stated.std[:, ~LIMBS])
    np.testing.assert_allclose(unseen.std[:, LIMBS], as_stated.std[:, LIMBS])
    deep = product(depth_granted=entries).upsample(seen, list(JOINTS))
    np.testing.assert_allclose(deep.depth_std, 2 * as_stated.depth_std)
    np.testing.assert_allclose(deep.std, as_stated.std)
    np.testing.assert_allclose(deep.positions, as_stated.positions)


def test_deviations_follow_how_long_a_joint_was_not_seen(seen):
    hidden = seen.copy()
    hidden[20:35, ARM] = np.nan
    said = [product(unseen_gap=table).upsample(hidden, list(JOINTS)).std for table in (np.zeros(5), np.arange(5.0))]
    factor = (said[1] / said[0])[20:35, ARM]
    assert (np.diff(factor[:7], axis=0) > 0).all()
    assert (np.diff(factor[8:], axis=0) < 0).all()


@given(st.integers(0, 2**32 - 1), st.sampled_from([12.0, 25.0, 30.0, 60.0]), st.integers(1, 50))
@settings(max_examples=6, deadline=None)
def test_whatever_the_tables_deviations_are_lengths_and_pins_are_certain(seed, fps, frames):
    rng = np.random.default_rng(seed)
    any_tables = stating(tables(rng))
    positions = walker(frames, fps) + rng.normal(0, rng.choice([0.0, 3.0, 15.0]), (frames, 28, 2))
    positions[rng.random((frames, 28)) < rng.uniform(0, 0.5)] = np.nan
    positions[0, :8] = walker(1, fps)[0, :8]
    pinned = (rng.random((frames, 28)) < 0.02) & np.isfinite(positions).all(-1)
    result, large = (
        any_tables.upsample(scale * positions + 50, list(JOINTS), pinned=pinned, fps=fps) for scale in (1, 4)
    )
    for said in (result.std, result.depth_std):
        assert np.isfinite(said).all()
        assert (said >= 0).all()
    assert (result.std[pinned] == 0).all()
    np.testing.assert_allclose(large.std, 4 * result.std, rtol=0.05, atol=0.5)


def test_signs_count_frames_and_bones_to_what_is_seen():
    shown = np.zeros((1, 24, 28), bool)
    shown[:, :6, INDEX["left_elbow"]] = shown[:, :, INDEX["left_hip"]] = True
    signs = _signs(observation(shown), np.zeros_like(shown), np.zeros((1, 24, 28, 2)), 0.1, np.zeros(shown.shape))
    np.testing.assert_array_equal(signs.gap[0, :, INDEX["left_elbow"]], np.maximum(np.arange(24) - 5, 0))
    assert (signs.gap[0, :, INDEX["head"]] == 24).all()
    expected = {"left_elbow": 0, "left_hand": 2, "left_shoulder": 1, "left_toe": 4, "right_hip": 2}
    assert {name: signs.bones[0, 0, INDEX[name]] for name in expected} == expected
    assert signs.joints[0, 0, 0] == 2


def test_what_is_left_is_told_in_heads_and_grows_with_what_another_rate_loses():
    shown = np.ones((1, 24, 28), bool)
    answer = np.full((1, 24, 28, 2), 0.1 * HEAD)
    none = np.zeros(shown.shape)
    signs = _signs(observation(shown), ~shown, answer, 0.1, none)
    np.testing.assert_allclose(signs.left, 0.1)
    np.testing.assert_allclose(signs.window_left, 0.1)
    np.testing.assert_allclose(_signs(observation(shown), shown, answer, 0.1, none).left, 0)
    lossy = _signs(observation(shown), ~shown, answer, 0.1, none + 3 * (0.1 * HEAD) ** 2)
    np.testing.assert_allclose(lossy.left, 0.2)


def test_pace_is_how_joints_move_about_the_middle_of_the_body():
    shown, none = np.ones((1, 24, 28), bool), np.zeros((1, 24, 28))
    answer = np.zeros((1, 24, 28, 2))
    answer[..., 0] = HEAD * np.arange(24)[:, None]  # the body as a whole
    assert _signs(observation(shown), ~shown, answer, 0.1, none).pace == pytest.approx(0, abs=1e-12)
    answer[..., 1] = 0.05 * HEAD * np.arange(24)[:, None] * np.resize([-1, 1], 28)
    assert _signs(observation(shown), ~shown, answer, 0.1, none).pace == pytest.approx(0.05)


def test_sides_share_a_table_entry():
    assert KIND[INDEX["left_knee"]] == KIND[INDEX["right_knee"]] != KIND[INDEX["left_hip"]]
    assert len(set(KIND)) == len(knots("joint"))


@pytest.mark.parametrize("spoilt", [np.zeros(3), np.full(len(knots("granted")), np.nan)])
def test_tables_that_do_not_fit_are_refused(spoilt):
    with pytest.raises(ValueError, match=r"seen\.granted"):
        Calibration.of(tables() | {"seen.granted": spoilt})
    with pytest.raises(KeyError, match=r"depth\.stated"):
        Calibration.of({name: table for name, table in tables().items() if name != "depth.stated"})
