"""`blender -c jumps`: what Blender runs when it is called like that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest

from jumps_blender.blender.records import stored_result, stored_tracks
from jumps_blender.blender.scene.present import scene_of
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.ui.command_line import execute
from tests.batch.shots_at_hand import SAMPLE, write_cut, write_walk
from tests.blender.people_at_hand import heads

FROM_A_SHARED_REPOSITORY = """
import os, sys
import bpy, addon_utils
shared, words = sys.argv[1], sys.argv[2:]
bpy.context.preferences.extensions.repos.new(name="studio", module="studio", custom_directory=shared)
addon_utils.enable("bl_ext.studio.jumps", default_set=True)
command_line = sys.modules["bl_ext.studio.jumps.jumps_blender.ui.command_line"]
status = command_line.execute(words)
sys.stdout.flush()
os._exit(status)
"""


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Two people of a real clip at 30 fps, one walker at 25, and a file that was cut off."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "rooftop.json").write_bytes(SAMPLE.read_bytes())
    write_walk(folder / "walk.json")
    write_cut(folder / "cut.json")
    return folder


@pytest.fixture
def run(shots: Path, tmp_path: Path) -> Callable[..., int]:
    """The command `batch` as Blender calls it; its exit status."""
    return lambda *words: execute(["batch", str(shots), "-o", str(tmp_path / "out"), *words])


def test_everybody_of_a_shot_is_in_its_blend(run, tmp_path, sample) -> None:
    assert run("--blend", "--pattern", "rooftop.json") == 0
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out" / "shots" / "rooftop" / "shot.blend"))
    names = [f"rooftop person {person}{kind}" for person in (1, 2) for kind in ("", " 28 joints")]
    assert [ob.name for ob in bpy.data.objects] == sorted(names)
    scene = scene_of(bpy.context)
    assert (scene.render.fps, scene.render.fps_base) == (30, 1.0)
    assert (scene.frame_start, scene.frame_end) == (1, 226)
    result = bpy.data.objects["rooftop person 2 28 joints"]
    record, tracks = stored_result(result), stored_tracks(bpy.data.objects["rooftop person 2"])
    assert record
    assert record.std is not None
    assert tracks
    assert tracks.timing.start == 1 + 36, "she walks in later"
    written = json.loads((tmp_path / "out" / "shots" / "rooftop" / "person-2.json").read_text())
    there = heads(result, tracks.timing.frames(len(tracks.tracks)))
    expected = tracks.placement.to_armature(np.array(written["positions"]))
    np.testing.assert_allclose(there[:, INDEX["left_knee"]][:, [0, 2]], expected[:, INDEX["left_knee"]], atol=1e-4)
    assert len(there[0]) == len(JOINTS)
    first = stored_tracks(bpy.data.objects["rooftop person 1"])
    assert first
    assert record.placement == tracks.placement == first.placement, "they stand to each other as in the picture"


def test_a_result_in_a_blend_can_be_mended_without_its_source(run, shots, tmp_path) -> None:
    assert run("--blend", "--pattern", "walk.json") == 0
    (shots / "walk.json").unlink()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out" / "shots" / "walk" / "shot.blend"))
    result = bpy.data.objects["walk 28 joints"]
    bpy.context.view_layer.objects.active = result
    before = heads(result, [14, 15])[:, INDEX["left_wrist"]]
    bpy.context.scene.frame_set(15)
    hand = result.pose.bones["left_wrist"]
    hand.location = (hand.location[0] + 0.3, *hand.location[1:])
    assert hand.keyframe_insert("location", frame=15)
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    after = heads(result, [14, 15])[:, INDEX["left_wrist"]]
    np.testing.assert_allclose(after[1] - before[1], [0.3, 0, 0], atol=1e-4)
    assert 0.05 < (after - before)[0, 0] < 0.3, "the frame before follows"


def test_the_batch_goes_on_after_a_bad_file_and_skips_what_is_done(run, tmp_path, capsys) -> None:
    assert run("--settings", "draft") == 1, "JSON alone at first"
    assert run("--settings", "draft", "--blend") == 1
    assert sorted(path.parent.name for path in (tmp_path / "out").rglob("shot.blend")) == ["rooftop", "walk"]
    capsys.readouterr()
    assert run("--settings", "draft", "--blend") == 1
    said = capsys.readouterr()
    assert said.out.count("done before") == 2
    assert said.err.count("cut.json was cut off") == 1


def test_words_that_are_not_understood_end_with_status_2(run, capsys) -> None:
    assert run("--treads", "2") == 2
    assert "blender -c jumps batch: unrecognized arguments: --treads" in capsys.readouterr().err
    assert execute(["batch", "--help"]) == 0
    assert "exit status" in capsys.readouterr().out


def test_the_other_commands_are_there_too(shots, tmp_path, capfd) -> None:
    assert execute(["inspect", str(shots / "rooftop.json"), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["fps"] == 30.0
    assert execute(["inspect", str(shots / "cut.json")]) == 2
    assert execute(["upsample", str(shots / "walk.json"), "-o", str(tmp_path / "out.json"), "--settings", "draft"]) == 0
    assert (tmp_path / "out.json").is_file()
    assert execute([]) == 2
    assert "blender -c jumps" in capfd.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_shared_repository_that_nobody_may_write_to_serves(repository, shots, tmp_path) -> None:
    place = tmp_path / "studio" / "jumps"
    names = subprocess.run(
        ["git", "ls-files", "-z", "__init__.py", "blender_manifest.toml", "jumps_blender"],
        cwd=repository, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, names):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes((repository / name).read_bytes())
    there = [*place.rglob("*"), place, place.parent]
    for path in there:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: path.stat().st_mtime_ns for path in there}
    words = ["batch", str(shots), "-o", str(tmp_path / "out"), "--blend", "--settings", "draft", "--exit-zero"]
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path / "profile"), "PYTHONDONTWRITEBYTECODE": "1"}
    (tmp_path / "profile").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", FROM_A_SHARED_REPOSITORY, str(place.parent), *words],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    for path in there:
        path.chmod(0o755)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "2 of 3 shots done, 1 failed" in done.stdout
    assert (tmp_path / "out" / "shots" / "walk" / "shot.blend").is_file()
    # As root the modes forbid nothing, so what was written is looked for.
    assert {path: path.stat().st_mtime_ns for path in [*place.rglob("*"), place, place.parent]} == before
