"""Work that goes on in slices in a window: it can be stopped, and survives what happens meanwhile."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import numpy as np
import pytest

from jumps_blender.blender.results import doubt as doubt_module
from jumps_blender.blender.results.doubt import doubt_of
from jumps_blender.blender.tracks.states import forget_states, states_of
from jumps_blender.ui.panels.upsample import JUMPS_PT_upsample
from jumps_blender.ui.work import WORKING
from tests.blender.by_hand import ESC
from tests.blender.people_at_hand import key_location
from tests.blender.slices.by_hand import Begin, event
from tests.blender.snapshot import snapshot


def timeless(now: dict[str, Any]) -> dict[str, Any]:
    """A snapshot but for how long it took to solve."""
    for ob in now["objects"].values():
        for held in ob["properties"].values():
            if isinstance(held, dict):
                held["header"] = re.sub(r'"seconds": [^,]+', "", held["header"])
    return now


def test_in_slices_comes_what_comes_at_once(begin: Begin) -> None:
    operator, shares = begin(), [0.0]
    while operator.tick() == {"PASS_THROUGH"}:
        shares.append(operator._work.fraction)
    assert sorted(shares) == shares
    assert len(set(shares)) > 3, "one sees that it goes on"
    in_slices = timeless(snapshot())
    bpy.ops.ed.undo()
    assert operator.at_once() == {"FINISHED"}
    assert timeless(snapshot()) == in_slices
    assert not operator.window.window_manager.timers
    assert WORKING.now is None


@pytest.mark.parametrize("stop", [5, 12, -1])
def test_escape_leaves_all_as_it_was_whenever_it_comes(begin: Begin, stop: int) -> None:
    before = snapshot()
    operator = begin()
    while operator._work.said is None and stop:
        assert operator.tick() == {"PASS_THROUGH"}
        stop -= 1
    if operator._work.said is not None:  # it is done, and cannot be stopped any more
        assert operator.tick(ESC) == {"RUNNING_MODAL"}
        assert operator.tick() == {"FINISHED"}
        bpy.ops.ed.undo()
    else:
        assert operator.tick(ESC) == {"CANCELLED"}
        assert operator.said == [("WARNING", "Stopped: nothing was changed")]
    assert snapshot() == before
    assert not operator.window.window_manager.timers


def test_nothing_else_may_begin_or_change_meanwhile(begin: Begin) -> None:
    operator = begin()
    for other in ("check_tracks", "resolve", "lock_feet", "simplify", "upsample", "lead_rig", "bake_rig"):
        assert not getattr(bpy.ops.jumps, other).poll(), other
    assert operator.title in drawn_progress()
    assert operator.tick(event("Z")) == operator.tick(event("LEFTMOUSE")) == {"RUNNING_MODAL"}
    assert operator.tick(event("WHEELUPMOUSE")) == {"PASS_THROUGH"}
    assert operator.to_its_end() == {"FINISHED"}


def drawn_progress() -> str:
    layout = MagicMock()
    JUMPS_PT_upsample.draw(SimpleNamespace(layout=layout), bpy.context)  # type: ignore[arg-type]
    return str(layout.progress.call_args.kwargs["text"])


@pytest.mark.parametrize(
    ("event_", "after"), [("deleted", 1), ("deleted", 6), ("undone", 1), ("undone", 6), ("keyed", 6)]
)
def test_what_changes_meanwhile_ends_it_with_a_clear_message(change: Begin, event_: str, after: int) -> None:
    ob: Any = bpy.context.view_layer.objects.active
    key_location(ob, ob.pose.bones[0].name, 3, (0.3, 0, 0.3))
    bpy.ops.ed.undo_push(message="keyed")
    operator = change()
    for _ in range(after):
        assert operator.tick() == {"PASS_THROUGH"}
    if event_ == "deleted":
        bpy.data.objects.remove(ob)
    elif event_ == "undone":
        bpy.ops.ed.undo()
    else:
        key_location(ob, ob.pose.bones[0].name, 4, (0.2, 0, 0.2))
    before = snapshot()
    assert operator.to_its_end() == {"CANCELLED"}
    ((kind, text),) = operator.said
    assert kind == "ERROR"
    assert ("was deleted meanwhile" if event_ == "deleted" else "was changed meanwhile") in text
    assert {**snapshot(), "actions": None} == {**before, "actions": None}
    assert WORKING.now is None


def test_another_file_ends_it(begin: Begin) -> None:
    operator = begin()
    operator.tick()
    operator.cancel(operator.window)
    assert WORKING.now is None
    assert not operator.window.window_manager.timers


def test_disabling_the_add_on_ends_it(begin: Begin) -> None:
    import addon_utils

    before = snapshot()
    operator = begin()
    addon_utils.disable("jumps_blender", default_set=True)
    assert operator.tick() == {"CANCELLED"}
    assert snapshot()["objects"] == before["objects"]


def test_what_a_redraw_is_told_beforehand_is_what_it_would_find_out(change: Begin) -> None:
    assert change().to_its_end() == {"FINISHED"}
    ob: Any = bpy.context.view_layer.objects.active
    told = doubt_of(ob), states_of(ob)
    doubt_module._kept.forget()
    forget_states()
    found = doubt_of(ob), states_of(ob)
    for one, other in zip(told, found, strict=True):
        assert (one is None) == (other is None)
        for name in ("std", "pins", "astray", "codes", "swapped", "observed"):
            if hasattr(one, name):
                np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-6, atol=1e-6)


def test_a_file_that_is_saved_meanwhile_holds_what_was_there_before(change: Begin, tmp_path: Path) -> None:
    bpy.data.orphans_purge()
    before, operator = snapshot(), change()
    for _ in range(9):
        assert operator.tick() == {"PASS_THROUGH"}
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "meanwhile.blend"))
    operator.cancel(operator.window)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "meanwhile.blend"))
    assert snapshot() == before
