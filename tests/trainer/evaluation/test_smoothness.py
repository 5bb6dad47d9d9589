"""What the slider does, and whether windows show where they meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jumps_blender.core import Upsampler
from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from tests.core.people import walker
from trainer.evaluation.borders import judge_borders
from trainer.evaluation.conditions import CONDITIONS
from trainer.evaluation.scenes import Scene
from trainer.evaluation.scores import Shown
from trainer.evaluation.smoothness import SLIDER, judge_smoothness

LIMB = np.isin(JOINTS, LIMB_JOINTS)


@pytest.fixture(scope="module")
def upsampler() -> Upsampler:
    return Upsampler.load(engine="numpy")


def _scene(frames: int = 96) -> Scene:
    truth = walker(frames)
    heads = np.full(frames, 51.0)
    return Scene("walk", "cmu", truth, heads, np.zeros((frames, 28)), heads)


def test_the_slider_leads_from_the_detector_to_smooth_motion(upsampler: Upsampler) -> None:
    scene = _scene()
    tracks = np.where(LIMB[:, None], scene.positions, np.nan) + np.random.default_rng(0).normal(0, 4, (96, 28, 2))
    scores = judge_smoothness(upsampler, Shown("white", LIMB, {"cmu": [scene]}, {"cmu": [tracks]}, {}))
    assert [each.smoothness for each in scores] == list(SLIDER)
    trembling = [each.jitter for each in scores]
    assert trembling == sorted(trembling, reverse=True)
    assert all(each.jitter_of_truth < each.jitter < each.jitter_given for each in scores)
    assert {each.given for each in scores} == {scores[0].given}
    best = min(scores, key=lambda each: each.seen)
    assert best.seen < best.given
    assert best.fast < best.given_fast


class Jolting:
    """Stands in for a product that jumps where windows of 12 frames meet."""

    def upsample(self, tracks: np.ndarray, *_: Any, settings: str, **__: Any) -> Any:
        jump = 3.0 * (np.arange(len(tracks)) // 12 % 2) * (settings == "draft")
        found = walker(len(tracks)) + jump[:, None, None] + np.random.default_rng(0).normal(0, 1, tracks.shape)
        return type("Found", (), {"positions": found})


def test_a_jolt_at_borders_is_found() -> None:
    scores = judge_borders(Jolting(), CONDITIONS["clean"], {"cmu": [_scene(), _scene()]})  # type: ignore[arg-type]
    found = {each.settings: each for each in scores}
    assert found["draft"].ratio > 1.2
    assert 0.8 < found["default"].ratio < 1.2
    assert found["default"].interval[0] <= found["default"].ratio <= found["default"].interval[1]
