"""Confidence intervals over clips, offsets in the body's frame, bars."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import INDEX
from trainer.data.dataset import Clip
from trainer.evaluation.bars import LEADS, judge
from trainer.evaluation.body_frame import body_axes, without_offsets
from trainer.evaluation.intervals import interval, resampled
from trainer.evaluation.scenes import Scene, draw_scenes
from trainer.evaluation.scores import MEAN, MEASURES, SURE, CellScores, Score


def scenes(clips: list[str]) -> list[Scene]:
    return [Scene(clip, "one", np.zeros((24, 28, 2)), np.ones(24), np.zeros((24, 28)), np.ones(24)) for clip in clips]


def test_samples_draw_clips_with_replacement_and_keep_their_scenes_together() -> None:
    weights = resampled(scenes(["a", "b", "b", "c"]), 0, 2000)
    np.testing.assert_array_equal(weights[:, 1], weights[:, 2])
    np.testing.assert_array_equal(weights[:, [0, 1, 3]].sum(1), 3)
    np.testing.assert_allclose(weights.mean(0), 1, atol=0.06)
    np.testing.assert_array_equal(resampled(scenes(["a", "b", "b", "c"]), 0, 2000), weights)


def test_the_interval_covers_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.normal(5, 1, (200, 20))
    weights = resampled(scenes([f"{n}" for n in range(20)]), 1, 400)
    ends = np.array([interval(weights @ values / weights.sum(1)) for values in drawn])
    covered = ((ends[:, 0] < 5) & (ends[:, 1] > 5)).mean()
    assert 0.85 < covered < 0.99
    assert np.isnan(interval(np.full(10, np.nan))).all()


@pytest.fixture
def walking(make_clip: object) -> list[Scene]:
    clips: list[Clip] = [make_clip(name, "test", 96, source="hdm05") for name in ("dora", "emil")]  # type: ignore[operator]
    return draw_scenes(clips, 8, 0)["hdm05"]


def test_the_bodys_axes_stand_at_right_angles_and_point_where_they_say(walking: list[Scene]) -> None:
    for scene in walking:
        axes = body_axes(scene)
        np.testing.assert_allclose(axes @ axes.transpose(0, 2, 1), np.broadcast_to(np.eye(3), axes.shape), atol=1e-9)
        side = scene.positions[:, INDEX["left_shoulder"]] - scene.positions[:, INDEX["right_shoulder"]]
        assert ((axes[:, 0, :2] * side).sum(-1) > 0).all()
        assert (axes[:, 1, 1] < 0).all()  # y goes down
        toes = scene.depth[:, INDEX["left_toe"]] - scene.depth[:, INDEX["left_ankle"]]
        step = scene.positions[:, INDEX["left_toe"]] - scene.positions[:, INDEX["left_ankle"]]
        forward = (axes[:, 2] * np.concatenate([step, toes[:, None]], -1)).sum(-1)
        assert np.median(forward) > 0


def test_a_constant_difference_of_definition_is_removed_and_nothing_else(walking: list[Scene]) -> None:
    offset = np.zeros((28, 3))
    offset[INDEX["neck"]] = 0.1, 0.2, -0.3
    rng = np.random.default_rng(0)
    noise = [0.02 * scene.head_size[:, None, None] * rng.normal(size=scene.positions.shape) for scene in walking]
    results = []
    for scene, extra in zip(walking, noise, strict=True):
        shadow = np.einsum("ja,fak->fjk", offset, body_axes(scene)[..., :2])
        results.append(scene.positions + scene.head_size[:, None, None] * shadow + extra)
    for scene, found, extra in zip(walking, without_offsets(results, walking), noise, strict=True):
        left = (found - scene.positions - extra) / scene.head_size[:, None, None]
        assert np.abs(left).max() < 0.02


def cell(method: str, condition: str, pckh: float, acceleration: float) -> CellScores:
    values: dict[str, Any] = dict.fromkeys(MEASURES, 0.5)
    values |= {"pckh_01": pckh, "auc": pckh + 0.4, "acceleration_error": acceleration, "ci": {}}
    row = Score(method, condition, MEAN, "missing", **values)
    rows = [row, replace(row, source="hdm05")]
    samples = {
        (each.source, name): np.full(10, getattr(each, name)) + np.arange(10) / 100 for each in rows for name in SURE
    }
    return CellScores(rows, [], [], [], [], [], samples)


def test_bars_compare_with_the_strongest_baseline_and_sample_by_sample() -> None:
    board = {
        ("JUMPS, default", "clean"): cell("JUMPS, default", "clean", 0.5, 0.010),
        ("window ridge", "clean"): cell("window ridge", "clean", 0.4, 0.009),
        ("ridge + MLP", "clean"): cell("ridge + MLP", "clean", 0.55, 0.010),
    }
    bars = {(bar.rule, bar.source, bar.measure): bar for bar in judge(board, ["window ridge", "ridge + MLP"])}
    lead = bars["over window ridge", MEAN, "pckh_01"]
    assert (lead.passed, lead.needed) == (True, LEADS["clean"][0])
    assert lead.interval == pytest.approx((0.1, 0.1))  # both methods' samples move together
    assert not bars["as smooth as ridge", MEAN, "acceleration_error"].passed
    strongest = bars["over every baseline", MEAN, "pckh_01"]
    assert (strongest.against, strongest.passed) == ("ridge + MLP", False)
    assert not bars["no source worse", "hdm05", "auc"].passed


def test_bars_need_the_shipped_prior() -> None:
    assert judge({("window ridge", "clean"): cell("window ridge", "clean", 0.4, 0.009)}, ["window ridge"]) == []
