"""Any joints of any known set, on any frame, with any confidence: an answer without NaN, or an error that says why."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.core.body.joint_sets import JOINT_SETS, JointSet, find_joint_set
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.body.tracks import CONFIDENCE_THRESHOLD
from jumps_blender.core.clips.clip import ENOUGH_JOINTS
from jumps_blender.errors import NotEnoughJoints
from tests.core.people import walker

SETS = st.one_of(
    st.sampled_from(sorted(JOINT_SETS)),
    st.lists(st.sampled_from(JOINTS), min_size=1, max_size=28, unique=True),
)


def _points(table: JointSet, frames: int, rng: np.random.Generator) -> np.ndarray:
    """A walker's points; those that are none of the 28 lie around other joints, as ears and heels do."""
    person = walker(frames)
    points = person[:, rng.integers(0, len(JOINTS), len(table))] + rng.normal(0, 10, (len(table), 2))
    for source, joint, _ in table.shows:
        points[:, source] = person[:, joint]
    return points * rng.uniform(0.01, 10) + rng.normal(0, 1000, 2)


def _confidence(shape: tuple[int, int], share: float, rng: np.random.Generator) -> np.ndarray:
    """Points that are missing for good, for a while or for a moment, and scores of every sort."""
    score = rng.choice([0.0, 0.2, 0.31, 0.8, 1.0, 1.2, np.nan], shape, p=[0.02, 0.03, 0.2, 0.3, 0.4, 0.03, 0.02])
    gone = rng.random(shape[1]) > share
    first, last = np.sort(rng.integers(0, shape[0] + 1, (2, shape[1])), axis=0)
    while_hidden = (np.arange(shape[0])[:, None] >= first) & (np.arange(shape[0])[:, None] < last)
    hidden = gone | (while_hidden & (rng.random(shape[1]) > share)) | (rng.random(shape) > share)
    return np.where(hidden, 0.0, score)


@given(
    which=SETS, frames=st.integers(1, 60), share=st.sampled_from([0.3, 0.7, 0.95, 1.0]),
    fps=st.sampled_from([12.0, 25.0, 29.97, 60.0]), preset=st.sampled_from(["draft", "default"]),
    seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_any_observation(upsampler, which, frames, share, fps, preset, seed):
    rng, table = np.random.default_rng(seed), find_joint_set(which)
    points = _points(table, frames, rng)
    confidence = _confidence((frames, len(table)), share, rng)
    believed = np.nan_to_num(confidence) >= CONFIDENCE_THRESHOLD
    asked = {"joint_set": which, "confidence": confidence, "fps": fps, "settings": preset}
    if table.to_28(believed, False).sum(1).max() < ENOUGH_JOINTS:
        with pytest.raises(NotEnoughJoints):
            upsampler.upsample(points, **asked)
        return
    result = upsampler.upsample(points, **asked)
    assert result.positions.shape == (*result.observed.shape, 2) == (frames, 28, 2)
    told = [result.positions] + ([] if preset == "draft" else [result.std, result.depth, result.depth_std])
    assert all(np.isfinite(each).all() for each in told)
    assert result.observed.sum() + result.rejected.sum() == table.to_28(believed, False).sum()


@pytest.mark.parametrize("which", sorted(JOINT_SETS))
def test_every_set_as_a_whole(upsampler, which):
    rng, table = np.random.default_rng(0), JOINT_SETS[which]
    result = upsampler.upsample(_points(table, 30, rng), which)
    assert np.isfinite(result.positions).all()
    seen = {joint for _, joint in table.observes}
    assert (result.observed.any(0) <= np.isin(np.arange(28), list(seen))).all()
