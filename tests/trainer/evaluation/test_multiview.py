"""Real estimates in four views: what the file says, and what becomes of gaps, outliers and swapped sides."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS, MIRROR
from jumps_blender.core.metrics import errors_in_heads, pckh
from jumps_blender.core.upsampler import Upsampler
from jumps_blender.errors import FormatError
from trainer.evaluation.cells import Cells
from trainer.evaluation.conditions import CONDITIONS
from trainer.evaluation.evidence import OURS
from trainer.evaluation.methods import Entrant
from trainer.evaluation.multiview import BALANCING, SEATED, Estimate, Shot, load_balancing, load_seated
from trainer.evaluation.multiview_run import ALL_POINTS, NUMBERS, SMOOTHERS, Bench, load_shots, write_scores
from trainer.evaluation.multiview_scores import (
    GIVEN,
    NOWHERE,
    OTHER,
    OWN,
    RAW,
    MultiviewScores,
    ViewScore,
    judges,
    score_shot,
)  # fmt: skip
from trainer.evaluation.multiview_tables import multiview_markdown, multiview_sheets
from trainer.evaluation.real_strip import draw_real

HEAD = 100.0
Run = Callable[..., MultiviewScores]


@pytest.fixture(scope="module")
def folder() -> Path:
    found = Path(__file__).parents[3].parent / "shared/keypoints/multiview"
    if not (found / BALANCING).is_file():
        pytest.skip("the four-view sets lie beside the repository, in shared/keypoints/multiview; they are not here")
    return found


@pytest.fixture
def shot() -> Shot:
    """Two views of somebody whose estimator `a` is right, and whose judge `b` sees the right toe too."""
    rng = np.random.default_rng(0)
    truth = 60 * rng.standard_normal((2, 1, 28, 2)) + np.linspace(0, 50, 60)[None, :, None, None]
    seen = np.where(GIVEN[:, None], truth, np.nan)
    judge = seen.copy()
    judge[:, :, INDEX["right_toe"]] = truth[:, :, INDEX["right_toe"]]
    estimates = {
        name: Estimate(find_joint_set(JOINTS), points, np.isfinite(points).all(-1).astype(float), points.copy())
        for name, points in (("a", seen), ("b", judge))
    }
    return Shot("made", 60.0, np.full((2, 60), HEAD), estimates, {"a": "b"})


def of(scores: MultiviewScores, method: str, judge: str = OTHER, group: str = "limbs", view: int = 0) -> ViewScore:
    """The one score of estimator `a` that fits."""
    (found,) = [
        each
        for each in scores.views
        if (each.estimator, each.method, each.judge, each.group, each.view) == ("a", method, judge, group, view)
    ]
    return found


@pytest.mark.parametrize(
    ("estimator", "judge", "column", "shares", "median"),
    [
        ("openpose_body25b", "openpose_body25b", OWN, (0.48, 0.98, 0.98), 0.104),
        ("openpose_body25b", "mediapipe_heavy", OTHER, (0.38, 0.98, 0.98), 0.122),
        ("mediapipe_lite", "openpose_body25b", OTHER, (0.29, 0.86, 0.91), 0.148),
        ("movenet_multipose", "openpose_body25b", OTHER, (0.42, 0.94, 0.97), 0.114),
    ],
)
def test_raw_points_score_as_the_set_says_of_itself(
    folder: Path, estimator: str, judge: str, column: str, shares: tuple[float, ...], median: float
) -> None:
    """In its own heads of 0.285 m; it counts the nose too, which is none of the 28, hence the tolerance."""
    shot = load_balancing(folder / BALANCING)
    assert column == OWN or shot.judges[estimator] == judge
    with np.load(folder / BALANCING) as file:
        theirs = shot.head_size * float(file["head_neck_length_m"]) / HEAD_METRES
        assert np.allclose(theirs, file["head_px"], rtol=1e-5)
    points, truth = shot.estimates[estimator].positions, judges(shot, estimator)[column]
    errors = np.nan_to_num(errors_in_heads(points, truth, theirs), nan=NOWHERE)[np.isfinite(truth).all(-1) & GIVEN]
    assert pckh(errors, np.array([0.1, 0.5, 1.0])) == pytest.approx(shares, abs=0.03)
    assert np.median(errors) == pytest.approx(median, abs=0.006)


def test_the_seated_person_is_turned_upright(folder: Path) -> None:
    shot = load_seated(folder / SEATED)
    points = shot.estimates["mediapipe_holistic"].positions
    shoulder, hip = (points[1:3, :, INDEX[name]] for name in ("left_shoulder", "left_hip"))
    down = np.nanmedian(hip - shoulder, axis=1)
    assert (down[:, 1] > 2 * np.abs(down[:, 0])).all()
    assert (shot.head_size > 100).all()
    assert not shot.judges


def test_a_shot_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert load_shots(tmp_path, Console(width=200)) == []
    said = capsys.readouterr().out
    assert BALANCING in said
    assert "--multiview" in said


@pytest.mark.parametrize("content", [b"no archive", None])
def test_another_file_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / BALANCING
    if content is None:
        np.savez(path, something=np.zeros(3))
    else:
        path.write_bytes(content)
    with pytest.raises(FormatError, match="balancing_4view"):
        load_balancing(path)


def test_what_is_right_scores_one_and_what_is_missing_counts_as_wrong(shot: Shot) -> None:
    gap = shot.estimates["a"].positions.copy()
    gap[0, :30, INDEX["left_wrist"]] = np.nan
    scores = score_shot(shot, {("a", RAW): shot.estimates["a"].positions, ("a", "gap"): gap})
    assert of(scores, RAW).pckh_01 == 1.0
    assert of(scores, RAW).n == 2 * 60 * 12
    assert of(scores, "gap", view=1).pckh_10 == pytest.approx(1 - 30 / 60 / 12)
    assert of(scores, "gap", view=2).pckh_10 == 1.0
    assert of(scores, "gap").unanswered == 30


def test_added_joints_are_judged_where_the_other_estimator_has_them(shot: Shot) -> None:
    answer = shot.estimates["b"].positions + np.array([0.3 * HEAD, 0])
    scores = score_shot(shot, {("a", RAW): shot.estimates["a"].positions, ("a", "all 28"): answer})
    assert of(scores, "all 28", group="ends").median == pytest.approx(0.3)
    assert of(scores, "all 28", group="ends").n == 2 * 60
    assert not [each for each in scores.views if (each.method, each.group) == (RAW, "ends")]
    assert {each.joint for each in scores.joints if each.method == "all 28"} == {*LIMB_JOINTS, "right_toe"}


def test_repairs_count_what_is_mended_what_is_made_and_what_is_swapped(shot: Shot) -> None:
    points = shot.estimates["a"].points
    truth = points.copy()
    wrist = INDEX["left_wrist"]
    points[0, :6, wrist] += 2 * HEAD
    knees = [INDEX["left_knee"], INDEX["right_knee"]]
    points[1, 10:14, knees] = truth[1, 10:14, MIRROR[knees]]
    result = points.copy()
    result[0, :4, wrist] = truth[0, :4, wrist]
    result[0, 20, INDEX["right_hip"]] += HEAD
    result[1, 10, knees] = truth[1, 10, knees]
    (repairs,) = score_shot(shot, {("a", RAW): points, ("a", "mender"): result}).repairs
    apart = np.linalg.norm(np.diff(truth[1, 0, knees], axis=0)) > HEAD / 2
    assert apart
    assert (repairs.outliers, repairs.mended, repairs.made) == (6 + 8, 4 + 2, 1)
    assert (repairs.swapped, repairs.still_swapped) == (4, 3)


@pytest.mark.parametrize("smoother", SMOOTHERS, ids=lambda each: each.name)
def test_smoothers_take_noise_off_and_fill_gaps(shot: Shot, smoother: Entrant) -> None:
    truth = shot.estimates["a"].positions[0]
    noisy = truth + 20 * np.random.default_rng(1).standard_normal(truth.shape)
    noisy[20:25, INDEX["left_knee"]] = np.nan
    answer = smoother.open(replace(CONDITIONS["clean"], fps=60.0))(noisy)
    assert np.isfinite(answer[:, GIVEN]).all()
    assert np.isnan(answer[:, ~GIVEN]).all()
    rough = [np.nanmean(np.abs(np.diff(each, 2, axis=0))) for each in (answer, noisy)]
    assert rough[0] < rough[1] / 3


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., MultiviewScores]:
    """Runs entrants on one shot."""

    def run(shot: Shot, *entrants: Entrant, upsampler: Upsampler | None = None) -> MultiviewScores:
        (found,) = Bench(list(entrants), upsampler, Cells(tmp_path / "cells"), Console(quiet=True)).run([shot])
        return found

    return run


def test_tables_name_every_method_and_say_what_they_cannot_show(bench: Run, shot: Shot, tmp_path: Path) -> None:
    scores = bench(shot, Entrant("halfway", "product", "", lambda _condition: np.nan_to_num))
    for sheet in multiview_sheets(scores):
        assert sheet.rows
        assert all(len(row) == len(sheet.heads) for row in sheet.rows), sheet.title
    text = multiview_markdown([scores])
    assert all(name in text for name in ("raw", "halfway", "1 Euro"))
    write_scores(tmp_path, [scores])
    written = json.loads((tmp_path / NUMBERS).read_text(encoding="utf-8"))
    assert [len(written[part]) for part in ("views", "joints", "repairs")] == [
        len(part) for part in (scores.views, scores.joints, scores.repairs)
    ]


def test_answers_are_kept_and_not_asked_for_again(bench: Run, shot: Shot) -> None:
    asked = []

    def method(tracks: np.ndarray) -> np.ndarray:
        asked.append(len(tracks))
        return np.nan_to_num(tracks)

    entrant = Entrant("slow", "product", "1", lambda _condition: method)
    first = bench(shot, entrant)
    assert len(asked) == 2 * len(shot.estimates)
    assert of(bench(shot, entrant), "slow").median == pytest.approx(of(first, "slow").median)
    assert len(asked) == 2 * len(shot.estimates)


def test_a_baseline_stays_out_where_a_joint_is_never_seen(bench: Run, shot: Shot) -> None:
    needy = Entrant("ridge", "baseline", "", lambda _condition: np.nan_to_num)
    assert "ridge" in {each.method for each in bench(shot, needy).views}
    for estimate in shot.estimates.values():
        estimate.points[1, :, INDEX["left_ankle"]] = np.nan
    assert "ridge" not in {each.method for each in bench(shot, needy).views}


def test_all_points_reach_the_product_with_their_confidence(bench: Run, folder: Path) -> None:
    shot = load_balancing(folder / BALANCING)
    one = replace(shot, estimates={"movenet_multipose": shot.estimates["movenet_multipose"]}, judges={})
    rows = bench(one, upsampler=Upsampler.load()).repairs
    raw, given_all = rows[0].outliers, next(each for each in rows if each.method == ALL_POINTS)
    assert given_all.outliers - given_all.mended + given_all.made < raw


def test_nose_and_ears_place_the_top_of_the_head(bench: Run, folder: Path) -> None:
    shot = load_balancing(folder / BALANCING)
    movenet = shot.estimates["movenet_multipose"]
    faceless = movenet.scores.copy()
    faceless[..., [n for n, name in enumerate(movenet.joint_set.joints) if name.endswith(("nose", "eye", "ear"))]] = 0
    errors = []
    for scores in (faceless, movenet.scores):
        estimates = shot.estimates | {"movenet_multipose": replace(movenet, scores=scores)}
        some = {name: estimates[name] for name in ("movenet_multipose", shot.judges["movenet_multipose"])}
        found = bench(
            replace(shot, estimates=some, judges={"movenet_multipose": [*some][1]}), upsampler=Upsampler.load()
        )
        errors += [
            each.median
            for each in found.joints
            if (each.estimator, each.method, each.joint) == ("movenet_multipose", ALL_POINTS, "head_top")
        ]
    assert errors[1] < 0.8 * errors[0]


def test_real_estimates_are_drawn_where_they_fail_most(shot: Shot, tmp_path: Path) -> None:
    one = shot.estimates["a"]
    wrong = one.positions.copy()
    wrong[1, :, INDEX["left_knee"]] += 2 * HEAD
    estimates = {"openpose_body25b": replace(one, points=wrong), "b": shot.estimates["b"]}
    named = replace(shot, estimates=estimates, judges={"openpose_body25b": "b"})
    whole = np.nan_to_num(one.positions, nan=10.0)
    answers = {("openpose_body25b", RAW): wrong, ("openpose_body25b", OURS): whole}
    assert draw_real(named, answers, tmp_path / "real.png")
    with Image.open(tmp_path / "real.png") as picture:
        assert picture.format == "PNG"
    assert not draw_real(shot, answers, tmp_path / "other.png")
    assert not (tmp_path / "other.png").exists()
