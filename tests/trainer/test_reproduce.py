"""The command `reproduce` on a small data set: every row is trained, inverted and told, and nothing twice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jumps_blender.core.settings import Settings
from jumps_blender.core.upsampler import Upsampler
from jumps_blender.core.weights import Weights
from trainer import reproduce as reproduction
from trainer.__main__ import main
from trainer.loop import Trainer
from trainer.reproduction.claims import steps_to, verdict
from trainer.reproduction.exam import Answer, Exam
from trainer.reproduction.rows import ROWS, STEPS


@pytest.fixture(scope="module")
def short_inversions():
    """At most two latent steps from two starts."""
    sit = Exam.sit

    def short(self: Exam, weights: Weights, settings: Settings, seed: int) -> Answer:
        starts = min(settings.random_starts, 2 - settings.encoder_start)
        return sit(self, weights, replace(settings, steps=min(settings.steps, 2), random_starts=starts), seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Exam, "sit", short)
        yield


def reproduce(data: Path, out: Path, *more: str) -> int:
    common = ["--batch", "4", "--seeds", "1", "--windows", "1000", "--steps", "2"]
    return main(["reproduce", "--data", str(data), "--out", str(out), *common, *more])


@pytest.fixture(scope="module")
def reproduced(prepared: Path, short_inversions: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished call."""
    folder = tmp_path_factory.mktemp("reproduced")
    assert reproduce(prepared, folder) == 0
    return folder


def test_every_row_is_trained_and_told(reproduced: Path) -> None:
    results = json.loads((reproduced / "reproduce.json").read_text())
    assert list(results["rows"]) == list(ROWS)
    assert results["options"]["share"] == pytest.approx(8 / (60 * 835_000))
    assert [point["step"]["mean"] for point in results["curves"]["full"]] == [1, 2]
    assert results["curves"]["w/o ENC."][0]["error"] is None
    assert {len(points) for points in results["convergence"].values()} == {len(STEPS)}
    table = (reproduced / "reproduce.md").read_text()
    assert "2 iterations of 4 windows" in table
    assert "**not run**" not in table


def test_what_is_finished_is_kept(reproduced: Path, prepared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in reproduced.rglob("found.json")}
    assert len(before) == len(ROWS)
    assert reproduce(prepared, reproduced) == 0
    assert capsys.readouterr().out.count("kept") == len(ROWS)
    assert reproduce(prepared, reproduced, "--results", str(reproduced / "told"), "--report-only") == 0
    assert (reproduced / "told" / "reproduce.md").read_text() == (reproduced / "reproduce.md").read_text()
    assert {path: path.stat().st_mtime_ns for path in reproduced.rglob("found.json")} == before


def test_other_options_want_another_folder(
    reproduced: Path, prepared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reproduce(prepared, reproduced, "--rate", "0.1") == 2
    assert "Choose another --out" in capsys.readouterr().err


@pytest.mark.parametrize(("row", "critic"), [("w-o-enc-", 8), ("4-channel-critic", 4), ("sigmoid-critic", 8)])
def test_a_rows_weights_can_be_loaded(reproduced: Path, row: str, critic: int) -> None:
    weights = Upsampler.load(weights=reproduced / f"{row}-0" / "weights", engine="torch", device="cpu").weights
    assert weights.critic_channels == critic
    assert bool(weights.network("encoder")) == (row != "w-o-enc-")
    assert weights.critic_output == ("sigmoid" if row == "sigmoid-critic" else "linear")


def number(mean: float, spread: float) -> dict[str, float]:
    return {"mean": mean, "spread": spread}


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (number(1.0, 0.1), number(0.5, 0.1), "worse"),
        (number(0.5, 0.1), number(1.0, 0.1), "better"),
        (number(0.7, 0.1), number(0.5, 0.1), "no difference beyond twice the spread"),
        (number(0.7, 0.0), number(0.5, 0.0), "one seed, no verdict"),
    ],
)
def test_a_difference_counts_beyond_the_spread(one: dict[str, float], other: dict[str, float], told: str) -> None:
    assert verdict(one, other) == told


def test_convergence_is_told_by_the_steps_to_a_level() -> None:
    points = [{"L_Inp": number(level, 0.1)} for level in (3.0, 2.0, 1.5, 1.2, 1.1, 1.0, 1.0)]
    assert [steps_to(points, level) for level in (3.0, 1.2, 0.5)] == [STEPS[0], STEPS[3], None]


def test_an_interrupted_row_goes_on_from_its_checkpoint(
    prepared: Path, short_inversions: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reproduction, "prior", interrupted)
        with pytest.raises(KeyboardInterrupt):
            reproduce(prepared, tmp_path, "--rows", "no L_Mix")
    place = tmp_path / "no-l-mix-0"
    assert {path.name for path in place.iterdir()} >= {"last.pt", "curve.json"}
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", interrupted)  # nothing is left to train
        assert reproduce(prepared, tmp_path, "--rows", "no L_Mix") == 0
    assert {path.name for path in place.iterdir()} == {"best.pt", "curve.json", "found.json", "weights"}
    results = json.loads((tmp_path / "reproduce.json").read_text())
    assert [point["step"]["mean"] for point in results["curves"]["no L_Mix"]] == [1, 2]
    assert "**not run**" in (tmp_path / "reproduce.md").read_text()
