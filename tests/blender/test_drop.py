"""Keypoint files dropped onto the 3D view: what is asked, and what is refused at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.formats.source import SUFFIXES
from jumps_blender.ui.operators import drop_tracks
from jumps_blender.ui.operators.drop_tracks import JUMPS_FH_tracks
from jumps_blender.ui.operators.import_tracks import JUMPS_OT_import_tracks
from tests.blender.conftest import write_tracks
from tests.blender.snapshot import snapshot

Asked = list[dict[str, Any]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the dialog was opened with: it needs a window."""
    calls: Asked = []

    def importer(how: str, **options: Any) -> set[str]:
        calls.append({"how": how, **options})
        return {"RUNNING_MODAL"}

    ops = SimpleNamespace(jumps=SimpleNamespace(import_tracks=importer))
    monkeypatch.setattr(drop_tracks, "bpy", SimpleNamespace(ops=ops))
    return calls


def drop(*paths: Path) -> None:
    """What Blender does with dropped files."""
    files = [{"name": path.name} for path in paths]
    bpy.ops.jumps.drop_tracks(directory=f"{paths[0].parent}/", files=files)


def write_frames(folder: Path, frames: int) -> list[Path]:
    """OpenPose's, a file for each frame."""
    points = np.column_stack([np.linspace(100, 300, 25), np.linspace(50, 400, 25), np.full(25, 0.9)])
    body = json.dumps({"people": [{"pose_keypoints_2d": points.ravel().tolist()}]})
    paths = [folder / f"run_{number:012}_keypoints.json" for number in range(frames)]
    for path in paths:
        path.write_text(body)
    return paths


def test_every_suffix_that_is_read_can_be_dropped_and_chosen() -> None:
    wanted = {*SUFFIXES, ".zip"}
    assert set(JUMPS_FH_tracks.bl_file_extensions.split(";")) == wanted
    properties = bpy.context.window_manager.operator_properties_last("jumps.import_tracks")
    assert {f"*{suffix}" for suffix in wanted} == set(properties.filter_glob.split(";"))
    assert JUMPS_FH_tracks.bl_import_operator == "jumps.drop_tracks"
    assert JUMPS_OT_import_tracks.bl_idname == "jumps.import_tracks"


@pytest.mark.parametrize(("area", "taken"), [("VIEW_3D", True), ("IMAGE_EDITOR", False), (None, False)])
def test_only_the_3d_view_takes_them(area: str | None, taken: bool) -> None:
    context: Any = SimpleNamespace(area=area and SimpleNamespace(type=area))
    assert JUMPS_FH_tracks.poll_drop(context) == taken


def test_a_dropped_file_opens_the_dialog(sample: Path, asked: Asked) -> None:
    before = snapshot()
    drop(sample)
    wanted = {"filepath": str(sample), "whole_folder": False, "chosen_already": True}
    assert asked == [{"how": "INVOKE_DEFAULT", **wanted}]
    assert snapshot() == before


@pytest.mark.parametrize("dropped", [1, 3])
def test_frames_of_one_recording_stand_for_their_folder(tmp_path: Path, asked: Asked, dropped: int) -> None:
    drop(*write_frames(tmp_path, 4)[:dropped])
    (options,) = asked
    assert options["whole_folder"]


def test_several_recordings_are_refused(tmp_path: Path, sample: Path, asked: Asked) -> None:
    copies = [Path(shutil.copy(sample, tmp_path / f"shot_{number}.json")) for number in range(5)]
    with pytest.raises(RuntimeError, match=r"5 recordings .*shot_2.json and 2 more.* one at a time.*jumps batch"):
        drop(*copies)
    assert not asked


@pytest.mark.parametrize("content", ["", "{}", "shopping list", '{"scenes": [], "asset": {"version": "2.0"}}'])
def test_a_wrong_file_is_refused_without_a_dialog(tmp_path: Path, asked: Asked, content: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(content)
    with pytest.raises(RuntimeError, match=r"model\.json"):
        drop(path)
    assert not asked


def test_a_file_that_is_gone_is_refused(tmp_path: Path, asked: Asked) -> None:
    with pytest.raises(RuntimeError, match=r"gone\.json"):
        drop(tmp_path / "gone.json")
    with pytest.raises(RuntimeError, match="No file was dropped"):
        bpy.ops.jumps.drop_tracks(directory=str(tmp_path))
    assert not asked


def test_what_the_dialog_can_mend_is_asked_for(tmp_path: Path, walk: np.ndarray, asked: Asked) -> None:
    path = write_tracks(tmp_path / "walk.json", walk)
    content = json.loads(path.read_text())
    content["people"] *= 2
    content["people"][1] = dict(content["people"][1], id="1")
    text = json.dumps(content)
    path.write_text(text[: int(len(text) * 0.9)])
    drop(path)
    assert asked
