"""What methods are shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from trainer.evaluation.conditions import CONDITIONS, SAME

FIXED = tuple(name for name, condition in CONDITIONS.items() if not condition.retimed)


def show(name: str, n: int, frames: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    positions, heads = 300 * rng.normal(size=(n, frames, 28, 2)), np.full((n, frames), 40.0)
    return CONDITIONS[name].show(positions, heads, np.random.default_rng(seed)), positions


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(FIXED), n=st.integers(1, 3), frames=st.integers(1, 60), seed=st.integers(0, 99))
def test_nobody_sees_a_joint_that_the_condition_hides(name: str, n: int, frames: int, seed: int) -> None:
    tracks, positions = show(name, n, frames, seed)
    observed = CONDITIONS[name].observed
    assert tracks.shape == positions.shape
    assert np.isnan(tracks[:, :, ~observed]).all()
    if name != "occlusion":
        assert np.isfinite(tracks[:, :, observed]).all()
    if not CONDITIONS[name].spoils:
        np.testing.assert_array_equal(tracks[:, :, observed], positions[:, :, observed])
    np.testing.assert_array_equal(show(name, n, frames, seed)[0], tracks)


def test_conditions_show_the_sets_they_name() -> None:
    shown = {name: set(np.array(JOINTS)[condition.observed]) for name, condition in CONDITIONS.items()}
    assert shown["clean"] == set(LIMB_JOINTS)
    assert shown["body25"] == {*LIMB_JOINTS, "pelvis", "left_toe", "right_toe"}
    assert len(shown["upper_body"]) == 8
    assert SAME["coco17"] in CONDITIONS


@pytest.mark.parametrize(("name", "sigma"), [("white_05", 0.05), ("white_15", 0.15)])
def test_white_noise_has_its_size_per_axis(name: str, sigma: float) -> None:
    tracks, positions = show(name, 20, 100)
    error = ((tracks - positions) / 40)[:, :, CONDITIONS[name].observed]
    assert error.std() == pytest.approx(sigma, rel=0.03)
    assert abs(np.corrcoef(error[:, 1:].ravel(), error[:, :-1].ravel())[0, 1]) < 0.02


@pytest.mark.parametrize(("name", "spread", "wrong"), [("detector_good", 0.153, 0.01), ("detector_weak", 0.262, 0.05)])
def test_detectors_wander_and_are_sometimes_far_off(name: str, spread: float, wrong: float) -> None:
    tracks, positions = show(name, 60, 100)
    error = ((tracks - positions) / 40)[:, :, CONDITIONS[name].observed]
    lower, upper = np.quantile(error, [0.16, 0.84])  # of most points; outliers do not move them much
    assert (upper - lower) / 2 == pytest.approx(spread, rel=0.1)
    assert (np.abs(error).max(-1) > 5 * spread).mean() == pytest.approx(wrong, rel=0.6)


def test_a_limb_is_hidden_for_6_to_18_frames_a_quarter_of_the_time() -> None:
    tracks, _ = show("occlusion", 100, 200)
    hidden = np.isnan(tracks[..., 0]) & CONDITIONS["occlusion"].observed
    assert hidden.any(-1).mean() == pytest.approx(0.25, abs=0.05)
    lone = [np.flatnonzero(np.diff(row, prepend=0, append=0)) for row in hidden.any(-1).astype(int)]
    lengths = np.concatenate([np.diff(edges)[::2][1:-1] for edges in lone])  # not those that the ends cut
    assert lengths.min() >= 6
    assert 6 <= np.median(lengths) <= 18


def test_swaps_and_outliers_leave_most_points_alone() -> None:
    tracks, positions = show("outliers_swaps", 60, 100)
    observed = CONDITIONS["outliers_swaps"].observed
    moved = (tracks != positions).any(-1)[:, :, observed]
    assert 0.01 < moved.mean() < 0.15
    names = np.array(JOINTS)[observed]
    left, right = (list(names).index(f"{side}_wrist") for side in ("left", "right"))
    swapped = (tracks[:, :, observed][:, :, left] == positions[:, :, observed][:, :, right]).all(-1)
    assert 0.005 < swapped.mean() < 0.1
