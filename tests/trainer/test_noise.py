"""What detectors do to the truth: how long errors stay, how often what happens, and to whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.skeleton import ARMS_AND_LEGS, INDEX, MIRROR
from trainer.noise import LIMBS, detector_noise, episodes, occlusions, outliers, swaps, wandering


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(("fps", "lag"), [(25.0, 1), (25.0, 3), (60.0, 3), (60.0, 12)])
def test_errors_are_forgotten_within_a_tenth_of_a_second(rng: np.random.Generator, fps: float, lag: int) -> None:
    noise = wandering((300, 60, 10), rng, fps)
    assert noise.std() == pytest.approx(1, abs=0.03)
    assert (noise[:, lag:] * noise[:, :-lag]).mean() == pytest.approx(np.exp(-lag / fps / 0.1), abs=0.03)


def test_a_detector_errs_by_a_constant_and_a_wandering_part(rng: np.random.Generator) -> None:
    noise = detector_noise(300, 100, rng, wander=0.2, bias=0.1)
    assert noise.shape == (300, 100, 28, 2)
    assert noise.mean(1).std() == pytest.approx(np.hypot(0.1, 0.2 * np.sqrt(2 * 2.5 / 100)), rel=0.1)
    assert noise.std() == pytest.approx(np.hypot(0.1, 0.2), rel=0.05)


@settings(max_examples=30)
@given(
    st.integers(1, 5), st.integers(1, 50), st.integers(1, 6), st.floats(0, 0.9), st.integers(1, 9), st.integers(0, 999)
)
def test_episodes_are_of_the_kinds_that_there_are(
    n: int, frames: int, kinds: int, share: float, longest: int, seed: int
) -> None:
    found = episodes(n, frames, kinds, share, (1, longest), np.random.default_rng(seed))
    assert found.shape == (n, frames)
    assert found.min() >= 0
    assert found.max() <= kinds
    if share == 0:
        assert not found.any()


@pytest.mark.parametrize("share", [0.05, 0.25, 0.6])
def test_episodes_cover_their_share_from_the_first_frame_to_the_last(rng: np.random.Generator, share: float) -> None:
    within = episodes(4000, 40, 3, share, (3, 18), rng) > 0
    assert within.mean() == pytest.approx(share, rel=0.12)
    for frame in (0, 39):
        assert within[:, frame].mean() == pytest.approx(share, rel=0.2)


def test_each_clip_may_have_a_share_of_its_own(rng: np.random.Generator) -> None:
    within = episodes(3, 5000, 1, np.array([0.0, 0.2, 0.8]), (4, 10), rng) > 0
    np.testing.assert_allclose(within.mean(1), [0, 0.2, 0.8], atol=0.07)


def test_every_limb_is_hidden_at_times_and_nothing_else_is(rng: np.random.Generator) -> None:
    hidden = occlusions(400, 30, rng)
    kinds = {tuple(row) for row in hidden.reshape(-1, 28)}
    assert kinds == {tuple(limb) for limb in LIMBS} | {(False,) * 28}
    assert hidden.any(-1).mean() == pytest.approx(0.25, rel=0.15)


def test_limbs_are_whole_or_end_at_elbow_or_knee() -> None:
    assert len(LIMBS) == 8
    for limb in LIMBS:
        mirrored = limb[MIRROR]
        assert not (limb & mirrored).any()
        assert any(np.array_equal(mirrored, other) for other in LIMBS)
    assert {int(limb[INDEX["left_shoulder"]]) for limb in LIMBS if limb[INDEX["left_elbow"]]} == {0, 1}


def test_outliers_are_marked_and_all_else_stays(rng: np.random.Generator) -> None:
    positions, heads = 10 * rng.normal(size=(60, 40, 28, 2)), np.full((60, 40), 2.0)
    changed, wrong = outliers(positions, heads, rng, share=0.3)
    np.testing.assert_array_equal(changed[~wrong], positions[~wrong])
    assert (changed[wrong] != positions[wrong]).any(-1).all()
    assert wrong.any(-1).mean() == pytest.approx(0.3, rel=0.25)
    assert {tuple(row) for row in wrong.reshape(-1, 28)} == {tuple(limb) for limb in LIMBS} | {(False,) * 28}


def test_limbs_are_found_on_the_other_sides_limb_or_thrown_off(rng: np.random.Generator) -> None:
    positions = np.zeros((200, 40, 28, 2))
    positions[:, :, INDEX["left_wrist"]] = 1000.0
    changed, wrong = outliers(positions, np.ones((200, 40)), rng, share=0.4)
    wrist = changed[:, :, INDEX["left_wrist"]][wrong[:, :, INDEX["left_wrist"]]]
    on_the_other = np.linalg.norm(wrist, axis=-1) < 1
    assert 0.3 < on_the_other.mean() < 0.7
    thrown = np.linalg.norm(wrist[~on_the_other] - 1000, axis=-1)
    assert 0.5 < np.median(thrown) < 5


def test_arms_legs_or_both_are_swapped(rng: np.random.Generator) -> None:
    positions = rng.normal(size=(100, 40, 28, 2))
    changed, swapped = swaps(positions, rng, share=0.3)
    assert {tuple(row) for row in swapped.reshape(-1, 2)} == {(a, b) for a in (False, True) for b in (False, True)}
    moved = (swapped[..., None] & ARMS_AND_LEGS).any(2)
    expected = np.where(moved[..., None], positions[:, :, MIRROR], positions)
    np.testing.assert_array_equal(changed, expected)
