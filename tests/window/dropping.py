"""Keypoint files dragged onto the window by the mouse, as from a file manager: the dialog comes, or a reason."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import bpy

from tests.blender.whole_file import whole_file
from tests.window.hand import VIEW, Place, Waits, middle, press, reports
from tests.window.photographs import picture
from tests.window.undo_keys import back_and_forth, same

NAME: Final = "Läufer 50% & Söhne #1 走る.json"
"""Of a file whose address a file manager has to write in other letters."""


def drop(files: Sequence[Path], at: tuple[int, int], folder: Path) -> Waits:
    """Have files dragged to a pixel of the window, y from the bottom, by whoever started Blender, and let go there.

    Whoever does it says in a file of the folder what came of it. Raises OSError where it could not be done.
    """
    height = bpy.context.window_manager.windows[0].height
    where = folder / ".dropped"
    where.unlink(missing_ok=True)
    order = {"process": os.getpid(), "files": list(map(str, files)), "at": [at[0], height - at[1]]}
    print("drop", json.dumps(order), flush=True)
    while not where.exists():
        yield 0.1
    came_of_it = where.read_text(encoding="utf-8")
    where.unlink()
    if came_of_it != "taken":
        raise OSError(f"could not drop {files}: {came_of_it}")
    yield 1.5  # what was dropped is read, and a dialog drawn


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
    same("after all that was refused", before)


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
    yield from back_and_forth(before)
    yield from press("Z", middle(VIEW), ctrl=True)
    yield 1.0


def _think_better_of_it(runner: Path, pictures: Path, before: dict[str, Any]) -> Waits:
    """Esc closes the dialog, and nothing was done."""
    yield from drop([runner], middle(VIEW), pictures)
    yield from press("ESC", middle(VIEW))
    yield 1.0
    same("escaped", before)


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
