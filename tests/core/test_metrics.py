"""Every number here is worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumps_blender.core.metrics import acceleration_error, auc, errors_in_heads, jitter, mpjpe, mpjve, pckh


def path(*x: float) -> np.ndarray:
    """One joint that moves along the image's x axis: (frames, 1, 2)."""
    return np.stack([np.array(x, float), np.zeros(len(x))], axis=-1)[:, None]


def test_errors_are_distances_over_the_frames_own_head() -> None:
    result = np.array([[[3.0, 4.0]], [[3.0, 4.0]]])
    errors = errors_in_heads(result, np.zeros_like(result), np.array([10.0, 20.0]))
    np.testing.assert_allclose(errors, [[0.5], [0.25]])


def test_pckh_counts_what_lies_strictly_below_the_threshold() -> None:
    errors = np.array([0.05, 0.1, 0.2, 2.0, np.nan])
    np.testing.assert_allclose(pckh(errors, np.array([0.1, 0.5, 1.0])), [0.25, 0.75, 0.75])


def test_auc_of_one_error_is_what_is_left_above_it() -> None:
    # Caught from threshold 0.26 on: 74 whole steps of 0.01 and one half.
    assert auc(np.array([0.255])) == pytest.approx(0.745)
    assert auc(np.array([5.0])) == 0


def test_perfect_results_miss_only_the_threshold_of_zero() -> None:
    assert auc(np.zeros(3)) == pytest.approx(0.995)


def test_nothing_judged_gives_nan() -> None:
    nothing = np.full(3, np.nan)
    assert np.isnan(auc(nothing))
    assert np.isnan(mpjpe(path(np.nan), path(0.0)))


def test_a_constant_shift_is_an_error_of_place_only() -> None:
    truth, result = path(0, 1, 4, 9, 16), path(2, 3, 6, 11, 18)
    assert mpjpe(result, truth, 4.0) == pytest.approx(0.5)
    assert mpjve(result, truth) == 0
    assert acceleration_error(result, truth) == 0


def test_velocity_and_acceleration_errors_by_hand() -> None:
    truth, result = path(0, 0, 0, 0), path(0, 1, 0, 0)
    assert mpjve(result, truth) == pytest.approx(2 / 3)  # 1, -1, 0
    assert acceleration_error(result, truth) == pytest.approx((2 + 1) / 2)  # -2, 1
    assert mpjve(result, truth, np.full(4, 2.0)) == pytest.approx(1 / 3)


def test_jitter_is_the_third_difference() -> None:
    assert jitter(path(0, 1, 8, 27, 64)) == pytest.approx(6)  # f cubed
    assert jitter(path(0, 1, 4, 9, 16)) == 0


def test_a_gap_is_left_out() -> None:
    truth, result = path(0, 0, 0, 0, 0), path(1, 1, np.nan, 1, 3)
    assert mpjpe(result, truth) == pytest.approx(6 / 4)
    assert mpjve(result, truth) == pytest.approx(1)  # 0 and 2 are left


@given(st.lists(st.floats(0, 2), min_size=1, max_size=50))
def test_auc_falls_as_errors_grow(errors: list[float]) -> None:
    near = np.array(errors)
    assert auc(near) >= auc(near + 0.1) >= 0
    assert auc(near) <= 0.995 + 1e-12
