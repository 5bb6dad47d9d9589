"""Whatever state a scene is in: what an operator did can be undone wholly, and what it refuses changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.results.uncertainty import has_uncertainty
from jumps_blender.blender.scene.fcurves import bag_of, own_fcurves
from tests.blender.people_at_hand import import_tracks, upsample
from tests.blender.results_at_hand import move, select
from tests.blender.whole_file import differences, whole_file

HAND, WRIST = "right_hand", "right_wrist"

DEEDS: dict[str, dict[str, Any]] = {
    "resolve": {}, "unpin": {"frames": "ALL"}, "lock_feet": {"speed": 2.0}, "simplify": {}, "push_down": {},
    "key_uncertainty": {}, "check_tracks": {}, "swap_sides": {"joints": "ARMS", "frames": "ALL"},
    "ignore_joints": {"frames": "ALL"}, "colour_bones": {"by": "TROUBLE"}, "to_source": {},
    "upsample": {"settings": "draft"},
}  # fmt: skip
"""Operators on what is active, and what they are told."""


def curves_of(ob: Any, bone: str) -> list[Any]:
    return [fcurve for fcurve in own_fcurves(ob) if f'"{bone}"' in fcurve.data_path]


def in_mode(mode: Any) -> Callable[[Any], object]:
    return lambda _ob: bpy.ops.object.mode_set(mode=mode)


def mute(ob: Any) -> None:
    for fcurve in curves_of(ob, WRIST):
        fcurve.mute = True


def delete_bone(ob: Any) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    ob.data.edit_bones.remove(ob.data.edit_bones["left_wrist"])
    bpy.ops.object.mode_set(mode="OBJECT")


def drive(ob: Any) -> None:
    ob.pose.bones[WRIST].driver_add("location", 0).driver.expression = "frame / 100"


def rename(ob: Any) -> None:
    ob.name, ob.animation_data.action.name = 'Anna "A"/1', "run"


def go_to_another_scene(ob: Any) -> None:
    scene = bpy.data.scenes.new("two")
    scene.render.fps = 60
    scene.collection.objects.link(ob)
    bpy.context.window.scene = scene
    bpy.context.view_layer.objects.active = ob


def place(ob: Any) -> None:
    above = bpy.data.objects.new("above", None)
    bpy.context.scene.collection.objects.link(above)
    above.scale, above.rotation_euler = (2, -1, 0.5), (1, 2, 3)
    ob.parent, ob.scale = above, (0.5, 0.5, -1)


def hide_in_pose_mode(ob: Any) -> None:
    bpy.ops.object.mode_set(mode="POSE")
    ob.hide_set(True)


def lose_keys(ob: Any) -> None:
    for fcurve in curves_of(ob, "left_ankle"):
        fcurve.keyframe_points.clear()
        fcurve.update()


def lose_a_channel(ob: Any) -> None:
    animation = ob.animation_data
    bag = bag_of(animation.action, getattr(animation, "action_slot", None))
    bag.fcurves.remove(curves_of(ob, "left_ankle")[0])


def lose_the_slot(ob: Any) -> None:
    if hasattr(ob.animation_data, "action_slot"):
        ob.animation_data.action_slot = None


def lock(ob: Any) -> None:
    for fcurve in own_fcurves(ob):
        fcurve.lock = True


STATES: dict[str, Callable[[Any], object]] = {
    "pose mode": in_mode("POSE"), "edit mode": in_mode("EDIT"), "hidden in pose mode": hide_in_pose_mode,
    "rest position": lambda ob: setattr(ob.data, "pose_position", "REST"), "muted": mute, "locked": lock,
    "without a bone": delete_bone, "driven": drive, "renamed": rename, "another scene": go_to_another_scene,
    "another rate": lambda _ob: setattr(bpy.context.scene.render, "fps", 60), "placed": place,
    "flat": lambda ob: setattr(ob, "scale", (0, 0, 0)), "without keys of a joint": lose_keys,
    "without a channel": lose_a_channel, "without a slot": lose_the_slot,
    "armature used twice": lambda ob: bpy.data.objects.new("other", ob.data),
}  # fmt: skip


USUAL = ("pose mode", "edit mode", "without a bone", "without keys of a joint", "another scene")
"""States that are always tried; the others when there is time (`--thorough`)."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "state" in metafunc.fixturenames:
        metafunc.parametrize("state", STATES if metafunc.config.getoption("--thorough") else USUAL)


@pytest.fixture
def tracks(walk_file: Path) -> Any:
    """Keypoints of twelve frames."""
    return import_tracks(walk_file)


@pytest.fixture
def result(tracks: Any) -> Any:
    """Their result, of Balanced; active, with a pin."""
    made = bpy.context.view_layer.objects.active = upsample(settings="default")
    move(made, HAND, 4, (0.1, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    return made


def do_and_undo(deed: str, options: dict[str, Any]) -> str:
    """Do it as a user does, undo it, and compare; what was reported instead, where it was refused."""
    before, said = whole_file(), ""
    try:
        done = getattr(bpy.ops.jumps, deed)("EXEC_DEFAULT", True, **options)
    except RuntimeError as error:
        done, said = {"CANCELLED"}, str(error)
    assert "Traceback" not in said
    if done == {"FINISHED"}:
        bpy.ops.ed.undo()
    found = differences(before, whole_file())
    assert not found, f"{deed}, {said or done}: {len(found)} values: {found[:5]}"
    return said


def through_all(ob: Any, state: str) -> None:
    STATES[state](ob)
    if ob.mode != "EDIT":
        select(ob, [WRIST, HAND])
        if state != "locked":
            move(ob, WRIST, 6, (0.1, 0.1))
    bpy.context.scene.frame_set(6)
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="in that state")
    for deed, options in DEEDS.items():
        if getattr(bpy.ops.jumps, deed).poll():
            do_and_undo(deed, options)


def test_keypoints_are_as_before_after_an_undo(tracks: Any, state: str) -> None:
    through_all(tracks, state)


def test_a_result_is_as_before_after_an_undo(result: Any, state: str) -> None:
    through_all(result, state)


@pytest.mark.parametrize("deed", ["check_tracks", "swap_sides", "resolve", "simplify", "push_down", "key_uncertainty"])
def test_nothing_is_changed_in_edit_mode_where_undo_would_not_take_it_back(result: Any, tracks: Any, deed: str) -> None:
    if deed in {"check_tracks", "swap_sides"}:
        bpy.context.view_layer.objects.active = tracks
    bpy.ops.object.mode_set(mode="EDIT")
    assert not getattr(bpy.ops.jumps, deed).poll()
    with pytest.raises(RuntimeError, match="is in edit mode"):
        getattr(bpy.ops.jumps, deed)()


def test_a_renamed_joint_is_told_instead_of_being_left_behind(result: Any) -> None:
    result.data.bones[HAND].name = "hand.R"
    move(result, "hand.R", 8, (0.1, 0.1))
    with pytest.raises(RuntimeError, match=r"keys of 'hand.R' and none of 'right_hand'"):
        bpy.ops.jumps.resolve()
    result.data.bones["hand.R"].name = HAND
    assert bpy.ops.jumps.resolve() == {"FINISHED"}


def test_locked_channels_are_told_and_stay(result: Any, tracks: Any) -> None:
    move(result, HAND, 8, (0.1, 0.1))
    for fcurve in curves_of(result, WRIST):
        fcurve.lock = True
    with pytest.raises(RuntimeError, match=r"Channels of 'right_wrist' are locked"):
        bpy.ops.jumps.resolve()
    bpy.context.view_layer.objects.active = tracks
    lock(tracks)
    with pytest.raises(RuntimeError, match=r"Channels of '.*' are locked"):
        bpy.ops.jumps.swap_sides(joints="ARMS", frames="ALL")


def test_keypoints_that_lost_their_keys_can_be_solved_still(tracks: Any) -> None:
    lose_keys(tracks)
    assert bpy.ops.jumps.check_tracks() == {"FINISHED"}
    assert np.isfinite([bone.head[:] for bone in upsample(settings="draft").pose.bones]).all()


def test_a_record_that_somebody_wrote_over_is_told(result: Any, tracks: Any) -> None:
    result["jumps_locks"] = tracks["jumps_mends"] = {"mine": 1}
    with pytest.raises(RuntimeError, match=r"are damaged .*'jumps_locks'"):
        bpy.ops.jumps.resolve()
    bpy.context.view_layer.objects.active = tracks
    with pytest.raises(RuntimeError, match=r"are damaged .*'jumps_mends'"):
        bpy.ops.jumps.check_tracks()


@pytest.mark.parametrize("remove", [False, True])
def test_an_action_without_its_slot_is_told_or_left(result: Any, remove: bool) -> None:
    if not hasattr(result.animation_data, "action_slot"):
        pytest.skip("this Blender has no slots")
    bpy.ops.jumps.key_uncertainty()
    result.animation_data.action_slot = None
    before = len(bpy.data.actions)
    if remove:
        assert bpy.ops.jumps.key_uncertainty(remove=True) == {"FINISHED"}
        assert not has_uncertainty(result)
    else:
        with pytest.raises(RuntimeError, match="has no Action to key it in: assign its Action again"):
            bpy.ops.jumps.key_uncertainty()
    assert len(bpy.data.actions) == before
