"""The result: a second armature with 28 joints, where the source stands; or an error, and nothing changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

from jumps_blender.blender.records import Choices, stored_result
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.ui.preferences import ADDON
from tests.blender.conftest import with_gap, write_tracks
from tests.blender.people_at_hand import heads, import_tracks, key_location, make_armature, record_of, upsample
from tests.blender.snapshot import snapshot

StandIn = Callable[[str], Path]
LIMBS = [INDEX[joint] for joint in LIMB_JOINTS]


def test_the_result_has_28_keyed_joints(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    result = upsample()
    assert [bone.name for bone in result.data.bones] == list(JOINTS)
    assert all(bone.parent is None for bone in result.data.bones)
    assert result.animation_data.action.name.startswith("walk 28 joints")


def test_observed_joints_lie_on_the_source(walk_file: Path, walk: np.ndarray, stand_in: StandIn) -> None:
    stand_in("pass")
    bpy.context.scene.render.fps = 30
    source = import_tracks(walk_file)
    result = upsample()
    record = record_of(source)
    shown = heads(result, record.timing.frames(12))[:, LIMBS][..., [0, 2]]
    expected = record.placement.to_armature(walk)
    seen = np.isfinite(with_gap(walk)).all(-1)
    np.testing.assert_allclose(shown[seen], expected[seen], atol=1e-4)


def test_smoothness_leads_from_the_detector_to_the_prior(sample: Path) -> None:
    source = import_tracks(sample)
    frames = record_of(source).timing.frames(100)
    followed, smooth = (heads(upsample(settings="draft", smoothness=value), frames)[:, LIMBS] for value in (0.0, 1.0))
    third = [np.linalg.norm(np.diff(points, 3, axis=0), axis=-1).mean() for points in (followed, smooth)]
    assert third[1] < 0.5 * third[0]


def test_a_result_that_is_upsampled_again_keeps_its_name_short(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    first = upsample()
    bpy.context.view_layer.objects.active = first
    assert upsample().name == "walk 28 joints.001"


def test_the_result_of_a_long_name_says_what_it_is(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    import_tracks(walk_file).name = "длинное имя " * 5
    assert upsample().name.endswith(" 28 joints")


def test_gaps_are_told_in_scene_frames(sample: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    document = json.loads(sample.read_text())
    for frame in range(100, 131):
        document["people"][0]["confidence"][frame] = [0.0] * 17
    (tmp_path / "gap.json").write_text(json.dumps(document))
    bpy.context.scene.render.fps = 24
    import_tracks(tmp_path / "gap.json", start_frame=11)
    upsample(settings="draft")
    assert "observed in frames 91-115: the person is invented there" in capfd.readouterr().out


def test_masks_settings_and_report_are_stored_with_the_result(walk_file: Path, walk: np.ndarray, stand_in) -> None:
    stand_in("pass")
    source = import_tracks(walk_file)
    record = stored_result(upsample(settings="draft", seed=7))
    assert record is not None
    np.testing.assert_array_equal(record.observed[:, LIMBS], np.isfinite(with_gap(walk)).all(-1))
    assert not np.delete(record.observed, LIMBS, axis=1).any()
    assert (record.source, record.person, record.choices) == (source.name, "0", Choices("draft", seed=7))
    assert record.report["engine"] == "stand-in"
    assert record.std is None
    assert record.placement == record_of(source).placement


def test_what_the_operator_was_told_reaches_the_solver(walk_file: Path, stand_in: StandIn) -> None:
    stand_in(
        "raise errors.InputError(repr((settings.name, settings.threshold, seed, fps, positions.shape, joint_set)))"
    )
    import_tracks(walk_file)
    with pytest.raises(RuntimeError, match=r"\('best', 0.0, 3, 25.0, \(12, 12, 2\), \('left_shoulder'"):
        bpy.ops.jumps.upsample(settings="best", seed=3)


@pytest.mark.parametrize("parented", [False, True])
def test_the_result_stands_where_the_source_stands(walk_file: Path, stand_in: StandIn, parented: bool) -> None:
    stand_in("pass")
    source = import_tracks(walk_file)
    if parented:
        parent = bpy.data.objects.new("parent", None)
        bpy.context.scene.collection.objects.link(parent)
        parent.location = (4, 5, 6)
        source.parent = parent
        source.matrix_parent_inverse = Matrix.Translation((1, 1, 1))
    source.rotation_mode = "QUATERNION"
    source.matrix_basis = Matrix.LocRotScale(Vector((3, -2, 1)), Euler((0.3, 0.2, 2)), Vector((2, 2, 0.5)))
    source.delta_location = (0, 0, 7)
    bpy.context.view_layer.update()
    result = upsample()
    bpy.context.view_layer.update()
    np.testing.assert_allclose(np.array(result.matrix_world), np.array(source.matrix_world), atol=1e-6)


def test_the_result_goes_where_the_source_goes(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    source = import_tracks(walk_file)
    for frame, x in ((1, 0.0), (11, 3.0)):
        source.location.x = x
        source.keyframe_insert("location", frame=frame)
    result = upsample()
    for frame in (1, 4, 11, 30):
        bpy.context.scene.frame_set(frame)
        assert result.matrix_world == source.matrix_world


def test_it_is_held_by_what_holds_the_source(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    source = import_tracks(walk_file)
    room = bpy.data.objects.new("room", None)
    bpy.context.scene.collection.objects.link(room)
    room.location = (1, 2, 3)
    source.constraints.new("COPY_TRANSFORMS").target = room
    result = upsample()
    room.rotation_euler = (0.3, 0.2, 0.1)
    bpy.context.view_layer.update()
    np.testing.assert_allclose(result.matrix_world, source.matrix_world, atol=1e-6)
    np.testing.assert_allclose(result.matrix_world.translation, (1, 2, 3), atol=1e-6)


def test_it_joins_the_sources_collection(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    source = import_tracks(walk_file)
    shots = bpy.data.collections.new("shots")
    bpy.context.scene.collection.children.link(shots)
    bpy.context.scene.collection.objects.unlink(source)
    shots.objects.link(source)
    assert [collection.name for collection in upsample().users_collection] == ["shots"]


def test_a_second_run_makes_a_new_action_and_keeps_the_old(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    upsample()
    before = snapshot()
    upsample(settings="draft")
    after = snapshot()
    assert len(after["actions"]) == 3
    for kind in ("objects", "armatures", "actions"):
        assert {name: after[kind][name] for name in before[kind]} == before[kind]
    for what in ("mode", "active", "selected", "frame", "fps", "scenes"):
        assert after[what] == before[what]


@pytest.mark.parametrize("mode", ["EDIT", "POSE"])
def test_mode_and_selection_stay(walk_file: Path, stand_in: StandIn, mode: Any) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    bpy.ops.object.mode_set(mode=mode)
    before = snapshot()
    upsample()
    after = snapshot()
    for what in ("mode", "active", "selected", "frame", "fps", "scenes"):
        assert after[what] == before[what]


def test_one_undo_restores_the_scene(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    bpy.ops.ed.undo_push(message="before")
    before = snapshot()
    upsample()
    after = snapshot()
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert snapshot() == before
    bpy.ops.ed.redo()
    assert snapshot() == after


def test_source_and_result_survive_a_save(walk_file: Path, stand_in: StandIn, tmp_path: Path) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    upsample()
    before = snapshot()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "walk.blend"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "walk.blend"))
    after = snapshot()
    for kind in ("objects", "armatures", "actions"):
        assert after[kind] == before[kind]


def test_a_hand_keyed_armature_is_upsampled_at_the_scenes_rate(stand_in: StandIn) -> None:
    stand_in("pass")
    source = make_armature("hand", {joint: (0.1 * i, 0, 1 + 0.05 * i) for i, joint in enumerate(LIMB_JOINTS)})
    for i, joint in enumerate(LIMB_JOINTS):
        key_location(source, joint, 5, (0, 0, 0))
        key_location(source, joint, 15, (0.02 * i, 0.3, 0.1))
    result = upsample()
    frames = range(5, 16)
    np.testing.assert_allclose(
        heads(result, frames)[:, LIMBS][..., [0, 2]], heads(source, frames)[..., [0, 2]], atol=1e-4
    )


def test_a_result_can_be_upsampled_again(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    first = upsample()
    bpy.context.view_layer.objects.active = first
    second = upsample()
    np.testing.assert_allclose(heads(second, [1, 12]), heads(first, [1, 12]), atol=1e-4)


# --- bad input: a clear error, nothing changed


def fails(match: str, **options: object) -> None:
    before = snapshot()
    with pytest.raises(RuntimeError, match=match):
        bpy.ops.jumps.upsample(**options)
    assert snapshot() == before


def test_nothing_active() -> None:
    fails("active object must be an armature")


def test_an_armature_without_known_joints(stand_in: StandIn) -> None:
    stand_in("pass")
    key_location(make_armature("rig", {"Bone": (0, 0, 0)}), "Bone", 1, (0, 0, 0))
    fails("no bone with a known joint name")


def test_an_interpreter_without_numpy(walk_file: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = tmp_path / "bare" / "bin" / "python"
    bpy.context.preferences.addons[ADDON].preferences.interpreter = str(python)
    import_tracks(walk_file)
    fails(f"{python} .*[Cc]hoose another Python")


def test_an_interpreter_that_does_not_exist(walk_file: Path) -> None:
    bpy.context.preferences.addons[ADDON].preferences.interpreter = "/nowhere/python"
    import_tracks(walk_file)
    fails("'/nowhere/python' cannot be run .*preferences")


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("os._exit(3)", "exit status 3"),
        ("os.kill(os.getpid(), 9)", "killed by signal 9"),
        ("raise errors.WeightsError('The weights are of version 2.')", "weights are of version 2"),
        ("raise errors.NotEnoughJoints('4 joints are needed.')", "4 joints are needed"),
        ("raise MemoryError('too much')", "MemoryError: too much"),
    ],
)
def test_a_worker_that_fails(walk_file: Path, stand_in: StandIn, behaviour: str, message: str) -> None:
    stand_in(behaviour)
    import_tracks(walk_file)
    fails(message)


def test_tracks_in_which_nothing_is_left(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("raise errors.NotEnoughJoints('no frame')")
    ob = import_tracks(walk_file)
    for joint in LIMB_JOINTS:
        for frame in range(1, 13):
            if joint != "left_wrist" or frame == 1:
                ob.pose.bones[joint].keyframe_delete("location", frame=frame)
    fails("no frame|no keys")


def test_no_fault_leaves_a_process_or_a_folder(walk_file: Path, stand_in: StandIn, tmp_path: Path, monkeypatch) -> None:
    import tempfile

    from jumps_blender.ui.jobs import STATE

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    stand_in("raise errors.InputError('no')")
    import_tracks(walk_file)
    fails("no")
    assert STATE.job is None
    assert not list((tmp_path / "temporary").iterdir())


def test_two_people_of_one_file(sample: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    results = []
    for person in ("1", "2"):
        import_tracks(sample, people=person)
        results.append(upsample())
    assert len({result.name for result in results}) == 2
    assert len(bpy.data.actions) == 4


def test_a_file_of_one_frame(tmp_path: Path, walk: np.ndarray, stand_in: StandIn) -> None:
    stand_in("pass")
    import_tracks(write_tracks(tmp_path / "one.json", walk[:1]))
    assert len(upsample().animation_data.action.name) > 0
