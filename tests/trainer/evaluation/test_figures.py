"""Figures: tiny made-up results in, PNG files of the right size out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.core.estimates import Estimates
from jumps_blender.core.result import Report, Result
from jumps_blender.core.upsampler import Upsampler
from trainer.evaluation.body_figure import draw_bodies, front_view
from trainer.evaluation.calibration import LEVELS, judge_calibration, solve
from trainer.evaluation.cells import Cells
from trainer.evaluation.conditions import CONDITIONS, LIMBS
from trainer.evaluation.curves import Panel, draw_borders, draw_calibration, draw_learning, draw_pckh, draw_places
from trainer.evaluation.drawing import looks, readable, side_colour
from trainer.evaluation.evidence import OURS, Answer, Evidence
from trainer.evaluation.explain import explain
from trainer.evaluation.figures import FIGURES, LEARNING, draw_figures
from trainer.evaluation.forearm import HIDDEN, SPLINE, hide, lively, recover
from trainer.evaluation.learning import lessons
from trainer.evaluation.methods import Entrant
from trainer.evaluation.results import Results
from trainer.evaluation.runner import Runner
from trainer.evaluation.scenes import Scene
from trainer.evaluation.scores import MEAN, Shown
from trainer.evaluation.seams import REACH, around_borders
from trainer.evaluation.strips import OBSERVED, REAL, Still, Strip, draw_stills, draw_strips, spread

HEAD, FRAMES = 50.0, 60
RISE = np.linspace(0, 1, 101)
SMALL = 150_000
"""Bytes that a figure may have in the documentation."""


def scene(number: int = 0, source: str = "cmu_amc", *, frames: int = FRAMES) -> Scene:
    """A body that sways and waves, in pixels."""
    rng = np.random.default_rng(number)
    body = front_view() * (200, -200) + (960, 540)
    swing = np.sin(np.arange(frames)[:, None, None] / 6 + rng.uniform(0, 6, (28, 2)))
    positions = body + 15 * (1 + number) * swing
    depth = np.zeros((frames, 28))
    far = np.full(frames, 4.0)
    return Scene(
        f"clip{number}", source, positions, np.full(frames, HEAD), depth, far, label="jogLeftCircle4StepsRstart"
    )


def answer(of: Scene, result: np.ndarray | None = None) -> Answer:
    tracks = np.where(LIMBS[:, None], of.positions, np.nan)
    return Answer(of, tracks, of.positions if result is None else result, LIMBS)


def strip(count: int = 4) -> Strip:
    one = scene()
    result = one.positions + 5
    partly = np.where(LIMBS[:, None], result, np.nan)
    observed = answer(one).tracks
    rows = {"ours": result, "spline": partly}
    frames = spread(0, FRAMES - 1, count)
    return Strip(
        "waving", frames, observed, one.positions, rows, one.head_size, frozenset(frames[1:3]), {"ours": "0.1 off"}
    )


def reproduction() -> dict[str, Any]:
    def point(step: int, names: tuple[str, ...]) -> dict[str, Any]:
        return {name: {"mean": 1 / (1 + step), "spread": 0.1} for name in names} | {
            "step": {"mean": step, "spread": 0.0}
        }

    curve = [point(step, ("error", "generated jitter")) for step in (50, 100)]
    blind = [each | {"error": None} for each in curve]
    return {
        "curves": {"full": curve, "w/o ENC.": blind},
        "convergence": {"aligned": [point(step, ("missing error",)) for step in (0, 5, 10)]},
        "runs": {"full": {"seeds": [0, 1, 2]}, "w/o ENC.": {"seeds": [0, 1, 2]}},
    }


DRAWN: dict[str, Callable[[Path], None]] = {
    "pckh": lambda path: draw_pckh([Panel("clean", {OURS: RISE, "odd": RISE**2})] * 5, "12 joints", path),
    "places": lambda path: draw_places({OURS: np.linspace(0.1, 0.2, 24)}, "12 joints", path),
    "borders": lambda path: draw_borders({OURS: np.linspace(0.01, 0.02, 2 * REACH + 1)}, "12 joints", path),
    "calibration": lambda path: draw_calibration(
        [Panel("seen", {"clean": LEVELS**2, "noise": LEVELS}), Panel("hidden", {"noise": LEVELS})], LEVELS, "all", path
    ),
    "learning": lambda path: draw_learning(lessons(reproduction()), path),
    "bodies": lambda path: draw_bodies({"a": np.linspace(0, 0.4, 28), "b": np.full(28, 0.1)}, LIMBS, "1 clip", path),
    "strips": lambda path: draw_strips([strip(), strip(3)], [OBSERVED, REAL, "ours", "spline"], "A note. ", path),
    "stills": lambda path: draw_stills(
        [Still("a", "0.1", scene().positions[0], scene().positions[9], HEAD)] * 3, 2, "A note. ", path
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_a_small_png(tmp_path: Path, name: str) -> None:
    path = tmp_path / "figures" / f"{name}.png"
    DRAWN[name](path)
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert 500 < picture.width <= 1700
        assert 300 < picture.height < 2000
        shades = np.asarray(picture.convert("L"))
    assert 0.005 < (shades < 128).mean() < 0.3, "nothing or everything is dark"
    assert path.stat().st_size < SMALL


def test_the_same_drawing_gives_the_same_file_and_leaves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "places.png"
    DRAWN["places"](path)
    first = path.read_bytes()
    DRAWN["places"](path)
    assert path.read_bytes() == first
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_drawing_that_fails_leaves_the_old_figure(tmp_path: Path) -> None:
    path = tmp_path / "body.png"
    path.write_bytes(b"old")
    with pytest.raises(IndexError):
        draw_bodies({"a": np.ones(27)}, LIMBS, "", path)
    assert path.read_bytes() == b"old"


def test_the_body_faces_the_reader_left_blue_right_red() -> None:
    left, right = INDEX["left_wrist"], INDEX["right_wrist"]
    assert front_view()[left, 0] > 0 > front_view()[right, 0]
    rgb = [int(side_colour(joint)[at : at + 2], 16) for joint in (left, right) for at in (1, 3, 5)]
    assert rgb[2] > rgb[0]
    assert rgb[3] > rgb[5]
    assert len({tuple(place) for place in front_view()}) == len(JOINTS)


def test_methods_look_different_and_the_same_in_every_figure() -> None:
    found = looks([OURS, "window ridge", "x", "y"])
    assert len({(look.colour, look.dash) for look in found.values()}) == 4
    assert looks(["y", OURS])[OURS] == found[OURS]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("jogLeftCircle4StepsRstart", "jog left circle"),
        ("kickLFront1Reps", "kick left front"),
        ("depositFloorR", "deposit floor right"),
        ("inline lunge (performed incorrectly)", "inline lunge"),
        ("balance on one leg, outstretched arms", "balance on one leg,\noutstretched arms"),
    ],
)
def test_labels_become_words(label: str, words: str) -> None:
    assert readable(label) == words


def test_a_jump_at_the_borders_is_seen_there_only() -> None:
    one = scene(frames=72)
    jumping = one.positions.copy()
    jumping[24:48] += HEAD
    course = around_borders([answer(one, jumping)], 24)
    assert course.shape == (2 * REACH + 1,)
    assert course[REACH - 1 : REACH + 1] == pytest.approx([2**0.5, 2**0.5])
    assert np.delete(course, [REACH - 1, REACH]) == pytest.approx(0)


def test_a_forearm_is_hidden_and_the_spline_bridges_it() -> None:
    forearm = hide(scene(), "left", 20)
    arm = [INDEX["left_elbow"], INDEX["left_wrist"]]
    assert np.isnan(forearm.tracks[20 : 20 + HIDDEN, arm]).all()
    assert np.isfinite(np.delete(forearm.tracks, range(20, 20 + HIDDEN), axis=0)[:, arm]).all()
    results = recover(forearm, {"ours": lambda _tracks: forearm.scene.positions})
    assert forearm.error(results["ours"]) == 0
    assert 0 < forearm.error(results[SPLINE]) < 5
    assert np.isnan(results[SPLINE][:, ~LIMBS]).all()


def test_only_what_the_condition_hid_for_a_while_counts_as_hidden() -> None:
    forearm = hide(scene(), "right", 20)
    off = forearm.scene.positions + np.array([HEAD, 0])
    errors = Answer(forearm.scene, forearm.tracks, off, LIMBS).hidden_errors(off)
    assert errors == pytest.approx(np.ones(2 * HIDDEN))


def test_the_hidden_forearm_moves_more_than_most() -> None:
    chosen = lively([scene(0), scene(3)])
    assert chosen is not None
    assert chosen.scene.clip == "clip3"
    assert lively([scene(frames=30)]) is None


def test_what_makes_a_clip_hard_is_told() -> None:
    one = scene()
    wrong = one.positions.copy()
    wrong[:, INDEX["left_toe"]] += HEAD
    assert explain(answer(one, wrong), 5).startswith("worst: left toe (1.41)")
    upside_down = scene()
    upside_down.positions[..., 1] = 1080 - upside_down.positions[..., 1]
    assert "head down" in explain(answer(upside_down), 5)
    assert "another laboratory" in explain(answer(scene(source="hdm05")), 5)


class Stated:
    """Stands in for a product that errs by 3 pixels per axis and 6 in depth, and says so, or something else."""

    def __init__(self, truth: Scene, says: float) -> None:
        self.truth, self.says = truth, says

    def upsample(self, tracks: np.ndarray, _joint_set: object, **_: object) -> Result:
        rng = np.random.default_rng(0)
        std = np.full(tracks.shape[:2], 3.0)
        positions = self.truth.positions + 3 * rng.standard_normal(tracks.shape)
        depth = self.truth.depth + 6 * rng.standard_normal(tracks.shape[:2])
        report = Report("numpy", "cpu", "default", 0.0, 1, {})
        seen = np.isfinite(tracks).all(-1)
        flags, std = (seen, ~seen, np.zeros((len(seen), 2), bool)), self.says * std
        return Result(positions, *flags, report, Estimates(0.1, None, True), std=std, depth=depth, depth_std=2 * std)


@pytest.mark.parametrize(("says", "at_68"), [(1.0, 0.68), (0.5, 0.38), (2.0, 0.953)])
def test_calibration_holds_errors_against_the_stated_spread(says: float, at_68: float) -> None:
    one = scene(frames=200)
    shown = Shown("clean", LIMBS, {"cmu_amc": [one]}, {"cmu_amc": [answer(one).tracks]}, {})
    scores = judge_calibration(solve(cast("Upsampler", Stated(one, says)), shown), shown)
    curves = {(each.quantity, each.group): each.curve for each in scores if each.source == MEAN}
    for kind in (("position", "missing"), ("position", "observed"), ("depth", "all")):
        assert np.interp(0.68, LEVELS, curves[kind]) == pytest.approx(at_68, abs=0.02)


def test_an_evaluation_is_drawn_as_far_as_it_went(tmp_path: Path) -> None:
    ours = Entrant(OURS, "product", "made", lambda _condition: lambda tracks: np.nan_to_num(tracks, nan=500.0), hop=12)
    scenes = {"cmu_amc": [scene(0), scene(1)], "hdm05": [scene(2, "hdm05"), scene(3, "hdm05")]}
    runner = Runner(scenes, Cells(tmp_path / "cells"), 0, Console(quiet=True))
    runner.measure([ours], [CONDITIONS["clean"]])
    results = Results.of(runner, [], [ours], [CONDITIONS["clean"]], options={}, weights=None, seconds=0.0)
    evidence = Evidence(results, runner, {OURS: ours})
    written = draw_figures(tmp_path / "figures", evidence, tmp_path / "none.json", Console(quiet=True))
    assert {path.name for path in written} == set(FIGURES) - {"calibration.png"}
    assert LEARNING not in {path.name for path in written}
    assert all(path.stat().st_size < SMALL for path in written)


def test_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    runner = Runner({"cmu_amc": [scene()]}, Cells(tmp_path / "cells"), 0, Console(quiet=True))
    results = Results.of(runner, [], [], [], options={}, weights=None, seconds=0.0)
    assert draw_figures(tmp_path / "figures", Evidence(results, runner, {}), tmp_path / "x", Console(quiet=True)) == []
    assert not (tmp_path / "figures").exists()
