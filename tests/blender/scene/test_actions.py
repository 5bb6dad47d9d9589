"""Keys written in bulk: where they go, what moves, and that nobody else's Action changes."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from jumps_blender.blender.scene.actions import Curve, draft_action, driven_bones, key_frames, write_keys
from tests.blender.people_at_hand import heads, key_location, make_armature
from tests.blender.snapshot import snapshot

FRAMES = np.array([1.0, 2.5, 7.0])
VALUES = np.array([0.0, 3.0, -1.0])


def curve(bone: str = "bone", axis: int = 0) -> Curve:
    return Curve(bone, axis, FRAMES, VALUES)


def test_keys_move_the_bone_in_straight_lines() -> None:
    ob = make_armature("rig", {"bone": (0, 0, 0)})
    write_keys(ob, "keys", [curve()])
    shown = heads(ob, [1, 1.75, 2.5, 7, 9])[:, 0]
    np.testing.assert_allclose(np.abs(shown).max(-1), [0, 1.5, 3, 1, 1], atol=1e-5)


def test_a_bone_may_have_any_name() -> None:
    name = 'a "quoted" \\ back[slash]'
    ob = make_armature("rig", {name: (0, 0, 0)})
    write_keys(ob, "keys", [curve(name)])
    assert np.ptp(heads(ob, FRAMES)) > 0
    np.testing.assert_allclose(key_frames(ob)[name], FRAMES)


def test_keys_are_grouped_by_bone() -> None:
    ob = make_armature("rig", {"one": (0, 0, 0), "two": (0, 0, 0)})
    write_keys(ob, "keys", [curve("one", 0), curve("one", 2), curve("two", 0)])
    from jumps_blender.blender.scene.fcurves import fcurves_of

    fcurves = list(fcurves_of(ob.animation_data.action, getattr(ob.animation_data, "action_slot", None)))
    assert [(fcurve.group.name, fcurve.array_index) for fcurve in fcurves] == [("one", 0), ("one", 2), ("two", 0)]
    assert {point.interpolation for fcurve in fcurves for point in fcurve.keyframe_points} == {"LINEAR"}


def test_the_slot_is_set() -> None:
    ob = make_armature("rig", {"bone": (0, 0, 0)})
    write_keys(ob, "keys", [curve()])
    if not hasattr(ob.animation_data, "action_slot"):
        pytest.skip("this Blender's Actions have no slots")
    assert ob.animation_data.action_slot.identifier == "OBrig"


def test_an_action_that_was_there_stays_as_it_was() -> None:
    ob = make_armature("rig", {"bone": (0, 0, 0)})
    key_location(ob, "bone", 1, (1, 2, 3))
    before = snapshot()["actions"]
    old = ob.animation_data.action.name
    new = write_keys(ob, old, [curve()])
    assert new != old
    assert ob.animation_data.action.name == new
    assert snapshot()["actions"][old] == before[old]


def test_keys_of_an_nla_strip_are_told_in_scene_frames() -> None:
    ob = make_armature("rig", {"bone": (0, 0, 0)})
    write_keys(ob, "keys", [curve()])
    animation = ob.animation_data
    strip = animation.nla_tracks.new().strips.new("strip", 100, animation.action)
    strip.scale = 2
    animation.action = None
    np.testing.assert_allclose(key_frames(ob)["bone"], [100, 103, 112])
    animation.nla_tracks[0].mute = True
    assert key_frames(ob) == {}


def test_keys_of_another_objects_slot_do_not_count() -> None:
    one, two = make_armature("one", {"bone": (0, 0, 0)}), make_armature("two", {"bone": (0, 0, 0)})
    write_keys(one, "keys", [curve()])
    two.animation_data_create().action = one.animation_data.action
    if not hasattr(two.animation_data, "action_slot"):
        pytest.skip("this Blender's Actions have no slots")
    assert key_frames(two) == {}


def test_drivers_are_told_by_bone() -> None:
    ob = make_armature("rig", {"one": (0, 0, 0), "two": (0, 0, 0)})
    ob.pose.bones["two"].driver_add("location", 0)
    assert driven_bones(ob) == {"two"}
    assert key_frames(ob) == {}


def test_ten_thousand_keys_of_28_joints_come_back() -> None:
    ob = make_armature("rig", {f"bone{i}": (0, 0, 0) for i in range(28)})
    frames = np.arange(10_000.0)
    values = np.random.default_rng(0).normal(size=10_000)
    write_keys(ob, "keys", [Curve(f"bone{i}", axis, frames, values) for i in range(28) for axis in (0, 2)])
    assert all(np.array_equal(found, frames) for found in key_frames(ob).values())


def test_a_draft_gets_back_what_an_undo_took_of_it() -> None:
    from jumps_blender.blender.scene.fcurves import bag_of, slot_of

    curves = [curve(f"bone {i}") for i in range(5)]
    slices = draft_action(curves, seconds=0.0)
    for _ in range(3):
        next(slices)
    (draft,) = bpy.data.actions
    bag = bag_of(draft, slot_of(draft))
    for fcurve in list(bag.fcurves)[1:]:
        bag.fcurves.remove(fcurve)
    for _ in slices:
        pass
    assert [fcurve.data_path for fcurve in bag.fcurves] == [each.path for each in curves]
