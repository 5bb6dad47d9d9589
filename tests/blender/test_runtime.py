"""The runtime from the preferences: installed, used, removed; and what goes into a bug report."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest

from jumps_blender.errors import EngineError
from jumps_blender.runtime.environment import Ready, RuntimeFolder, State
from jumps_blender.runtime.task import Task
from jumps_blender.ui import errand
from jumps_blender.ui.addon import preferences_of, user_folder
from jumps_blender.ui.errand import RUNTIME
from jumps_blender.ui.operators import runtime
from jumps_blender.ui.operators.runtime import consent, runtime_folder
from jumps_blender.ui.panels.runtime import draw_interpreter, draw_runtime
from jumps_blender.ui.preferences import worker_options

READY = Ready("3.11.7", "1.26.4", "2.13.0", ("cuda:0 A Card",), 2e-7)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    RUNTIME.drop()
    RUNTIME.outcome, RUNTIME.failed = "", False
    shutil.rmtree(user_folder(), ignore_errors=True)


@pytest.fixture
def installing(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Installing takes no time; the sources that it was asked to install from."""
    asked: list[Any] = []

    def install(folder: RuntimeFolder, source: Any, *_progress_and_cancel: object) -> Ready:
        asked.append(source)
        folder.begin(sys.executable)
        folder.python.parent.mkdir(parents=True, exist_ok=True)
        folder.python.touch()
        folder.set_ready(READY)
        return READY

    monkeypatch.setattr(runtime, "install", install)
    return asked


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    (tmp_path / "torch-2.13.0-py3-none-any.whl").touch()
    return tmp_path


class Layout:
    """Keeps what is drawn; knows which operators are grey."""

    def __init__(self, drawn: list[str] | None = None) -> None:
        self.drawn: list[str] = [] if drawn is None else drawn
        self.alert = False

    def __getattr__(self, _name: str) -> Any:
        return lambda **_words: Layout(self.drawn)

    def label(self, text: str = "", **_words: object) -> None:
        self.drawn.append(text)

    def progress(self, text: str = "", **_words: object) -> None:
        self.drawn.append(text)

    def prop(self, _owner: object, name: str, **_words: object) -> None:
        self.drawn.append(name)

    def operator(self, name: str, **_words: object) -> None:
        self.drawn.append(name)


def drawn() -> str:
    layout: Any = Layout()
    preferences = preferences_of(bpy.context)
    assert preferences
    draw_interpreter(bpy.context, layout, preferences)
    draw_runtime(bpy.context, layout, preferences)
    return " ".join(layout.drawn)


def test_it_comes_is_used_and_goes(installing: list[Any], wheels: Path) -> None:
    assert "with PyTorch" in drawn()
    assert bpy.ops.jumps.install_runtime_from_wheels(directory=str(wheels)) == {"FINISHED"}
    assert installing[0].wheels == wheels
    assert worker_options(bpy.context).interpreter == str(runtime_folder().python)
    assert "cuda:0 A Card" in drawn()
    assert "not in use" not in drawn()
    preferences_of(bpy.context).interpreter = sys.executable
    assert "not in use" in drawn()
    assert bpy.ops.jumps.use_runtime() == {"FINISHED"}
    assert bpy.ops.jumps.remove_runtime() == {"FINISHED"}
    assert worker_options(bpy.context).interpreter == sys.executable
    assert runtime_folder().state() is State.ABSENT


def test_removing_it_leaves_another_python_alone(installing: list[Any], wheels: Path, tmp_path: Path) -> None:
    bpy.ops.jumps.install_runtime_from_wheels(directory=str(wheels))
    preferences_of(bpy.context).interpreter = str(tmp_path / "theirs")
    bpy.ops.jumps.remove_runtime()
    assert worker_options(bpy.context).interpreter == str(tmp_path / "theirs")


@pytest.mark.parametrize("allowed", [True, False])
def test_the_network_is_used_only_where_blender_may(allowed: bool) -> None:
    bpy.context.preferences.system.use_online_access = allowed
    assert bpy.ops.jumps.install_runtime.poll() is allowed
    assert bpy.ops.jumps.install_runtime_from_wheels.poll()


def test_the_dialog_says_what_how_much_from_where_and_whereto() -> None:
    text = " ".join(consent())
    for words in ("PyTorch 2.13.0", "GB to download", "package index", "this folder", "Remove"):
        assert words in text
    assert runtime_folder().root.is_relative_to(bpy.utils.resource_path("USER"))


def test_a_folder_without_wheels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="holds no wheel of torch"):
        bpy.ops.jumps.install_runtime_from_wheels(directory=str(tmp_path))
    assert runtime_folder().state() is State.ABSENT


def test_what_fails_changes_nothing(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise EngineError("It does not fit this computer.")

    monkeypatch.setattr(runtime, "install", fail)
    with pytest.raises(RuntimeError, match="does not fit"):
        bpy.ops.jumps.install_runtime_from_wheels(directory=str(wheels))
    assert worker_options(bpy.context).interpreter == sys.executable


def ticked_to_its_end() -> None:
    deadline = time.monotonic() + 20
    while RUNTIME.look() is not None and time.monotonic() < deadline:
        time.sleep(0.01)


def test_in_a_window_it_goes_on_beside_blender_and_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(progress: Callable[[float, str], None], cancel: Callable[[], bool]) -> str:
        progress(0.4, "Downloading torch")
        while not cancel():
            time.sleep(0.01)
        raise errand.Cancelled("Cancelled. What was downloaded is kept.")

    RUNTIME.start(work, str)
    while RUNTIME.task.fraction == 0:
        time.sleep(0.01)
    assert RUNTIME.look()
    assert "40%  Downloading torch" in drawn()
    assert not bpy.ops.jumps.install_runtime.poll()
    assert not bpy.ops.jumps.remove_runtime.poll()
    assert bpy.ops.jumps.cancel_runtime() == {"FINISHED"}
    ticked_to_its_end()
    assert (RUNTIME.outcome, RUNTIME.failed) == ("Cancelled. What was downloaded is kept.", False)
    assert not bpy.ops.jumps.cancel_runtime.poll()
    assert "What was downloaded is kept." in drawn()


def test_the_result_is_taken_in_by_blenders_own_thread() -> None:
    import threading

    threads = []
    RUNTIME.start(lambda _progress, _cancel: "found", lambda found: threads.append(threading.get_ident()) or found)
    RUNTIME.task.wait()
    ticked_to_its_end()
    assert RUNTIME.outcome == "found"
    assert threads == [threading.get_ident()]


def test_nothing_of_it_stays_registered() -> None:
    RUNTIME.start(lambda _progress, cancel: "late", str)
    assert bpy.app.timers.is_registered(RUNTIME._timer)
    RUNTIME.drop()
    assert not bpy.app.timers.is_registered(RUNTIME._timer)
    assert RUNTIME.task is None


def test_without_a_window_each_step_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    def work(progress: Callable[[float, str], None], _cancel: object) -> str:
        for fraction in (0.1, 0.2, 0.9):
            progress(fraction, "Unpacking" if fraction < 0.5 else "Checking")
        return "done"

    assert errand.run(work, str) == "done"
    assert capsys.readouterr().out == " 10% Unpacking\n 90% Checking\n"


def test_a_bug_in_the_work_is_told() -> None:
    task: Task[float] = Task(lambda _progress, _cancel: 1 / 0)
    task.start()
    task.wait()
    with pytest.raises(Exception, match=r"ZeroDivisionError.*bug"):
        task.result()


def test_an_interrupted_installation_is_offered_to_go_on() -> None:
    runtime_folder().begin(sys.executable)
    assert "not finished" in drawn()
    assert "jumps.install_runtime" in drawn()
    assert "jumps.remove_runtime" in drawn()


def test_a_python_that_is_gone_is_told() -> None:
    preferences_of(bpy.context).interpreter = "/nowhere/python"
    assert "There is no such Python" in drawn()


def test_diagnostics_go_to_the_clipboard_also_when_the_python_is_gone(capfd: pytest.CaptureFixture[str]) -> None:
    preferences_of(bpy.context).interpreter = "/nowhere/python"
    assert bpy.ops.jumps.copy_diagnostics() == {"FINISHED"}
    out = capfd.readouterr().out
    assert f"Blender:           {bpy.app.version_string}" in out
    assert "/nowhere/python cannot be run" in out
    assert "Online access:" in out


def test_blenders_command_line_prints_them(capfd: pytest.CaptureFixture[str]) -> None:
    from jumps_blender.ui.command_line import execute

    preferences_of(bpy.context).interpreter = "/nowhere/python"
    assert execute(["diagnostics"]) == 0
    assert "JUMPS diagnostics\nBlender:" in capfd.readouterr().out
