"""What happens around the solving process: it dies, hangs, is interrupted, the disk is full, a file changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.batch.shots_at_hand import python_that, write_walk

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, and a shell script for a Python")

DIES = """
def solve_shot(upsampler, task):
    if task.shot == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(upsampler, task)
solving.solve_shot = solve_shot
"""
HANGS = DIES.replace("os.kill(os.getpid(), signal.SIGKILL)", "time.sleep(600)")
FULL = """
import errno
def write_result(*_):
    raise OSError(errno.ENOSPC, "No space left on device")
solving.write_result = write_result
"""
CHANGES = """
def grown(path, *rest):
    recording = read(path, *rest)
    with open(path, "a") as file:
        file.write(" ")
    return recording
solving.read = grown
"""
TELLS = """
import json, numpy as np
from pathlib import Path
def solve_shot(upsampler, task):
    np.ones((600, 600)) @ np.ones((600, 600))
    running = len(list(Path("/proc/self/task").iterdir())) if Path("/proc/self/task").is_dir() else None
    Path({told!r}).write_text(json.dumps({{**before, "running": running}}))
    return whole(upsampler, task)
solving.solve_shot = solve_shot
"""


def test_a_shot_that_brings_the_process_down_fails_alone(folder, tmp_path, batch, record) -> None:
    write_walk(folder / "deadly.json")
    assert batch("--interpreter", python_that(tmp_path, DIES)) == 1
    assert "was killed by signal 9" in record("deadly")["error"]["message"]
    assert record("street")["status"] == "done"


def test_a_shot_that_never_ends_is_given_up(folder, tmp_path, batch, record) -> None:
    write_walk(folder / "deadly.json")
    assert batch("--interpreter", python_that(tmp_path, HANGS), "--timeout", "3") == 1
    assert "longer than 3 s" in record("deadly")["error"]["message"]
    assert record("street")["status"] == "done"


def test_a_bug_is_told_as_one(tmp_path, batch, record) -> None:
    assert batch("--interpreter", python_that(tmp_path, CHANGES.replace("file.write", "file.no_such"))) == 1
    assert "please report this as a bug" in record("street")["error"]["message"]


def test_a_full_disk_is_the_machines_fault(out, tmp_path, batch, capsys) -> None:
    assert batch("--interpreter", python_that(tmp_path, FULL), "--exit-zero") == 3
    assert "No space left on device" in capsys.readouterr().err
    assert not list(out.rglob("*.json"))
    assert not list(out.glob(".work"))


def test_a_file_that_changes_while_it_is_read_is_no_result(tmp_path, batch, record) -> None:
    assert batch("--interpreter", python_that(tmp_path, CHANGES)) == 1
    assert "changed while it was read" in record("street")["error"]["message"]
    assert batch() == 0


@pytest.mark.parametrize(("options", "threads"), [([], "1"), (["--threads", "3"], "3")])
def test_threads_are_limited_before_numpy_is_loaded(options, threads, tmp_path, batch) -> None:
    told = tmp_path / "told.json"
    assert batch("--interpreter", python_that(tmp_path, TELLS.format(told=str(told))), *options) == 0
    said = json.loads(told.read_text())
    assert said["OMP_NUM_THREADS"] == said["OPENBLAS_NUM_THREADS"] == threads
    if said["running"] is not None and threads == "1":
        assert said["running"] == 2, "the one that solves, and the one that listens"


def _start(repository: Path, folder: Path, out: Path, python: str) -> subprocess.Popen[str]:
    words = ["-m", "jumps_blender", "batch", str(folder), "-o", str(out), "--interpreter", python]
    return subprocess.Popen(
        [sys.executable, "-u", *words, "--settings", "draft"],
        cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _until(true) -> None:
    begin = time.monotonic()
    while not true():
        assert time.monotonic() - begin < 60
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["ended", "interrupted"])
def test_an_interrupted_batch_goes_on_from_there(how, repository, folder, out, tmp_path, batch, record, capsys) -> None:
    write_walk(folder / "zz.json")
    hangs = python_that(tmp_path, HANGS.replace("deadly", "zz"))
    with _start(repository, folder, out, hangs) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith("[1/2] street")
        _until(lambda: list(out.glob(".work/*")))
        process.send_signal(how)
        assert process.wait(30) == 130
        assert "goes on from there" in process.stderr.read()
    assert not list(out.glob(".work"))
    assert not (out / "shots" / "zz").exists()
    assert batch() == 0
    assert "street: 2 people, 30 frames, doubt 0.00, done before" in capsys.readouterr().out
    assert record("zz")["status"] == "done"


def test_a_killed_driver_leaves_no_process_and_no_half_shot(repository, folder, out, tmp_path, batch, record) -> None:
    pid = tmp_path / "pid"
    remember = f"open({str(pid)!r}, 'w').write(str(os.getpid()))"
    hangs = python_that(tmp_path, HANGS.replace("deadly", "street").replace("time.sleep", f"{remember}; time.sleep"))
    with _start(repository, folder, out, hangs) as process:
        _until(lambda: pid.is_file() and pid.read_text())
        process.kill()
    child = Path(f"/proc/{pid.read_text()}/cmdline")
    if Path("/proc/self/cmdline").is_file():
        _until(lambda: not child.is_file() or b"child.py" not in child.read_bytes())
    assert not (out / "shots").exists()
    (left,) = (out / ".work").iterdir()
    os.utime(left, (0, 0))  # long ago
    assert batch() == 0
    assert not (out / ".work").exists()
    assert record("street")["status"] == "done"
