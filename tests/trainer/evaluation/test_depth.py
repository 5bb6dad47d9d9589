"""People in space, what is stated about their errors, and what neighbours tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from rich.console import Console

from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.core.estimates import Estimates
from jumps_blender.core.result import Report, Result
from jumps_blender.core.upsampler import Upsampler
from trainer.data.dataset import Clip
from trainer.evaluation import inquiries, limits
from trainer.evaluation.calibration import judge_bars, judge_calibration, solve
from trainer.evaluation.cells import Cells
from trainer.evaluation.conditions import CONDITIONS, LIMBS
from trainer.evaluation.depth import MEASURES, OURS, RIDGE, DepthTally, in_space, judge_depth, judge_leads, laid_over
from trainer.evaluation.inquiries import inquire
from trainer.evaluation.knowable import draw_poses, knowable
from trainer.evaluation.limits import ANSWER, CURED, LEVELLED, judge_limits
from trainer.evaluation.methods import Entrant
from trainer.evaluation.offsets import estimate_offsets
from trainer.evaluation.results import Results
from trainer.evaluation.runner import Runner
from trainer.evaluation.scenes import Scene, draw_scenes
from trainer.evaluation.scores import Shown
from trainer.evaluation.tables import markdown
from trainer.evaluation.taught import School

STATED = ("position, observed joints", "position, missing joints", "depth, all joints")

Scenes = dict[str, list[Scene]]
MakeClip = Callable[..., Clip]


@pytest.fixture
def scenes(make_clip: MakeClip) -> Scenes:
    clips = [make_clip(name, "test", 72, source=source) for name, source in (("ida", "one"), ("jan", "two"))]
    return draw_scenes(clips, 3, 0)


def show(scenes: Scenes, offset: float = 0.0) -> Shown:
    """The 12 joints; each is off by the same for the whole clip, in heads."""
    rng = np.random.default_rng(0)
    tracks = {
        source: [
            np.where(LIMBS[:, None], each.positions, np.nan)
            + offset * each.head_size[:, None, None] * rng.standard_normal((28, 2))
            for each in found
        ]
        for source, found in scenes.items()
    }
    weights = {source: np.ones((5, len(found))) for source, found in scenes.items()}
    return Shown("clean", LIMBS, scenes, tracks, weights)


class Knowing:
    """Stands in for the product: knows what is not shown, but for errors of 0.2 heads that it states as `says`."""

    def __init__(self, scenes: Scenes, says: float = 0.2) -> None:
        self.known = [scene for found in scenes.values() for scene in found]
        self.says, self.rng = says, np.random.default_rng(1)

    def upsample(self, tracks: np.ndarray, *_: object, **__: object) -> Result:
        def far(scene: Scene) -> float:
            return (
                float(np.nanmean(np.abs(tracks - scene.positions))) if len(tracks) == len(scene.positions) else np.inf
            )

        scene = min(self.known, key=far)
        head = scene.head_size[:, None]
        guess = scene.positions + 0.2 * head[..., None] * self.rng.standard_normal(tracks.shape)
        depth = scene.depth + 0.2 * head * self.rng.standard_normal((len(head), 28))
        depth[:, INDEX["pelvis"]] = 0
        std = np.broadcast_to(self.says * head, depth.shape) * (np.arange(28) != INDEX["pelvis"])
        seen = np.isfinite(tracks)
        report = Report("numpy", "cpu", "default", 0.0, 1, {})
        flags = seen[..., 0], ~seen[..., 0], np.zeros((len(seen), 2), bool)
        positions = np.where(seen, tracks, guess)
        return Result(positions, *flags, report, Estimates(0.1, None, True), std=std, depth=depth, depth_std=std)


def truth_but(scenes: Scenes, depth: float) -> DepthTally:
    """Scores of the true places in the image with the true depth times a factor."""
    way = lambda source, number: (scenes[source][number].positions, depth * scenes[source][number].depth)  # noqa: E731
    return judge_depth(OURS, show(scenes), way)


def test_the_truth_in_the_image_and_in_depth_is_the_body_in_space(make_clip: MakeClip, scenes: Scenes) -> None:
    clip = make_clip("ida", "test", 72, source="one")
    (scene,) = scenes["one"]
    space = in_space(scene, scene.positions, scene.depth)
    body = clip.positions[: len(space)].astype(float)
    body -= body[:, [INDEX["pelvis"]]]
    assert np.linalg.norm(space, axis=-1) == pytest.approx(np.linalg.norm(body, axis=-1), abs=1e-3)
    assert laid_over(body, space) == pytest.approx(space, abs=1e-3)
    assert np.linalg.norm(laid_over(body * [1, 1, -1], space) - space, axis=-1).mean() > 0.02


def test_depth_is_judged_in_millimetres_and_by_the_order_of_sides(scenes: Scenes) -> None:
    names = {"right": 1.0, "flat": 0.0, "back to front": -1.0}
    found = {name: truth_but(scenes, factor).scores()[-1] for name, factor in names.items()}
    assert found["right"].mpjpe == pytest.approx(0, abs=1e-6)
    assert found["right"].wrong_order == 0
    assert found["flat"].mpjpe > 30
    assert found["back to front"].mpjpe > found["flat"].mpjpe
    assert found["back to front"].wrong_order == found["flat"].wrong_order == 1
    assert found["back to front"].turns == found["right"].turns == found["right"].turns_of_truth
    assert found["right"].bone_change == found["right"].bone_change_of_truth < 0.01
    assert {each.source for each in truth_but(scenes, 1.0).scores()} == {"one", "two", "mean"}


def test_the_lead_over_ridge_is_a_share_of_its_error(scenes: Scenes) -> None:
    ours, ridge = truth_but(scenes, 0.5), replace(truth_but(scenes, 0.0), method=RIDGE)
    bars = {bar.measure: bar for bar in judge_leads(ours, ridge)}
    assert bars["depth error"].lead == pytest.approx(0.5)
    assert bars["depth error"].passed
    assert not any(bar.passed for bar in judge_leads(ridge, ours))
    assert len(MEASURES) == ours.sums["one"].shape[1]


@pytest.mark.parametrize(("says", "within", "scale"), [(0.2, 0.68, 1.0), (0.1, 0.38, 2.0)])
def test_stated_spreads_are_held_against_errors_by_groups(
    scenes: Scenes, says: float, within: float, scale: float
) -> None:
    shown = show(scenes)
    solved = solve(cast("Upsampler", Knowing(scenes, says)), shown)
    found = {(each.quantity, each.group): each for each in judge_calibration(solved, shown) if each.source == "mean"}
    assert found["depth", "all"].within_68 == pytest.approx(within, abs=0.05)
    assert found["position", "missing"].scale_68 == pytest.approx(scale, rel=0.1)
    assert found["position", "observed"].within_68 == 1
    assert ("position", "hidden") not in found
    bars = [bar for bar in judge_bars(solved, shown) if "observed" not in bar.rule]
    assert [bar.passed for bar in bars] == [within == 0.68] * 4


def test_offsets_that_stay_are_told_from_errors_that_change(scenes: Scenes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "estimate_offsets", lambda *_: np.zeros((28, 2)))
    shown, product = show(scenes, 0.3), cast("Upsampler", Knowing(scenes))
    scores = judge_limits(product, shown, solve(product, shown))
    found = {(each.what, each.group): each.mpjpe for each in scores if each.source == "mean"}
    assert found[ANSWER, "observed"] > 0.2
    assert found[CURED, "observed"] == pytest.approx(0, abs=1e-9)
    assert found[LEVELLED, "observed"] == pytest.approx(0, abs=1e-9)
    assert found[LEVELLED, "missing"] == pytest.approx(found[ANSWER, "missing"], rel=0.1)


def test_what_a_clip_tells_of_its_offsets(scenes: Scenes) -> None:
    upsampler = Upsampler.load(device="cpu")
    (plain,), (shifted,) = (show({"one": scenes["one"]}, offset).tracks["one"] for offset in (0.0, 0.3))
    true = (shifted - plain).mean(0)
    found = estimate_offsets(upsampler, shifted) - estimate_offsets(upsampler, plain)
    assert not found[~LIMBS].any()
    assert np.corrcoef(true[LIMBS].ravel(), found[LIMBS].ravel())[0, 1] > 0.4
    assert np.linalg.norm(found[LIMBS]) < np.linalg.norm(true[LIMBS])


def test_neighbours_tell_what_moves_with_the_shown_joints(make_clip: MakeClip, scenes: Scenes) -> None:
    clips = [make_clip(name, label=name) for name in ("kim", "lea", "mia", "nic")]
    shown = show(scenes)
    solved = solve(cast("Upsampler", Knowing(scenes)), shown)
    found = knowable(draw_poses(clips, 400, 0), shown, solved)
    spread = {each.joint: each for each in found.scores}
    assert found.recordings == 4
    assert found.near_agreement < found.agreement < 2
    assert spread["pelvis"].spread < spread["left_toe"].spread
    assert spread["mean"].error == pytest.approx(0.2 * np.sqrt(np.pi / 2), rel=0.1)


def test_an_evaluation_tells_of_depth(
    prepared: Path, scenes: Scenes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiries, "fit_lifting", lambda *_: lambda tracks: np.zeros(tracks.shape[:2]))
    monkeypatch.setattr(inquiries, "draw_scenes", lambda *_: scenes)
    monkeypatch.setattr(limits, "estimate_offsets", lambda *_: np.zeros((28, 2)))
    monkeypatch.setattr(inquiries, "judge_other_points", lambda *_: [])
    runner = Runner(scenes, Cells(tmp_path / "cells"), 0, Console(quiet=True))
    ridge = Entrant("window ridge", "baseline", "made", lambda _: lambda tracks: np.nan_to_num(tracks, nan=900.0))
    conditions = [CONDITIONS["clean"]]
    runner.measure([ridge], conditions)
    results = Results.of(runner, [], [ridge], conditions, options={}, weights=None, seconds=0.0)
    school = School(prepared, tmp_path / "fits", 100, 0.0, 0, 0)
    found = inquire(results, runner, school, cast("Upsampler", Knowing(scenes)), Console(quiet=True))
    # What is seen comes out exactly, and more certain than is said.
    assert all(bar.passed for bar in found.bars if "observed" not in bar.rule)
    assert {bar.rule for bar in found.bars} >= {f"stated spread: {each}" for each in STATED}
    text = markdown(found)
    for title in ("## Depth: people in space", "## Stated spread of depth", "## What the shown joints tell", "## What"):
        assert title in text
    assert "## Stated spread: %" in text
    assert '"within_68"' in found.to_json()
