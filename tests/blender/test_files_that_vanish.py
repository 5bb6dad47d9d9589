"""Files that change or vanish while they are worked with: a clear word, and nothing in the scene has changed."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest

from jumps_blender.ui.addon import preset_folder
from jumps_blender.ui.jobs import STATE
from jumps_blender.ui.recognition import Choice, look_at
from tests.blender.conftest import write_tracks
from tests.blender.people_at_hand import import_tracks, record_of, upsample
from tests.blender.whole_file import differences, whole_file

StandIn = Callable[[str], Path]


def test_the_file_vanishes_between_the_dialogs_look_and_the_import(walk_file: Path) -> None:
    assert look_at(Choice(str(walk_file))).recording
    walk_file.unlink()
    before = whole_file()
    with pytest.raises(RuntimeError, match=walk_file.name):
        bpy.ops.jumps.import_tracks(filepath=str(walk_file))
    assert not differences(before, whole_file())


def test_the_file_grows_between_the_dialogs_look_and_the_import(walk_file: Path, walk: np.ndarray) -> None:
    assert look_at(Choice(str(walk_file))).recording
    write_tracks(walk_file, np.concatenate([walk, walk]))
    assert len(record_of(import_tracks(walk_file)).tracks) == 24


def test_the_jobs_folder_vanishes_while_it_is_solved(
    walk_file: Path, stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As tidy programs do with temporary folders."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    stand_in("time.sleep(1)")
    import_tracks(walk_file)
    before = whole_file()

    over = threading.Event()

    def tidy() -> None:
        while not (STATE.job and STATE.job.fraction >= 0.5) and not over.wait(0.005):
            pass
        for folder in (tmp_path / "temporary").iterdir():
            shutil.rmtree(folder)

    tidying = threading.Thread(target=tidy)
    tidying.start()
    with pytest.raises(RuntimeError, match=r"cannot be (read|written).*room"):
        bpy.ops.jumps.upsample(settings="draft")
    over.set()
    tidying.join()
    assert STATE.job is None
    assert not differences(before, whole_file())
    stand_in("pass")
    assert upsample(settings="draft")


def test_a_preset_vanishes_between_the_menu_and_the_click(tmp_path: Path) -> None:
    before = whole_file()
    with pytest.raises(RuntimeError, match="no preset 'gone'"):
        bpy.ops.jumps.load_rig(preset="gone")
    folder = preset_folder("rigs", create=True)
    (folder / "gone.json").write_text('{"format": "jumps-rig", "ver')
    with pytest.raises(RuntimeError, match="preset gone cannot be read"):
        bpy.ops.jumps.load_rig(preset="gone")
    assert not differences(before, whole_file())


def test_an_armature_whose_keyed_bones_show_no_joint_says_so() -> None:
    from tests.blender.people_at_hand import key_location, make_armature

    rig = make_armature("rig", {"left_elbow": (0, 0, 1), "prop": (1, 0, 1)})
    key_location(rig, "prop", 1, (0, 0, 0))
    with pytest.raises(RuntimeError, match="No bone of 'rig' that shows a joint has keys"):
        bpy.ops.jumps.upsample(settings="draft")
