"""A result whose keys are changed slice by slice: the Action keeps its place and all who use it."""

from __future__ import annotations

from typing import Any

import bpy

from jumps_blender.blender.scene.fcurves import fcurves_of
from tests.blender.slices.by_hand import Begin
from tests.blender.snapshot import snapshot


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
