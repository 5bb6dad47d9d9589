"""A keypoint file becomes a keyed armature: the right joints, at the right places, at the right times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.scene.actions import key_frames
from jumps_blender.core.body.normalise import body_scale
from jumps_blender.core.body.skeleton import LIMB_JOINTS
from jumps_blender.formats import read
from tests.blender.conftest import with_gap, write_tracks
from tests.blender.people_at_hand import heads, import_tracks, make_armature, record_of
from tests.blender.snapshot import snapshot


def test_every_joint_is_a_bone_without_a_parent(sample: Path) -> None:
    ob = import_tracks(sample)
    assert [bone.name for bone in ob.data.bones] == list(read(sample).joint_set.joints)
    assert all(bone.parent is None for bone in ob.data.bones)


def test_evaluated_heads_are_where_the_keypoints_are(sample: Path) -> None:
    bpy.context.scene.render.fps = 30
    ob = import_tracks(sample)
    tracks = read(sample).tracks()
    shown = heads(ob, range(1, len(tracks) + 1))
    assert shown.shape == (len(tracks), 17, 3)
    seen = tracks.observed
    expected = record_of(ob).placement.to_armature(tracks.positions)
    np.testing.assert_allclose(shown[..., [0, 2]][seen], expected[seen], atol=1e-5)
    np.testing.assert_allclose(shown[..., 1], 0, atol=1e-6)


def test_the_report_and_the_panel_count_the_same_frames(sample: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ob = import_tracks(sample)
    assert len(record_of(ob).tracks) == 226
    assert "COCO-17, 226 of the file's 230 frames" in capfd.readouterr().out


def test_the_person_stands_on_the_ground_and_begins_in_the_middle(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    shown = dict(zip(LIMB_JOINTS, np.moveaxis(heads(ob, range(1, 13)), 1, 0), strict=True))
    ankles = np.concatenate([shown["left_ankle"], shown["right_ankle"]])
    assert ankles[:, 2].min() == pytest.approx(0, abs=1e-5)
    assert (shown["left_hip"][0, 0] + shown["right_hip"][0, 0]) / 2 == pytest.approx(0, abs=1e-5)


def test_image_right_is_x_and_image_down_is_below(walk_file: Path, walk: np.ndarray) -> None:
    ob = import_tracks(walk_file)
    shown = heads(ob, [1, 12])
    hip, ankle = LIMB_JOINTS.index("left_hip"), LIMB_JOINTS.index("left_ankle")
    assert shown[1, hip, 0] > shown[0, hip, 0]
    assert shown[0, hip, 2] > shown[0, ankle, 2]


@pytest.mark.parametrize("height", [1.7, 0.85, 3.4])
def test_the_scale_makes_the_person_as_tall_as_asked(walk_file: Path, height: float) -> None:
    ob = import_tracks(walk_file, height=height)
    tracks = record_of(ob).tracks
    expected = 1.32 * height / 1.7 / float(body_scale(tracks.joint_set.to_28(tracks.positions)))
    assert record_of(ob).placement.scale == pytest.approx(expected)


def test_a_given_scale_wins(walk_file: Path) -> None:
    ob = import_tracks(walk_file, scale=0.01)
    shown = heads(ob, [1])[0]
    wrist, ankle = LIMB_JOINTS.index("right_wrist"), LIMB_JOINTS.index("right_ankle")
    assert shown[wrist, 2] - shown[ankle, 2] == pytest.approx((430 - 220) * 0.01, abs=1e-4)


def test_a_scene_in_centimetres_gets_a_person_in_centimetres(walk_file: Path) -> None:
    metres = record_of(import_tracks(walk_file)).placement.scale
    bpy.context.scene.unit_settings.scale_length = 0.01
    assert record_of(import_tracks(walk_file)).placement.scale == pytest.approx(100 * metres)


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (30, 1.0), (60, 1.0), (30, 1.001)])
def test_other_scene_rates_map_by_time(tmp_path: Path, walk: np.ndarray, fps: int, base: float) -> None:
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = fps, base
    ob = import_tracks(write_tracks(tmp_path / "walk.json", walk), start_frame=10)
    frames = 10 + np.arange(12) / 25 * fps / base
    expected = record_of(ob).placement.to_armature(walk)
    np.testing.assert_allclose(heads(ob, frames)[..., [0, 2]], expected, atol=1e-4)
    assert (scene.render.fps, scene.render.fps_base) == (fps, pytest.approx(base))


def test_fps_comes_from_the_operator_else_the_file_else_the_scene(tmp_path: Path, walk: np.ndarray) -> None:
    knows = write_tracks(tmp_path / "knows.json", walk, fps=50.0)
    ignorant = write_tracks(tmp_path / "ignorant.json", walk, fps=None)
    assert record_of(import_tracks(knows, fps=10.0)).timing.fps == 10
    assert record_of(import_tracks(knows)).timing.fps == 50
    assert record_of(import_tracks(ignorant)).timing.fps == 25


def test_gaps_have_no_keys(walk_file: Path) -> None:
    keys = key_frames(import_tracks(walk_file))
    np.testing.assert_allclose(keys["left_wrist"], [1, 2, 3, 4, 8, 9, 10, 11, 12])
    np.testing.assert_allclose(keys["left_elbow"], range(1, 13))


def test_a_joint_that_is_never_seen_has_a_hidden_bone(tmp_path: Path, walk: np.ndarray) -> None:
    walk[:, LIMB_JOINTS.index("left_wrist")] = np.nan
    ob = import_tracks(write_tracks(tmp_path / "walk.json", walk))
    assert ob.data.bones["left_wrist"].hide
    assert not ob.data.bones["left_elbow"].hide
    assert not ob.pose.bones["left_elbow"].constraints


@pytest.mark.parametrize("height", [1.7, 30.0])
def test_bones_are_as_thick_as_a_body_is_readable(walk_file: Path, height: float) -> None:
    armature = import_tracks(walk_file, height=height).data
    assert armature.display_type == "BBONE"
    assert {round(width / height, 4) for bone in armature.bones for width in (bone.bbone_x, bone.bbone_z)} == {0.012}


def test_bones_reach_their_child_joint(walk_file: Path) -> None:
    ob = import_tracks(walk_file)
    names = [bone.name for bone in ob.pose.bones]
    head, tail = heads(ob, range(1, 13)), heads(ob, range(1, 13), tails=True)
    for bone, child in (("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"), ("right_knee", "right_ankle")):
        np.testing.assert_allclose(tail[:, names.index(bone)], head[:, names.index(child)], atol=1e-4)
    hand = np.linalg.norm(tail - head, axis=-1)[:, names.index("left_wrist")]
    np.testing.assert_allclose(hand, 0.05 * 1.7, atol=1e-4)


def test_the_tracks_are_stored_with_the_armature_and_survive_a_save(walk_file: Path, tmp_path: Path, walk) -> None:
    name = import_tracks(walk_file).name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "walk.blend"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "walk.blend"))
    tracks = record_of(bpy.data.objects[name]).tracks
    np.testing.assert_allclose(tracks.positions, with_gap(walk), atol=1e-3)
    np.testing.assert_allclose(tracks.confidence[~np.isnan(with_gap(walk)).any(-1)], 0.9, atol=1e-6)
    assert (tracks.fps, tracks.person, tracks.joint_set.joints) == (25, "0", LIMB_JOINTS)
    assert tracks.image_size == (1280, 720)
    assert tracks.source == "walk.json"


def test_another_person_can_be_chosen(sample: Path) -> None:
    people = [person.id for person in read(sample).people]
    first, second = (import_tracks(sample, people=person) for person in people[:2])
    assert [record_of(ob).tracks.person for ob in (first, second)] == people[:2]
    assert first.name != second.name


def test_importing_twice_keeps_the_first(walk_file: Path) -> None:
    import_tracks(walk_file)
    before = snapshot()
    import_tracks(walk_file)
    after = snapshot()
    assert len(after["actions"]) == 2
    for kind in ("objects", "armatures", "actions"):
        assert {name: after[kind][name] for name in before[kind]} == before[kind]


def test_undo_takes_the_import_back(walk_file: Path) -> None:
    bpy.ops.ed.undo_push(message="before")
    before = snapshot()
    import_tracks(walk_file)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert snapshot() == before
    bpy.ops.ed.redo()
    assert len(bpy.data.armatures) == 1


@pytest.mark.parametrize("mode", ["EDIT", "POSE"])
def test_the_users_mode_and_selection_stay(walk_file: Path, mode: Any) -> None:
    mine = make_armature("mine", {"bone": (0, 0, 0)})
    bpy.ops.object.mode_set(mode=mode)
    before = snapshot()
    import_tracks(walk_file)
    after = snapshot()
    for what in ("mode", "active", "selected", "frame", "fps"):
        assert after[what] == before[what]
    assert mine.mode == mode


def test_in_object_mode_the_new_armature_is_active(walk_file: Path) -> None:
    make_armature("mine", {"bone": (0, 0, 0)})
    ob = import_tracks(walk_file)
    assert bpy.context.view_layer.objects.active == ob
    assert [other.name for other in bpy.context.selected_objects] == [ob.name]


def test_the_active_collection_receives_it(walk_file: Path) -> None:
    shots = bpy.data.collections.new("shots")
    bpy.context.scene.collection.children.link(shots)
    bpy.context.view_layer.active_layer_collection = bpy.context.view_layer.layer_collection.children["shots"]
    assert [collection.name for collection in import_tracks(walk_file).users_collection] == ["shots"]


def test_a_real_file_of_normalised_points_needs_the_image_size(shared: Path) -> None:
    path = shared / "keypoints" / "made" / "demo_mediapipe_heavy.json"
    size = read(path).image_size
    ob = import_tracks(path, image_size=(1768, 994)) if size is None else import_tracks(path)
    assert len(ob.data.bones) == 33


def test_ten_thousand_frames_are_written_in_bulk(tmp_path: Path, walk: np.ndarray) -> None:
    """A guard against a key inserted one by one: the counts, not the seconds, are what is checked."""
    ob = import_tracks(write_tracks(tmp_path / "long.json", np.tile(walk, (200, 1, 1))))
    assert {len(frames) for frames in key_frames(ob).values()} == {2400}


@pytest.mark.parametrize("content", [None, "", "hello", '{"a": 1}', "[]", '[[{"keypoints"'])
def test_a_bad_file_changes_nothing(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_text(content)
    before = snapshot()
    with pytest.raises(RuntimeError, match=path.name):
        bpy.ops.jumps.import_tracks(filepath=str(path))
    assert snapshot() == before


def test_an_unknown_person_is_named_with_those_there_are(sample: Path) -> None:
    before = snapshot()
    with pytest.raises(RuntimeError, match=r"no person '99'; it holds 1 \(\d+ frames\)"):
        bpy.ops.jumps.import_tracks(filepath=str(sample), people="99")
    assert snapshot() == before


def test_nothing_above_the_threshold_is_an_error(walk_file: Path) -> None:
    before = snapshot()
    with pytest.raises(RuntimeError, match="No joint of person 0 is observed"):
        bpy.ops.jumps.import_tracks(filepath=str(walk_file), threshold=1.0)
    assert snapshot() == before


def test_a_person_seen_from_the_side_is_about_as_tall(tmp_path: Path, walk: np.ndarray) -> None:
    whole = record_of(import_tracks(write_tracks(tmp_path / "whole.json", walk))).placement.scale
    walk[:, LIMB_JOINTS.index("left_shoulder")] = np.nan
    side = record_of(import_tracks(write_tracks(tmp_path / "side.json", walk))).placement.scale
    assert side == pytest.approx(whole, rel=0.25)


def test_a_person_on_one_spot_has_no_size_unless_one_is_given(tmp_path: Path, walk: np.ndarray) -> None:
    path = write_tracks(tmp_path / "spot.json", np.full_like(walk, 100.0))
    before = snapshot()
    with pytest.raises(RuntimeError, match="all that is observed lies on one spot"):
        bpy.ops.jumps.import_tracks(filepath=str(path))
    assert snapshot() == before
    assert record_of(import_tracks(path, scale=0.005)).placement.scale == pytest.approx(0.005)


def test_a_clip_that_outlasts_the_scene_says_so(walk_file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bpy.context.scene.frame_end = 5
    import_tracks(walk_file)
    assert "ends at frame 12, after the scene's end, which stays at 5" in capfd.readouterr().out
    assert bpy.context.scene.frame_end == 5


@pytest.mark.parametrize("video", ["nowhere.mp4", "walk.json"])
def test_a_video_that_cannot_be_read_changes_nothing(walk_file: Path, video: str) -> None:
    before = snapshot()
    with pytest.raises(RuntimeError, match=video):
        bpy.ops.jumps.import_tracks(filepath=str(walk_file), video=str(walk_file.parent / video))
    assert snapshot() == before


def test_people_who_come_later_stay_in_step(sample: Path) -> None:
    """The second person of the sample walks into the picture at frame 36."""
    bpy.context.scene.render.fps = 60
    recording = read(sample)
    for person in recording.people:
        tracks = recording.tracks(person.id)
        ob = import_tracks(sample, people=person.id, start_frame=11)
        seen = [frame for frames in key_frames(ob).values() for frame in frames]
        first = tracks.first_frame + int(tracks.observed.any(1).argmax()) - recording.first_frame
        assert min(seen) == pytest.approx(11 + 2 * first)


@pytest.mark.parametrize("fps", [1e-6, 1e9])
def test_a_frame_rate_that_cannot_be_is_refused(walk_file: Path, fps: float) -> None:
    with pytest.raises(RuntimeError, match="expected 1 to 1000 frames per second"):
        bpy.ops.jumps.import_tracks(filepath=str(walk_file), fps=fps)
    assert not bpy.data.objects


def test_the_height_is_asked_for_as_it_is_read() -> None:
    """A length would be shown and typed in the scene's units, which need not be metres."""
    assert bpy.ops.jumps.import_tracks.get_rna_type().properties["height"].unit == "NONE"
