"""Settings of the solver saved under names, and set again in any file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest

from jumps_blender.blender.results.solve_presets import SPANS
from jumps_blender.blender.scene.preset_files import PresetFiles
from jumps_blender.ui.operators import solve_presets
from jumps_blender.ui.properties import FRAMES
from tests.blender.snapshot import snapshot


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The extension's own folder, empty."""
    monkeypatch.setattr(solve_presets, "preset_folder", lambda kind, create=False: tmp_path / "own" / kind)
    yield tmp_path / "own" / "settings"
    assert {path.name for path in tmp_path.iterdir()} <= {"own"}


def settings() -> Any:
    return bpy.context.scene.jumps


def test_a_preset_comes_back_in_another_file(folder: Path) -> None:
    settings().settings, settings().smoothness = "best", 0.3
    settings().frames, settings().first_frame, settings().last_frame = "TYPED", 5, 50
    assert bpy.ops.jumps.save_settings(preset="../dailies: fast/2") == {"FINISHED"}
    assert settings().preset == "_dailies_ fast_2"
    bpy.ops.wm.read_homefile(use_empty=True)
    assert settings().settings == "default"
    assert bpy.ops.jumps.load_settings(preset="_dailies_ fast_2") == {"FINISHED"}
    assert (settings().settings, settings().frames) == ("best", "TYPED")
    assert settings().smoothness == pytest.approx(0.3)
    assert (settings().first_frame, settings().last_frame) == (5, 50)
    assert [path.name for path in folder.iterdir()] == ["_dailies_ fast_2.json"]


def test_loading_is_undone_as_one_step() -> None:
    settings().settings = "best"
    bpy.ops.jumps.save_settings(preset="mine")
    settings().settings = "draft"
    bpy.ops.ed.undo_push(message="draft")
    bpy.ops.jumps.load_settings(preset="mine")
    bpy.ops.ed.undo_push(message="loaded")
    bpy.ops.ed.undo()
    assert settings().settings == "draft"


def test_a_preset_is_replaced_by_one_of_its_name_and_forgotten(folder: Path) -> None:
    for quality in ("draft", "best"):
        settings().settings = quality
        bpy.ops.jumps.save_settings(preset="mine")
    settings().settings = "default"
    bpy.ops.jumps.load_settings(preset="mine")
    assert settings().settings == "best"
    assert bpy.ops.jumps.forget_settings() == {"FINISHED"}
    assert not list(folder.iterdir())
    assert settings().settings == "best"
    with pytest.raises(RuntimeError, match="No preset was loaded or saved"):
        bpy.ops.jumps.forget_settings()


GOOD = {
    "format": "jumps-settings", "version": 1, "settings": "best", "smoothness": 0.6, "seed": 0, "frames": "CLIP",
    "first_frame": 1, "last_frame": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "no preset of settings"),
        (json.dumps(GOOD | {"format": "jumps-rig"}), "no preset of settings"),
        (json.dumps(GOOD | {"version": 2}), "version 2, this JUMPS knows 1"),
        (json.dumps(GOOD | {"settings": "worst"}), "damaged"),
        (json.dumps(GOOD | {"smoothness": 2}), "damaged"),
        (json.dumps(GOOD | {"seed": True}), "damaged"),
        (json.dumps(GOOD | {"last_frame": 2**40}), "damaged"),
        (json.dumps({name: value for name, value in GOOD.items() if name != "frames"}), "damaged"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_a_file_that_is_no_preset_changes_nothing(folder: Path, text: str, message: str) -> None:
    folder.mkdir(parents=True)
    (folder / "odd.json").write_text(text)
    before = snapshot()
    with pytest.raises(RuntimeError, match=message):
        bpy.ops.jumps.load_settings(preset="odd")
    assert snapshot() == before
    assert settings().settings == "default"


def test_there_is_no_such_preset() -> None:
    with pytest.raises(RuntimeError, match=r"no preset 'x' \(saved: none\)"):
        bpy.ops.jumps.load_settings(preset="x")


def test_a_name_of_nothing_is_refused(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="no name for a preset"):
        bpy.ops.jumps.save_settings(preset="//..")
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file in its place")
    with pytest.raises(RuntimeError, match="cannot be written to"):
        bpy.ops.jumps.save_settings(preset="mine")
    folder.unlink()


def test_a_preset_that_cannot_be_removed_is_named(folder: Path) -> None:
    (folder / "mine.json").mkdir(parents=True)
    settings().preset = "mine"
    with pytest.raises(RuntimeError, match="cannot be removed from"):
        bpy.ops.jumps.forget_settings()
    assert settings().preset == "mine"


def test_every_choice_of_frames_can_be_kept() -> None:
    assert tuple(item[0] for item in FRAMES["items"]) == SPANS
    assert PresetFiles(Path("/nowhere")).names() == ()
