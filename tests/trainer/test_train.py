"""The command `train` on a small data set: what it leaves in its folder, going on, and what it refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from jumps_blender.core.direct.gaussian import Gaussian
from trainer.__main__ import main
from trainer.data.dataset import Clip, load_dataset, save_dataset
from trainer.poses import POSES, fit_poses, load_poses, save_poses
from trainer.sampling import PAPER, Sampler


def train(data: Path, out: Path, *more: str) -> int:
    return main(["train", "--data", str(data), "--out", str(out), "--windows", "1000", *more])


def lines(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "stats.jsonl").read_text().splitlines()]


def test_a_run_leaves_checkpoints_statistics_and_its_options(trained: Path) -> None:
    names = {path.name for path in trained.iterdir()}
    assert names == {"best.pt", "last.pt", "gaussians.npz", "run.json", "stats.jsonl", "samples"}
    (line,) = lines(trained)
    assert line["iteration"] == 2
    assert line["validation"] > 0
    assert line.keys() >= {"critic", "penalty", "reconstruction", "backward", "generator", "mix"}
    options = json.loads((trained / "run.json").read_text())
    assert (options["preset"], options["seed"]) == ("small", 0)
    assert options["parts"] == [{"minutes": None, "iterations": 2, "precision": "auto", "begun": 0.0}]


def test_a_run_goes_on_from_its_last_checkpoint(trained: Path, prepared: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    gaussians = (run / "gaussians.npz").read_bytes()
    assert train(prepared, run, "--iterations", "3", "--resume") == 0
    assert [line["iteration"] for line in lines(run)] == [2, 3]
    assert torch.load(run / "last.pt", weights_only=True)["iteration"] == 3
    assert (run / "gaussians.npz").read_bytes() == gaussians
    begun = [part["begun"] for part in json.loads((run / "run.json").read_text())["parts"]]
    assert begun == sorted(begun)
    assert len(begun) == 2


def test_a_run_is_not_overwritten(trained: Path, prepared: Path, capsys) -> None:
    before = {path.name: path.read_bytes() for path in trained.rglob("*.*")}
    assert train(prepared, trained, "--iterations", "1") == 2
    assert "holds a run already. Go on with --resume" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in trained.rglob("*.*")} == before


def test_a_run_is_not_resumed_with_another_seed(trained: Path, prepared: Path, tmp_path: Path, capsys) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    assert train(prepared, run, "--iterations", "3", "--resume", "--seed", "9") == 2
    assert "was begun with --seed 0. Resume it with that" in capsys.readouterr().err


def test_a_spent_budget_trains_no_further(trained: Path, prepared: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    assert train(prepared, run, "--iterations", "2", "--resume") == 0
    before, after = (torch.load(folder / "last.pt", weights_only=True) for folder in (trained, run))
    assert after["iteration"] == 2
    for name, value in before["generator"].items():
        assert torch.equal(value, after["generator"][name])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--resume"], "nothing to resume. Leave out --resume"),
        (["--iterations", "0"], "--iterations is 0, expected a budget above 0"),
        (["--minutes", "-1"], "--minutes is -1.0, expected a budget above 0"),
        (["--minutes", "nan"], "--minutes is nan"),
    ],
)
def test_what_cannot_run_ends_with_one_line(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert train(prepared, tmp_path / "run", *words) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_data_under_share_alike_terms_is_refused(
    forbidden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(forbidden, tmp_path / "run", "--iterations", "1") == 2
    told = capsys.readouterr().err
    assert "1 clips to train on are under CC-BY-SA-3.0, the first is emil" in told
    assert "Keep such clips in split 'test'" in told
    assert not (tmp_path / "run").exists()


def test_clips_without_a_window_are_refused(
    make_clip: Callable[..., Clip], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_dataset([make_clip("finn", frames=20), make_clip("carl", "val")], tmp_path / "data")
    assert train(tmp_path / "data", tmp_path / "run", "--iterations", "1") == 2
    assert "No valid stretch of 30 frames in 1 clips" in capsys.readouterr().err


def test_the_gaussian_is_that_of_the_poses(prepared: Path) -> None:
    clips = load_dataset(prepared, "train")
    gaussian = fit_poses(Sampler(clips, PAPER, np.random.default_rng(4)), 2000)
    sampler = Sampler(clips, PAPER, np.random.default_rng(4))
    flat = np.concatenate([sampler.draw(1000)[0] for _ in range(2)]).astype(float).reshape(-1, 56)
    np.testing.assert_allclose(gaussian.mean, flat.mean(0), atol=1e-6)
    found = gaussian.factor @ gaussian.factor.T + np.diag(gaussian.noise)
    np.testing.assert_allclose(found, np.cov(flat.T, bias=True), atol=2e-5)


def test_poses_are_stored_as_they_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    stored = Gaussian(rng.random(6), rng.random((6, 2)), rng.random(6))
    save_poses(tmp_path / POSES, stored)
    found = load_poses(tmp_path / POSES)
    for key in ("mean", "factor", "noise"):
        np.testing.assert_array_equal(getattr(found, key), getattr(stored, key))
    assert [path.name for path in tmp_path.iterdir()] == [POSES]
