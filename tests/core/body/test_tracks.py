"""The one judge of what was observed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.tracks import Tracks, judge
from jumps_blender.errors import InputError


def _judge_one(x: float, y: float, confidence: float = 1.0, threshold: float = 0.3) -> tuple[list[float], float]:
    positions, conf = judge(np.array([[[x, y]]]), np.array([[confidence]]), threshold)
    return positions[0, 0].tolist(), float(conf[0, 0])


@pytest.mark.parametrize(
    ("x", "y", "confidence"),
    [(0, 0, 1), (np.nan, 5, 1), (5, np.inf, 1), (5, 5, 0.29), (5, 5, np.nan), (5, 5, -1), (-np.inf, np.nan, 1)],
)
def test_not_observed(x: float, y: float, confidence: float) -> None:
    position, conf = _judge_one(x, y, confidence)
    assert np.isnan(position).all()
    assert conf == 0


@pytest.mark.parametrize(("x", "y", "confidence"), [(0, 5, 1), (-3, 900, 0.3), (5, 0, 0.5), (1e6, -1e6, 1)])
def test_observed(x: float, y: float, confidence: float) -> None:
    assert _judge_one(x, y, confidence) == ([x, y], confidence)


def test_scores_above_one_are_clipped() -> None:
    assert _judge_one(5, 5, 1.17)[1] == 1


def test_threshold_zero_believes_everything_that_has_any_confidence() -> None:
    assert _judge_one(5, 5, 0.01, threshold=0.0)[0] == [5, 5]
    assert _judge_one(5, 5, 0.0, threshold=0.0)[1] == 0


def test_without_confidence_all_that_is_given_is_sure() -> None:
    positions, confidence = judge(np.array([[[5, 5], [0, 0]]]))
    assert confidence.tolist() == [[1, 0]]
    assert positions.dtype == np.float64


@given(
    arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=5).map(lambda s: (*s, 2)),
           elements=st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, np.nan, np.inf]))),
    st.floats(0, 1),
)  # fmt: skip
def test_judging_twice_changes_nothing(positions: np.ndarray, threshold: float) -> None:
    once = judge(positions, None, threshold)
    twice = judge(*once, threshold)
    np.testing.assert_array_equal(once[0], twice[0])
    np.testing.assert_array_equal(once[1], twice[1])
    assert (np.isnan(once[0]).all(-1) == (once[1] == 0)).all()


def test_the_input_is_left_alone() -> None:
    positions = np.zeros((1, 1, 2))
    judge(positions)
    assert (positions == 0).all()


@pytest.mark.parametrize(
    ("positions", "confidence", "message"),
    [
        (np.zeros((4, 17)), None, r"\(frames, joints, 2\), found \(4, 17\)"),
        (np.zeros((4, 17, 3)), None, r"found \(4, 17, 3\)"),
        (np.zeros((4, 17, 2)), np.zeros((17, 4)), r"Confidence must be \(4, 17\).*found \(17, 4\)"),
        (np.full((1, 1, 2), 2e6), None, "beyond 1e.06 pixels"),
    ],
)
def test_data_that_cannot_be(positions: np.ndarray, confidence: np.ndarray | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        judge(positions, confidence)


def test_tracks_know_what_was_observed() -> None:
    positions = np.full((2, 17, 2), np.nan)
    positions[1, 3] = 5
    tracks = Tracks(positions, np.zeros((2, 17)), JOINT_SETS["coco17"])
    assert len(tracks) == 2
    assert np.argwhere(tracks.observed).tolist() == [[1, 3]]
