"""Files that an earlier version left: this one opens them, shows them and works on with them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.__main__ import main
from jumps_blender.batch.records import DONE, SHOTS, read_record
from jumps_blender.blender.records import SOURCE, stored_result, stored_tracks
from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.formats import read
from jumps_blender.ui.addon import preset_folder
from tests.blender.people_at_hand import heads, upsample

KEPT = sorted((Path(__file__).parents[1] / "data" / "kept").iterdir())


@pytest.fixture(params=KEPT, ids=lambda folder: folder.name)
def kept(request: pytest.FixtureRequest) -> Path:
    """A folder of files that a version wrote (`scripts/keep_files.py`)."""
    return request.param


@pytest.fixture
def performance(kept: Path) -> dict[str, Any]:
    """The opened file: keypoints, result and rig."""
    bpy.ops.wm.open_mainfile(filepath=str(kept / "performance.blend"))
    return {"keypoints": bpy.data.objects["rooftop"], "result": bpy.data.objects["rooftop 28 joints"],
            "rig": bpy.data.objects["figure"]}  # fmt: skip


def test_what_was_stored_is_known(performance: dict[str, Any]) -> None:
    tracks, record = stored_tracks(performance["keypoints"]), stored_result(performance["result"])
    assert tracks
    assert record
    assert stored_tracks(performance["result"], SOURCE)
    assert (tracks.tracks.joint_set.id, tracks.timing.fps) == ("coco17", 30.0)
    assert record.pins is not None
    assert record.pins[11, INDEX["right_hand"]]
    shown = heads(performance["result"], record.timing.frames(len(record.observed)))
    assert record.positions is not None
    np.testing.assert_allclose(shown[..., [0, 2]], record.placement.to_armature(record.positions), atol=1e-3)


def test_its_result_is_edited_on(performance: dict[str, Any]) -> None:
    result = bpy.context.view_layer.objects.active = performance["result"]
    before = heads(result, [12])[0, INDEX["right_hand"]]
    bpy.context.scene.frame_set(5)
    foot = result.pose.bones["left_toe"]
    foot.location = (foot.location[0] + 0.1, foot.location[1], foot.location[2] + 0.1)
    foot.keyframe_insert("location", frame=5)
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    np.testing.assert_allclose(heads(result, [12])[0, INDEX["right_hand"]], before, atol=1e-4)
    record = stored_result(result)
    assert record
    assert record.pins is not None
    assert record.pins.sum() == 2


def test_its_keypoints_are_upsampled_again(performance: dict[str, Any]) -> None:
    bpy.context.view_layer.objects.active = performance["keypoints"]
    assert len(upsample(settings="draft").pose.bones) == 28


def test_its_rig_still_follows_and_is_baked(performance: dict[str, Any]) -> None:
    tails = heads(performance["rig"], [2, 11], tails=True)
    assert not np.allclose(tails[0], tails[1], atol=1e-3)
    assert bpy.ops.jumps.bake_rig() == {"FINISHED"}
    np.testing.assert_allclose(heads(performance["rig"], [2, 11], tails=True), tails, atol=1e-3)


def test_its_preset_fills_the_list(kept: Path) -> None:
    shutil.copyfile(kept / "rig.json", preset_folder("rigs", create=True) / "kept.json")
    assert bpy.ops.jumps.load_rig(preset="kept") == {"FINISHED"}
    bones = {line.joint: line.bone for line in bpy.context.scene.jumps_rig.bones}
    assert bones["left_elbow"] == "mixamorig:LeftForeArm"


def test_its_batch_is_known(kept: Path, tmp_path: Path) -> None:
    shot = kept / "batch" / SHOTS / "rooftop"
    record = read_record(shot)
    assert record
    assert (record.shot, record.status, record.people[0].frames) == ("rooftop", DONE, 12)
    assert read(shot / record.outputs[0]).joint_set.id == "mpi28"
    assert main(["inspect", str(shot / record.outputs[0])]) == 0
