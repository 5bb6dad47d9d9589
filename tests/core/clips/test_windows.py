"""Cutting clips into windows and stitching them together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.clips.windows import STITCHERS, WINDOW, blend, cut, stitch, window_starts

LENGTHS, HOPS = st.integers(1, 200), st.integers(1, 24)


def _clip(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(frames, 28, 2))


@given(LENGTHS, HOPS)
def test_every_frame_is_in_a_window_and_no_window_leaves_the_clip(frames, hop):
    starts = window_starts(frames, hop)
    covered = {frame for start in starts for frame in range(start, start + WINDOW)}
    assert covered >= set(range(frames))
    assert starts[0] == 0
    assert starts[-1] + WINDOW == max(frames, WINDOW)
    assert (np.diff(starts) > 0).all()
    assert (np.diff(starts) <= hop).all()


@given(st.integers(24, 200), HOPS, st.integers(0, 150))
def test_wherever_a_clip_is_cut_its_windows_lie_where_they_lay(frames, hop, first):
    whole, part = window_starts(first + frames, hop), window_starts(frames, hop, origin=first)
    assert set(whole[whole >= first] - first) <= set(part)
    assert set(part[1:-1] + first) <= set(whole)


@given(LENGTHS, HOPS, st.integers(0, 500), st.sampled_from(sorted(STITCHERS)))
@settings(max_examples=40)
def test_windows_that_agree_give_the_clip_back(frames, hop, origin, how):
    clip, starts = _clip(frames), window_starts(frames, hop, origin)
    windows = cut(clip, starts, 0.0)
    error = np.random.default_rng(1).random(windows.shape[:2])
    np.testing.assert_allclose(stitch(how, windows, starts, frames, error), clip, atol=1e-12)


@pytest.mark.parametrize("frames", [1, 2, 23])
def test_a_short_clip_is_one_window_filled_up(frames):
    windows = cut(_clip(frames), window_starts(frames, 12), np.nan)
    assert windows.shape == (1, 24, 28, 2)
    np.testing.assert_array_equal(windows[0, :frames], _clip(frames))
    assert np.isnan(windows[0, frames:]).all()


@given(st.integers(25, 90), HOPS, st.integers(0, 10**6))
@settings(max_examples=40)
def test_each_frame_is_picked_where_it_fits_best(frames, hop, seed):
    starts = window_starts(frames, hop)
    error = np.random.default_rng(seed).random((len(starts), 24))
    named = np.broadcast_to(np.arange(len(starts))[:, None, None, None], (len(starts), 24, 28, 2))
    picked = stitch("pick", named, starts, frames, error)[:, 0, 0]
    for frame in range(frames):
        rivals = {i: error[i, frame - start] for i, start in enumerate(starts) if 0 <= frame - start < WINDOW}
        assert picked[frame] == min(rivals, key=lambda i: rivals[i])


def test_a_frame_without_any_observation_is_still_picked():
    starts = window_starts(36, 12)
    windows = cut(_clip(36), starts, 0.0)
    np.testing.assert_array_equal(stitch("pick", windows, starts, 36, np.full((2, 24), np.inf)), _clip(36))


def test_blending_hands_over_gradually():
    starts = window_starts(36, 12)
    windows = np.stack([np.zeros((24, 28, 2)), np.ones((24, 28, 2))])
    mixed = blend(windows, starts, 36)[:, 0, 0]
    assert (mixed[:12] == 0).all()
    assert (mixed[24:] == 1).all()
    steps = np.diff(mixed[11:25])
    assert (steps > 0).all()
    assert steps.max() < 0.16
