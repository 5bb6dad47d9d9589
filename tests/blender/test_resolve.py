"""Editing a result: a joint that is moved becomes a pin, and the motion around it follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.records import store_result, stored_result
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from tests.blender.people_at_hand import heads, import_tracks, upsample
from tests.blender.snapshot import snapshot

HAND = "right_hand"


@pytest.fixture
def result(sample: Path) -> Any:
    """The sample's first person, 28 joints; the scene runs at the clip's rate."""
    bpy.context.scene.render.fps = 30
    import_tracks(sample)
    return _upsampled()


def _upsampled() -> Any:
    ob = upsample()
    bpy.context.view_layer.objects.active = ob
    return ob


def _move(ob: Any, bone: str, frame: float, by: tuple[float, float]) -> np.ndarray:
    """Move a joint by X and Z as an animator does, and key it; returns where it is then."""
    scene, pose = bpy.context.scene, ob.pose.bones[bone]
    scene.frame_set(int(frame))
    pose.location = (pose.location[0] + by[0], pose.location[1], pose.location[2] + by[1])
    assert pose.keyframe_insert("location", frame=frame)
    return np.array([pose.location[0], pose.location[2]])


def _points(ob: Any) -> np.ndarray:
    """X and Z of all joints at the clip's frames, (frames, 28, 2)."""
    record = stored_result(ob)
    assert record
    return heads(ob, record.timing.frames(len(record.observed)))[..., [0, 2]]


def test_a_moved_joint_stays_and_the_motion_around_it_follows(result: Any) -> None:
    before = _points(result)
    there = _move(result, HAND, 101, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    after = _points(result)
    np.testing.assert_allclose(after[100, INDEX[HAND]], there, atol=1e-4)
    moved = np.linalg.norm(after - before, axis=-1)
    assert moved[98, INDEX[HAND]] > 0.4 * moved[100, INDEX[HAND]]
    assert moved[100, INDEX["right_wrist"]] > 0.01
    np.testing.assert_array_equal(after[:60], before[:60])
    np.testing.assert_array_equal(after[141:], before[141:])


def test_the_pin_is_stored_and_marked(result: Any) -> None:
    _move(result, HAND, 101, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    record = stored_result(result)
    assert record
    assert np.argwhere(record.pins).tolist() == [[100, INDEX[HAND]]]
    kinds = {point.type for curve in _curves(result, HAND) for point in curve.keyframe_points if point.co[0] == 101}
    assert kinds == {"EXTREME"}


def _curves(ob: Any, bone: str) -> list[Any]:
    action = ob.animation_data.action
    if hasattr(action, "layers") and len(action.layers):
        curves = action.layers[0].strips[0].channelbag(ob.animation_data.action_slot).fcurves
    else:
        curves = action.fcurves
    return [curve for curve in curves if f'"{bone}"' in curve.data_path and curve.array_index != 1]


def test_many_edits_stay_in_one_action_and_pins_hold(result: Any) -> None:
    actions = set(bpy.data.actions.keys())
    places = {}
    for frame, bone in ((41, HAND), (101, HAND), (105, "left_toe"), (161, "head_top")):
        places[frame, bone] = _move(result, bone, frame, (0.05, 0.08))
        assert bpy.ops.jumps.resolve() == {"FINISHED"}
    assert set(bpy.data.actions.keys()) == actions
    after = _points(result)
    for (frame, bone), there in places.items():
        np.testing.assert_allclose(after[frame - 1, INDEX[bone]], there, atol=1e-4)


def test_an_edit_survives_saving_and_needs_no_source(result: Any, tmp_path: Path) -> None:
    _move(result, HAND, 101, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    name, before = result.name, _points(result)
    for ob in [ob for ob in bpy.data.objects if ob != result]:
        bpy.data.objects.remove(ob)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "edited.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "edited.blend"))
    again = bpy.data.objects[name]
    bpy.context.view_layer.objects.active = again
    there = _move(again, "left_hand", 51, (0.1, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    after = _points(again)
    np.testing.assert_allclose(after[50, INDEX["left_hand"]], there, atol=1e-4)
    np.testing.assert_allclose(after[100], before[100], atol=1e-5)


def test_a_joint_that_is_let_go_is_solved_again(result: Any) -> None:
    before = _points(result)
    _move(result, HAND, 101, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    bpy.context.scene.frame_set(101)
    _select(result, [HAND])
    assert bpy.ops.jumps.unpin() == {"FINISHED"}
    record = stored_result(result)
    assert record
    assert not record.pins.any()
    assert np.abs(_points(result) - before).max() < 0.02
    assert {point.type for curve in _curves(result, HAND) for point in curve.keyframe_points} == {"KEYFRAME"}
    bpy.context.scene.frame_set(5000)
    assert bpy.ops.jumps.unpin() == {"CANCELLED"}
    _select(result, [])
    with pytest.raises(RuntimeError, match=r"No joint is selected"):
        bpy.ops.jumps.unpin()


def _select(ob: Any, bones: list[str]) -> None:
    for bone in ob.pose.bones:
        holder = bone if hasattr(bone, "select") else bone.bone
        holder.select = bone.name in bones


def test_handles_go_along_with_a_key_that_is_solved_again(result: Any) -> None:
    _move(result, HAND, 101, (0.2, 0.1))
    bpy.ops.jumps.resolve()
    for point in _keys_at(result, HAND, 101):
        point.interpolation = "BEZIER"
        point.handle_left_type = point.handle_right_type = "FREE"
        point.handle_left, point.handle_right = (100.8, point.co[1] - 0.01), (101.2, point.co[1] + 0.02)
    _select(result, [HAND])
    assert bpy.ops.jumps.unpin(frames="ALL") == {"FINISHED"}
    for point in _keys_at(result, HAND, 101):
        assert point.handle_left[1] == pytest.approx(point.co[1] - 0.01, abs=1e-5)
        assert point.handle_right[1] == pytest.approx(point.co[1] + 0.02, abs=1e-5)


def _keys_at(ob: Any, bone: str, frame: float) -> list[Any]:
    return [point for curve in _curves(ob, bone) for point in curve.keyframe_points if point.co[0] == frame]


def test_a_key_that_moves_nothing_is_no_pin_and_one_between_samples_can_be_let_go(sample: Path) -> None:
    bpy.context.scene.render.fps = 24
    import_tracks(sample)
    result = _upsampled()
    before = _points(result)
    for frame in range(60, 100):
        _move(result, HAND, frame, (0.0, 0.0))
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}
    _move(result, HAND, 82, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    bpy.context.scene.frame_set(82)
    _select(result, [HAND])
    assert bpy.ops.jumps.unpin() == {"FINISHED"}
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}
    assert np.abs(_points(result) - before).max() < 0.02


def test_a_result_of_the_published_method_is_not_edited(sample: Path) -> None:
    import_tracks(sample)
    result = _upsampled()
    record = stored_result(result)
    assert record
    store_result(result, replace(record, choices=replace(record.choices, settings="paper")))
    _move(result, HAND, 50, (0.2, 0.1))
    with pytest.raises(RuntimeError, match="takes minutes"):
        bpy.ops.jumps.resolve()


def test_where_nothing_was_moved_nothing_changes(result: Any) -> None:
    before = snapshot()
    assert bpy.ops.jumps.resolve() == {"CANCELLED"}
    assert snapshot() == before


def test_only_a_result_can_be_solved_again(sample: Path) -> None:
    import_tracks(sample)
    assert not bpy.ops.jumps.resolve.poll()
    assert not bpy.ops.jumps.unpin.poll()


def test_a_result_without_keys_is_named(result: Any) -> None:
    result.animation_data_clear()
    with pytest.raises(RuntimeError, match="has no keys any more"):
        bpy.ops.jumps.resolve()


def test_all_joints_can_be_moved_at_once(result: Any) -> None:
    there = {bone: _move(result, bone, 61, (0.3, 0.0)) for bone in JOINTS}
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    after = _points(result)
    for bone, place in there.items():
        np.testing.assert_allclose(after[60, INDEX[bone]], place, atol=1e-4)
