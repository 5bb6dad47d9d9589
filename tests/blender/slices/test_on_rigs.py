"""Rigs that begin to be led, follow, or are baked, slice by slice."""

from __future__ import annotations

from typing import Any

import bpy
import pytest

from jumps_blender.blender.retarget.bake import baking as baking_of
from jumps_blender.blender.retarget.follow import is_current
from jumps_blender.blender.retarget.guide import guide_of, led_by
from jumps_blender.blender.scene.slices import Slices
from jumps_blender.errors import InputError
from jumps_blender.ui.operators.feet import JUMPS_OT_lock_feet
from jumps_blender.ui.operators.onto_rig import JUMPS_OT_lead_rig
from tests.blender.by_hand import ESC
from tests.blender.people_at_hand import key_location
from tests.blender.slices.by_hand import Begin, begun
from tests.blender.snapshot import snapshot
from tests.blender.whole_file import differences, whole_file


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
