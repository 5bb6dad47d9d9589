"""Imported tracks are mended before solving: sides swapped, joints ignored; what was keyed by hand is never lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.records import stored_result
from jumps_blender.blender.scene.actions import location_keys
from jumps_blender.blender.scene.present import select_bones
from jumps_blender.blender.scene.slices import at_once
from jumps_blender.blender.tracks.findings import FINDINGS
from jumps_blender.blender.tracks.mending import limb_joints
from jumps_blender.blender.tracks.mends import MENDS, partner_of
from jumps_blender.blender.tracks.readback import read_armature, reading
from jumps_blender.blender.tracks.states import State, states_of
from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.skeleton import INDEX, LIMB_JOINTS
from jumps_blender.core.body.tracks import Tracks
from tests.blender.conftest import with_gap, write_tracks
from tests.blender.people_at_hand import heads, import_tracks, key_location, record_of, upsample
from tests.blender.snapshot import snapshot

WRIST, ELBOW, KNEE = (LIMB_JOINTS.index(f"left_{part}") for part in ("wrist", "elbow", "knee"))
R_WRIST, R_ELBOW = LIMB_JOINTS.index("right_wrist"), LIMB_JOINTS.index("right_elbow")
StandIn = Callable[[str], Path]


@pytest.fixture
def ob(walk_file: Path) -> Any:
    return import_tracks(walk_file)


def tracks_of(ob: Any) -> Tracks:
    return read_armature(bpy.context, ob).tracks


def run(operator: str, bones: tuple[str, ...] = (), frame: int = 6, **options: Any) -> set[str]:
    """Press a button with some bones selected, at a frame."""
    bpy.context.scene.frame_set(frame)
    select_bones(bpy.context.view_layer.objects.active, bones)
    done: set[str] = getattr(bpy.ops.jumps, operator)(**options)
    return done


# --- swap


def test_swapped_arms_change_sides_and_keep_their_confidence(tmp_path: Path, walk: np.ndarray) -> None:
    ob = import_tracks(write_tracks(tmp_path / "walk.json", walk))
    before = tracks_of(ob)
    assert run("swap_sides", joints="ARMS") == {"FINISHED"}
    after = tracks_of(ob)
    for left, right in ((WRIST, R_WRIST), (ELBOW, R_ELBOW)):
        np.testing.assert_allclose(after.positions[5, [left, right]], before.positions[5, [right, left]], atol=0.02)
    others = np.arange(12) != 5
    np.testing.assert_allclose(after.positions[others], before.positions[others], atol=0.02)
    np.testing.assert_allclose(after.positions[:, KNEE], before.positions[:, KNEE], atol=0.02)
    np.testing.assert_allclose(after.confidence, before.confidence)


def test_a_gap_goes_along_with_its_side(ob: Any, walk: np.ndarray) -> None:
    assert run("swap_sides", ("left_wrist",), frame=6) == {"FINISHED"}
    after = tracks_of(ob)
    assert after.observed[5, [WRIST, R_WRIST]].tolist() == [True, False]
    np.testing.assert_allclose(after.positions[5, WRIST], walk[5, R_WRIST], atol=0.02)
    assert after.observed[4, [WRIST, R_WRIST]].tolist() == [False, True]


def test_swapping_twice_restores_everything(ob: Any) -> None:
    key_location(ob, "left_elbow", 3, (0.5, 0, 0.9))
    before, curves = tracks_of(ob), _all_keys(ob)
    for _ in range(2):
        assert run("swap_sides", joints="ALL", frames="ALL") == {"FINISHED"}
    np.testing.assert_allclose(tracks_of(ob).positions, before.positions, atol=1e-3)
    np.testing.assert_allclose(tracks_of(ob).confidence, before.confidence)
    assert _all_keys(ob) == curves


def _all_keys(ob: Any) -> dict[tuple[str, int], list[Any]]:
    return {
        (curve.bone, curve.axis): np.column_stack([curve.frames, curve.values]).tolist()
        for curve in location_keys(ob, LIMB_JOINTS)
        if curve.values.any()
    }


def test_a_key_set_by_hand_changes_sides_as_it_is(ob: Any) -> None:
    key_location(ob, "left_elbow", 6, (0.5, 0, 0.9))
    assert run("swap_sides", ("left_elbow", "right_elbow")) == {"FINISHED"}
    after = tracks_of(ob)
    record = read_armature(bpy.context, ob)
    np.testing.assert_allclose(record.placement.to_armature(after.positions[5, R_ELBOW]), (0.5, 0.9), atol=1e-5)
    assert after.confidence[5, R_ELBOW] == 1
    assert after.confidence[5, ELBOW] == pytest.approx(0.9)


def test_only_selected_joints_and_their_partners_are_swapped(ob: Any, walk: np.ndarray) -> None:
    assert run("swap_sides", ("right_elbow",), frames="ALL") == {"FINISHED"}
    after = tracks_of(ob).positions
    np.testing.assert_allclose(after[:, [ELBOW, R_ELBOW]], walk[:, [R_ELBOW, ELBOW]], atol=0.02)
    np.testing.assert_allclose(after[:, R_WRIST], walk[:, R_WRIST], atol=0.02)


def test_a_side_that_was_never_seen_is_shown_once_it_is(tmp_path: Path, walk: np.ndarray) -> None:
    walk[:, [LIMB_JOINTS.index(f"left_{part}") for part in ("shoulder", "elbow", "wrist")]] = np.nan
    ob = import_tracks(write_tracks(tmp_path / "side.json", walk))
    assert run("swap_sides", joints="ARMS", frames="ALL") == {"FINISHED"}
    bones = ob.data.bones
    assert [bones[f"{side}_wrist"].hide for side in ("left", "right")] == [False, True]
    assert ob.pose.bones["left_elbow"].constraints[0].subtarget == "left_wrist"
    assert not ob.pose.bones["right_elbow"].constraints
    after = tracks_of(ob)
    np.testing.assert_allclose(after.positions[:, WRIST], walk[:, R_WRIST], atol=0.02)
    assert not after.observed[:, R_WRIST].any()


def test_joints_without_partner_are_not_swapped(sample: Path) -> None:
    import_tracks(sample)
    with pytest.raises(RuntimeError, match="None of the joints has a partner on the other side"):
        run("swap_sides", ("nose",))


def test_keys_in_the_nla_are_not_out_of_reach_in_silence(ob: Any) -> None:
    animation = ob.animation_data
    animation.nla_tracks.new().strips.new("walk", 1, animation.action)
    animation.action = None
    with pytest.raises(RuntimeError, match="NLA strips"):
        run("swap_sides", joints="ARMS")


def test_what_cannot_be_read_is_named_before_anything_changes(ob: Any) -> None:
    for name in (FINDINGS, MENDS):
        run("ignore_joints", ("left_knee",))
        bpy.ops.jumps.check_tracks()
        ob[name]["header"] = "{"
        before = snapshot()
        with pytest.raises(RuntimeError, match=f"delete the custom property '{name}'"):
            run("swap_sides", joints="ARMS")
        assert snapshot() == before
        del ob[name]


# --- ignore


def test_an_ignored_joint_is_not_observed_and_comes_back(ob: Any, walk: np.ndarray) -> None:
    curves = _all_keys(ob)
    assert run("ignore_joints", ("left_elbow",)) == {"FINISHED"}
    after = tracks_of(ob)
    np.testing.assert_array_equal(np.flatnonzero(~after.observed[:, ELBOW]), [5])
    assert after.confidence[5, ELBOW] == 0
    assert after.observed[:, R_ELBOW].all()
    assert _all_keys(ob) == curves
    assert run("use_joints", ("left_elbow",)) == {"FINISHED"}
    np.testing.assert_allclose(tracks_of(ob).positions, with_gap(walk), atol=0.02)
    assert run("use_joints", ("left_elbow",)) == {"CANCELLED"}


def test_a_hand_made_key_that_is_ignored_comes_back_as_it_was(ob: Any) -> None:
    key_location(ob, "left_elbow", 6, (0.5, 0, 0.9))
    run("ignore_joints", ("left_elbow",), frames="ALL")
    assert not tracks_of(ob).observed[:, ELBOW].any()
    run("use_joints", ("left_elbow",), frames="ALL")
    record = read_armature(bpy.context, ob)
    np.testing.assert_allclose(record.placement.to_armature(record.tracks.positions)[5, ELBOW], (0.5, 0.9), atol=1e-5)
    assert record.tracks.confidence[5, ELBOW] == 1


def test_what_is_placed_anew_where_it_was_ignored_counts(ob: Any) -> None:
    run("ignore_joints", ("left_elbow",), frames="ALL")
    key_location(ob, "left_elbow", 6, (0.5, 0, 0.9))
    after = tracks_of(ob)
    np.testing.assert_array_equal(np.flatnonzero(after.observed[:, ELBOW]), [5])
    assert after.confidence[5, ELBOW] == 1


def test_what_is_ignored_changes_sides_too(ob: Any) -> None:
    run("ignore_joints", ("left_elbow",))
    run("swap_sides", joints="ARMS")
    after = tracks_of(ob)
    assert after.observed[5, [ELBOW, R_ELBOW]].tolist() == [True, False]


@pytest.mark.parametrize("fps", [24, 50])
def test_in_a_scene_of_another_rate_the_frame_that_is_shown_is_meant(walk_file: Path, fps: int) -> None:
    bpy.context.scene.render.fps = fps
    ob = import_tracks(walk_file)
    assert run("ignore_joints", ("left_elbow",), frame=7) == {"FINISHED"}
    assert run("swap_sides", ("left_knee",), frame=7) == {"FINISHED"}
    after, record = tracks_of(ob), read_armature(bpy.context, ob)
    (sample,) = np.flatnonzero(~after.observed[:, ELBOW])
    assert abs(record.timing.frames(12)[sample] - 7) <= max(0.5, record.timing.step / 2)
    moved = np.abs(after.positions - tracks_of(import_tracks(walk_file)).positions)[:, KNEE].max(-1) > 1
    np.testing.assert_array_equal(np.flatnonzero(moved), [sample])


def test_frames_are_the_selected_keys_the_range_or_all(ob: Any) -> None:
    scene = bpy.context.scene
    for curve in _curves(ob):
        for point in curve.keyframe_points:
            point.select_control_point = point.co[0] in (2, 4)
    scene.frame_start, scene.frame_end = 3, 8
    for frames, expected in (("KEYS", [1, 3]), ("RANGE", range(2, 8)), ("ALL", range(12))):
        assert run("ignore_joints", ("left_elbow",), frames=frames) == {"FINISHED"}
        np.testing.assert_array_equal(np.flatnonzero(~tracks_of(ob).observed[:, ELBOW]), list(expected))
        run("use_joints", ("left_elbow",), frames="ALL")
    scene.use_preview_range, scene.frame_preview_start, scene.frame_preview_end = True, 10, 99
    run("ignore_joints", ("left_elbow",), frames="RANGE")
    np.testing.assert_array_equal(np.flatnonzero(~tracks_of(ob).observed[:, ELBOW]), [9, 10, 11])


def _curves(ob: Any) -> list[Any]:
    from jumps_blender.blender.scene.actions import location_curves

    return list(location_curves(ob).values())


def test_a_clip_moved_in_time_keeps_what_was_mended(ob: Any) -> None:
    run("ignore_joints", ("left_elbow",))
    run("swap_sides", ("left_knee",))
    before = tracks_of(ob).positions
    for curve in _curves(ob):
        for point in curve.keyframe_points:
            point.co.x += 100
        curve.update()
    np.testing.assert_allclose(tracks_of(ob).positions, before, atol=1e-3)
    assert run("use_joints", ("left_elbow",), frame=106) == {"FINISHED"}
    assert tracks_of(ob).observed[5, ELBOW]


def test_frames_beyond_the_clip_can_be_mended_too(ob: Any) -> None:
    key_location(ob, "left_elbow", 15, (0.5, 0, 0.9))
    assert run("ignore_joints", ("left_elbow",), frame=15) == {"FINISHED"}
    assert not tracks_of(ob).observed[12:].any()
    assert run("use_joints", ("left_elbow",), frame=15) == {"FINISHED"}
    assert run("swap_sides", ("left_elbow",), frame=15) == {"FINISHED"}
    assert tracks_of(ob).observed[14, [ELBOW, R_ELBOW]].tolist() == [False, True]


# --- through saving, undo and solving


def test_it_survives_saving(ob: Any, tmp_path: Path) -> None:
    run("ignore_joints", ("left_elbow",))
    run("swap_sides", joints="LEGS", frames="RANGE")
    before, name = tracks_of(ob), ob.name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "mended.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "mended.blend"))
    after = tracks_of(bpy.data.objects[name])
    np.testing.assert_allclose(after.positions, before.positions, atol=1e-3)
    np.testing.assert_allclose(after.confidence, before.confidence)


@pytest.mark.parametrize(
    ("operator", "options"), [("swap_sides", {"joints": "ALL"}), ("ignore_joints", {}), ("colour_bones", {})]
)
def test_one_undo_takes_it_back(ob: Any, operator: str, options: dict[str, Any]) -> None:
    select_bones(ob, ("left_elbow",))
    bpy.ops.ed.undo_push(message="before")
    before = snapshot()
    assert getattr(bpy.ops.jumps, operator)(**options) == {"FINISHED"}
    after = snapshot()
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert snapshot() == before
    bpy.ops.ed.redo()
    assert snapshot() == after


def test_what_is_mended_reaches_the_solver(sample: Path) -> None:
    bpy.context.scene.render.fps = 30
    ob = import_tracks(sample)
    run("ignore_joints", ("left_wrist",), frame=60, frames="ALL")
    result = upsample(settings="draft")
    bpy.context.view_layer.objects.active = ob
    run("use_joints", ("left_wrist",), frame=60, frames="ALL")
    with_wrist = upsample(settings="draft")
    wrist = list(result.pose.bones.keys()).index("left_wrist")
    off = np.abs(heads(result, range(20, 100)) - heads(with_wrist, range(20, 100)))[:, wrist].max()
    assert off > 0.02


def test_solving_and_importing_again_leave_mended_tracks_alone(walk_file: Path, ob: Any, stand_in: StandIn) -> None:
    stand_in("pass")
    key_location(ob, "left_elbow", 6, (0.5, 0, 0.9))
    run("swap_sides", joints="ARMS")
    run("ignore_joints", ("left_knee",))
    keys, before = _all_keys(ob), tracks_of(ob)
    upsample()
    bpy.context.view_layer.objects.active = ob
    import_tracks(walk_file)
    assert _all_keys(ob) == keys
    np.testing.assert_array_equal(tracks_of(ob).positions, before.positions)


def test_a_point_that_was_rejected_and_is_placed_by_hand_is_believed(sample: Path) -> None:
    bpy.context.scene.render.fps = 30
    ob = import_tracks(sample)
    record = record_of(ob)
    first = stored_result(upsample())
    assert first
    bpy.context.view_layer.objects.active = ob
    joint = "right_knee"
    column = record.tracks.joint_set.index(joint)
    (bad,) = np.flatnonzero(first.rejected[:, column])[:1]
    frame = round(record.timing.start + bad * record.timing.step)
    there = record.placement.to_armature(first.positions[bad, INDEX[joint]])
    key_location(ob, joint, frame, (there[0] + 0.1, 0, there[1]))
    result = upsample()
    again = stored_result(result)
    assert again
    assert not again.rejected[bad, column]
    assert again.pins[bad].sum() == again.pins.sum() == 1
    kinds = [point.type for curve in _curves(result) for point in curve.keyframe_points]
    assert kinds.count("EXTREME") == 2
    shown = heads(result, [frame])[0, INDEX[joint]]
    np.testing.assert_allclose(shown[[0, 2]], (there[0] + 0.1, there[1]), atol=1e-3)
    assert not again.std[bad, INDEX[joint]]
    bpy.context.view_layer.objects.active = ob
    bpy.ops.jumps.check_tracks()
    found = states_of(ob)
    assert found
    assert found.codes[bad, column] == State.BY_HAND


def test_a_joint_that_was_worked_over_as_a_whole_is_no_pin(ob: Any) -> None:
    for curve in _curves(ob):
        for point in curve.keyframe_points:
            point.co.y += 0.1
        curve.update()
    assert at_once(reading(bpy.context, lambda: ob)).pinned is None
    assert (tracks_of(ob).confidence[:, ELBOW] == 1).all()


# --- who and what


def test_a_button_that_has_nothing_to_do_says_so(ob: Any) -> None:
    before = snapshot()
    assert run("ignore_joints", ("left_wrist",), frame=6) == {"CANCELLED"}
    for operator in ("swap_sides", "ignore_joints", "use_joints"):
        with pytest.raises(RuntimeError, match="select bones in pose mode"):
            run(operator)
    after = snapshot()
    after["frame"] = before["frame"]
    assert after["actions"] == before["actions"]
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.jumps.swap_sides.poll()


def test_limbs_of_a_detector_with_fingers_and_heels() -> None:
    joints = JOINT_SETS["mediapipe33"].joints
    arms, legs = set(limb_joints(joints, "ARMS")), set(limb_joints(joints, "LEGS"))
    assert {"left_pinky", "right_index", "left_shoulder"} <= arms
    assert {"left_heel", "right_foot_index", "right_hip"} <= legs
    assert not arms & legs
    assert {"left_ear", "mouth_right"} <= set(limb_joints(joints, "ALL")) - arms - legs
    assert partner_of("mouth_left") == "mouth_right"
    assert partner_of("nose") == "nose"
