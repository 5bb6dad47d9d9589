"""Scripts without a window can do what the panel does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bpy

from jumps_blender.blender.records import stored_result
from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.ui.registration import CLASSES


def test_every_operator_runs_to_its_end_when_a_script_calls_it() -> None:
    operators = [cls for cls in CLASSES if issubclass(cls, bpy.types.Operator)]
    assert len(operators) >= 5
    for operator in operators:
        assert callable(getattr(operator, "execute", None)), f"{operator.bl_idname} can be clicked only"
        assert operator.bl_description, operator.bl_idname


def test_the_example_moves_a_joint_and_the_rest_follows(repository: Path, sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.blend"
    script = str(repository / "examples" / "edit_result.py")
    done = subprocess.run(
        [sys.executable, script, str(sample), "-o", str(out), "--frame", "40", "--by", "0.3", "0"],
        env={**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path / "profile")},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "right_hand of 'rooftop_coco17 person 1 28 joints' is pinned at frame 40" in done.stdout
    bpy.ops.wm.open_mainfile(filepath=str(out))
    record = stored_result(bpy.data.objects["rooftop_coco17 person 1 28 joints"])
    assert record
    # 40 lies between two samples: the clip runs at another rate than the scene.
    assert record.between is not None
    assert record.between[:, :2].tolist() == [[INDEX["right_hand"], 40]]
