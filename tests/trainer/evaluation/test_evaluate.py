"""The command on a data set made here, and what its scenes and scores mean."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.core.upsampler import Upsampler
from trainer.__main__ import main
from trainer.data.dataset import Clip, save_dataset
from trainer.evaluation.report import sheets
from trainer.evaluation.scenes import Scene, cut, draw_scenes, join, stretches
from trainer.evaluation.scores import GROUPS, score

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
    """Stands in for the product: knows the truth but for a shift of the missing joints."""

    def __init__(self, seen: list[np.ndarray]) -> None:
        self.seen = seen

    def upsample(self, positions: np.ndarray, joint_set: object, settings: str, seed: int) -> object:
        assert joint_set == JOINTS
        self.seen.append(positions)
        guess = np.where(np.isnan(positions), np.nanmean(positions, axis=1, keepdims=True), positions)
        return type("Result", (), {"positions": guess})()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    tracks: list[np.ndarray] = []
    monkeypatch.setattr(Upsampler, "load", lambda **_: Prior(tracks))
    return tracks


def evaluated(data: Path, out: Path, *more: str) -> dict[str, dict[str, float]]:
    words = ["evaluate", "--data", str(data), "--out", str(out), "--windows", "8", "--ridge-windows", "50", *more]
    assert main(words) == 0
    found = json.loads((out / "results.json").read_text())["scores"]
    return {f"{each['method']}, {each['source']}, {each['group']}": each for each in found}


def test_the_command_scores_the_product_next_to_the_baselines(
    data: Path, tmp_path: Path, seen: list[np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    scores = evaluated(data, tmp_path / "out", "--settings", "default,draft")
    assert len(scores) == 4 * 2 * 3
    assert scores["JUMPS, default, one, observed"]["pckh_01"] == 1
    assert scores["JUMPS, draft, one, missing"]["pckh_01"] < 0.9
    assert scores["window ridge, one, missing"]["auc"] > 0.3
    printed = capsys.readouterr().out
    assert "other data, not comparable" in printed
    assert "0.6096" in printed
    text = (tmp_path / "out" / "tables.md").read_text()
    assert "| JUMPS, default (no uiprmd) |" in text
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["results.json", "tables.md"]


def test_the_product_sees_the_12_joints_only(data: Path, tmp_path: Path, seen: list[np.ndarray]) -> None:
    evaluated(data, tmp_path / "out")
    for tracks in seen:
        assert np.isfinite(tracks).all(-1).sum(1).tolist() == [12] * len(tracks)
        assert np.isfinite(tracks[:, [INDEX[name] for name in LIMB_JOINTS]]).all()


def test_the_same_seed_gives_the_same_cameras() -> None:
    clips = [clip("abc", "one", "test", 600)]
    first, again, other = (draw_scenes(clips, 12, seed)["one"][0].positions for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_data_that_is_not_there_ends_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--data", str(tmp_path), "--out", str(tmp_path / "out"), "--settings", ""]) == 2
    assert "expected a prepared data set" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_stretches_stay_clear_of_glitches() -> None:
    found = stretches(clip("x", "one", "test", 200, bad=slice(60, 63)))
    assert [(part.start, part.stop) for part in found] == [(0, 60), (63, 159), (159, 200)]


def test_people_stand_upright_in_the_image_with_a_plausible_head() -> None:
    for scenes in draw_scenes([clip("x", "one", "test")], 100, 0).values():
        for scene in scenes:
            y = scene.positions[..., 1]
            assert (y[:, INDEX["head_top"]] < y[:, INDEX["pelvis"]]).all()
            assert (y[:, INDEX["pelvis"]] < y[:, INDEX["left_ankle"]]).all()
            height = y[:, INDEX["left_toe"]] - y[:, INDEX["head_top"]]
            np.testing.assert_array_less(5, height / scene.head_size)  # 1.75 m is 7.8 heads, less from above
            np.testing.assert_array_less(height / scene.head_size, 10)


@pytest.mark.parametrize("frames", [24, 30, 48, 95])
def test_windows_cover_a_scene_and_go_back_together(frames: int) -> None:
    positions = np.random.default_rng(0).normal(size=(frames, 28, 2))
    windows, starts = cut(positions)
    assert windows.shape == (-(-frames // 24), 24, 28, 2)
    np.testing.assert_array_equal(join(windows, starts), positions)


@pytest.fixture
def scene() -> Callable[[str, int], Scene]:
    def build(source: str, frames: int) -> Scene:
        return Scene("clip", source, np.zeros((frames, 28, 2)), np.full(frames, 10.0))

    return build


def test_scores_count_frames_and_means_count_sources(scene: Callable[[str, int], Scene]) -> None:
    near, far = scene("one", 30), scene("one", 10)
    results = [near.positions + np.array([3.0, 4.0]), far.positions + np.array([6.0, 8.0])]
    one = [score("shift", "one", group, results, [near, far]) for group in GROUPS]
    assert one[0].pckh_10 == pytest.approx(0.75)  # the far one misses by exactly one head
    assert one[0].mpjpe == pytest.approx((30 * 0.5 + 10 * 1.0) / 40)
    assert one[0].mpjve == 0
    other = [score("shift", "two", group, [near.positions], [near]) for group in GROUPS]
    (row,) = sheets([*one, *other])[0].rows
    assert row[:4] == ("shift", "0.5000", "0.5000", "0.8750")  # 0 and 1; 0 (0.5 is not below 0.5) and 1; 0.75 and 1


def test_groups_are_scored_apart(scene: Callable[[str, int], Scene]) -> None:
    truth = scene("one", 24)
    result = truth.positions.copy()
    result[:, INDEX["head_top"]] += [50.0, 0.0]
    shares = {group: score("m", "one", group, [result], [truth]).pckh_10 for group in ("all", "observed", "missing")}
    assert shares == pytest.approx({"all": 27 / 28, "observed": 1, "missing": 15 / 16})
