"""Nose, ears, heels and knuckles on captured bodies, and what they tell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.core.upsampler import Upsampler
from trainer.data.dataset import Clip
from trainer.evaluation.conditions import LIMBS
from trainer.evaluation.other_points import WITH_POINTS, judge_other_points, other_points
from trainer.evaluation.scenes import Scene, draw_scenes
from trainer.evaluation.scores import Shown


@pytest.fixture
def scene(make_clip: Callable[..., Clip]) -> Scene:
    (scene,) = draw_scenes([make_clip("ida", "test", 72, source="one")], 3, 0)["one"]
    return scene


def test_points_lie_where_a_body_has_them(scene: Scene) -> None:
    points = other_points(scene, np.random.default_rng(0))
    names = WITH_POINTS.joints[12:]
    ears, heel = points[:, [names.index("left_ear"), names.index("right_ear")]], points[:, names.index("left_heel")]
    head, top = (scene.positions[:, INDEX[name]] for name in ("head", "head_top"))
    assert ears.mean(1) == pytest.approx(0.7 * head + 0.3 * top, abs=0.1 * scene.head_size.max())
    foot = np.linalg.norm(heel - scene.positions[:, INDEX["left_foot"]], axis=-1) / scene.head_size
    assert (foot < 0.15 / 0.225 + 0.05).all()


def test_what_they_tell_helps_where_nothing_else_is_known(scene: Scene) -> None:
    tracks = np.where(LIMBS[:, None], scene.positions, np.nan)
    shown = Shown("clean", LIMBS, {"one": [scene]}, {"one": [tracks]}, {})
    without, with_points = judge_other_points(Upsampler.load(device="cpu"), shown)
    assert with_points.mpjpe < without.mpjpe
    assert with_points.parts["head_top"] < without.parts["head_top"]
    assert with_points.shown == pytest.approx(without.shown, abs=0.02)
