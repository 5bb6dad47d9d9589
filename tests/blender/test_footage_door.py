"""Footage behind the joints: what the buttons do, undo, and what happens to files that are none."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from jumps_blender.blender.footage import footage_of
from jumps_blender.ui.panels.footage import JUMPS_PT_footage
from tests.blender.films import write_movie
from tests.blender.footage_at_hand import add, image_of, import_still, picture_at, write_images
from tests.blender.people_at_hand import make_armature
from tests.blender.snapshot import snapshot

KINDS = ("PLANE", "CAMERA")


def blocks() -> dict[str, list[str]]:
    """Names of all data-blocks that footage could leave behind."""
    kinds = ("objects", "images", "textures", "cameras", "movieclips", "actions", "collections")
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_added_comes_off_without_a_trace(tmp_path: Path, kind: str) -> None:
    import_still(tmp_path)
    before = snapshot(), blocks()
    add(write_movie(tmp_path / "film.mov"), kind=kind)
    assert blocks() != before[1]
    assert bpy.ops.jumps.remove_footage() == {"FINISHED"}
    assert (snapshot(), blocks()) == before
    assert not bpy.ops.jumps.remove_footage.poll()


def test_footage_takes_the_place_of_footage(tmp_path: Path) -> None:
    ob, film = import_still(tmp_path), write_movie(tmp_path / "film.mov")
    add(film, kind="CAMERA")
    once = blocks()
    add(film, kind="CAMERA")
    assert blocks() == once
    plane = add(write_images(tmp_path / "shots", range(1, 21)))
    assert [child.type for child in ob.children] == ["EMPTY"]
    assert (len(bpy.data.cameras), [image.name for image in bpy.data.images]) == (0, [image_of(plane).name])
    other = import_still(tmp_path)
    add(film)
    assert footage_of(ob) == plane
    assert footage_of(other) != plane


@pytest.mark.parametrize("kind", KINDS)
def test_one_undo_takes_it_back_and_one_redo_brings_it_again(tmp_path: Path, kind: str) -> None:
    name = import_still(tmp_path).name
    film = write_movie(tmp_path / "film.mov")
    bpy.ops.ed.undo_push(message="imported")
    before = snapshot(), blocks()
    add(film, kind=kind)
    bpy.ops.ed.undo_push(message="added")
    after = snapshot(), blocks()
    bpy.ops.ed.undo()
    assert (snapshot(), blocks()) == before
    bpy.ops.ed.redo()
    assert (snapshot(), blocks()) == after
    assert footage_of(bpy.data.objects[name])


def test_mode_selection_and_frame_stay_and_nobody_clicks_the_plane(tmp_path: Path) -> None:
    ob = import_still(tmp_path)
    bpy.ops.object.mode_set(mode="POSE")
    bpy.context.scene.frame_set(7)
    before = snapshot()
    plane = add(write_movie(tmp_path / "film.mov"))
    assert {key: value for key, value in snapshot().items() if key != "objects"} == {
        key: value for key, value in before.items() if key != "objects"
    }
    assert plane.hide_select
    assert plane.users_collection == ob.users_collection


def test_the_camera_is_the_scenes_only_where_it_has_none(tmp_path: Path) -> None:
    import_still(tmp_path)
    film = write_movie(tmp_path / "film.mov")
    camera = add(film, kind="CAMERA")
    assert bpy.context.scene.camera == camera
    bpy.ops.jumps.remove_footage()
    assert bpy.context.scene.camera is None
    own = bpy.data.objects.new("own", bpy.data.cameras.new("own"))
    bpy.context.scene.collection.objects.link(own)
    bpy.context.scene.camera = own
    view = next(area for area in bpy.context.window_manager.windows[0].screen.areas if area.type == "VIEW_3D")
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=view):
        camera = add(film, kind="CAMERA")
    assert bpy.context.scene.camera == own
    assert (view.spaces.active.use_local_camera, view.spaces.active.camera) == (True, camera)
    bpy.ops.jumps.remove_footage()
    assert not view.spaces.active.use_local_camera


@pytest.mark.parametrize("kind", KINDS)
def test_the_import_shows_the_video_that_it_is_given(tmp_path: Path, kind: str) -> None:
    film = str(write_movie(tmp_path / "film.mov", frames=40, fps=50))
    ob = import_still(tmp_path, size=None, fps=None, video=film, footage=kind)
    assert picture_at(footage_of(ob), 11) == 21  # at 25 frames per second, which the scene keeps
    import_still(tmp_path, video=film)
    assert len(bpy.data.images) == 1


def test_a_video_of_another_shape_does_not_stop_the_import(tmp_path: Path) -> None:
    ob = import_still(tmp_path, video=str(write_movie(tmp_path / "square.mov", size=(48, 48))), footage="PLANE")
    assert footage_of(ob) is None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.mp4", None, "There is no file"),
        ("text.mp4", b"no video", "Blender cannot play"),
        ("empty.mov", b"", "Blender cannot play"),
        ("text.png", b"no image", "Blender cannot show"),
        ("text.txt", b"neither", "Blender cannot show"),
    ],
)
def test_a_file_that_shows_nothing_is_named_and_changes_nothing(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    import_still(tmp_path)
    add(write_movie(tmp_path / "film.mov"))
    before = snapshot(), blocks()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RuntimeError, match=f"{message} .*{name}"):
        bpy.ops.jumps.add_footage(filepath=str(tmp_path / name))
    assert (snapshot(), blocks()) == before


@pytest.mark.parametrize(("frames", "whole"), [(0, 1.0), (20, 0.1), (20, 0.999)])
def test_a_video_that_is_cut_off_or_has_no_frames_is_said(tmp_path: Path, frames: int, whole: float) -> None:
    import_still(tmp_path)
    film = write_movie(tmp_path / "film.mov", frames=frames)
    content = film.read_bytes()
    film.write_bytes(content[: int(len(content) * whole)])
    with pytest.raises(RuntimeError, match="Blender cannot play"):
        bpy.ops.jumps.add_footage(filepath=str(film))


def test_a_folder_and_numbers_beyond_all_counting_are_refused(tmp_path: Path) -> None:
    import_still(tmp_path)
    with pytest.raises(RuntimeError, match="There is no file"):
        bpy.ops.jumps.add_footage(filepath=str(tmp_path))
    first = write_images(tmp_path / "shots", range(1, 3))
    for name in ("20240101123000.png", "20240101123001.png"):
        (tmp_path / name).write_bytes(first.read_bytes())
    with pytest.raises(RuntimeError, match="numbered up to 20240101123001"):
        bpy.ops.jumps.add_footage(filepath=str(tmp_path / "20240101123000.png"))


def test_only_armatures_of_keypoints_can_have_footage(tmp_path: Path) -> None:
    make_armature("rig", {"left_hip": (0, 0, 0)})
    assert not bpy.ops.jumps.add_footage.poll()
    assert not JUMPS_PT_footage.poll(bpy.context)
    import_still(tmp_path)
    assert JUMPS_PT_footage.poll(bpy.context)


@pytest.mark.parametrize("kind", KINDS)
def test_footage_deleted_by_hand_is_forgotten(tmp_path: Path, kind: str) -> None:
    ob = import_still(tmp_path)
    shown = add(write_movie(tmp_path / "film.mov"), kind=kind)
    bpy.data.objects.remove(shown)
    assert footage_of(ob) is None
    assert "Add Footage..." in panel()
    add(tmp_path / "film.mov", kind=kind)
    assert "Replace Footage..." in panel()
    assert "Opacity" in panel()


class Paper:
    """A layout that writes down what is drawn on it."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def row(self, **_options: Any) -> Paper:
        return self

    def prop(self, owner: Any, name: str, text: str = "", **_options: Any) -> None:
        assert hasattr(owner, name)
        self.words.append(text)

    def operator(self, _idname: str, text: str = "", **_options: Any) -> None:
        self.words.append(text)


def panel() -> list[str]:
    paper = Paper()
    drawn: Any = SimpleNamespace(layout=paper)
    JUMPS_PT_footage.draw(drawn, bpy.context)
    return paper.words
