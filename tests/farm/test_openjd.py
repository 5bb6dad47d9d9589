"""The job template, run by the runner of Open Job Description on real files: one bad, one task killed and run again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch.shots_at_hand import SAMPLE, write_cut, write_walk

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell script for a program")

KILLED_ONCE = """#!/bin/sh
# The command line, which a host kills in the middle of the second task's first shot, but once only.
case "$*" in
*--part=2/3*)
    if test ! -e "{mark}"; then
        touch "{mark}"
        "{python}" "$@" &
        until ls "{out}"/.work/* 2>/dev/null; do sleep 0.02; done
        kill -9 $!
        wait $!
        exit
    fi ;;
esac
exec "{python}" "$@"
"""


@pytest.fixture(scope="module")
def openjd(repository: Path) -> str:
    """The runner; .venv-farm is where requirements/farm.txt goes."""
    found = shutil.which("openjd") or shutil.which("openjd", path=repository / ".venv-farm" / "bin")
    if found is None:
        pytest.skip("needs openjd: python3 -m scripts.setup .venv-farm requirements/farm.txt")
    assert found
    return found


@pytest.fixture
def shots(tmp_path: Path, repository: Path) -> Path:
    """Three tasks' worth of real files, one of them cut off."""
    folder = tmp_path / "keypoints"
    folder.mkdir()
    shutil.copy(SAMPLE, folder / "c_rooftop.json")
    write_walk(folder / "a_street.json", people=2)
    write_cut(folder / "b_cut.json")
    found = repository.parent / "shared" / "keypoints" / "found" / "openpose_body25_face_hands.zip"
    if found.is_file():
        shutil.copy(found, folder / "e_openpose.zip")
    else:
        write_walk(folder / "e_square.json")
    return folder


def run(openjd: str, repository: Path, shots: Path, program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    values = {
        "Keypoints": shots, "Results": shots.parent / "out", "Tasks": 3, "Settings": "draft", "Scenes": "--no-blend",
        "Program": program, "Flag": "-m", "Command": "jumps_blender",
    }  # fmt: skip
    given = [word for name, value in values.items() for word in ("-p", f"{name}={value}")]
    return subprocess.run(
        [openjd, "run", str(repository / "farm" / "jumps.openjd.yaml"), *given, *words],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(repository)}, timeout=240,
    )  # fmt: skip


def test_a_killed_task_is_run_again_and_a_bad_file_stops_nobody(openjd, repository, shots, tmp_path) -> None:
    program = tmp_path / "program"
    program.write_text(KILLED_ONCE.format(python=sys.executable, mark=tmp_path / "killed", out=tmp_path / "out"))
    program.chmod(0o755)
    done = run(openjd, repository, shots, program, "--step", "Shots")
    assert done.returncode != 0, done.stdout
    assert (tmp_path / "killed").exists()
    assert (tmp_path / "out" / "shots" / "a_street" / "shot.json").is_file(), "the first task's"
    assert not (tmp_path / "out" / "shots" / "b_cut").exists(), "the killed task's"

    again = run(openjd, repository, shots, program, "--step", "Shots", "--tasks", '[{"Task": 2}, {"Task": 3}]')
    assert again.returncode == 0, again.stdout
    assert "b_cut.json was cut off" in again.stdout
    report = run(openjd, repository, shots, program, "--step", "Report", "--no-run-dependencies")
    assert report.returncode == 0, report.stdout
    told = json.loads((tmp_path / "out" / "report.json").read_text())
    assert told["counts"] == {"failed": 1, "missing": 0, "done": 3}
    assert (told["shots"][0]["shot"], told["shots"][0]["error"]["kind"]) == ("b_cut", "TruncatedFile")
    assert (tmp_path / "out" / "index.html").is_file()


def test_the_template_is_valid_as_it_stands(openjd, repository) -> None:
    done = subprocess.run(
        [openjd, "check", str(repository / "farm" / "jumps.openjd.yaml")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
