"""Keypoint files dragged onto the window by the mouse, as from a file manager: the dialog comes, or a reason."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import bpy

from tests.blender.whole_file import differences, whole_file
from tests.window.hand import VIEW, Place, Waits, drop, middle, picture, press, reports

NAME: Final = "Läufer 50% & Söhne #1 走る.json"
"""Of a file whose address a file manager has to write in other letters."""


def drop_keypoints(sample: Path, folder: Path, pictures: Path) -> Waits:
    """One file, then what has to be refused; the scene is left as it was."""
    runner = folder / NAME
    shutil.copyfile(sample, runner)
    before = whole_file()
    yield from _import(runner, pictures, before)
    yield from _think_better_of_it(runner, pictures, before)
    twin = folder / "twin.json"
    shutil.copyfile(sample, twin)
    yield from _refused([runner, twin], pictures, "2 recordings were dropped")
    wrong = folder / "holiday.json"
    wrong.write_text('{"beach": true}')
    yield from _refused([wrong], pictures, "holiday.json")
    yield from _nobody_takes(runner, pictures)
    _unchanged(before)


def _import(runner: Path, pictures: Path, before: dict[str, Any]) -> Waits:
    """The dialog tells what was recognised; Enter imports, and ctrl+Z takes it back."""
    yield from drop([runner], middle(VIEW), pictures)
    yield from picture("window-dropped", pictures)
    yield from press("RET", middle(VIEW))
    yield 2.0
    operation = bpy.context.window_manager.operators[-1]
    assert operation.bl_idname == "JUMPS_OT_import_tracks", operation.bl_idname
    assert Path(operation.properties.filepath) == runner, operation.properties.filepath
    (made,) = (ob for ob in bpy.data.objects if ob.type == "ARMATURE")
    assert made.name.startswith(runner.stem), made.name
    yield from press("Z", middle(VIEW), ctrl=True)
    yield 1.0
    _unchanged(before)


def _think_better_of_it(runner: Path, pictures: Path, before: dict[str, Any]) -> Waits:
    """Esc closes the dialog, and nothing was done."""
    yield from drop([runner], middle(VIEW), pictures)
    yield from press("ESC", middle(VIEW))
    yield 1.0
    _unchanged(before)


def _refused(files: list[Path], pictures: Path, why: str) -> Waits:
    """No dialog, but a message."""
    told = reports()
    yield from drop(files, middle(VIEW), pictures)
    yield from picture(f"window-refused-{len(files)}", pictures)
    new = reports().removeprefix(told)
    assert why in new, f"{why!r} is not in {new!r}"
    yield from press("ESC", middle(VIEW))


def _nobody_takes(runner: Path, pictures: Path) -> Waits:
    """Beside the 3D view a keypoint file is nothing to Blender."""
    told = reports()
    yield from drop([runner], middle(Place("OUTLINER", "WINDOW")), pictures)
    assert reports() == told, reports()


def _unchanged(before: dict[str, Any]) -> None:
    found = differences(before, whole_file())
    assert not found, f"{len(found)} values differ: {found[:8]}"
