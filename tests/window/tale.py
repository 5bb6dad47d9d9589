"""What stories in the window share: what was made so far, and the ways that are gone again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from tests.window.hand import SIDEBAR, VIEW, Box, Waits, click, find
from tests.window.photographs import picture
from tests.window.watch import Watch


@dataclass
class Tale:
    """The zip, where pictures and files go, and the names of what was made."""

    archive: Path
    pictures: Path
    folder: Path
    names: dict[str, str] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)

    def __getitem__(self, role: str) -> Any:
        return bpy.data.objects[self.names[role]]

    def shoot(self, name: str, of: Box | None = None) -> Waits:
        """Take a picture."""
        yield from picture(name, self.pictures, of)

    def activate(self, role: str) -> Any:
        """Select an object alone."""
        for ob in bpy.context.view_layer.objects:
            ob.select_set(ob.name == self.names[role])
        bpy.context.view_layer.objects.active = self[role]
        return self[role]

    def made(self, role: str, before: set[str], seconds: float) -> Waits:
        """Wait for an object that was not there before, and until nothing works any more."""
        yield from until(lambda: not working() and set(bpy.data.objects.keys()) - before, seconds, role)
        (self.names[role],) = set(bpy.data.objects.keys()) - before


def install(tale: Tale) -> Waits:
    """The zip goes in, and its tab comes up in the sidebar of an empty scene."""
    tale.watch.view()
    bpy.ops.extensions.package_install_files(filepath=str(tale.archive), repo="user_default", enable_on_install=True)
    tale.watch.panels()
    data = bpy.data  # of the file that Blender begins with
    data.batch_remove([*data.meshes, *data.lights, *data.materials, *data.cameras])
    bpy.context.scene.render.fps = 30
    bpy.ops.ed.undo_push(message="emptied")
    yield from show_tab()
    yield from find("jumps.import_tracks")


def show_tab() -> Waits:
    """Open the sidebar at our tab."""
    _, area, _ = SIDEBAR.find()
    area.spaces.active.show_region_ui = True
    for _ in range(40):
        yield 0.25
        try:
            SIDEBAR.find()[2].active_panel_category = "JUMPS"
        except AttributeError:  # not drawn yet
            continue
        yield 1.0
        return
    raise LookupError("the sidebar has no tab JUMPS")


def sample() -> Path:
    """The recording that ships with the extension."""
    (found,) = Path(bpy.utils.user_resource("EXTENSIONS")).glob("**/samples/rooftop_coco17.json")
    return found


def look_from_the_front() -> None:
    """At what is selected."""
    with VIEW.override():
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()


def until(true: Callable[[], Any], seconds: float, what: str) -> Waits:
    """Wait for something; raises TimeoutError where it does not come."""
    for _ in range(int(seconds / 0.2)):
        if true():
            return
        yield 0.2
    raise TimeoutError(f"{what} did not come")


def working() -> bool:
    """Whether an operator of ours goes on beside Blender."""
    window = bpy.context.window_manager.windows[0]
    return any(operator.bl_idname.startswith("JUMPS_OT_") for operator in window.modal_operators)


def do(name: str) -> Waits:
    """Click a button, and wait until what it does is done."""
    yield from click(name)
    yield 0.5
    yield from until(lambda: not working(), 30, f"the end of {name}")
    yield 0.5
