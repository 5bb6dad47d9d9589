"""An armature read as tracks: as imported, with the animator's changes, or keyed by hand altogether."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

from jumps_blender.blender.records import TRACKS, TracksRecord
from jumps_blender.blender.tracks.readback import joint_name, read_armature
from jumps_blender.core.body.skeleton import INDEX, LIMB_JOINTS
from jumps_blender.core.body.tracks import Tracks
from jumps_blender.errors import InputError
from tests.blender.conftest import with_gap, write_tracks
from tests.blender.people_at_hand import heads, import_tracks, key_location, make_armature, record_of, upsample
from tests.blender.snapshot import snapshot

WRIST, ELBOW = LIMB_JOINTS.index("left_wrist"), LIMB_JOINTS.index("left_elbow")


def read(ob: Any) -> TracksRecord:
    """Read an armature, and check that this changed nothing."""
    before = snapshot()
    record = read_armature(bpy.context, ob)
    assert snapshot() == before
    return record


def armature_points(record: TracksRecord) -> np.ndarray:
    return record.placement.to_armature(record.tracks.positions)


def assert_same(tracks: Tracks, positions: np.ndarray) -> None:
    np.testing.assert_array_equal(tracks.observed, np.isfinite(positions).all(-1))
    np.testing.assert_allclose(tracks.positions, positions, atol=0.02)


def test_an_untouched_import_reads_as_it_was(walk_file: Path, walk: np.ndarray) -> None:
    record = read(import_tracks(walk_file))
    assert_same(record.tracks, with_gap(walk))
    np.testing.assert_allclose(record.tracks.confidence, np.where(np.isnan(with_gap(walk)).any(-1), 0, 0.9), atol=1e-6)
    assert record.timing.fps == 25


@pytest.mark.parametrize("fps", [24, 60])
def test_the_scenes_rate_does_not_matter(walk_file: Path, walk: np.ndarray, fps: int) -> None:
    bpy.context.scene.render.fps = fps
    record = read(import_tracks(walk_file))
    assert_same(record.tracks, with_gap(walk))
    bpy.context.scene.render.fps = 30
    assert_same(read(bpy.context.view_layer.objects.active).tracks, with_gap(walk))
    assert record.timing.fps == 25


def test_a_real_person_reads_as_imported(sample: Path) -> None:
    bpy.context.scene.render.fps = 24
    ob = import_tracks(sample)
    stored, now = record_of(ob).tracks, read(ob).tracks
    assert_same(now, stored.positions)
    np.testing.assert_allclose(now.confidence, stored.confidence)


def test_a_key_moved_by_hand_counts_and_is_trusted(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    key_location(ob, "left_elbow", 6, (0.5, 0, 0.9))
    record = read(ob)
    np.testing.assert_allclose(armature_points(record)[5, ELBOW], (0.5, 0.9), atol=1e-5)
    assert record.tracks.confidence[5, ELBOW] == 1
    np.testing.assert_allclose(np.delete(record.tracks.confidence[:, ELBOW], 5), 0.9, atol=1e-6)


def test_a_key_added_in_a_gap_fills_that_frame_only(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    key_location(ob, "left_wrist", 6, (0.5, 0, 0.9))
    record = read(ob)
    np.testing.assert_array_equal(record.tracks.observed[3:8, WRIST], [True, False, True, False, True])
    np.testing.assert_allclose(armature_points(record)[5, WRIST], (0.5, 0.9), atol=1e-5)


def test_a_key_that_places_nothing_does_not_count(walk_file: Path, walk: np.ndarray) -> None:
    ob = import_tracks(walk_file)
    wrist = ob.pose.bones["left_wrist"]
    wrist.rotation_mode = "XYZ"
    for frame in (6, 40):  # in its gap, and after the clip's end
        assert wrist.keyframe_insert("rotation_euler", frame=frame)
    assert_same(read(ob).tracks, with_gap(walk))


def test_deleted_keys_are_not_observed(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    ob.pose.bones["left_elbow"].keyframe_delete("location", frame=6)
    np.testing.assert_array_equal(np.flatnonzero(~read(ob).tracks.observed[:, ELBOW]), [5])


def test_a_bone_deleted_by_hand_is_a_joint_not_observed(walk_file: Path, walk: np.ndarray) -> None:
    ob = import_tracks(walk_file)
    bpy.ops.object.mode_set(mode="EDIT")
    ob.data.edit_bones.remove(ob.data.edit_bones["left_elbow"])
    bpy.ops.object.mode_set(mode="OBJECT")
    expected = with_gap(walk)
    expected[:, ELBOW] = np.nan
    assert_same(read(ob).tracks, expected)


def move_keys(ob: Any, frames: float) -> None:
    from jumps_blender.blender.scene.fcurves import fcurves_of

    slot = getattr(ob.animation_data, "action_slot", None)
    for fcurve in fcurves_of(ob.animation_data.action, slot):
        for point in fcurve.keyframe_points:
            point.co.x += frames
        fcurve.update()


def test_a_clip_moved_in_time_keeps_its_gaps(walk_file: Path, walk: np.ndarray) -> None:
    ob = import_tracks(walk_file)
    move_keys(ob, 100)
    record = read(ob)
    assert_same(record.tracks, with_gap(walk))
    assert record.timing.start == pytest.approx(101)


def test_keys_beyond_the_end_make_the_clip_longer(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    key_location(ob, "left_elbow", 15, (0.5, 0, 0.9))
    record = read(ob)
    assert len(record.tracks) == 15
    np.testing.assert_array_equal(np.flatnonzero(record.tracks.observed[:, ELBOW]), [*range(12), 14])
    assert not record.tracks.observed[12:, WRIST].any()


def test_a_clip_pushed_down_to_the_nla_still_reads(walk_file: Path, walk: np.ndarray) -> None:
    ob = import_tracks(walk_file)
    animation = ob.animation_data
    animation.nla_tracks.new().strips.new("walk", 1, animation.action)
    animation.action = None
    assert_same(read(ob).tracks, with_gap(walk))


def test_an_import_without_keys_says_so(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    ob.animation_data_clear()
    with pytest.raises(InputError, match="has no keys any more"):
        read(ob)


def test_a_constraint_on_an_imported_bone_counts(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    target = bpy.data.objects.new("target", None)
    bpy.context.scene.collection.objects.link(target)
    target.location = (0.25, 0, 1.5)
    constraint = ob.pose.bones["left_wrist"].constraints.new("COPY_LOCATION")
    constraint.target = target
    record = read(ob)
    np.testing.assert_allclose(armature_points(record)[:, WRIST], np.tile((0.25, 1.5), (12, 1)), atol=1e-5)
    assert (record.tracks.confidence[:, WRIST] == 1).all()


@pytest.mark.parametrize("what", ["object", "parent"])
def test_moving_turning_and_scaling_the_object_changes_nothing(walk_file: Path, walk: np.ndarray, what: str) -> None:
    ob = moved = import_tracks(walk_file)
    if what == "parent":
        moved = bpy.data.objects.new("parent", None)
        bpy.context.scene.collection.objects.link(moved)
        ob.parent = moved
    moved.matrix_world = Matrix.LocRotScale(Vector((3, -2, 1)), Euler((0.3, 0.2, 2)), Vector((2, 2, 0.5)))
    bpy.context.view_layer.update()
    assert_same(read(ob).tracks, with_gap(walk))


@pytest.mark.parametrize(
    "state", ["EDIT", "POSE", "rest", "hidden in viewports", "hidden by eye", "not in this view layer"]
)
def test_it_reads_in_any_state(walk_file: Path, walk: np.ndarray, state: Any) -> None:
    ob = import_tracks(walk_file)
    if state in {"EDIT", "POSE"}:
        bpy.ops.object.mode_set(mode=state)
    elif state == "rest":
        ob.data.pose_position = "REST"
    elif state == "hidden in viewports":
        ob.hide_viewport = True
    elif state == "hidden by eye":
        ob.hide_set(True)
    else:
        bpy.context.scene.collection.objects.unlink(ob)
    assert_same(read(ob).tracks, with_gap(walk))


def test_an_unkeyed_pose_survives_the_reading(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    bpy.context.scene.frame_set(7)
    ob.pose.bones["left_elbow"].location = (5, 5, 5)
    read(ob)
    assert ob.pose.bones["left_elbow"].location == Vector((5, 5, 5))
    assert bpy.context.scene.frame_current == 7


def test_damaged_stored_tracks_name_the_remedy(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    ob[TRACKS]["positions"]["data"] = "!!!"
    with pytest.raises(InputError, match="damaged") as caught:
        read(ob)
    assert "import the keypoint file again" in str(caught.value)
    del ob[TRACKS]
    assert read(ob).tracks.observed.any()


def test_tracks_of_a_newer_version_ask_for_an_update(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    ob[TRACKS]["version"] = 99
    with pytest.raises(InputError, match="update"):
        read(ob)


# --- keyed by hand


def hand_keyed(parents: dict[str, str] | None = None) -> Any:
    """Limb joints as bones, each keyed at frames 5 and 15."""
    rest = {joint: (0.1 * i, 0.0, 1.0) for i, joint in enumerate(LIMB_JOINTS)}
    ob = make_armature("hand", rest, parents)
    for i, joint in enumerate(LIMB_JOINTS):
        key_location(ob, joint, 5, (0.0, 0.0, 0.0))
        key_location(ob, joint, 15, (0.02 * i, 0.3, 0.1))
    return ob


def hand_points(ob: Any, record: TracksRecord) -> np.ndarray:
    """What the armature shows at the record's frames, X and Z by joint of the record's joint set."""
    names = [bone.name for bone in ob.pose.bones]
    shown = heads(ob, record.timing.frames(len(record.tracks)))[..., [0, 2]]
    points = np.full((len(record.tracks), len(record.tracks.joint_set), 2), np.nan)
    for i, joint in enumerate(record.tracks.joint_set.joints):
        if joint in names:
            points[:, i] = shown[:, names.index(joint)]
    return points


@pytest.mark.parametrize("parents", [None, {"left_wrist": "left_elbow", "left_elbow": "left_shoulder"}])
def test_hand_keyed_joints_are_read_where_they_are(parents: dict[str, str] | None) -> None:
    ob = hand_keyed(parents)
    record = read(ob)
    assert len(record.tracks) == 11
    assert (record.timing.start, record.timing.step, record.timing.fps) == (5, 1, 25)
    np.testing.assert_allclose(armature_points(record), hand_points(ob, record), atol=1e-4)
    assert record.tracks.observed.sum() == 11 * 12
    assert (record.tracks.positions[record.tracks.observed] >= 99).all()


def test_a_moved_turned_scaled_and_parented_object_is_read_in_its_own_space() -> None:
    ob = hand_keyed()
    plain = read(ob).tracks.positions
    parent = bpy.data.objects.new("parent", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.location = (9, 9, 9)
    ob.parent = parent
    ob.matrix_basis = Matrix.LocRotScale(Vector((3, -2, 1)), Euler((0.3, 0.2, 2)), Vector((2, 2, 0.5)))
    bpy.context.view_layer.update()
    np.testing.assert_allclose(read(ob).tracks.positions, plain, atol=0.01)


def test_joints_led_by_a_control_bone_are_read() -> None:
    ob = make_armature("rig", {"control": (0, 0, 0), "left_shoulder": (0, 0, 1), "right_shoulder": (0.4, 0, 1)})
    for joint in ("left_shoulder", "right_shoulder"):
        constraint = ob.pose.bones[joint].constraints.new("CHILD_OF")
        constraint.target, constraint.subtarget = ob, "control"
    key_location(ob, "control", 1, (0, 0, 0))
    key_location(ob, "control", 10, (1, 0, 0))
    record = read(ob)
    np.testing.assert_allclose(armature_points(record), hand_points(ob, record), atol=1e-4)
    assert np.ptp(armature_points(record)[..., 0][record.tracks.observed]) > 0.5


def test_bones_that_nobody_keyed_are_not_observed() -> None:
    ob = make_armature("rig", dict.fromkeys(("left_shoulder", "left_elbow", "left_hand"), (0, 0, 1)))
    key_location(ob, "left_shoulder", 1, (0, 0, 0))
    key_location(ob, "left_elbow", 3, (0, 0, 0))
    tracks = read(ob).tracks
    observed = {tracks.joint_set.joints[i] for i in np.flatnonzero(tracks.observed.any(0))}
    assert observed == {"left_shoulder", "left_elbow"}


def test_an_unkeyed_bone_of_a_keyed_tree_is_observed() -> None:
    rest = {"pelvis": (0.0, 0.0, 1.0), "left_hip": (0.1, 0.0, 1.0), "left_knee": (0.1, 0.0, 0.5)}
    ob = make_armature("rig", rest, {"left_hip": "pelvis", "left_knee": "left_hip"})
    ob.pose.bones["left_hip"].keyframe_insert("rotation_quaternion", frame=1)
    tracks = read(ob).tracks
    assert {tracks.joint_set.joints[i] for i in np.flatnonzero(tracks.observed.any(0))} == set(rest)


def test_a_detectors_names_are_known_too() -> None:
    ob = make_armature("rig", {name: (0, 0, i) for i, name in enumerate(("nose", "left_eye", "right_eye", "left_hip"))})
    for bone in ("nose", "left_eye", "right_eye", "left_hip"):
        key_location(ob, bone, 1, (0, 0, 0))
    assert read(ob).tracks.joint_set.id == "coco17"


@pytest.mark.parametrize(
    ("bone", "joint"),
    [("shoulder.L", "left_shoulder"), ("Hip_R", "right_hip"), ("left_knee", "left_knee"), ("Elbow left", "left_elbow")],
)
def test_names_may_end_with_their_side(bone: str, joint: str) -> None:
    assert joint_name(bone) == joint


def test_an_armature_without_known_joints_lists_what_it_has() -> None:
    ob = make_armature("rig", {"Bone": (0, 0, 0), "Tentacle.001": (0, 0, 0)})
    key_location(ob, "Bone", 1, (0, 0, 0))
    with pytest.raises(InputError, match=r"'rig' has no bone with a known joint name .*Bone, Tentacle.001") as caught:
        read(ob)
    assert "left_shoulder" in str(caught.value)


def test_an_armature_without_keys_says_so() -> None:
    with pytest.raises(InputError, match="'rig' has no keys"):
        read(make_armature("rig", {"left_hip": (0, 0, 0)}))


def test_tracks_of_a_real_detector_survive_as_hand_keys(tmp_path: Path, walk: np.ndarray) -> None:
    """Without its stored tracks, an imported armature is one keyed by hand."""
    ob = import_tracks(write_tracks(tmp_path / "walk.json", walk))
    expected = record_of(ob).placement.to_armature(walk)
    del ob[TRACKS]
    record = read(ob)
    names = record.tracks.joint_set.joints
    found = armature_points(record)[:, [names.index(joint) for joint in LIMB_JOINTS]]
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_a_key_between_the_clips_frames_counts_for_those_on_either_side(walk_file: Path, fps: int) -> None:
    bpy.context.scene.render.fps = fps
    ob = import_tracks(walk_file)
    before = read(ob)
    frames = before.timing.frames(12)
    frame = next(frame for frame in range(3, 20) if np.abs(frames - frame).min() > 0.1)
    beside = [int(np.searchsorted(frames, frame)) - 1, int(np.searchsorted(frames, frame))]
    bpy.context.scene.frame_set(frame)
    bone = ob.pose.bones["left_elbow"]
    key_location(ob, "left_elbow", frame, (bone.location[0] + 0.3, 0, bone.location[2] + 0.2))
    after = read(ob)
    moved = before.placement.to_armature(after.tracks.positions) - before.placement.to_armature(before.tracks.positions)
    np.testing.assert_allclose(moved[beside, ELBOW], [(0.3, 0.2)] * 2, atol=1e-3)
    assert (after.tracks.confidence[beside, ELBOW] == 1).all()
    assert np.abs(np.delete(moved[:, ELBOW], beside, 0)).max() < 1e-3
    np.testing.assert_allclose(np.delete(after.tracks.confidence[:, ELBOW], beside), 0.9, atol=1e-6)


def test_the_result_passes_through_a_key_between_the_clips_frames(walk_file: Path) -> None:
    bpy.context.scene.render.fps = 24
    ob = import_tracks(walk_file)
    bone = ob.pose.bones["left_elbow"]
    bpy.context.scene.frame_set(6)
    there = bone.location[0] + 0.3, 0, bone.location[2] + 0.2
    key_location(ob, "left_elbow", 6, there)
    result = upsample()
    np.testing.assert_allclose(heads(result, [6])[0, INDEX["left_elbow"]], there, atol=1e-4)
