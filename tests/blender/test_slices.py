"""Work that goes on in slices in a window: it can be stopped, and survives what happens meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import numpy as np
import pytest

from jumps_blender.blender.results import doubt as doubt_module
from jumps_blender.blender.results.doubt import doubt_of
from jumps_blender.blender.retarget.bake import baking as baking_of
from jumps_blender.blender.retarget.follow import is_current
from jumps_blender.blender.retarget.guide import guide_of, led_by
from jumps_blender.blender.scene.fcurves import fcurves_of
from jumps_blender.blender.scene.slices import Slices
from jumps_blender.blender.tracks.states import forget_states, states_of
from jumps_blender.errors import InputError
from jumps_blender.ui.operators.bake_rig import JUMPS_OT_bake_rig
from jumps_blender.ui.operators.feet import JUMPS_OT_free_feet, JUMPS_OT_lock_feet
from jumps_blender.ui.operators.look import JUMPS_OT_check_tracks
from jumps_blender.ui.operators.onto_rig import JUMPS_OT_lead_rig
from jumps_blender.ui.operators.resolve import JUMPS_OT_resolve, JUMPS_OT_unpin
from jumps_blender.ui.operators.simplify import JUMPS_OT_restore_keys, JUMPS_OT_simplify
from jumps_blender.ui.panels.upsample import JUMPS_PT_upsample
from jumps_blender.ui.work import WORKING
from tests.blender.by_hand import ESC
from tests.blender.people_at_hand import import_tracks, key_location
from tests.blender.results_at_hand import move, result_of, select
from tests.blender.retarget.rigs_at_hand import KINDS, make_rig
from tests.blender.slices_by_hand import event, start
from tests.blender.snapshot import snapshot
from tests.blender.whole_file import differences, whole_file

Begin = Callable[[], Any]


@pytest.fixture(autouse=True)
def no_work_left() -> Iterator[None]:
    yield
    WORKING.drop()


def begun(monkeypatch: pytest.MonkeyPatch, cls: Any, **options: Any) -> Begin:
    """What begins an operator's work; an undo goes back to before it."""
    bpy.ops.ed.undo_push(message="before")
    return lambda: start(monkeypatch, cls, **options)


@pytest.fixture
def checking(sample: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    import_tracks(sample)
    return begun(monkeypatch, JUMPS_OT_check_tracks)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture
def ob(sample: Path, results: Path) -> Any:
    """A result whose uncertainty is keyed, too, and whose feet and keys are as they were solved."""
    result = result_of(sample, results)
    bpy.ops.jumps.key_uncertainty()
    return result


@pytest.fixture
def locking(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    return begun(monkeypatch, JUMPS_OT_lock_feet, speed=1.0, strength=0.75)


@pytest.fixture
def freeing(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    bpy.ops.jumps.lock_feet()
    return begun(monkeypatch, JUMPS_OT_free_feet)


@pytest.fixture
def simplifying(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    return begun(monkeypatch, JUMPS_OT_simplify, unit="PIXELS", pixels=2.0, distance=0.1)


@pytest.fixture
def restoring(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    bpy.ops.jumps.simplify()
    return begun(monkeypatch, JUMPS_OT_restore_keys)


@pytest.fixture
def solving(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    move(ob, "right_hand", 80, (0.2, 0.1))
    return begun(monkeypatch, JUMPS_OT_resolve)


@pytest.fixture
def solving_simplified(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    bpy.ops.jumps.simplify()
    move(ob, "right_hand", 80, (0.2, 0.1))
    return begun(monkeypatch, JUMPS_OT_resolve)


@pytest.fixture
def unpinning(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    move(ob, "right_hand", 80, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    select(ob, ["right_hand"])
    return begun(monkeypatch, JUMPS_OT_unpin, frames="ALL")


@pytest.fixture
def rig(ob: Any) -> Any:
    """A rig with keys of its own, which the result leads; active."""
    target = make_rig(KINDS["mixamo"])
    target.keyframe_insert("location", frame=1)
    assert bpy.ops.jumps.lead_rig(source=ob.name, target=target.name) == {"FINISHED"}
    bpy.context.view_layer.objects.active = target
    return target


@pytest.fixture
def baking(rig: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    return begun(monkeypatch, JUMPS_OT_bake_rig)


@pytest.fixture
def leading(ob: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    target = make_rig(KINDS["mixamo"])
    target.keyframe_insert("location", frame=1)
    return begun(monkeypatch, JUMPS_OT_lead_rig, source=ob.name, target=target.name, preset="")


@pytest.fixture
def leading_anew(ob: Any, rig: Any, monkeypatch: pytest.MonkeyPatch) -> Begin:
    bpy.context.scene.jumps_rig.limbs = "ik"
    move(ob, "right_hand", 80, (0.2, 0.1))
    return begun(monkeypatch, JUMPS_OT_lead_rig, source="", target="", preset="")


CHANGES = (
    "checking", "locking", "freeing", "simplifying", "restoring", "solving", "solving_simplified", "unpinning",
)  # fmt: skip


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> Begin:
    """Something to do with the active armature, as it is."""
    found: Begin = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=(*CHANGES, "baking", "leading", "leading_anew"))
def begin(request: pytest.FixtureRequest) -> Begin:
    """Something to do on the active armature."""
    found: Begin = request.getfixturevalue(request.param)
    return found


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


@pytest.mark.parametrize("after", [1, 30, -1])
@pytest.mark.parametrize("event_", ["deleted", "undone"])
def test_a_rig_that_changes_while_it_is_baked_ends_that(rig: Any, baking: Begin, event_: str, after: int) -> None:
    bpy.ops.ed.undo_push(message="once more")
    operator = baking()
    while after and not any(action.name.startswith("JUMPS ") for action in bpy.data.actions):
        assert operator.tick() == {"PASS_THROUGH"}
        after -= 1
    if event_ == "deleted":
        bpy.data.objects.remove(rig)
    else:
        bpy.ops.ed.undo()
    before = snapshot()
    assert operator.to_its_end() == {"CANCELLED"}
    ((kind, text),) = operator.said
    assert kind == "ERROR"
    assert ("was deleted meanwhile" if event_ == "deleted" else "was changed meanwhile") in text
    assert snapshot()["objects"] == before["objects"]
    assert "JUMPS" not in " ".join([*snapshot()["scenes"], *snapshot()["actions"]])


def test_a_rig_whose_new_keys_are_gone_at_the_last_moment_is_still_led(rig: Any) -> None:
    def bake() -> Slices[str]:
        return baking_of(bpy.context, lambda: bpy.data.objects[name], lambda _done: None, seconds=0.0)

    name = rig.name
    bpy.ops.ed.undo_push(message="led")
    count = sum(1 for _ in bake())
    bpy.ops.ed.undo_push(message="baked")
    bpy.ops.ed.undo()
    before, slices = snapshot(), bake()
    for _ in range(count):
        next(slices)
    (draft,) = [action for action in bpy.data.actions if action.name.startswith("JUMPS ")]
    bpy.data.actions.remove(draft)
    with pytest.raises(InputError, match="was changed meanwhile"):
        next(slices)
    assert snapshot() == before


@pytest.mark.parametrize("stop", [1, 15, -1])
def test_a_rig_that_is_not_led_in_the_end_is_as_it_was_and_so_is_all_else(
    leading: Begin, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    monkeypatch.setattr(JUMPS_OT_lead_rig, "longest", 0.0)  # as many slices as there can be
    before = whole_file()
    operator = leading()
    while stop and operator._work.fraction < 0.9:
        assert operator.tick() == {"PASS_THROUGH"}
        stop -= 1
    assert operator.tick(ESC) == {"CANCELLED"}
    assert differences(before, whole_file()) == []


@pytest.mark.parametrize("event_", ["performance deleted", "rig deleted", "undone", "keyed"])
@pytest.mark.parametrize("begin", ["leading", "leading_anew"], indirect=True)
@pytest.mark.parametrize("last", [False, True])
def test_what_changes_while_a_rig_begins_to_be_led_ends_that(ob: Any, begin: Begin, event_: str, last: bool) -> None:
    key_location(ob, "left_hand", 3, (0.3, 0, 0.3))
    bpy.ops.ed.undo_push(message="keyed")
    if last:  # an undo then takes no keys away, but what was drafted
        bpy.ops.ed.undo_push(message="once more")
    operator = begin()
    while operator._work.fraction < (0.9 if last else 0.1):
        assert operator.tick() == {"PASS_THROUGH"}
    if event_ == "undone":
        bpy.ops.ed.undo()
    elif event_ == "keyed":
        key_location(ob, "left_hand", 4, (0.2, 0, 0.2))
    else:
        bpy.data.objects.remove(ob if event_ == "performance deleted" else bpy.data.objects["mixamo rig"])
    before = snapshot()
    assert operator.to_its_end() == {"CANCELLED"}
    ((kind, text),) = operator.said
    assert kind == "ERROR"
    assert ("was deleted meanwhile" if "deleted" in event_ else "was changed meanwhile") in text
    assert {**snapshot(), "actions": None} == {**before, "actions": None}
    assert "JUMPS" not in " ".join(snapshot()["actions"])


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


def test_a_rig_that_is_led_follows_in_slices_and_is_not_left_behind(
    ob: Any, rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bpy.context.view_layer.objects.active = ob
    operator = begun(monkeypatch, JUMPS_OT_lock_feet, speed=1.0, strength=1.0)()
    while not operator._work.changed:
        assert operator.tick() == {"PASS_THROUGH"}
    ticks = 1
    assert operator.tick(ESC) == {"RUNNING_MODAL"}, "the feet are held: the rig must show it"
    while operator.tick() == {"PASS_THROUGH"}:
        ticks += 1
    assert ticks > 28
    in_slices = snapshot()
    bpy.ops.ed.undo()
    assert operator.at_once() == {"FINISHED"}
    assert snapshot() == in_slices
    assert is_current(led_by(guide_of(bpy.data.objects["mixamo rig"])))


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


def test_an_action_that_others_share_stays_theirs(ob: Any, locking: Begin) -> None:
    twin = bpy.data.objects.new("twin", ob.data)
    bpy.context.scene.collection.objects.link(twin)
    twin.animation_data_create().action = shared = ob.animation_data.action
    if hasattr(shared, "slots"):
        twin.animation_data.action_slot = ob.animation_data.action_slot
    before = snapshot()["actions"][shared.name]
    operator = locking()
    assert operator.to_its_end() == {"FINISHED"}
    assert snapshot()["actions"][shared.name] == before
    assert twin.animation_data.action == shared != ob.animation_data.action
    assert ("WARNING", f"{ob.name!r} shared its Action with 'twin': it has one of its own now") in operator.said


def test_whatever_else_knows_the_action_knows_it_afterwards(ob: Any, locking: Begin) -> None:
    action = ob.animation_data.action
    action.asset_mark()
    action.asset_data.description = "a walk"
    action.asset_data.tags.new("walk")
    action["shot"] = 7
    action.pose_markers.new("step").frame = 50
    follower = bpy.data.objects.new("follower", None)
    constraint: Any = follower.constraints.new("ACTION")
    constraint.action = action
    name = action.name
    assert locking().to_its_end() == {"FINISHED"}
    now = ob.animation_data.action
    assert (now.name, now.use_fake_user, now["shot"], now.pose_markers["step"].frame) == (name, True, 7, 50)
    assert (now.asset_data.description, now.asset_data.tags[0].name) == ("a walk", "walk")
    assert constraint.action == now
    assert name + ".001" not in bpy.data.actions


def test_a_strip_that_is_tweaked_is_changed_in_its_place(ob: Any, locking: Begin) -> None:
    bpy.ops.jumps.push_down()
    strip = ob.animation_data.nla_tracks[0].strips[0]
    ob.animation_data.nla_tracks[0].select = strip.select = True
    ob.animation_data.use_tweak_mode = True
    assert ob.animation_data.action == strip.action
    assert locking().to_its_end() == {"FINISHED"}
    strip = ob.animation_data.nla_tracks[0].strips[0]
    assert ob.animation_data.action == strip.action
    ob.animation_data.use_tweak_mode = False
    assert ob.animation_data.action is None
    assert len(list(fcurves_of(strip.action, getattr(strip, "action_slot", None)))) == 84


def test_a_file_that_is_saved_meanwhile_holds_what_was_there_before(change: Begin, tmp_path: Path) -> None:
    bpy.data.orphans_purge()
    before, operator = snapshot(), change()
    for _ in range(9):
        assert operator.tick() == {"PASS_THROUGH"}
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "meanwhile.blend"))
    operator.cancel(operator.window)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "meanwhile.blend"))
    assert snapshot() == before
