"""The operator as a window runs it: started, ticked by a timer, cancelled, overtaken by events.

Without a window Blender runs no modal operator, so the tests drive one by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.records import stored_result
from jumps_blender.core.body.skeleton import INDEX, LIMB_JOINTS
from jumps_blender.ui.jobs import STATE, State
from tests.blender.by_hand import ESC, MOUSE, TIMER, Manager, run, start, until
from tests.blender.conftest import with_gap
from tests.blender.people_at_hand import heads, import_tracks, record_of
from tests.blender.snapshot import snapshot
from tests.worker.stand_in import FOREVER

StandIn = Callable[[str], Path]
LIMBS = [INDEX[joint] for joint in LIMB_JOINTS]


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


def test_it_runs_to_the_end_and_shows_its_progress(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in("time.sleep(0.3)")
    import_tracks(walk_file)
    operator = start(context)
    assert STATE.job
    assert STATE.job.text == "Reading the armature"
    assert operator.modal(context, MOUSE) == {"PASS_THROUGH"}
    until(operator, context, lambda job: job.fraction > 0)
    assert (STATE.job.fraction, STATE.job.text) == (0.5, "6 of 12 frames")
    assert run(operator, context) == {"FINISHED"}
    assert "walk 28 joints" in bpy.data.objects
    assert operator.reports == [({"INFO"}, "Made walk 28 joints")]
    assert STATE == State(None, "walk 28 joints: done", failed=False)
    assert not context.window_manager.timers


@pytest.mark.parametrize("user", ["waits", "poses", "has gone on"])
def test_the_result_is_active_afterwards_unless_the_user_is_busy(
    walk_file: Path, stand_in: StandIn, context: Any, user: str
) -> None:
    stand_in("pass")
    source = import_tracks(walk_file)
    if user == "poses":
        bpy.ops.object.mode_set(mode="POSE")
    operator = start(context)
    if user == "has gone on":
        bpy.ops.object.empty_add()
    before = snapshot()
    assert run(operator, context) == {"FINISHED"}
    now, result = snapshot(), bpy.data.objects["walk 28 joints"]
    if user == "waits":
        assert (now["active"], now["selected"]) == (result.name, [result.name])
        assert source.visible_get()
    else:
        assert [now[what] for what in ("mode", "active", "selected")] == [
            before[what] for what in ("mode", "active", "selected")
        ]


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
        assert operator.reports == [({"WARNING"}, "Cancelled: nothing was changed.")]
    assert operator.modal(context, TIMER) == {"CANCELLED"}
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
    assert "'walk' was deleted" in text
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
    process = until(operator, context, lambda job: job.worker).worker._process
    operator.cancel(context)
    assert STATE.job is None
    assert process.poll() is not None
    assert not context.window_manager.timers


def test_disabling_the_add_on_ends_the_worker(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    import addon_utils

    stand_in(FOREVER)
    import_tracks(walk_file)
    operator = start(context)
    process = until(operator, context, lambda job: job.worker).worker._process
    addon_utils.disable("jumps_blender", default_set=True)
    assert process.poll() is not None
    assert operator.modal(context, TIMER) == {"CANCELLED"}


@pytest.fixture
def tiny_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jumps_blender.ui.operators.upsample.SLICE", 0.0)


@pytest.mark.usefixtures("tiny_slices")
def test_nothing_of_it_is_in_the_scene_before_all_of_it_is(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    before, ticks = snapshot(), 0
    operator = start(context)
    while operator._job.made is None:
        now = snapshot()
        assert {**now, "actions": before["actions"]} == before
        assert not any(bpy.data.actions[name].users for name in now["actions"].keys() - before["actions"].keys())
        assert operator.modal(context, TIMER) == {"PASS_THROUGH"}
        ticks += 1
    assert ticks > 12 + 56  # a frame that is read, and a curve that is written, each in a slice of its own
    assert run(operator, context) == {"FINISHED"}
    assert snapshot()["actions"].keys() - before["actions"].keys() == {"walk 28 joints default 0.6"}


def test_what_is_made_is_not_cancelled_any_more(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    operator = start(context)
    until(operator, context, lambda job: job.made)
    with pytest.raises(RuntimeError, match="Nothing is being upsampled"):
        bpy.ops.jumps.cancel()
    assert operator.modal(context, ESC) == {"FINISHED"}
    assert STATE.outcome == "walk 28 joints: done"


@pytest.mark.usefixtures("tiny_slices")
@pytest.mark.parametrize("event", ["escape", "undo"])
def test_a_result_that_is_half_written(walk_file: Path, stand_in: StandIn, context: Any, event: str) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    bpy.ops.ed.undo_push(message="imported")
    bpy.context.scene.frame_set(3)
    bpy.ops.ed.undo_push(message="moved")
    before = snapshot()
    operator = start(context)
    until(operator, context, lambda _job: len(bpy.data.actions) > 1)
    if event == "escape":
        assert operator.modal(context, ESC) == {"CANCELLED"}
        assert snapshot() == before
        return
    bpy.ops.ed.undo()
    assert len(bpy.data.actions) == 1
    assert run(operator, context) == {"FINISHED"}
    curves = snapshot()["actions"]["walk 28 joints default 0.6"]
    assert len(curves) == 56
    assert len(bpy.data.actions) == 2


def test_a_source_that_is_renamed_meanwhile_is_still_the_source(
    walk_file: Path, stand_in: StandIn, context: Any
) -> None:
    stand_in("time.sleep(0.2)")
    source = import_tracks(walk_file)
    operator = start(context)
    source.name = "run"
    bpy.data.objects.new("walk", bpy.data.armatures.new("another"))
    assert run(operator, context) == {"FINISHED"}
    assert "run 28 joints" in bpy.data.objects


def test_deleting_the_source_ends_the_worker_at_once(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in(FOREVER)
    source = import_tracks(walk_file)
    operator = start(context)
    process = until(operator, context, lambda job: job.worker).worker._process
    bpy.data.objects.remove(source)
    assert operator.modal(context, TIMER) == {"CANCELLED"}
    assert process.poll() is not None


def test_what_is_finished_can_be_kept(walk_file: Path, walk: np.ndarray, stand_in: StandIn, context: Any) -> None:
    stand_in(FOREVER)
    source = import_tracks(walk_file)
    operator = start(context)
    with pytest.raises(RuntimeError, match="No frame is finished yet"):
        bpy.ops.jumps.keep()
    until(operator, context, lambda job: job.finished)
    assert bpy.ops.jumps.keep() == {"FINISHED"}
    assert run(operator, context) == {"FINISHED"}
    result = bpy.data.objects["walk 28 joints 1-6, stopped"]
    record = stored_result(result)
    assert record is not None
    assert record.observed.shape == (6, 28)
    shown = heads(result, range(1, 7))[:, LIMBS][..., [0, 2]]
    seen = np.isfinite(with_gap(walk)[:6]).all(-1)
    np.testing.assert_allclose(shown[seen], record_of(source).placement.to_armature(walk[:6])[seen], atol=1e-4)


def test_stopping_when_all_is_finished_keeps_all(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    operator = start(context)
    until(operator, context, lambda job: job.finished)
    time.sleep(1)  # the rest has come, too, but nobody has looked
    bpy.ops.jumps.keep()
    assert run(operator, context) == {"FINISHED"}
    assert "walk 28 joints" in bpy.data.objects


def test_the_preview_shows_what_is_finished_and_no_more(
    walk_file: Path, walk: np.ndarray, stand_in: StandIn, context: Any
) -> None:
    stand_in(FOREVER)
    source = import_tracks(walk_file)
    operator = start(context)
    preview = until(operator, context, lambda job: job.finished).preview
    assert preview.span == (1.0, 6.0)
    assert len(preview.lines(7)) == len(preview.lines(0.5)) == 0
    lines = preview.lines(3)
    hip = record_of(source).placement.to_armature(walk[2, LIMB_JOINTS.index("left_hip")])
    assert np.abs(lines[:, [0, 2]] - hip).sum(-1).min() < 1e-5
    assert lines.shape == (2 * 27, 3)


def test_a_worker_that_is_killed_leaves_the_next_run_whole(walk_file: Path, stand_in: StandIn, context: Any) -> None:
    stand_in(FOREVER)
    import_tracks(walk_file)
    before = snapshot()
    operator = start(context)
    until(operator, context, lambda job: job.worker).worker._process.kill()
    assert run(operator, context) == {"CANCELLED"}
    assert "killed by signal 9" in STATE.outcome
    assert snapshot() == before
    stand_in("pass")
    assert run(start(context), context) == {"FINISHED"}


def test_a_bug_leaves_no_job_behind(
    walk_file: Path, stand_in: StandIn, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    monkeypatch.setattr("jumps_blender.ui.jobs.adding_result", lambda *_arguments: 1 // 0)
    before = snapshot()
    operator = start(context)
    with pytest.raises(ZeroDivisionError):
        run(operator, context)
    assert STATE.job is None
    assert STATE.failed
    assert snapshot() == before
    assert not context.window_manager.timers


def test_saving_meanwhile_saves_what_was_there_before(
    walk_file: Path, stand_in: StandIn, context: Any, tmp_path: Path
) -> None:
    stand_in(FOREVER)
    import_tracks(walk_file)
    before = snapshot()
    operator = start(context)
    until(operator, context, lambda job: job.finished)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "walk.blend"))
    operator.modal(context, ESC)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "walk.blend"))
    after = snapshot()
    for kind in ("objects", "armatures", "actions", "scenes"):
        assert after[kind] == before[kind]
