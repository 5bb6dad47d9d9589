"""A folder of shots, and the command run on it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jumps_blender.__main__ import main
from tests.batch.shots_at_hand import write_walk

Batch = Callable[..., int]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `in` with one shot, two people who walk, and `out` with its results."""
    place = tmp_path_factory.mktemp("finished")
    (place / "in").mkdir()
    write_walk(place / "in" / "street.json", people=2)
    assert main(["batch", str(place / "in"), "-o", str(place / "out"), "--settings", "draft"]) == 0
    return place


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """A folder with one shot: two people who walk."""
    return Path(shutil.copytree(finished / "in", tmp_path / "in"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where the results go; not there yet."""
    return tmp_path / "out"


@pytest.fixture
def done(finished: Path, out: Path) -> Path:
    """Where the results of that folder are already, all made long ago."""
    shutil.copytree(finished / "out", out)
    for path in out.rglob("*.json"):
        os.utime(path, (0, 0))
    return out


@pytest.fixture
def batch(folder: Path, out: Path) -> Batch:
    """Run the command with more options, by `draft` unless they say otherwise; its exit status."""

    def run(*options: str) -> int:
        try:
            return main(["batch", str(folder), "-o", str(out), "--settings", "draft", *options])
        except SystemExit as left:
            return left.code if isinstance(left.code, int) else 1

    return run


@pytest.fixture
def record(out: Path) -> Callable[[str], dict[str, Any]]:
    """What is kept of a shot."""
    return lambda shot: json.loads((out / "shots" / shot / "shot.json").read_text(encoding="utf-8"))
