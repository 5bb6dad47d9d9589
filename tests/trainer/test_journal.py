"""What a run leaves while it goes on: pictures, checkpoints on a full disk, numbers for tensorboard."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.full_disk import limited_files
from trainer.__main__ import main
from trainer.sheets import CELL, MARGIN, write_sheet


def train(data: Path, out: Path, *more: str) -> int:
    return main(["train", "--data", str(data), "--out", str(out), "--windows", "1000", "--batch", "8", *more])


def test_a_sheet_shows_every_window(tmp_path: Path) -> None:
    windows = np.random.default_rng(0).uniform(-0.8, 0.8, (3, 24, 28, 2))
    write_sheet(tmp_path / "samples" / "1.png", {"real": windows, "generated": windows[:2]})
    picture = np.asarray(Image.open(tmp_path / "samples" / "1.png").convert("L"))
    assert picture.shape == (2 * (CELL + MARGIN), 3 * CELL)
    cells = [[picture[row * (CELL + MARGIN) + MARGIN :][:CELL, column * CELL :][:, :CELL] for column in range(3)]
             for row in range(2)]  # fmt: skip
    drawn = [[bool((cell < 200).any()) for cell in row] for row in cells]
    assert drawn == [[True, True, True], [True, True, False]]
    assert [file.name for file in (tmp_path / "samples").iterdir()] == ["1.png"]


@pytest.mark.usefixtures("small_samples")
def test_training_goes_on_while_the_disk_is_full(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert train(prepared, run, "--steps", "1") == 0
    kept = (run / "last.pt").read_bytes()
    with limited_files(1_000_000):
        assert train(prepared, run, "--steps", "3", "--resume", "--every", "0") == 2
    told = capsys.readouterr()
    assert "the one before is intact" in " ".join(told.out.split())
    assert "make room and go on with --resume" in told.err
    assert (run / "last.pt").read_bytes() == kept
    assert not list(run.glob("*.partial"))
    assert train(prepared, run, "--steps", "3", "--resume") == 0


@pytest.mark.usefixtures("small_samples")
def test_a_run_without_encoder_is_told_and_kept(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert train(prepared, run, "--preset", "paper", "--steps", "1", "--without", "encoder") == 0
    assert (run / "best.pt").exists()
    told = " ".join(capsys.readouterr().out.split())
    assert "1 iterations in" in told
    assert "windows per second, bound by" in told
    assert "peak memory" in told
    assert train(prepared, run, "--preset", "paper", "--steps", "2", "--resume") == 2
    assert "was begun with --without ['encoder']" in capsys.readouterr().err


@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is not None, reason="tensorboard is installed")
def test_tensorboard_is_asked_for_where_it_is_missing(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(prepared, tmp_path / "run", "--steps", "1", "--tensorboard") == 2
    assert "pip install -r requirements/tensorboard.txt, or leave out --tensorboard" in capsys.readouterr().err
