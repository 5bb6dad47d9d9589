"""The solver's process is killed at any moment: the file stays as it was, the person is told, the next run works."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path
from random import Random

import bpy
import pytest

from jumps_blender.ui.jobs import STATE
from tests.blender.people_at_hand import import_tracks
from tests.blender.whole_file import differences, whole_file

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """Five as a rule, fifty with `--thorough`."""
    return 50 if request.config.getoption("--thorough") else 5


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where jobs have their folders."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def kill_after(seconds: float, given_up: threading.Event) -> None:
    """Kill the worker that is about to start, so long after it did; unless it was faster."""
    while not given_up.is_set():
        job = STATE.job
        process = job and job.worker and job.worker._process
        if process:
            given_up.wait(seconds)
            if process.poll() is None:
                process.kill()
            return
        time.sleep(0.001)


def solve_and_be_killed(seconds: float) -> str:
    """Upsample while somebody kills the worker; what the operator said, nothing where it was done before."""
    over = threading.Event()
    killer = threading.Thread(target=kill_after, args=(seconds, over))
    killer.start()
    try:
        bpy.ops.jumps.upsample("EXEC_DEFAULT", True, settings="default")
    except RuntimeError as error:
        return str(error)
    finally:
        over.set()
        killer.join()
    return ""


def test_killed_at_any_moment(walk_file: Path, temporary: Path, kills: int) -> None:
    random = Random(kills)
    import_tracks(walk_file)
    bpy.ops.ed.undo_push(message="imported")
    before, begin = whole_file(), time.monotonic()
    assert solve_and_be_killed(1e9) == ""
    whole = time.monotonic() - begin
    for _ in range(kills):
        bpy.ops.ed.undo()
        said = solve_and_be_killed(random.uniform(0, 1.1 * whole))
        assert STATE.job is None
        assert not list(temporary.iterdir())
        if said:
            assert "was killed by signal 9" in said, said
            assert "Nothing was changed. Run it again" in said, said
            assert not differences(before, whole_file())
            assert solve_and_be_killed(1e9) == "", "the next run"
    assert len(bpy.data.objects) == 2
