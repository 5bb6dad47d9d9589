"""What is done in the window, step by step; a new panel or button joins as a step in `STEPS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from demo.figures import MIXAMO, make_figure
from tests.blender.whole_file import whole_file
from tests.window.clips import write_clip
from tests.window.dropping import drop_keypoints
from tests.window.footage import show_footage
from tests.window.hand import SIDEBAR, VIEW, Place, Waits, click, find, press, unfold
from tests.window.tale import Tale, do, install, look_from_the_front, sample, show_tab
from tests.window.undo_keys import back_and_forth, same

FIRST_FILE = 34
"""Pixels from the top of the list of files to its first."""

HAND, HAND_FRAME = "right_hand", 101

LONG = 10_000
"""Frames for which the time of drawing is told, too."""


def show_empty(tale: Tale) -> Waits:
    """The panel where there is nothing."""
    yield from install(tale)
    yield from tale.shoot("window-empty")


def import_keypoints(tale: Tale) -> Waits:
    """The button opens the file browser; its dialog tells what was recognised; its button imports."""
    before = set(bpy.data.objects.keys())
    yield from click("jumps.import_tracks")
    yield 1.5
    recording = sample()
    _, browser, files = Place("FILE_BROWSER", "WINDOW").find()
    browser.spaces.active.params.directory = str(recording.parent).encode()
    yield 1.5
    yield from press("LEFTMOUSE", (files.x + 100, files.y + files.height - FIRST_FILE))
    assert browser.spaces.active.params.filename == recording.name
    yield 1.5
    yield from tale.shoot("window-import")
    yield from click("file.execute", Place("FILE_BROWSER", "EXECUTE"), columns=[0.95])
    yield from tale.made("keypoints", before, 10)
    yield 1.0
    look_from_the_front()
    yield from show_tab()
    yield from tale.shoot("window-imported")


def drop_files(tale: Tale) -> Waits:
    """Files dropped onto the view are recognised, or refused with a reason."""
    yield from drop_keypoints(sample(), tale.folder, tale.pictures)


def footage(tale: Tale) -> Waits:
    """A film behind the keypoints shows each picture at its time, and goes again."""
    yield from show_footage(tale.folder, tale.pictures, tale["keypoints"])
    bpy.context.scene.frame_set(1)
    look_from_the_front()


def solve(tale: Tale) -> Waits:
    """The button starts the solver; the panel shows how far it is; the result appears, and goes and comes by keys."""
    bpy.ops.ed.undo_push(message="looked")
    before = whole_file()
    yield from _upsample(tale, "window-solving")
    assert len(tale["result"].pose.bones) == 28
    yield from tale.shoot("window-result")
    yield from back_and_forth(before)


def _upsample(tale: Tale, shown_as: str) -> Waits:
    """Solve what is active, as `result`, and photograph the panel meanwhile."""
    before = set(bpy.data.objects.keys())
    yield from click("jumps.upsample")
    yield from tale.shoot(shown_as, SIDEBAR.box())
    yield from tale.made("result", before, 90)


def draw_long_clip(tale: Tale) -> Waits:
    """How long Blender waits for what is drawn of a long clip; nothing of it stays."""
    clip = write_clip(sample(), LONG, tale.folder)
    assert bpy.ops.jumps.import_tracks(filepath=str(clip)) == {"FINISHED"}
    look_from_the_front()
    yield 1.0
    yield from _upsample(tale, "window-long")
    yield 2.0
    tale.watch.took.clear()
    for frame in range(LONG - 30, LONG):
        bpy.context.scene.frame_set(frame)
        SIDEBAR.find()[2].tag_redraw()
        yield 0.02
    tale.watch.tell(f"{LONG:,} frames")
    data = bpy.data
    data.batch_remove([*data.objects, *data.armatures, *data.actions])
    bpy.context.scene.frame_set(1)
    bpy.ops.ed.undo_push(message="emptied again")


def pin(tale: Tale) -> Waits:
    """A joint that was moved is pinned by a click, and ctrl+Z and ctrl+shift+Z take it back and bring it again."""
    result = tale.activate("result")
    bpy.ops.object.mode_set(mode="POSE")
    bpy.context.scene.frame_set(HAND_FRAME)
    joint = result.pose.bones[HAND]
    joint.location = (joint.location[0] + 0.2, joint.location[1], joint.location[2] + 0.1)
    joint.keyframe_insert("location", frame=HAND_FRAME)
    bpy.ops.ed.undo_push(message="moved")
    yield 1.0
    before = whole_file()
    yield from do("jumps.resolve")
    yield from tale.shoot("window-pinned")
    yield from back_and_forth(before)
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.ed.undo_push(message="pinned")


def hold_feet(tale: Tale) -> Waits:
    """Feet are held by a click, and go and come by keys."""
    tale.activate("result")
    bpy.ops.ed.undo_push(message="activated")
    before = whole_file()
    yield from do("jumps.lock_feet")
    yield from tale.shoot("window-feet")
    yield from back_and_forth(before)


def lead_a_rig(tale: Tale) -> Waits:
    """A figure follows, and gets its keys."""
    rig = make_figure("figure", MIXAMO)
    rig.location.x = 1.5
    tale.names["rig"] = rig.name
    settings = bpy.context.scene.jumps_rig
    settings.source, settings.target = tale["result"], rig
    bpy.ops.ed.undo_push(message="chosen")
    yield from unfold("jumps.lead_rig")
    yield from do("jumps.lead_rig")
    with VIEW.override():
        bpy.ops.view3d.view_all()
    yield from tale.shoot("window-rig")
    before = whole_file()
    yield from do("jumps.bake_rig")
    assert tale["rig"].animation_data.action
    yield from tale.shoot("window-baked")
    yield from back_and_forth(before)


def save_and_reload(tale: Tale) -> Waits:
    """The file holds all of it, and the panel comes back with it."""
    path = str(tale.folder / "window.blend")
    bpy.data.orphans_purge()  # Blender saves nothing that nobody uses
    bpy.ops.wm.save_as_mainfile(filepath=path)
    saved = whole_file()
    bpy.ops.wm.open_mainfile(filepath=path)
    yield 2.0
    same("loaded", saved)
    tale.activate("result")
    yield from show_tab()
    yield from find("jumps.lead_rig")


STEPS: tuple[Callable[[Tale], Any], ...] = (
    show_empty, drop_files, draw_long_clip, import_keypoints, footage,
    solve, pin, hold_feet, lead_a_rig, save_and_reload,
)  # fmt: skip
