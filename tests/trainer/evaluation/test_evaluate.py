"""The command on a data set made here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.core.settings import Settings
from jumps_blender.core.upsampler import Upsampler
from trainer.__main__ import main
from trainer.baselines import lessons
from trainer.data.dataset import Clip, save_dataset
from trainer.evaluation.methods import load
from trainer.evaluation.mpi_inf_3dhp import load_scenes

# A person who stands upright, metres, z up, facing along -y: x to the left, and z.
BODY = {
    "pelvis": (0, 0.95), "spine": (0, 1.05), "spine2": (0, 1.15), "spine3": (0, 1.25), "spine4": (0, 1.35),
    "neck": (0, 1.48), "head": (0, 1.58), "head_top": (0, 1.75), "clavicle": (0.05, 1.47), "shoulder": (0.18, 1.42),
    "elbow": (0.22, 1.15), "wrist": (0.24, 0.92), "hand": (0.25, 0.83), "hip": (0.09, 0.95), "knee": (0.1, 0.53),
    "ankle": (0.1, 0.1), "foot": (0.11, 0.03), "toe": (0.11, 0.02),
}  # fmt: skip


def person(frames: int, seed: int) -> np.ndarray:
    """The body above, swaying and waving: (frames, 28, 3)."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames) / 25
    body = np.zeros((frames, 28, 3))
    for joint, name in enumerate(JOINTS):
        side = {"left": 1.0, "right": -1.0}.get(name.split("_")[0], 1.0)
        x, z = BODY[name.removeprefix("left_").removeprefix("right_")]
        body[:, joint] = side * x, 0.0, z
        body[:, joint, :2] += 0.1 * z * np.sin(rng.uniform(1, 3, 2) * t[:, None] + rng.uniform(0, 6, 2))
    return body.astype(np.float32)


def clip(name: str, source: str, split: str, frames: int = 120, bad: slice | None = None) -> Clip:
    valid = np.ones(frames, bool)
    if bad is not None:
        valid[bad] = False
    return Clip(name, source, name, split, "CC0-1.0", "sway", person(frames, len(name)), 25.0, valid)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    clips = [
        clip("a", "one", "train"),
        clip("ab", "two", "val"),
        clip("abc", "one", "test"),
        clip("d", "uiprmd", "test"),
    ]
    save_dataset(clips, tmp_path / "data")
    return tmp_path / "data"


class Prior:
    """Stands in for the product: puts each missing joint in the middle of the observed ones."""

    def __init__(self, seen: list[np.ndarray]) -> None:
        self.seen = seen

    def upsample(self, positions: np.ndarray, joint_set: object, fps: float, settings: Settings, seed: int) -> object:
        assert joint_set == JOINTS
        self.seen.append(positions)
        guess = np.where(np.isnan(positions), np.nanmean(positions, axis=1, keepdims=True), positions)
        return type("Result", (), {"positions": guess})()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[np.ndarray]]:
    tracks: list[np.ndarray] = []
    monkeypatch.setattr(Upsampler, "load", lambda **_: Prior(tracks))
    load.cache_clear()
    yield tracks
    load.cache_clear()


@pytest.fixture(autouse=True)
def few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "EXAMINATION", 40)


def evaluate(data: Path, out: Path, *more: str) -> dict[str, Any]:
    words = ["--data", str(data), "--out", str(out), "--fits", str(out / "fits"), "--fit-windows", "50"]
    words += ["--multiview", str(out), "--no-plots", "--no-inquiries"]
    assert main(["evaluate", *words, "--windows", "8", *more]) == 0
    results, details = (json.loads((out / f"{name}.json").read_text()) for name in ("results", "details"))
    return {**details, **results}


def rows(results: dict[str, Any]) -> dict[tuple[str, ...], dict[str, float]]:
    return {tuple(each[name] for name in ("method", "condition", "source", "group")): each for each in results["rows"]}


METHODS = ("--methods", "default", "draft", "mean pose", "window ridge", "raw")


def test_methods_meet_conditions_and_the_bars_are_judged(
    data: Path, tmp_path: Path, seen: list[np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    results = evaluate(data, tmp_path / "out", *METHODS, "--conditions", "clean", "white_15", "coco17")
    scores = rows(results)
    assert list(results["conditions"]) == ["clean", "white_15"]
    assert scores["JUMPS, default", "clean", "one", "observed"]["pckh_01"] == 1
    assert scores["JUMPS, draft", "clean", "mean", "missing"]["pckh_01"] < 0.9
    assert scores["raw", "white_15", "one", "observed"]["pckh_01"] < 0.3
    assert ("raw", "clean", "one", "observed") not in scores
    assert ("raw", "white_15", "one", "missing") not in scores
    one, two, mean, varied = (
        scores["window ridge", "clean", source, "missing"]["auc"]
        for source in ("one", "uiprmd", "mean", "mean without uiprmd")
    )
    assert mean == pytest.approx((one + two) / 2, abs=1e-5)
    assert varied == one
    bars = {(bar["rule"], bar["condition"], bar["measure"]): bar for bar in results["bars"]}
    bar = bars["over window ridge", "clean", "auc"]
    assert bar["lead"] == pytest.approx(bar["value"] - bar["other"], abs=1e-4)
    assert bar["passed"] == (bar["lead"] >= bar["needed"] == 0.032)
    kept = bars["shown joints stay, default", "clean", "mpjpe"]
    assert (kept["needed"], kept["passed"]) == (-0.02, kept["value"] <= 0.02)
    mended = bars["shown joints no worse, draft", "white_15", "mpjpe"]
    assert mended["passed"] == (mended["value"] <= mended["other"])
    assert mended["other"] > 0.15
    assert f"Bars: {sum(bar['passed'] for bar in results['bars'])} of" in capsys.readouterr().out
    text = (tmp_path / "out" / "tables.md").read_text()
    assert text.index("## Bars") < text.index("## Table I")
    assert "coco17 is clean" in text
    assert "other data, not comparable" in text


def test_a_run_that_was_broken_off_goes_on(data: Path, tmp_path: Path, seen: list[np.ndarray]) -> None:
    out = tmp_path / "out"
    first = evaluate(data, out, "--methods", "default", "--conditions", "clean")
    solved = len(seen)
    again = evaluate(data, out, "--methods", "default", "draft", "--conditions", "clean")
    assert len(seen) == 2 * solved
    assert rows(again).items() >= rows(first).items()


def test_a_cell_of_other_tracks_is_not_taken(data: Path, tmp_path: Path, seen: list[np.ndarray]) -> None:
    first = evaluate(data, tmp_path / "out", "--methods", "default", "--conditions", "clean")
    solved = len(seen)
    other = evaluate(data, tmp_path / "out", "--methods", "default", "--conditions", "clean", "--seed", "1")
    assert len(seen) > solved
    assert rows(other) != rows(first)


def test_a_damaged_cell_is_measured_again(data: Path, tmp_path: Path, seen: list[np.ndarray]) -> None:
    first = evaluate(data, tmp_path / "out", "--methods", "default", "--conditions", "clean")
    (cell,) = (tmp_path / "out" / "cells").iterdir()
    cell.write_bytes(cell.read_bytes()[:100])
    assert rows(evaluate(data, tmp_path / "out", "--methods", "default", "--conditions", "clean")) == rows(first)


def test_the_product_sees_the_12_joints_only(data: Path, tmp_path: Path, seen: list[np.ndarray]) -> None:
    evaluate(data, tmp_path / "out", "--methods", "default", "--conditions", "clean", "outliers_swaps", "fps_60")
    for tracks in seen:
        assert np.isfinite(tracks).all(-1).sum(1).tolist() == [12] * len(tracks)
        assert np.isfinite(tracks[:, [INDEX[name] for name in LIMB_JOINTS]]).all()


def test_slices_curves_joints_and_places_are_told(data: Path, tmp_path: Path, seen: list[np.ndarray]) -> None:
    results = evaluate(data, tmp_path / "out", "--methods", "default", "--conditions", "clean", "occlusion")
    by = {(each["condition"], each["by"]): each["name"] for each in results["slices"]}
    assert by["clean", "kind of motion"] == "other"
    assert {each["group"] for each in results["curves"]} == {"all", "observed", "missing", "hidden"}
    assert all(each["pckh"] == sorted(each["pckh"]) and len(each["pckh"]) == 101 for each in results["curves"])
    assert all(len(each["mpjpe"]) == len(results["joint_names"]) == 28 for each in results["joints"])
    assert all(len(each["mpjpe"]) == 24 for each in results["places"])
    assert {each["condition"] for each in results["clips"]} == {"clean", "occlusion"}


def test_the_papers_own_protocol_needs_no_capture(
    mpi_inf_3dhp: Path, tmp_path: Path, seen: list[np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    """Estimates are the truth of the test set, 9 pixels off."""
    entries = []
    for scene in load_scenes(mpi_inf_3dhp):
        for frame, points in enumerate(scene.positions):
            keypoints = np.full((17, 3), 0.9)
            for source, joint in find_joint_set("coco17").observes:
                keypoints[source, :2] = points[joint] + [9.0, 0.0]
            name = f"img_{scene.start + frame + 1:06d}.jpg"
            entries.append({"image_id": name, "category_id": 1, "score": 2.0, "keypoints": keypoints.ravel().tolist()})
    (tmp_path / "TS2.json").write_text(json.dumps(entries))
    words = ["--mpi-inf-3dhp", str(mpi_inf_3dhp), "--estimates", str(tmp_path), "--methods", "default", "raw"]
    scores = rows(evaluate(tmp_path / "nothing", tmp_path / "out", *words))
    assert "assumed because neither the paper nor the data says it" in capsys.readouterr().out
    off = np.mean(9 / np.concatenate([scene.head_size for scene in load_scenes(mpi_inf_3dhp)]))
    assert scores["raw", "estimates", "mean", "observed"]["mpjpe"] == pytest.approx(off, rel=1e-3)
    assert scores["JUMPS, default", "clean", "mean", "observed"]["mpjpe"] == 0
    assert scores["JUMPS, default", "estimates", "mean", "missing"]["mpjpe"] > off
    text = (tmp_path / "out" / "tables.md").read_text()
    assert "Table I:" in text
    assert "Table II, part two: post-processing (estimates)" in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--conditions", "fog"], "Unknown conditions fog; expected some of clean"),
        (["--methods", "magic"], "Unknown methods magic; expected some of 'JUMPS, default'"),
        (["--without-encoder", "nowhere"], "best.pt is missing"),
    ],
)
def test_words_that_mean_nothing_end_with_one_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(["evaluate", "--data", str(data), "--out", str(tmp_path / "out"), *words]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_data_that_is_not_there_ends_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "expected a prepared data set" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
