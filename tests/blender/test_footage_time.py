"""Footage behind the joints: each picture at its time, whatever the rates of film, keypoints and scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest

from jumps_blender.blender.footage import Footage, Wishes, add_footage, footage_of
from tests.blender.films import write_movie
from tests.blender.footage_at_hand import add, image_of, import_still, picture_at, write_images

KINDS = ("PLANE", "CAMERA")


def added(ob: Any, path: Path, **wishes: Any) -> Footage:
    return add_footage(bpy.context, ob, str(path), wishes=Wishes(**wishes))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("scene", "fps", "film", "first", "expected"),
    [
        (25, 25, 25, 0, {10: 1, 11: 2, 20: 11, 5: 1, 60: 40}),
        (25, 25, 25, 7, {10: 8, 20: 18}),  # somebody who comes late
        (50, 25, 25, 0, {10: 1, 12: 2, 30: 11}),  # the scene runs faster
        (24, 25, 25, 0, {10: 1, 34: 26, 20: 11}),  # slower: 10 frames are 10.4 pictures
        (25, 25, 50, 0, {10: 1, 11: 3, 20: 21}),  # the film runs faster
        (30, 25, 50, 5, {10: 11, 13: 16}),  # all differ: a tenth of a second after picture 11
        (30, 29.97, 30, 0, {10: 1, 40: 31}),  # one rate, written differently
    ],
)
def test_each_picture_is_shown_at_its_time(
    tmp_path: Path, kind: str, scene: int, fps: float, film: int, first: int, expected: dict[int, int]
) -> None:
    bpy.context.scene.render.fps = scene
    import_still(tmp_path, fps=fps, first=first, start=10)
    shown = add(write_movie(tmp_path / "film.mov", frames=40, fps=film), kind=kind)
    assert {frame: picture_at(shown, frame) for frame in expected} == expected
    assert bpy.context.scene.render.fps == scene
    for curve in (shown if kind == "PLANE" else shown.data).animation_data.drivers:
        assert curve.driver.is_simple_expression  # works in files that may not run Python


def test_keypoints_without_a_rate_have_a_picture_each(tmp_path: Path) -> None:
    bpy.context.scene.render.fps = 24
    ob = import_still(tmp_path, fps=None)
    footage = added(ob, write_movie(tmp_path / "film.mov", frames=60, fps=50))
    assert picture_at(footage.ob, 11) == 11
    (warning,) = footage.warnings
    assert "lie at 24 frames per second, as the scene did, the footage has 50" in warning
    assert bpy.context.scene.render.fps == 24


def test_as_many_pictures_as_keypoints_are_a_pair_each_unless_time_is_asked_for(tmp_path: Path) -> None:
    ob, film = import_still(tmp_path), write_movie(tmp_path / "film.mov", frames=20, fps=50)
    assert picture_at(added(ob, film).ob, 11) == 11
    in_time = added(ob, film, pace="TIME")
    assert picture_at(in_time.ob, 6) == 11
    assert in_time.warnings == ("The footage ends at 20, the keypoints at 39: its end stands still",)
    longer = write_movie(tmp_path / "longer.mov", frames=60, fps=50)
    assert picture_at(added(ob, longer).ob, 11) == 21
    assert picture_at(added(ob, longer, pace="FRAME").ob, 11) == 11


def test_footage_can_be_shifted_and_files_that_count_from_one_need_not_be(tmp_path: Path) -> None:
    ob, film = import_still(tmp_path), write_movie(tmp_path / "film.mov")
    assert picture_at(added(ob, film, shift=-3).ob, 11) == 8
    from_one = import_still(tmp_path, first=1)
    assert picture_at(added(from_one, film).ob, 1) == 1


def test_keys_that_were_moved_in_time_take_the_footage_along(tmp_path: Path) -> None:
    ob, film = import_still(tmp_path), write_movie(tmp_path / "film.mov")
    bpy.context.scene.frame_set(1)
    move_keys(ob, 30)
    assert picture_at(added(ob, film).ob, 41) == 11


def move_keys(ob: Any, frames: float) -> None:
    from jumps_blender.blender.scene.fcurves import own_fcurves

    for curve in own_fcurves(ob):
        for point in curve.keyframe_points:
            point.co.x += frames
        curve.update()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("numbers", "first", "expected"),
    [
        (range(1, 31), 0, {1: 1, 11: 11}),  # files from 1, keypoints from 0
        (range(101, 131), 105, {1: 105, 11: 115, 100: 130}),  # keypoints by the numbers of the files
        (range(30), 4, {1: 4, 11: 14}),
    ],
)
def test_images_are_shown_by_their_numbers(
    tmp_path: Path, kind: str, numbers: range, first: int, expected: dict[int, int]
) -> None:
    import_still(tmp_path, first=first)
    shown = add(write_images(tmp_path / "shots", numbers), kind=kind)
    assert image_of(shown).source == "SEQUENCE"
    assert {frame: picture_at(shown, frame) for frame in expected} == expected


def test_images_that_are_missing_are_said_and_one_image_alone_stays(tmp_path: Path) -> None:
    ob, folder = import_still(tmp_path), tmp_path / "shots"
    first = write_images(folder, range(1, 21))
    (folder / "shot_0007.png").unlink()
    (folder / "shot_12.png").write_bytes(first.read_bytes())  # another series: Blender looks for four digits
    (folder / "notes.txt").write_text("not one of them")
    assert added(ob, first).warnings == ("Of the sequence 1 of 20 images is missing",)
    alone = tmp_path / "alone.png"
    alone.write_bytes(first.read_bytes())
    footage = added(ob, alone)
    assert (image_of(footage.ob).source, footage.warnings) == ("FILE", ())


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_file_shows_the_same_without_the_add_on(tmp_path: Path, kind: str) -> None:
    import addon_utils

    ob = import_still(tmp_path)
    shown = add(write_movie(tmp_path / "film.mov", frames=60, fps=50), kind=kind)
    name, picture = ob.name, picture_at(shown, 9)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    addon_utils.disable("jumps_blender")
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert picture_at(footage_of(bpy.data.objects[name]), 9) == picture == 17
    (tmp_path / "film.mov").unlink()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert picture_at(footage_of(bpy.data.objects[name]), 9) == 17
