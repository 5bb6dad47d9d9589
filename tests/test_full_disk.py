"""A disk that is full at any moment: who writes says so, what was there stays whole, and no half file is left."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jumps_blender.batch.records import DONE, ShotRecord, write_record
from jumps_blender.batch.report import Report, write_report
from jumps_blender.core import Upsampler
from jumps_blender.core.engines import choice
from jumps_blender.errors import JumpsError
from jumps_blender.formats import read
from jumps_blender.formats.export import write_result, write_tracks
from tests.full_disk import limited_files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX's")

Write = Callable[[Path], object]


@pytest.fixture(scope="module")
def kept(repository: Path) -> Path:
    """Ten frames of two people."""
    return repository / "tests" / "data" / "kept" / "0.1.0" / "tracks.json"


@pytest.fixture(params=["result.json", "result.csv", "tracks.json", "shot.json", "report.json"])
def writer(request: pytest.FixtureRequest, kept: Path) -> tuple[str, Write]:
    """Everything that writes a file a person keeps: the file's name, and what writes it into a folder."""
    name, tracks = request.param, read(kept).tracks()
    record = ShotRecord("street", "street.json", DONE, warnings=("a person is seen twice",) * 30)
    if name == "tracks.json":
        return name, lambda folder: write_tracks(folder / name, [tracks])
    if name == "shot.json":
        return name, lambda folder: write_record(folder, record)
    if name == "report.json":
        return name, lambda folder: write_report(folder, Report((record,)))
    result = Upsampler.load(engine="numpy").upsample(tracks.positions, tracks.joint_set, settings="draft")
    return name, lambda folder: write_result(folder / name, result, tracks, 30.0)


@pytest.mark.parametrize("room", [0, 100, 1000])
def test_what_was_there_stays(writer: tuple[str, Write], room: int, tmp_path: Path) -> None:
    name, write = writer
    (tmp_path / name).write_text("from yesterday")
    with limited_files(room), pytest.raises(JumpsError, match=f"{name} cannot be written: File too large"):
        write(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "from yesterday"}
    write(tmp_path)
    assert (tmp_path / name).read_text() != "from yesterday"


def test_what_cannot_be_remembered_is_measured_again(tmp_path: Path) -> None:
    memory = tmp_path / "engines.json"
    with limited_files(10):
        choice._keep(memory, "draft", choice.NUMPY)
    assert not list(tmp_path.iterdir())
    choice._keep(memory, "draft", choice.NUMPY)
    assert choice._recall(memory, "draft") == choice.NUMPY


def test_a_batch_says_so_and_goes_on_when_there_is_room(kept: Path, tmp_path: Path, capsys) -> None:
    from jumps_blender.__main__ import main

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "street.json").write_bytes(kept.read_bytes())
    command = ["batch", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--settings", "draft"]
    with limited_files(3000):
        assert main(command) == 3
    assert "File too large" in capsys.readouterr().err
    assert not [path for path in tmp_path.glob("out/**/*") if path.suffix in {".part", ".json"}]
    assert main(command) == 0
    assert json.loads((tmp_path / "out" / "report.json").read_text())["counts"]["done"] == 1
