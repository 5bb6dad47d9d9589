"""The operator as a window runs it: started, ticked by a timer, cancelled, overtaken by events.

Without a window Blender runs no modal operator, so the tests drive one by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from jumps_blender.blender.records import Choices
from jumps_blender.ui.jobs import STATE, State
from jumps_blender.ui.operators.upsample import JUMPS_OT_upsample
from tests.blender.people_at_hand import import_tracks
from tests.blender.snapshot import snapshot
from tests.worker.stand_in import FOREVER

StandIn = Callable[[str], Path]
TIMER = SimpleNamespace(type="TIMER", value="NOTHING")
ESC = SimpleNamespace(type="ESC", value="PRESS")
MOUSE = SimpleNamespace(type="MOUSEMOVE", value="NOTHING")


class Driven:
    """The operator's methods on a plain object that keeps its reports."""

    _choices = Choices
    _timer = None
    invoke, modal, cancel = JUMPS_OT_upsample.invoke, JUMPS_OT_upsample.modal, JUMPS_OT_upsample.cancel
    _finish, _fail, _stop_timer = JUMPS_OT_upsample._finish, JUMPS_OT_upsample._fail, JUMPS_OT_upsample._stop_timer

    def __init__(self) -> None:
        self.reports: list[tuple[set[str], str]] = []

    def report(self, kind: set[str], text: str) -> None:
        self.reports.append((kind, text))


class Manager:
    """A window manager that counts timers."""

    def __init__(self) -> None:
        self.timers: list[object] = []
        self.windows: list[object] = []

    def event_timer_add(self, _seconds: float, window: object) -> object:
        self.timers.append(object())
        return self.timers[-1]

    def event_timer_remove(self, timer: object) -> None:
        self.timers.remove(timer)

    def modal_handler_add(self, _operator: object) -> None:
        pass


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("jumps_blender.ui.operators.upsample.is_in_background", lambda: False)
    now = bpy.context

    class Context:
        window_manager = Manager()
        window = None

        def __getattr__(self, name: str) -> Any:
            return getattr(now, name)

    return Context()


@pytest.fixture(autouse=True)
def no_job_left() -> Iterator[None]:
    yield
    STATE.drop()
    STATE.outcome = ""


def run(operator: Any, context: Any, seconds: float = 30) -> set[str]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        outcome = operator.modal(context, TIMER)
        if outcome != {"PASS_THROUGH"}:
            return outcome
        time.sleep(0.01)
    raise TimeoutError


def start(context: Any) -> Any:
    operator: Any = Driven()
    assert operator.invoke(context, None) == {"RUNNING_MODAL"}
    return operator


def test_it_runs_to_the_end_and_shows_its_progress(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in("time.sleep(0.3)")
    import_tracks(walk_file)
    operator = start(context)
    assert STATE.job
    assert STATE.job.text == "Starting"
    assert operator.modal(context, MOUSE) == {"PASS_THROUGH"}
    while STATE.job.text == "Starting":
        assert operator.modal(context, TIMER) == {"PASS_THROUGH"}
    assert (STATE.job.fraction, STATE.job.text) == (0.5, "half way")
    assert run(operator, context) == {"FINISHED"}
    assert "walk 28 joints" in bpy.data.objects
    assert operator.reports == [({"WARNING"}, "a warning"), ({"INFO"}, "Made walk 28 joints")]
    assert STATE == State(None, "walk 28 joints: done", failed=False)
    assert not context.window_manager.timers


@pytest.mark.parametrize("how", ["button", "escape"])
def test_cancel_changes_nothing(walk_file: Path, stand_in: StandIn, context: Any, how: str) -> None:
    stand_in(FOREVER)
    import_tracks(walk_file)
    before = snapshot()
    operator = start(context)
    if how == "button":
        assert bpy.ops.jumps.cancel() == {"FINISHED"}
    else:
        operator.modal(context, ESC)
    run(operator, context) if STATE.job else None
    assert operator.reports == [({"WARNING"}, "Cancelled: nothing was changed.")]
    assert snapshot() == before
    assert STATE == State(None, "Cancelled: nothing was changed.", failed=False)
    assert not context.window_manager.timers


def test_another_cannot_start_meanwhile(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in(FOREVER)
    import_tracks(walk_file)
    start(context)
    with pytest.raises(RuntimeError, match="walk is being upsampled: wait for it, or cancel it"):
        bpy.ops.jumps.upsample()
    assert STATE.job


def test_there_is_nothing_to_cancel() -> None:
    with pytest.raises(RuntimeError, match="Nothing is being upsampled"):
        bpy.ops.jumps.cancel()


def test_the_armature_is_deleted_meanwhile(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in("time.sleep(0.2)")
    source = import_tracks(walk_file)
    operator = start(context)
    bpy.data.objects.remove(source)
    before = snapshot()
    assert run(operator, context) == {"CANCELLED"}
    ((kind, text),) = operator.reports
    assert kind == {"ERROR"}
    assert "'walk' was deleted or renamed" in text
    assert snapshot() == before


def test_a_failure_is_reported_and_shown(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in("os._exit(5)")
    import_tracks(walk_file)
    operator = start(context)
    assert run(operator, context) == {"CANCELLED"}
    assert STATE.failed
    assert "exit status 5" in STATE.outcome
    assert operator.reports == [({"ERROR"}, STATE.outcome)]


def test_undo_meanwhile_is_survived(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in("time.sleep(0.2)")
    import_tracks(walk_file)
    bpy.ops.ed.undo_push(message="imported")
    bpy.context.scene.frame_set(3)
    bpy.ops.ed.undo_push(message="moved")
    operator = start(context)
    bpy.ops.ed.undo()
    assert run(operator, context) == {"FINISHED"}
    assert "walk 28 joints" in bpy.data.objects


def test_another_file_ends_the_worker(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in(FOREVER)
    import_tracks(walk_file)
    operator = start(context)
    process = STATE.job.worker._process
    operator.cancel(context)
    assert STATE.job is None
    assert process.poll() is not None
    assert not context.window_manager.timers


def test_disabling_the_add_on_ends_the_worker(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    import addon_utils

    stand_in(FOREVER)
    import_tracks(walk_file)
    operator = start(context)
    process = STATE.job.worker._process
    addon_utils.disable("jumps_blender", default_set=True)
    assert process.poll() is not None
    assert operator.modal(context, TIMER) == {"CANCELLED"}
