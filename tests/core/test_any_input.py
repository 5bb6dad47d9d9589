"""Whatever comes in: 28 finite joints or an error that says why, by either engine."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from jumps_blender.core import Upsampler
from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.normalise import HEAD, body_scale
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.settings import PRESETS
from jumps_blender.errors import JumpsError
from tests.core.people import walker

FRAMES, SEEDS = st.integers(1, 70), st.integers(0, 10**9)
QUICK_PAPER = replace(PRESETS["paper"], steps=2, random_starts=1)


@pytest.fixture(scope="module", params=["numpy", "torch"])
def upsampler(request):
    """The bundled prior on each engine."""
    if find_spec(request.param) is None:
        pytest.skip(f"needs {request.param}, which is not installed")
    return Upsampler.load(engine=request.param, device="cpu")


def _somebody(rng: np.random.Generator, frames: int, joints: int) -> np.ndarray:
    """A person, a person shuffled beyond all likeness, noise, or points on one spot; at any size."""
    kind = rng.integers(4)
    person = walker(frames)[:, np.arange(joints) % 28]
    if kind == 1:
        person = person[:, rng.permutation(joints)]
    elif kind == 2:
        person = rng.normal(500, 300, person.shape)
    elif kind == 3:
        person = np.full(person.shape, 200.0) + rng.normal(0, rng.choice([0.0, 1e-9, 1e-3]), person.shape)
    return person * rng.choice([1.0, 1e-3, 1e3])


def _damaged(rng: np.random.Generator, positions: np.ndarray) -> np.ndarray:
    """Points hidden at random, for a while, or for all time; now and then a number that cannot be."""
    frames, joints = positions.shape[:2]
    seen = positions.copy()
    seen[rng.random((frames, joints)) < rng.choice([0.0, 0.3, 0.9])] = np.nan
    first = rng.integers(frames)
    seen[first : first + rng.integers(1, 60), rng.random(joints) < rng.choice([0.2, 1.0])] = np.nan
    seen[:, rng.random(joints) < rng.choice([0.0, 0.5])] = np.nan
    wrong = rng.random((frames, joints)) < rng.choice([0.0, 0.0, 0.02])
    seen[wrong] = rng.choice([np.inf, -np.inf, 0.0, 1e9, 999_999.0])
    return seen


@given(FRAMES, st.sampled_from(["draft", "default", "best", "paper"]), st.floats(1, 300), st.floats(0, 1), SEEDS)
def test_finite_joints_or_a_reason(upsampler, frames, preset, fps, smoothness, seed):
    rng = np.random.default_rng(seed)
    joint_set = str(rng.choice(sorted(JOINT_SETS)))
    seen = _damaged(rng, _somebody(rng, frames, len(JOINT_SETS[joint_set])))
    confidence = rng.uniform(0, 1.2, seen.shape[:2]) if rng.random() < 0.5 else None
    pinned = (rng.random(seen.shape[:2]) < 0.05) & np.isfinite(seen).all(-1) if rng.random() < 0.3 else None
    settings = QUICK_PAPER if preset == "paper" else preset
    try:
        result = upsampler.upsample(
            seen, joint_set, confidence, pinned, fps=fps, settings=settings, smoothness=smoothness
        )
    except JumpsError as error:
        event(type(error).__name__)
        return
    event("solved")
    for name in ("positions", "std", "depth", "depth_std"):
        values = getattr(result, name)
        assert values is None or np.isfinite(values).all(), name
    assert result.positions.shape == (frames, 28, 2)
    if result.std is not None:
        assert (result.std >= 0).all()
        assert (result.std[~result.observed] > 0).all()


@pytest.mark.parametrize("fps", [12.0, 25.0, 240.0])
@pytest.mark.parametrize(("seconds", "doubted"), [(0.2, 1.2), (1.0, 1.5), (2.0, 1.5)])
def test_over_a_gap_the_person_moves_on_and_is_doubted(upsampler, fps, seconds, doubted):
    gap, aside = int(seconds * fps), int(3 * fps)
    truth = walker(aside + gap + aside, fps)
    seen = truth.copy()
    seen[aside : aside + gap] = np.nan
    result = upsampler.upsample(seen, list(JOINTS), fps=fps)
    assert result.report.gaps == (((aside, aside + gap - 1),) if seconds > 0.4 else ())
    middle = aside + gap // 2
    assert result.std[middle].mean() > doubted * result.std[aside // 2].mean()
    misses = np.linalg.norm(result.positions - truth, axis=-1).mean(1) / (HEAD * float(body_scale(truth)))
    assert misses.max() < 0.8
