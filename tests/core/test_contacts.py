"""Feet that stand: found in the picture, and held where they stand."""

from __future__ import annotations

import numpy as np
import pytest

from jumps_blender.core.body.normalise import body_scale
from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.core.contacts import FEET, Limits, find_contacts, lock, smoothed

FPS = 25.0
STEP, SWING = 15, 10
"""Frames that a foot stands, and that it swings."""


def walker(cycles: int = 4, stride: float = 120.0) -> np.ndarray:
    """A person of about 400 px who walks to the right, (frames, 28, 2); feet stand for 15 frames and swing for 10."""
    period = STEP + SWING
    frames = np.arange(cycles * period)
    positions = np.empty((len(frames), 28, 2))
    heights = {"hip": 250, "knee": 340, "ankle": 430, "foot": 440, "toe": 440}
    for name, joint in INDEX.items():
        part = name.rpartition("_")[2]
        positions[:, joint] = np.stack([600 + stride / period * frames, np.full(len(frames), 100.0)], -1)
        positions[:, joint, 1] += heights.get(part, 0) + 20 * name.startswith("left") * (part not in heights)
    for side, late in (("left", 0), ("right", period // 2)):
        phase = (frames + late) % period
        share = np.clip((phase - STEP + 1) / SWING, 0, 1)
        x = 600 + stride * ((frames + late) // period + (1 - np.cos(np.pi * share)) / 2)
        lift = 40 * np.sin(np.pi * share)
        for reach, part in ((0, "ankle"), (20, "foot"), (30, "toe")):
            positions[:, INDEX[f"{side}_{part}"], 0] = x + reach
            positions[:, INDEX[f"{side}_{part}"], 1] -= lift
    return positions


def standing(cycles: int = 4) -> np.ndarray:
    """Bool (frames, 2): which feet of the walker stand."""
    period = STEP + SWING
    frames = np.arange(cycles * period)[:, None] + np.array([0, period // 2])
    return np.asarray(frames % period < STEP)


def test_a_body_without_size_stands_nowhere() -> None:
    contacts = find_contacts(np.full((30, 28, 2), 7.0), None, FPS)
    assert not contacts.feet.any()
    assert np.isnan(contacts.places).all()


def test_a_walkers_feet_stand_in_turn_and_stay_where_they_are() -> None:
    contacts = find_contacts(walker(), None, FPS)
    agree = (contacts.feet == standing()).mean()
    assert agree > 0.85  # a frame or two at either end count as swing, for the path is smoothed
    for foot in (0, 1):
        places = contacts.places[contacts.planted[:, foot, 0], foot, 0]
        assert len(np.unique(places.round(3), axis=0)) >= 4
        np.testing.assert_allclose(places[:, 1], 530, atol=1)


def test_a_foot_that_shakes_is_found_by_what_it_may_be_off() -> None:
    rng = np.random.default_rng(0)
    shaken = walker() + 9 * rng.standard_normal((100, 28, 2))
    known, unknown = find_contacts(shaken, np.full((100, 28), 9.0), FPS), find_contacts(shaken, None, FPS)
    assert (known.feet == standing()).mean() > 0.85
    assert unknown.feet.sum() < 0.5 * known.feet.sum()


def test_a_foot_that_nobody_saw_is_not_said_to_stand() -> None:
    std = np.ones((100, 28))
    std[:40, INDEX["left_ankle"]] = 100.0
    contacts = find_contacts(walker(), std, FPS)
    assert not contacts.feet[:40, 0].any()
    assert contacts.feet[50:, 0].any()


def test_under_a_camera_that_pans_feet_do_not_stand() -> None:
    panned = walker() + np.linspace(0, 800, 100)[:, None, None] * (1, 0)
    assert find_contacts(panned, None, FPS).feet.mean() < 0.05


def test_locked_feet_do_not_slide_and_nothing_else_moves() -> None:
    rng = np.random.default_rng(1)
    shaken = walker() + 2.5 * rng.standard_normal((100, 28, 2))
    contacts = find_contacts(shaken, np.full((100, 28), 2.5), FPS)
    held = lock(shaken, contacts.on_28(), FPS)
    slide = np.linalg.norm(np.diff(held[:, FEET], axis=0), axis=-1)[contacts.planted[1:] & contacts.planted[:-1]]
    assert (slide > 1e-9).mean() < 0.1  # from one place of a foot to its next
    others = np.setdiff1d(np.arange(28), FEET)
    np.testing.assert_array_equal(held[:, others], shaken[:, others])
    np.testing.assert_allclose(
        held[:, FEET][contacts.planted], contacts.on_28()[:, FEET][contacts.planted], rtol=0, atol=1e-9
    )
    error = np.linalg.norm(held - walker(), axis=-1)[:, FEET].mean()
    assert error < 0.8 * np.linalg.norm(shaken - walker(), axis=-1)[:, FEET].mean()


def test_a_lock_of_no_strength_changes_nothing_and_half_goes_half_way() -> None:
    shaken = walker() + np.random.default_rng(2).standard_normal((100, 28, 2))
    contacts = find_contacts(shaken, np.full((100, 28), 1.0), FPS)
    places = contacts.on_28()
    np.testing.assert_array_equal(lock(shaken, places, FPS, strength=0.0), shaken)
    half = lock(shaken, places, FPS, strength=0.5)
    there = np.isfinite(places).all(-1)
    np.testing.assert_allclose(half[there], (shaken[there] + places[there]) / 2)


def test_a_pin_beside_a_lock_stays() -> None:
    shaken = walker() + np.random.default_rng(3).standard_normal((100, 28, 2))
    pinned = np.zeros((100, 28), bool)
    pinned[[3, 20], INDEX["left_ankle"]] = True
    held = lock(shaken, find_contacts(shaken, np.full((100, 28), 1.0), FPS).on_28(), FPS, pinned)
    np.testing.assert_array_equal(held[pinned], shaken[pinned])


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_a_clip_may_be_short(frames: int) -> None:
    contacts = find_contacts(walker()[:frames], None, FPS)
    assert contacts.planted.shape == (frames, 2, 3)
    np.testing.assert_array_equal(lock(walker()[:frames], contacts.on_28(), FPS).shape, (frames, 28, 2))


def test_size_and_rate_do_not_matter() -> None:
    once = find_contacts(walker(), None, FPS)
    large = find_contacts(walker() * 3, None, FPS)
    np.testing.assert_array_equal(once.planted, large.planted)
    twice = np.repeat(walker(), 2, 0)
    twice[:-1] = smoothed(twice, 2)[:-1]
    assert (find_contacts(twice, None, 2 * FPS).feet[::2] == once.feet).mean() > 0.85
    assert body_scale(walker()) > 0


def test_a_higher_limit_finds_more() -> None:
    rng = np.random.default_rng(4)
    shaken = walker() + rng.standard_normal((100, 28, 2))
    few, many = (find_contacts(shaken, None, FPS, Limits().scaled(factor)).feet.sum() for factor in (0.5, 2.0))
    assert few < many
