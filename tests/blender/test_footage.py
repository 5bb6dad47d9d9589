"""Footage behind the joints: each over its pixel, however it was filmed and wherever the armature goes."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from jumps_blender.blender.footage import add_footage, footage_of
from jumps_blender.blender.scene.display_rotation import quarter_turns
from jumps_blender.blender.scene.video import look_at
from tests.blender.films import SPOT, write_movie
from tests.blender.footage_at_hand import (
    add,
    apart,
    image_of,
    import_still,
    point_of,
    red_pixel,
    through_camera,
    wrist_of,
)
from tests.blender.people_at_hand import import_tracks, upsample

KINDS = ("PLANE", "CAMERA")

EXACT = 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_a_joint_lies_over_its_pixel_wherever_the_armature_goes(tmp_path: Path, kind: str) -> None:
    ob = import_still(tmp_path)
    ob.location, ob.rotation_euler, ob.scale = (1, 2, 3), (0.3, -0.2, 0.7), (1.5, 1.5, 1.5)
    shown = add(write_movie(tmp_path / "film.mov"), kind=kind)
    assert apart(shown, SPOT, wrist_of(ob)) < EXACT
    assert apart(shown, (SPOT[0] + 1, SPOT[1]), wrist_of(ob)) > 1e-3
    parent = bpy.data.objects.new("parent", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.location, parent.scale = (0, 5, 0), (3, 3, 3)
    ob.parent = parent
    ob.location.x, ob.rotation_euler.z, ob.scale = -4, 2, (0.6, 0.6, 0.6)
    assert apart(shown, SPOT, wrist_of(ob)) < EXACT


def test_a_plane_follows_uneven_scale_and_a_camera_says_that_it_cannot(tmp_path: Path) -> None:
    ob, film = import_still(tmp_path), write_movie(tmp_path / "film.mov")
    ob.scale = (2, 1, 0.5)
    plane = add(film)
    assert apart(plane, SPOT, wrist_of(ob)) < EXACT
    with pytest.raises(RuntimeError, match=r"scaled unevenly \(2, 1, 0.5\)"):
        bpy.ops.jumps.add_footage(filepath=str(film), kind="CAMERA")
    assert footage_of(ob) == plane


@pytest.mark.parametrize("turns", [0, 1, 3])
@pytest.mark.parametrize("resolution", [(64, 36), (500, 500), (300, 800), (2000, 300)])
def test_a_camera_sees_the_whole_picture_at_any_resolution(
    tmp_path: Path, resolution: tuple[int, int], turns: int
) -> None:
    ob = import_still(tmp_path)
    shown = add(write_movie(tmp_path / "film.mov", turns=turns), kind="CAMERA")
    render = bpy.context.scene.render
    assert (render.resolution_x, render.resolution_y) == (1920, 1080)
    render.resolution_x, render.resolution_y, render.pixel_aspect_y = *resolution, 1.25
    assert apart(shown, red_pixel(shown), wrist_of(ob)) < EXACT
    ends = np.array([through_camera(shown, point_of(ob, end)) for end in ((-0.5, 35.5), (63.5, -0.5))])
    assert np.isclose(ends, [(0, 0), (1, 1)], atol=EXACT).all(0).any()
    assert ends.min() > -EXACT
    assert ends.max() < 1 + EXACT


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_footage_of_a_phone_stands_upright(tmp_path: Path, turns: int, kind: str) -> None:
    ob, film = import_still(tmp_path), write_movie(tmp_path / "film.mov", turns=turns)
    shown = add(film, kind=kind)
    assert apart(shown, red_pixel(shown), wrist_of(ob)) < EXACT
    assert look_at(str(film)).size == (64, 36)


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_estimator_did_not_turn_it_neither_is_it_shown_turned(tmp_path: Path, kind: str) -> None:
    ob = import_still(tmp_path)
    shown = add(write_movie(tmp_path / "film.mov", size=(36, 64), turns=1), kind=kind)
    as_stored = (SPOT[1], 35 - SPOT[0])
    assert apart(shown, red_pixel(shown), point_of(ob, as_stored)) < EXACT


def test_footage_can_be_turned_by_hand(tmp_path: Path) -> None:
    ob, film = import_still(tmp_path), write_movie(tmp_path / "film.mov", turns=2)
    content = bytearray(film.read_bytes())
    matrix = content.index(b"tkhd") + 44
    for place in (matrix, matrix + 16):
        content[place : place + 4] = (1 << 16).to_bytes(4, "big")
    film.write_bytes(content)
    assert quarter_turns(film) == 0
    shown = add(film, turns="2")
    assert apart(shown, red_pixel(shown), wrist_of(ob)) < EXACT


def test_footage_of_another_size_is_scaled_and_of_another_shape_refused(tmp_path: Path) -> None:
    ob = import_still(tmp_path)
    twice = add(write_movie(tmp_path / "twice.mov", size=(128, 72)))
    assert apart(twice, (2 * SPOT[0] + 0.5, 2 * SPOT[1] + 0.5), wrist_of(ob)) < EXACT
    square = write_movie(tmp_path / "square.mov", size=(48, 48))
    with pytest.raises(RuntimeError, match="48 x 48 pixels, the keypoints were made in an image of 64 x 36"):
        bpy.ops.jumps.add_footage(filepath=str(square))
    assert footage_of(ob) == twice


def test_keypoints_that_do_not_know_their_image_take_that_of_the_footage(tmp_path: Path) -> None:
    ob = import_still(tmp_path, size=None)
    assert apart(add(write_movie(tmp_path / "film.mov")), SPOT, wrist_of(ob)) < EXACT
    tiny = add_footage(bpy.context, ob, str(write_movie(tmp_path / "tiny.mov", size=(16, 9))))
    assert "The keypoints reach to (30, 30), the footage is 16 x 9 pixels" in tiny.warnings[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_has_footage_of_its_own(tmp_path: Path, sample: Path, kind: str) -> None:
    source = import_tracks(sample)
    result = upsample(settings="draft")
    bpy.context.view_layer.objects.active = result
    result.location.z = 2
    shown = add(write_movie(tmp_path / "film.mov", size=(1768 // 4, 994 // 4), frames=2, fps=30), kind=kind)
    assert shown.parent == result
    assert footage_of(source) is None
    pixel = point_of(source, (883.5, 496.5)) + result.location
    assert apart(shown, (1768 / 8 - 0.5, 994 / 8 - 0.5), pixel) < 1e-2
    assert image_of(shown).source == "MOVIE"


def test_no_cut_or_damaged_video_stops_the_look_at_its_turn(tmp_path: Path) -> None:
    film = write_movie(tmp_path / "film.mov", size=(16, 9), frames=1, turns=1)
    content = film.read_bytes()
    assert quarter_turns(film) == 1
    rng = np.random.default_rng(1)
    for cut in range(0, len(content), 7):
        film.write_bytes(content[:cut])
        assert quarter_turns(film) in {0, 1}
        damaged = bytearray(content)
        damaged[cut : cut + 4] = rng.bytes(4)
        film.write_bytes(damaged)
        assert quarter_turns(film) in range(4)
