"""The batch script, run as its users run it, with the real solver."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest

from jumps_blender.blender.records import stored_result, stored_tracks
from jumps_blender.core.body.skeleton import INDEX
from tests.blender.conftest import write_tracks
from tests.blender.people_at_hand import heads


def run(repository: Path, tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path / "profile")}
    command = [sys.executable, str(repository / "examples" / "batch_upsample.py"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_a_file_becomes_28_joints_in_a_blend(repository: Path, sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.blend"
    done = run(repository, tmp_path, str(sample), "-o", str(out), "--person", "2", "--settings", "draft")
    assert done.returncode == 0, done.stderr
    bpy.ops.wm.open_mainfile(filepath=str(out))
    source, result = bpy.data.objects["rooftop_coco17 person 2"], bpy.data.objects["rooftop_coco17 person 2 28 joints"]
    tracks, record = stored_tracks(source), stored_result(result)
    assert tracks is not None
    assert record is not None
    frames = tracks.timing.frames(len(tracks.tracks))
    knee = tracks.tracks.joint_set.index("left_knee")
    seen = tracks.tracks.observed[:, knee] & record.observed[:, INDEX["left_knee"]]
    assert seen.sum() > 100
    there = heads(source, frames)[:, knee]
    here = heads(result, frames)[:, INDEX["left_knee"]]
    assert np.median(np.linalg.norm(here - there, axis=-1)[seen]) < 0.1
    assert record.report["seconds"] > 0


def test_a_failure_ends_with_status_1_and_writes_nothing(repository: Path, sample: Path, tmp_path: Path) -> None:
    done = run(repository, tmp_path, str(sample), "-o", str(tmp_path / "out.blend"), "--person", "99")
    assert done.returncode == 1
    assert "no person '99'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.blend*"))


def test_a_folder_that_is_not_there_is_told_before_the_work(repository: Path, sample: Path, tmp_path: Path) -> None:
    done = run(repository, tmp_path, str(sample), "-o", str(tmp_path / "nowhere" / "out.blend"))
    assert done.returncode == 2
    assert f"{tmp_path / 'nowhere'} is no folder" in done.stderr
    assert "Imported" not in done.stdout


def test_fractions_of_the_image_need_its_size(repository: Path, shared: Path, tmp_path: Path) -> None:
    path = shared / "keypoints" / "made" / "demo_people_mediapipe_heavy.json"
    words = (str(path), "-o", str(tmp_path / "out.blend"), "--settings", "draft")
    assert "--image-size" in run(repository, tmp_path, *words).stderr
    done = run(repository, tmp_path, *words, "--image-size", "1768x994")
    assert done.returncode == 0, done.stderr


def test_too_few_joints_say_how_many_are_needed(repository: Path, tmp_path: Path, walk: np.ndarray) -> None:
    walk[:, 3:] = np.nan
    path = write_tracks(tmp_path / "few.json", walk)
    done = run(repository, tmp_path, str(path), "-o", str(tmp_path / "out.blend"))
    assert done.returncode == 1
    assert "4" in done.stderr
    assert not list(tmp_path.glob("*.blend*"))


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_python_that_has_numpy_and_nothing_else_is_enough(repository: Path, sample: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    packages = next((tmp_path / "bare" / "lib").glob("python*/site-packages"))
    for folder in Path(np.__file__).parents[1].glob("numpy*"):
        (packages / folder.name).symlink_to(folder)
    python = str(tmp_path / "bare" / "bin" / "python")
    out = tmp_path / "out.blend"
    done = run(repository, tmp_path, str(sample), "-o", str(out), "--interpreter", python, "--settings", "draft")
    assert done.returncode == 0, done.stderr
    assert out.is_file()
