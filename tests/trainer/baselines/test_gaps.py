import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from trainer.baselines.gaps import FILLS, Fill, along_lines, along_splines


@pytest.mark.parametrize("fill", FILLS.values())
@given(seen=arrays(bool, (2, 15, 3)))
def test_gaps_are_filled_and_nothing_else_changes(fill: Fill, seen: np.ndarray) -> None:
    truth = np.random.default_rng(0).normal(size=(2, 15, 3, 2))
    tracks = np.where(seen[..., None], truth, np.nan)
    filled = fill(tracks)
    np.testing.assert_array_equal(filled[seen], truth[seen])
    ever = np.broadcast_to(seen.any(1, keepdims=True), seen.shape)
    assert np.isfinite(filled[ever]).all()
    assert np.isnan(filled[~ever]).all()


@pytest.mark.parametrize("fill", FILLS.values())
def test_a_steady_walk_goes_on_through_a_gap_and_stands_still_beyond_its_ends(fill: Fill) -> None:
    walk = np.arange(20.0)[None, :, None, None] * [1.0, -2.0]
    tracks = walk.copy()
    tracks[:, 8:13] = tracks[:, :2] = tracks[:, 17:] = np.nan
    expected = walk.copy()
    expected[:, :2], expected[:, 17:] = walk[:, 2:3], walk[:, 16:17]
    np.testing.assert_allclose(fill(tracks), expected, atol=1e-9)


def test_a_spline_follows_a_swing_better_than_a_line() -> None:
    swing = np.sin(np.arange(40) / 6)[None, :, None, None] * np.ones(2)
    tracks = swing.copy()
    tracks[:, 15:23] = np.nan
    assert np.abs(along_splines(tracks) - swing).max() < np.abs(along_lines(tracks) - swing).max() / 5
