"""What is done in the window, step by step; a new panel or button joins as a step in `STEPS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from tests.blender.whole_file import differences, whole_file
from tests.versions.figures import MIXAMO, make_figure
from tests.window.dropping import drop_keypoints
from tests.window.footage import show_footage
from tests.window.hand import SIDEBAR, VIEW, Place, Waits, click, find, middle, picture, press, unfold

FIRST_FILE = 34
"""Pixels from the top of the list of files to its first."""

HAND, HAND_FRAME = "right_hand", 101


@dataclass
class Tale:
    """The zip, where pictures and files go, and the names of what was made."""

    archive: Path
    pictures: Path
    folder: Path
    names: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, role: str) -> Any:
        return bpy.data.objects[self.names[role]]

    def shoot(self, name: str, of: Place | None = None) -> Waits:
        """Take a picture."""
        yield from picture(name, self.pictures, of)


def install(tale: Tale) -> Waits:
    """The zip goes in, and its tab comes up in the sidebar."""
    bpy.ops.extensions.package_install_files(filepath=str(tale.archive), repo="user_default", enable_on_install=True)
    data = bpy.data  # of the file that Blender begins with
    data.batch_remove([*data.meshes, *data.lights, *data.materials, *data.cameras])
    bpy.context.scene.render.fps = 30
    bpy.ops.ed.undo_push(message="emptied")
    yield from _show_tab()
    yield from find("jumps.import_tracks")
    yield from tale.shoot("window-empty")


def _show_tab() -> Waits:
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


def import_keypoints(tale: Tale) -> Waits:
    """The button opens the file browser; its dialog tells what was recognised; its button imports."""
    before = set(bpy.data.objects.keys())
    yield from click("jumps.import_tracks")
    yield 1.5
    sample = _sample()
    _, browser, files = Place("FILE_BROWSER", "WINDOW").find()
    browser.spaces.active.params.directory = str(sample.parent).encode()
    yield 1.5
    yield from press("LEFTMOUSE", (files.x + 100, files.y + files.height - FIRST_FILE))
    assert browser.spaces.active.params.filename == sample.name
    yield 1.5
    yield from tale.shoot("window-import")
    yield from click("file.execute", Place("FILE_BROWSER", "EXECUTE"))
    yield from _until(lambda: set(bpy.data.objects.keys()) - before, 10, "an armature")
    (tale.names["keypoints"],) = set(bpy.data.objects.keys()) - before
    yield 1.0
    _look_from_the_front()
    yield from _show_tab()
    yield from tale.shoot("window-imported")


def drop_files(tale: Tale) -> Waits:
    """Files dropped onto the view are recognised, or refused with a reason."""
    yield from drop_keypoints(_sample(), tale.folder, tale.pictures)


def _sample() -> Path:
    """The recording that ships with the extension."""
    (sample,) = Path(bpy.utils.user_resource("EXTENSIONS")).glob("**/samples/rooftop_coco17.json")
    return sample


def _look_from_the_front() -> None:
    with VIEW.override():
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()


def _until(true: Callable[[], Any], seconds: float, what: str) -> Waits:
    for _ in range(int(seconds / 0.2)):
        if true():
            return
        yield 0.2
    raise TimeoutError(f"{what} did not come")


def footage(tale: Tale) -> Waits:
    """A film behind the keypoints shows each picture at its time, and goes again."""
    yield from show_footage(tale.folder, tale.pictures, tale["keypoints"])
    bpy.context.scene.frame_set(1)
    _look_from_the_front()


def solve(tale: Tale) -> Waits:
    """The button starts the solver; the panel shows how far it is; the result appears."""
    before = set(bpy.data.objects.keys())
    yield from click("jumps.upsample")
    yield from tale.shoot("window-solving", SIDEBAR)
    yield from _until(lambda: not _solving() and set(bpy.data.objects.keys()) - before, 90, "the result")
    (tale.names["result"],) = set(bpy.data.objects.keys()) - before
    assert len(tale["result"].pose.bones) == 28
    yield from tale.shoot("window-result")


def _solving() -> bool:
    """Whether the add-on still solves."""
    return bool(bpy.ops.jumps.cancel.poll())


def pin(tale: Tale) -> Waits:
    """A joint that was moved is pinned by a click, and ctrl+Z and ctrl+shift+Z take it back and bring it again."""
    result = _activate(tale, "result")
    bpy.ops.object.mode_set(mode="POSE")
    bpy.context.scene.frame_set(HAND_FRAME)
    joint = result.pose.bones[HAND]
    joint.location = (joint.location[0] + 0.2, joint.location[1], joint.location[2] + 0.1)
    joint.keyframe_insert("location", frame=HAND_FRAME)
    bpy.ops.ed.undo_push(message="moved")
    yield 1.0
    before = whole_file()
    yield from click("jumps.resolve")
    yield 2.0
    after = whole_file()
    assert differences(before, after), "nothing was solved"
    yield from tale.shoot("window-pinned")
    yield from press("Z", middle(VIEW), ctrl=True)
    yield 1.0
    _same("undone", before)
    yield from press("Z", middle(VIEW), ctrl=True, shift=True)
    yield 1.0
    _same("redone", after)
    bpy.ops.object.mode_set(mode="OBJECT")


def _activate(tale: Tale, role: str) -> Any:
    for ob in bpy.context.view_layer.objects:
        ob.select_set(ob.name == tale.names[role])
    bpy.context.view_layer.objects.active = tale[role]
    return tale[role]


def _same(when: str, expected: dict[str, Any]) -> None:
    found = differences(expected, whole_file())
    assert not found, f"{when}, {len(found)} values differ: {found[:8]}"


def lead_a_rig(tale: Tale) -> Waits:
    """A figure follows, and gets its keys."""
    rig = make_figure("figure", MIXAMO)
    rig.location.x = 1.5
    tale.names["rig"] = rig.name
    settings = bpy.context.scene.jumps_rig
    settings.source, settings.target = tale["result"], rig
    bpy.ops.ed.undo_push(message="chosen")
    yield from unfold("jumps.lead_rig")
    yield from click("jumps.lead_rig")
    yield 1.0
    with VIEW.override():
        bpy.ops.view3d.view_all()
    yield from tale.shoot("window-rig")
    yield from click("jumps.bake_rig")
    yield from _until(lambda: tale["rig"].animation_data and tale["rig"].animation_data.action, 20, "the rig's Action")
    yield from tale.shoot("window-baked")


def save_and_reload(tale: Tale) -> Waits:
    """The file holds all of it, and the panel comes back with it."""
    path = str(tale.folder / "window.blend")
    bpy.data.orphans_purge()  # Blender saves nothing that nobody uses
    bpy.ops.wm.save_as_mainfile(filepath=path)
    saved = whole_file()
    bpy.ops.wm.open_mainfile(filepath=path)
    yield 2.0
    _same("loaded", saved)
    _activate(tale, "result")
    yield from _show_tab()
    yield from find("jumps.lead_rig")


STEPS: tuple[Callable[[Tale], Any], ...] = (
    install,
    drop_files,
    import_keypoints,
    footage,
    solve,
    pin,
    lead_a_rig,
    save_and_reload,
)
