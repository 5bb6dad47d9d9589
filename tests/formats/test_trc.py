"""Markers in three dimensions: the side they are seen from, the axis that points up, units, and pixels in disguise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.errors import FormatError, InputError, TruncatedFile
from jumps_blender.formats import read
from tests.formats.tables import trc

NAMES = ["Nose", "LShoulder", "RShoulder", "LHip", "RHip", "LKnee", "RKnee", "LAnkle", "RAnkle", "LBigToe", "RBigToe"]
BODY = np.array([
    [0.1, 1.6, 0.0], [0, 1.4, -0.2], [0, 1.4, 0.2], [0, 0.9, -0.12], [0, 0.9, 0.12], [0.02, 0.5, -0.12],
    [0.02, 0.5, 0.12], [0, 0.1, -0.12], [0, 0.1, 0.12], [0.2, 0, -0.12], [0.2, 0, 0.12],
])  # fmt: skip
"""Metres; y up, facing +x, so that the left is at -z."""


def _clouds(frames: int = 8) -> np.ndarray:
    return BODY + np.arange(frames)[:, None, None] * np.array([0.03, 0.0, 0.0])


def _turned(clouds: np.ndarray, up: str) -> np.ndarray:
    """The same motion in axes of which another one points up."""
    x, y, z = np.moveaxis(clouds, -1, 0)
    return np.stack({"y": (x, y, z), "z": (x, -z, y), "-y": (x, -y, -z), "x": (y, -x, z)}[up], -1)


@pytest.fixture
def file(saved):
    return lambda clouds, **options: saved(trc(clouds, NAMES, **options), "shot.trc")


def _point(recording, name: str, frame: int = 0) -> np.ndarray:
    return recording.people[0].positions[frame, recording.joint_set.index(name)]


@pytest.mark.parametrize("up", ["y", "z", "-y", "x"])
def test_the_axis_that_points_up_is_found(up, file) -> None:
    turned = read(file(_turned(_clouds(), up)), view="front")
    assert f"{up} up" in turned.view
    plain = read(file(_clouds()), view="front")
    np.testing.assert_allclose(turned.people[0].positions, plain.people[0].positions, atol=1e-6)
    assert _point(plain, "nose")[1] < _point(plain, "left_ankle")[1]  # y down


def test_sides(file) -> None:
    path = file(_clouds())
    front, back, left, right = (read(path, view=view) for view in ("front", "back", "left", "right"))
    assert _point(front, "left_shoulder")[0] - _point(front, "right_shoulder")[0] == pytest.approx(200)
    assert _point(back, "left_shoulder")[0] - _point(back, "right_shoulder")[0] == pytest.approx(-200)
    for recording, faces in ((left, -1), (right, 1)):  # seen from its left, somebody walks to the left of the picture
        assert _point(recording, "nose")[0] - _point(recording, "left_hip")[0] == pytest.approx(faces * 50)
        assert _point(recording, "nose", 7)[0] - _point(recording, "nose", 0)[0] == pytest.approx(faces * 105)
    assert "500 pixels to a metre" in front.view


def test_by_itself_it_is_seen_from_where_it_moves_most(file) -> None:
    walk = read(file(_clouds(60)))  # 1.8 metres straight on
    assert abs(_point(walk, "nose", 59)[0] - _point(walk, "nose", 0)[0]) == pytest.approx(885, rel=0.01)
    stand = read(file(np.repeat(BODY[None], 5, 0)))
    assert _point(stand, "left_shoulder")[0] > _point(stand, "right_shoulder")[0]


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1000), ("cm", 100), ("m", 1)])
def test_units(unit, factor, file) -> None:
    recording = read(file(_clouds() * factor, unit=unit), view="front")
    assert _point(recording, "left_shoulder")[0] - _point(recording, "right_shoulder")[0] == pytest.approx(200)
    assert not recording.warnings


@pytest.mark.parametrize(
    ("unit", "factor", "taken"), [("m", 1000, "taken as mm"), ("", 1, "taken as m"), ("m", 3e5, "scaled")]
)
def test_a_unit_that_cannot_be_meant(unit, factor, taken, file) -> None:
    recording = read(file(_clouds() * factor, unit=unit), view="front")
    assert any(taken in warning for warning in recording.warnings)
    assert np.ptp(recording.people[0].positions[0, :, 1]) == pytest.approx(800, rel=0.2)


def test_what_the_file_knows(file) -> None:
    clouds = _clouds()
    clouds[3] = np.nan
    clouds[4, 5:] = np.nan
    recording = read(file(clouds, rate=120, first=10))
    assert (recording.format, recording.fps, recording.first_frame, recording.last_frame) == ("trc", 120, 10, 17)
    assert recording.people[0].frames == 7
    assert np.isfinite(recording.people[0].positions[4]).all(1).tolist() == [True] * 5 + [False] * 6
    assert all((recording.people[0].positions[0] >= 0).all(1))
    assert all((recording.people[0].positions[0] <= recording.image_size).all(1))


def test_pixels_that_are_called_metres(file) -> None:
    pixels = np.stack([300 + 200 * BODY[:, 2], 900 - 400 * BODY[:, 1], 0 * BODY[:, 0]], -1)
    recording = read(file(np.repeat(pixels[None], 4, 0)))
    np.testing.assert_allclose(_point(recording, "left_hip"), [276, 540])
    assert (recording.image_size, recording.view) == (None, "")


def test_chosen_axes_win(file) -> None:
    recording = read(file(_clouds()), up="-y", view="front")
    assert _point(recording, "nose")[1] > _point(recording, "left_ankle")[1]
    with pytest.raises(InputError, match="There is no view 'above'; known: auto, front, back, left, right"):
        read(file(_clouds()), view="above")
    with pytest.raises(InputError, match="There is no axis 'w'"):
        read(file(_clouds()), up="w")


def test_deeplabcut_in_three_dimensions(saved) -> None:
    columns = [(name, axis) for name in NAMES for axis in "xyz"]
    rows = [["scorer", *("me" for _ in columns)], ["bodyparts", *(name for name, _ in columns)],
            ["coords", *(axis for _, axis in columns)]]  # fmt: skip
    rows += [[str(i), *map(str, cloud.ravel())] for i, cloud in enumerate(_clouds() * 1000)]
    recording = read(saved("".join(",".join(row) + "\n" for row in rows), "shot.csv"), view="front")
    assert recording.format == "deeplabcut"
    assert _point(recording, "left_shoulder")[0] - _point(recording, "right_shoulder")[0] == pytest.approx(200)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda text: text[:120], TruncatedFile, "cut off in its head"),
        (lambda text: text.replace("LHip\t\t\t", "LHip\t"), FormatError, "line 4 names the markers, one in three"),
        (lambda text: text[:-20], TruncatedFile, "whole are 7 rows.*--salvage|after 7 of 8"),
        (lambda text: text[: text.index("\n6\t") + 1], TruncatedFile, "cut off after 5 of 8 frames: whole are 5 rows"),
        (lambda text: text[: text.index("\n8\t") + 1], None, ""),
        (lambda text: text.replace("\n3\t", "\n2\t"), FormatError, "two rows for one frame"),
        (lambda text: text.replace("0.1\t1.6", "0.1\tzwei"), FormatError, "'zwei', where a number was expected"),
        (lambda text: text.replace("1.6", "1.6e9"), FormatError, r"A coordinate beyond 1e\+07 in three dimensions"),
        (lambda text: text.replace("1.6", "1e999"), None, ""),
        (lambda text: text.replace("Nose", "Top"), None, ""),
    ],
)  # fmt: skip
def test_damaged_files(change, error, message, saved) -> None:
    path = saved(change(trc(_clouds(), NAMES)), "shot.trc")
    if error is None:
        assert "left_shoulder" in read(path).joint_set.joints
        return
    with pytest.raises(error, match=message):
        read(path)


@settings(max_examples=30, deadline=None)
@given(angle=st.floats(0, 6.28), scale=st.sampled_from([1.0, 1000.0]), view=st.sampled_from(["front", "left", "right"]))
def test_wherever_somebody_faces_a_side_is_that_side(angle, scale, view, tmp_path_factory) -> None:
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    folder = tmp_path_factory.mktemp("trc")
    paths = [folder / "plain.trc", folder / "turned.trc"]
    paths[0].write_text(trc(_clouds(), NAMES))
    paths[1].write_text(trc(_clouds() @ turn.T * scale, NAMES, unit="m" if scale == 1 else "mm"))
    plain, turned = (read(path, view=view).people[0].positions for path in paths)
    np.testing.assert_allclose(turned - turned[0, 0], plain - plain[0, 0], atol=0.01)
