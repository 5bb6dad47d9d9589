"""Which armatures the panel Onto a Rig takes for performance and rig while its fields are empty."""

from __future__ import annotations

from typing import Any

import bpy
import pytest

from jumps_blender.blender.retarget.guide import guide_of
from jumps_blender.ui.operators.onto_rig import led_rig
from jumps_blender.ui.panels.rig import JUMPS_PT_rig
from tests.blender.retarget.leading import settings, state
from tests.blender.retarget.rigs_at_hand import KINDS, dance, make_cutout, make_result, make_rig
from tests.blender.retarget.test_rig_panel import drawn

UE5, MIXAMO = KINDS["ue5"], KINDS["mixamo"]


def person(name: str) -> Any:
    return make_result(dance(3), name=name)


def select(*obs: Any) -> None:
    """Select objects, the first as the active one."""
    for ob in bpy.context.view_layer.objects:
        ob.select_set(ob in obs)
    bpy.context.view_layer.objects.active = obs[0] if obs else None


def lead() -> None:
    assert bpy.ops.jumps.lead_rig() == {"FINISHED"}


def test_the_only_two_that_may_be_meant_are_offered_and_led() -> None:
    anna, rig = person("anna"), make_rig(MIXAMO)
    select()
    text = drawn(JUMPS_PT_rig)
    assert "Guessed" in text
    assert "jumps.take_armature anna" in text
    assert "jumps.take_armature mixamo rig" in text
    assert (settings().source, settings().target) == (None, None), "a guess is not stored by looking at it"
    lead()
    assert (settings().source, settings().target) == (anna, rig)
    assert guide_of(rig)
    assert "Guessed" not in drawn(JUMPS_PT_rig)


def test_of_several_the_selected_is_meant_and_without_one_it_asks() -> None:
    for name in ("anna", "ben"):
        person(name)
    ue5, mixamo = make_rig(UE5), make_rig(MIXAMO)
    select()
    with pytest.raises(RuntimeError, match="Performance is empty, and 2 results may be meant"):
        lead()
    select(bpy.data.objects["ben"])
    with pytest.raises(RuntimeError, match="Rig is empty, and 2 armatures may be meant"):
        lead()
    select(bpy.data.objects["ben"], ue5)
    lead()
    assert (settings().source.name, settings().target) == ("ben", ue5)
    assert led_rig(bpy.context) == ue5
    assert guide_of(mixamo) is None


def test_two_that_are_selected_are_one_too_many_unless_one_is_active() -> None:
    anna, ben, rig = person("anna"), person("ben"), make_rig(UE5)
    select(rig, anna, ben)
    assert "jumps.take_armature anna" not in drawn(JUMPS_PT_rig)
    select(ben, anna, rig)
    assert "jumps.take_armature ben" in drawn(JUMPS_PT_rig)


def test_what_was_chosen_stays_and_what_is_selected_is_offered() -> None:
    anna, ben, rig, other = person("anna"), person("ben"), make_rig(MIXAMO), make_cutout()
    settings().source, settings().target = anna, rig
    select(ben, other)
    assert "Guessed" not in drawn(JUMPS_PT_rig)
    assert "Selected" in drawn(JUMPS_PT_rig)
    lead()
    assert guide_of(rig)
    assert guide_of(other) is None
    for part in ("source", "target"):
        assert bpy.ops.jumps.take_armature(part=part) == {"FINISHED"}
    assert (settings().source, settings().target) == (ben, other)
    assert settings().bones[0].bone == "hips"
    assert "take_armature" not in drawn(JUMPS_PT_rig)


def test_a_rig_that_was_deleted_is_not_led_and_another_is_offered() -> None:
    person("anna")
    rig, other = make_rig(MIXAMO), make_cutout()
    settings().target = rig
    select(rig)
    bpy.ops.object.delete()
    assert settings().target == rig, "the field keeps it alive"
    assert f"jumps.take_armature {other.name}" in drawn(JUMPS_PT_rig)
    lead()
    assert settings().target == other


def test_imports_guides_and_hidden_armatures_are_nobodys_rig() -> None:
    anna, rig = person("anna"), make_rig(MIXAMO)
    select()
    lead()
    settings().target = None
    hidden = make_rig(UE5)
    hidden.hide_set(True)
    assert led_rig(bpy.context) == rig
    settings().source = anna
    bpy.data.objects.remove(rig)
    with pytest.raises(RuntimeError, match="Rig is empty: there is no other armature"):
        lead()


def test_undo_takes_the_choice_away() -> None:
    person("anna")
    make_rig(MIXAMO)
    select()
    before = state()
    bpy.ops.ed.undo_push(message="before")
    lead()
    bpy.ops.ed.undo_push(message="led")
    bpy.ops.ed.undo()
    assert settings().target is None
    assert state() == before
