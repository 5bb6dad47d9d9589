"""The demo's pictures: joints where they belong, sides in their colours, a film that players take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demo import pictures, video
from demo.drawing import COLOURS, Motion, draw_pose
from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.skeleton import JOINTS

COCO = JOINT_SETS["coco17"].joints
SIZE = (400, 300)


def standing(names: tuple[str, ...], frames: int = 30) -> Motion:
    """A figure that faces the camera: its left side at the picture's right, each joint in a row of its own."""
    sides = np.array([name.startswith("left_") * 1.0 - name.startswith("right_") for name in names])
    points = np.stack([200 + 40 * sides, np.linspace(60, 240, len(names))], axis=-1)
    return Motion(names, np.repeat(points[None], frames, 0), np.ones((frames, len(names)), bool))


@pytest.mark.parametrize("names", [COCO, JOINTS])
def test_each_joint_is_drawn_at_its_place_in_the_colour_of_its_side(names: tuple[str, ...]) -> None:
    motion, picture = standing(names), Image.new("RGB", SIZE)
    draw_pose(picture, motion, 0, 3)
    for name, side in (("left_wrist", "left"), ("right_ankle", "right")):
        column, row = motion.positions[0, names.index(name)]
        assert picture.getpixel((int(column), int(row))) == COLOURS[side]


def test_joints_that_were_not_seen_are_not_drawn() -> None:
    motion, picture = standing(COCO), Image.new("RGB", SIZE)
    motion.shown[:] = False
    draw_pose(picture, motion, 0, 3)
    assert picture.getbbox() is None


def test_the_sheet_shows_eight_moments_from_first_to_last_sight() -> None:
    person = pictures.Person("1", standing(COCO), standing(JOINTS))
    person.source.shown[:5] = False
    chosen = person.chosen()
    assert (len(chosen), chosen[0], chosen[-1]) == (8, 5, 29)
    sheet = pictures.contact_sheet({i: Image.new("RGB", SIZE) for i in chosen}, (person,), "words")
    assert sheet.width > 8 * pictures.CELL[0]


def test_the_film_has_every_frame(tmp_path: Path) -> None:
    person = pictures.Person("1", standing(COCO, 6), standing(JOINTS, 6))
    path = tmp_path / "film.mp4"
    video.write(path, pictures.film(video.frames(None, 6, SIZE), (person,), "words"), pictures.FILM, 25.0)
    seen = list(video.frames(path, 100, SIZE))
    assert len(seen) == 6
    assert seen[0].size == pictures.FILM
    assert [file.name for file in tmp_path.iterdir()] == ["film.mp4"]


def test_without_network_the_background_is_plain_and_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(video, "PACKAGE", "no-such-package-of-ours ==")  # refused before any network
    assert video.fetch(tmp_path) is None
    assert "plain background" in capsys.readouterr().out
    assert next(video.frames(None, 1, SIZE)).getpixel((0, 0)) == video.PLAIN
