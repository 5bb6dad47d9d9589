"""What docs/tutorial.md tells of the sample is what happens, step by step."""

from __future__ import annotations

import re
from pathlib import Path

import bpy
import pytest

PUT_RIGHT = "right_wrist", 139


def test_the_tutorial_tells_what_happens(sample: Path, repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = " ".join((repository / "docs" / "tutorial.md").read_text(encoding="utf-8").split())
    scene = bpy.context.scene
    scene.render.fps = 30
    bpy.ops.jumps.import_tracks(filepath=str(sample))
    tracks = bpy.context.object
    assert tracks
    bpy.ops.jumps.check_tracks()
    bpy.ops.jumps.jump_problem()
    bpy.ops.jumps.upsample()
    result = bpy.data.objects[f"{tracks.name} 28 joints"]
    bpy.context.view_layer.objects.active = result
    joint, frame = PUT_RIGHT
    scene.frame_set(frame)
    bone = result.pose.bones[joint]
    bone.location = (bone.location[0] + 0.1, bone.location[1], bone.location[2] + 0.1)
    bone.keyframe_insert("location", frame=frame)
    bpy.ops.jumps.resolve()
    bpy.ops.jumps.lock_feet()
    said = capfd.readouterr().out
    rejected = r"102 to 105: rejected: right knee"
    for told in (r"\d+ problems", rejected, r"\d+ contacts in \d+ frames"):
        found = re.search(told, said)
        assert found, f"{told}: {said}"
        assert found[0].partition(":")[0] in page, found[0]
    slid, now = re.findall(r"slid (\d+) mm/s, now (\d+)", said)[0]
    assert f"slid {slid} mm/s, now {now}" in page
