"""A disk that is full, seen from Blender: the operator says so, the file stays as it was, and the next run works."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import bpy
import numpy as np
import pytest

from jumps_blender.blender.records import Choices, stored_result
from jumps_blender.blender.retarget.rigs import MIXAMO
from jumps_blender.blender.shot_file import Performer, save_performers
from jumps_blender.errors import OutputError
from jumps_blender.ui.addon import preset_folder
from jumps_blender.ui.jobs import STATE
from tests.blender.people_at_hand import import_tracks, record_of, upsample
from tests.blender.retarget.rigs_at_hand import make_rig
from tests.blender.whole_file import differences, whole_file
from tests.full_disk import limited_files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX's")


@pytest.mark.parametrize("room", [0, 300, 2000, 6000])
def test_a_solve_that_finds_no_room(walk_file: Path, tmp_path: Path, monkeypatch, room: int) -> None:
    """With little room the request cannot be written; with some, the answer cannot."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    import_tracks(walk_file)
    before, files = whole_file(), sorted(tmp_path.iterdir())
    with limited_files(room), pytest.raises(RuntimeError, match=r"cannot be written to .*Make room there"):
        bpy.ops.jumps.upsample(settings="default")
    assert STATE.job is None
    assert not differences(before, whole_file())
    assert sorted(tmp_path.iterdir()) == files
    assert upsample(settings="draft")


def test_a_preset_that_finds_no_room_leaves_the_one_before() -> None:
    bpy.context.scene.jumps_rig.target = make_rig(MIXAMO)
    bpy.ops.jumps.save_rig(preset="ours")
    (saved,) = preset_folder("rigs").glob("ours.json")
    whole = saved.read_text()
    bpy.context.scene.jumps_rig.bones[0].bone = "another"
    with limited_files(100), pytest.raises(RuntimeError, match="cannot be written"):
        bpy.ops.jumps.save_rig(preset="ours")
    assert saved.read_text() == whole
    assert [path.name for path in preset_folder("rigs").iterdir() if "ours" in path.name] == ["ours.json"]
    assert bpy.ops.jumps.load_rig(preset="ours") == {"FINISHED"}


def test_a_shots_blend_that_finds_no_room(walk_file: Path, tmp_path: Path) -> None:
    tracks = record_of(import_tracks(walk_file)).tracks
    record = stored_result(upsample(settings="draft"))
    assert record
    arrays = {"observed": record.observed, "positions": record.positions, "swapped": record.swapped,
              "rejected": np.zeros(tracks.positions.shape[:2], bool)}  # fmt: skip
    performer = Performer("walk", tracks, 25.0, 0, arrays, Choices("draft"), record.report, record.estimates)
    where = tmp_path / "walk.blend"
    where.write_bytes(b"from yesterday")
    with limited_files(2000), pytest.raises(OutputError, match=r"walk\.blend cannot be written"):
        save_performers([performer], where)
    assert where.read_bytes() == b"from yesterday"
    save_performers([performer], where)
    assert where.stat().st_size > 10_000
