"""The worker process, started for real: its answers, its deaths, and that nothing of it stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jumps_blender import errors
from jumps_blender.errors import Cancelled, EngineError, NotEnoughJoints, WorkerError
from jumps_blender.worker import client
from jumps_blender.worker.client import Heard, Worker
from jumps_blender.worker.protocol import Answer, Failed, Progress, Request, Started
from tests.worker.stand_in import FOREVER

StandIn = Callable[[str], Path]


def poll_until_ended(worker: Worker, seconds: float = 60) -> list[Heard]:
    messages: list[Heard] = []
    deadline = time.monotonic() + seconds
    while not worker.ended and time.monotonic() < deadline:
        messages += worker.poll()
        time.sleep(0.01)
    return messages


def folder_of(worker: Worker) -> Path:
    assert worker._folder
    return worker._folder


def pid_of(worker: Worker) -> int:
    assert worker._process
    return worker._process.pid


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")  # an orphan may wait long for a lazy first process to bury it
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def test_it_answers(stand_in: StandIn, request_12: Request) -> None:
    stand_in("pass")
    heard: list[Heard] = []
    with Worker("", request_12) as worker:
        answer = worker.wait(heard.append)
    assert isinstance(heard[0], Started)
    assert heard[0].interpreter == sys.executable
    assert Progress(0.5, "half way") in heard
    assert answer.positions.shape == (30, 28, 2)
    assert answer.observed.sum() == 30 * 11
    assert answer.std is None
    assert answer.report["engine"] == "stand-in"
    assert answer.report["warnings"] == ["a warning"]


def test_polling_never_blocks_and_ends(stand_in: StandIn, request_12: Request) -> None:
    stand_in("pass")
    with Worker("", request_12) as worker:
        messages = poll_until_ended(worker)
        assert messages[-1] == worker.end
        assert worker.answer().positions.shape == (30, 28, 2)
        assert worker.poll() == []


def test_finished_frames_are_told_while_the_rest_is_solved(stand_in: StandIn, request_12: Request) -> None:
    stand_in("pass")
    heard: list[Heard] = []
    with Worker("", request_12) as worker:
        answer = worker.wait(heard.append)
    parts = [part for part in heard if isinstance(part, Answer)]
    assert [(part.first, part.stop) for part in parts] == [(0, 15), (15, 30)]
    assert heard.index(Progress(0.5, "half way")) == heard.index(parts[0]) + 1
    np.testing.assert_array_equal(answer.positions, np.concatenate([part.positions for part in parts]))


@pytest.mark.parametrize("how", ["cancelled", "killed"])
def test_what_was_finished_outlives_the_worker(stand_in: StandIn, request_12: Request, how: str) -> None:
    stand_in(FOREVER if how == "cancelled" else "os.kill(os.getpid(), 9)")
    with Worker("", request_12) as worker:
        while worker.partial() is None and not worker.ended:
            worker.poll()
            time.sleep(0.01)
        if how == "cancelled":
            worker.cancel()
        poll_until_ended(worker)
        part = worker.partial()
        assert part is not None
        assert (part.first, part.stop, part.report["engine"]) == (0, 15, "stand-in")


def test_stretches_do_not_gather_on_the_disk(stand_in: StandIn, request_12: Request) -> None:
    stand_in("pass")
    with Worker("", request_12) as worker:
        worker.wait()
        assert sorted(path.name for path in folder_of(worker).iterdir()) == ["input.npz", "request.json"]


def test_a_stretch_that_is_not_whole_is_no_answer(stand_in: StandIn, request_12: Request, tmp_path: Path) -> None:
    package = stand_in("pass")
    job = package / "worker" / "job.py"
    job.write_text(
        job.read_text().replace(
            "        say(protocol.Stretch", "        (folder / file).write_bytes(b'PK')\n        say(protocol.Stretch"
        )
    )
    with Worker("", request_12) as worker:
        with pytest.raises(WorkerError, match=r"stretch-0.npz.*Run it again"):
            worker.wait()
        assert worker.partial() is None


def test_an_answer_before_the_end_is_refused(stand_in: StandIn, request_12: Request) -> None:
    stand_in(FOREVER)
    with Worker("", request_12) as worker, pytest.raises(WorkerError, match="not ended"):
        worker.answer()


def test_the_cores_errors_arrive_as_they_are(stand_in: StandIn, request_12: Request) -> None:
    stand_in("raise errors.NotEnoughJoints('2 joints in the best frame, 4 are needed.')")
    with Worker("", request_12) as worker, pytest.raises(NotEnoughJoints, match="2 joints in the best frame"):
        worker.wait()


def test_a_bug_is_called_a_bug(stand_in: StandIn, request_12: Request) -> None:
    stand_in("raise ZeroDivisionError('oh')")
    with Worker("", request_12) as worker, pytest.raises(WorkerError, match=r"ZeroDivisionError: oh.*bug"):
        worker.wait()


def test_a_name_that_is_no_error_of_ours_is_a_worker_error() -> None:
    for name in ("annotations", "SystemExit", "JumpsErrors"):
        assert type(client.as_error(Failed(name, "x"))) is WorkerError
    assert type(client.as_error(Failed("PersonNotFound", "x"))) is errors.PersonNotFound


def test_a_death_names_status_and_last_words(stand_in: StandIn, request_12: Request) -> None:
    stand_in("sys.stderr.write('libfoo: symbol not found\\n'); sys.stderr.flush(); os._exit(7)")
    with Worker("", request_12) as worker, pytest.raises(WorkerError) as caught:
        worker.wait()
    for part in ("exit status 7", "symbol not found", sys.executable, "Nothing was changed", "preferences"):
        assert part in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_kill_names_the_signal(stand_in: StandIn, request_12: Request) -> None:
    stand_in(FOREVER)
    with Worker("", request_12) as worker:
        os.kill(pid_of(worker), 9)
        with pytest.raises(WorkerError, match="killed by signal 9"):
            worker.wait()


def test_cancel_ends_it_and_leaves_nothing(stand_in: StandIn, request_12: Request) -> None:
    stand_in(FOREVER)
    with Worker("", request_12) as worker:
        worker.cancel()
        assert worker.ended
        assert not runs(pid_of(worker))
        with pytest.raises(Cancelled):
            worker.wait()
        folder = folder_of(worker)
    assert not folder.exists()


def test_cancel_after_the_end_changes_nothing(stand_in: StandIn, request_12: Request) -> None:
    stand_in("pass")
    with Worker("", request_12) as worker:
        answer = worker.wait()
        worker.cancel()
        np.testing.assert_array_equal(worker.answer().positions, answer.positions)


def test_closing_removes_process_and_folder(stand_in: StandIn, request_12: Request) -> None:
    stand_in(FOREVER)
    worker = Worker("", request_12)
    worker.start()
    folder, pid = folder_of(worker), pid_of(worker)
    worker.close()
    worker.close()
    assert not folder.exists()
    assert not runs(pid)


def test_nothing_is_left_of_a_worker_that_writes_while_it_ends(tmp_path: Path) -> None:
    script = (
        "import runpy, sys, threading\n"
        "from pathlib import Path\n"
        "folder = Path(sys.argv[2])\n"
        "def write():\n"
        "    for number in range(10**9):\n"
        "        try: (folder / f'{number}.npz').write_bytes(b'a stretch')\n"
        "        except OSError: pass\n"
        "threading.Thread(target=write, daemon=True).start()\n"
        "runpy.run_path(sys.argv[1])['leave'](folder)\n"
    )
    start = client.START
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert subprocess.run([sys.executable, "-c", script, str(start), str(folder)], check=False).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_the_worker_ends_when_its_blender_crashes(stand_in: StandIn, request_12: Request, tmp_path: Path) -> None:
    """The parent dies without any clean-up: the child sees its input end, removes the folder and goes."""
    package = stand_in(FOREVER)
    request_12.write(tmp_path)
    (tmp_path / "job").mkdir()
    request_12.write(tmp_path / "job")
    script = (
        "import os, subprocess, sys; child = subprocess.Popen([sys.executable, '-I', '-B', sys.argv[1], sys.argv[2]], "
        "stdin=subprocess.PIPE, stdout=subprocess.PIPE); child.stdout.readline(); print(child.pid, flush=True); "
        "os._exit(1)"
    )
    start = str(package / "worker" / "start.py")
    parent = subprocess.run(
        [sys.executable, "-c", script, start, str(tmp_path / "job")], capture_output=True, text=True, check=False
    )
    pid = int(parent.stdout)
    deadline = time.monotonic() + 30
    while (runs(pid) or (tmp_path / "job").exists()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not runs(pid)
    assert not (tmp_path / "job").exists()


@pytest.mark.skipif(os.name != "posix", reason="pipes that break")
def test_a_worker_that_nobody_hears_leaves_no_folder(stand_in: StandIn, request_12: Request, tmp_path: Path) -> None:
    """Blender dies between two messages: writing the next one fails before the end of the input is seen."""
    package, folder = stand_in("pass"), tmp_path / "job"
    folder.mkdir()
    request_12.write(folder)
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-I", "-B", str(package / "worker" / "start.py"), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.PIPE) as worker:
        os.close(writing)
        worker.wait(timeout=60)
    assert not folder.exists()


@pytest.mark.parametrize("interpreter", ["/nowhere/python3", str(Path(sys.executable).parent)])
def test_an_interpreter_that_cannot_run_is_named(request_12: Request, interpreter: str) -> None:
    worker = Worker(interpreter, request_12)
    with pytest.raises(WorkerError, match="cannot be run") as caught:
        worker.start()
    assert interpreter in str(caught.value)
    assert "preferences" in str(caught.value)
    assert not folder_of(worker).exists()


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
@pytest.mark.parametrize(
    ("script", "expected"),
    [("echo Blender 9.9; sleep 600", "nonsense"), ("exit 3", "exit status 3, without a word")],
)
def test_a_program_that_is_no_python(request_12: Request, tmp_path: Path, script: str, expected: str) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with Worker(str(program), request_12) as worker, pytest.raises(WorkerError, match=expected) as caught:
        worker.wait()
    assert str(program) in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="a virtual environment's layout")
def test_an_interpreter_without_numpy_says_so(request_12: Request, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = str(tmp_path / "bare" / "bin" / "python")
    with Worker(python, request_12) as worker, pytest.raises(EngineError, match="has no numpy") as caught:
        worker.wait()
    assert python in str(caught.value)
    assert "or install numpy into this one" in str(caught.value)


def test_the_launchers_environment_does_not_reach_it(
    stand_in: StandIn, request_12: Request, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong numpy')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    stand_in("progress(1.0, str(set(os.environ) & {'PYTHONPATH', 'PYTHONHOME', 'LD_PRELOAD'}))")
    heard: list[Heard] = []
    with Worker("", request_12) as worker:
        worker.wait(heard.append)
    assert Progress(1.0, "set()") in heard
