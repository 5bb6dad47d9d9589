"""The dialog of an import: what it says of a file before anything is created, and how a wrong guess is corrected."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.core.body.skeleton import LIMB_JOINTS
from jumps_blender.formats import read
from jumps_blender.ui import recognition
from jumps_blender.ui.import_dialog import draw_dialog, people_found
from jumps_blender.ui.operators.import_tracks import close_dialog
from jumps_blender.ui.strips import MIDDLE_COLOUR, SIDE_COLOURS, SIZE, picture
from tests.blender.conftest import write_tracks
from tests.blender.paper import Paper
from tests.blender.people_at_hand import import_tracks, record_of
from tests.blender.snapshot import snapshot
from tests.formats.tables import deeplabcut

Given = Any
"""The properties of the operator, as a dialog holds them."""


@pytest.fixture(autouse=True)
def given() -> Iterator[Given]:
    """Those of an import that is only asked for."""
    close_dialog()
    properties = bpy.context.window_manager.operator_properties_last("jumps.import_tracks")
    for prop in properties.bl_rna.properties:
        if prop.identifier != "rna_type":
            properties.property_unset(prop.identifier)
    yield properties
    close_dialog()


def dialog(given: Given, path: Path | str, **options: Any) -> str:
    """What is drawn for a file."""
    given.filepath = str(path)
    for name, value in options.items():
        setattr(given, name, value)
    paper: Any = Paper()
    draw_dialog(bpy.context, paper, given)
    return str(paper.text)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """How often files are read from now on: the list grows."""
    reads: list[Any] = []
    real = recognition.read

    def counting(*args: Any, **options: Any) -> Any:
        reads.append(args)
        return real(*args, **options)

    monkeypatch.setattr(recognition, "read", counting)
    return reads


def crowd(path: Path, walk: np.ndarray, people: int) -> Path:
    """A file of people side by side; each was seen for fewer frames than the one before."""
    content = json.loads(write_tracks(path, walk).read_text())
    (person,) = content["people"]
    content["people"] = []
    for number in range(people):
        shown = max(len(walk) - number // 8, 4)
        positions = [[[x + 50 * number, y] for x, y in frame] for frame in person["positions"][:shown]]
        left = [[None] * len(walk[0])] * (len(walk) - shown)
        confidence = np.linspace(0.9, 0.5, people)[number]
        content["people"].append(
            {"id": f"p{number}", "positions": positions + left,
             "confidence": np.full(walk.shape[:2], confidence).tolist()}
        )  # fmt: skip
    path.write_text(json.dumps(content))
    return path


def cow(walk: np.ndarray, names: Sequence[str]) -> str:
    """A table in which one animal's points have these names."""
    points = np.concatenate([walk, np.full((*walk.shape[:2], 1), 0.9)], -1)
    return deeplabcut({"cow": dict(enumerate(points))}, names)


def test_it_shows_what_was_recognised_and_why(given: Given, sample: Path) -> None:
    text = dialog(given, sample)
    assert "JUMPS tracks, COCO-17" in text
    assert f"Joints: {read(sample).joint_set_reason}" in text.replace("  ", " ")
    assert "230 frames 30 fps (from the file)" in text
    assert "1: in 207 frames, confidence 0." in text
    assert "2: in 162 frames" in text


def test_only_what_has_a_say_in_the_file_is_asked_for(given: Given, sample: Path, tmp_path: Path) -> None:
    words = dialog(given, sample).split()
    for idle in ("whole_folder", "salvage", "view", "up", "footage", "correct_names"):
        assert idle not in words
    for asked in ("people", "joint_set", "threshold", "start_frame", "fps", "image_size", "height", "scale"):
        assert asked in words


def test_a_typed_rate_and_size_are_told_from_the_files(given: Given, sample: Path) -> None:
    text = dialog(given, sample, fps=60.0, image_size=(640, 360))
    assert "60 fps (typed)" in text
    assert "Image size 640 x 360 (typed)" in text


def test_the_image_size_is_asked_for_where_it_is_needed(given: Given, sample: Path, shared: Path) -> None:
    need = "Needs Image Size, or the Video"
    fractions = shared / "keypoints" / "made" / "demo_people_mediapipe_heavy.json"
    assert need in dialog(given, fractions)
    assert need not in dialog(given, fractions, image_size=(1768, 994))
    assert need not in dialog(given, fractions, image_size=(0, 0), video="/demo.mp4")
    assert need not in dialog(given, sample, video="")


def test_people_are_ticked_in_and_out(given: Given, sample: Path) -> None:
    dialog(given, sample)
    assert list(given.ticked)[:3] == [True, False, False]
    given.ticked[1] = True
    assert given.people == "all"
    given.ticked[0] = False
    assert given.people == "2"
    assert list(given.ticked)[:3] == [False, True, False]
    given.ticked[1] = False
    assert list(given.ticked)[:3] == [True, False, False], "somebody has to be imported"


def test_names_of_people_are_offered_while_one_types(given: Given, sample: Path) -> None:
    dialog(given, sample)
    assert [one for one, _ in people_found(given, bpy.context, "")] == ["all", "1", "2"]
    assert [one for one, _ in people_found(given, bpy.context, "1, ")] == ["1,2"]


def test_of_fifty_people_the_best_are_listed(given: Given, tmp_path: Path, walk: np.ndarray) -> None:
    path = crowd(tmp_path / "crowd.json", walk, 50)
    text = dialog(given, path)
    assert text.count("ticked") == 8
    assert "42 who were seen less" in " ".join(text.split())
    assert record_of(import_tracks(path)).tracks.person == "p0"


def test_points_with_strange_names_are_named_in_the_dialog(given: Given, tmp_path: Path, walk: np.ndarray) -> None:
    strange = [f"Marke {letter}" for letter in "ABCDEFGHIJKL"]
    path = tmp_path / "cow.csv"
    path.write_text(cow(walk, strange))
    assert "none of them is known as a joint" in " ".join(dialog(given, path).split())
    assert [line.name for line in given.names] == strange
    before = snapshot()
    with pytest.raises(RuntimeError, match=r"in the dialog: Names"):
        bpy.ops.jumps.import_tracks(filepath=str(path))
    assert snapshot() == before
    joints = ("left_shoulder", "right_shoulder", "left_hip", "right_hip", "left_knee", "none")
    for line, joint in zip(given.names, joints, strict=False):
        line.joint = joint
    assert "5 of 12 points by their names" in " ".join(dialog(given, path).split())
    ob = import_tracks(path, names=[{"name": line.name, "joint": line.joint} for line in given.names])
    assert [bone.name for bone in ob.data.bones] == list(joints[:5])


def test_a_name_that_was_guessed_can_be_corrected(given: Given, tmp_path: Path, walk: np.ndarray) -> None:
    names = ["left_shoulder", "right_shoulder", "left_hip", "right_hip", "Pfote", "right_knee"]
    path = tmp_path / "cow.csv"
    path.write_text(cow(walk[:, :6], names))
    assert "Names of 6 points, 1 left out" in dialog(given, path)
    assert "right_knee" not in dialog(given, path)
    assert "right_knee joint" in dialog(given, path, correct_names=True)
    given.names["Pfote"].joint = "left_ankle"
    assert "1 left out" not in dialog(given, path)
    assert given.names["Pfote"].joint == "left_ankle"


def test_three_dimensions_are_seen_from_a_chosen_side(given: Given, shared: Path) -> None:
    path = next((shared / "keypoints" / "found").rglob("*.trc"))
    words = dialog(given, path)
    assert "Three dimensions:" in words
    assert {"view", "up"} <= set(words.split())
    assert "image_size" not in words.split()
    assert "seen from the left" in " ".join(dialog(given, path, view="left").split())
    front, left = (record_of(import_tracks(path, view=view)).tracks.positions for view in ("front", "left"))
    assert not np.allclose(np.nan_to_num(front), np.nan_to_num(left))


def test_a_cut_file_offers_its_whole_part(given: Given, tmp_path: Path, sample: Path, shared: Path) -> None:
    whole = shared / "keypoints" / "made" / "demo_people_mediapipe_heavy.json"
    path = tmp_path / "cut.json"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert "was cut off" in dialog(given, path)
    assert "salvage" in dialog(given, path).split()
    assert "frames" in dialog(given, path, salvage=True, image_size=(1768, 994))


def test_it_says_why_a_file_cannot_be_read(given: Given, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text('{"a": 1}')
    assert "odd.json is JSON, but no keypoints" in dialog(given, tmp_path / "odd.json")
    assert "There is no file 'nowhere.json'" in " ".join(dialog(given, tmp_path / "nowhere.json").split())
    assert "There is no file" in dialog(given, tmp_path / ("x" * 400))


def test_a_folder_is_judged_only_where_it_is_meant(given: Given, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text('{"a": 1}')
    for opened in (f"{tmp_path}/", str(tmp_path)):
        text = dialog(given, opened, whole_folder=False)
        assert "Choose a keypoint file" in text
        assert "odd.json" not in text
    assert "odd.json" in dialog(given, tmp_path, whole_folder=True)


def test_what_is_left_at_nothing_says_what_it_comes_to(given: Given, sample: Path, walk_file: Path) -> None:
    text = dialog(given, sample)
    assert "fps  0: 30 fps video" in text
    assert "image_size  0: 1768 x 994 height" in text
    assert "scale  0: from the height" in text
    assert "fps video" in dialog(given, sample, fps=24.0, image_size=(640, 360))


def test_a_file_is_read_once_for_all_drawings_and_the_import(
    given: Given, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = counted(monkeypatch)
    dialog(given, sample)
    dialog(given, sample, height=1.8)
    assert len(reads) == 1
    dialog(given, sample, joint_set="coco17")
    assert len(reads) == 2
    import_tracks(sample, joint_set="coco17")
    assert len(reads) == 2


def test_once_imported_the_file_is_not_looked_at_any_more(
    given: Given, tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(shutil.copy(sample, tmp_path / "dance.json"))
    import_tracks(path)
    path.unlink()
    reads = counted(monkeypatch)
    assert "1: in 207 frames" in dialog(given, path, imported=True)
    assert not reads


def test_drawing_does_not_wait_for_a_slow_file(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, real = threading.Event(), recognition.read

    def slow(*args: Any, **options: Any) -> Any:
        waiting.wait()
        return real(*args, **options)

    monkeypatch.setattr(recognition, "read", slow)
    choice = recognition.Choice(str(sample))
    found = recognition.look_at(choice, patience=0.0)
    assert (found.reading, found.problem, recognition.is_reading()) == (True, f"Reading {sample.name}...", True)
    waiting.set()
    assert recognition.look_at(choice).recording
    assert not recognition.is_reading()


def test_a_reader_that_fails_is_told_of(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any, **_options: Any) -> Any:
        raise ZeroDivisionError("no")

    monkeypatch.setattr(recognition, "read", broken)
    assert "ZeroDivisionError" in recognition.look_at(recognition.Choice(str(sample))).problem


def test_a_file_that_changes_after_it_was_shown_is_read_again(
    given: Given, tmp_path: Path, walk: np.ndarray, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_tracks(tmp_path / "walk.json", walk)
    dialog(given, path)
    write_tracks(path, walk[:5])
    assert len(record_of(import_tracks(path)).tracks) == 5
    assert "walk.json changed since it was shown" in capfd.readouterr().out


@pytest.mark.parametrize("what", ["vanishes", "is cut", "loses its people"])
def test_a_file_that_is_spoilt_after_it_was_shown_changes_nothing(
    given: Given, tmp_path: Path, sample: Path, what: str
) -> None:
    path = Path(shutil.copy(sample, tmp_path / "dance.json"))
    dialog(given, path)
    spoil: dict[str, Callable[[], object]] = {
        "vanishes": path.unlink,
        "is cut": lambda: path.write_bytes(path.read_bytes()[:-1000]),
        "loses its people": lambda: path.write_text("[]"),
    }
    spoil[what]()
    before = snapshot()
    with pytest.raises(RuntimeError, match="dance"):
        bpy.ops.jumps.import_tracks(filepath=str(path), people="2")
    assert snapshot() == before


def test_a_frame_that_is_written_into_the_folder_is_noticed(given: Given, tmp_path: Path) -> None:
    points = np.column_stack([np.linspace(100, 300, 25), np.linspace(50, 400, 25), np.full(25, 0.9)])
    body = {"people": [{"pose_keypoints_2d": points.ravel().tolist()}]}
    for number in range(4):
        (tmp_path / f"run_{number:012}_keypoints.json").write_text(json.dumps(body))
        time.sleep(0.002)
        count = f"{number + 1} frame{'s' if number else ''} "
        assert count in dialog(given, tmp_path / "run_000000000000_keypoints.json", whole_folder=True)


def test_a_strip_shows_poses_in_two_colours(sample: Path) -> None:
    (strip, _) = recognition.look_at(recognition.Choice(str(sample))).strips
    assert len(strip.poses) == 6
    pixels = picture(strip, 2)
    assert pixels.shape == (SIZE, SIZE, 4)
    drawn = pixels[pixels[..., 3] > 0.5][:, :3]
    known = [*SIDE_COLOURS.values(), MIDDLE_COLOUR]
    assert {min(range(3), key=lambda i: abs(one - known[i]).sum()) for one in drawn} == {0, 1, 2}
    assert 0.02 < (pixels[..., 3] > 0.5).mean() < 0.4


def test_a_person_of_whom_nothing_is_seen_has_an_empty_strip(tmp_path: Path, walk: np.ndarray) -> None:
    path = write_tracks(tmp_path / "walk.json", walk)
    path.write_text(path.read_text().replace("0.9", "0.1"))
    (strip,) = recognition.look_at(recognition.Choice(str(path))).strips
    assert not picture(strip, 0).any()


def test_of_many_names_those_without_a_joint_come_first(given: Given, tmp_path: Path, walk: np.ndarray) -> None:
    names = [*LIMB_JOINTS, *(f"Fleck {number}" for number in range(28))]
    path = tmp_path / "cow.csv"
    path.write_text(cow(np.concatenate([walk, walk, walk, walk[:, :4]], 1), names))
    text = dialog(given, path, correct_names=True)
    assert "Fleck 27" in text
    assert "and 10 more" in text
    assert text.index("Fleck 27 joint") < text.index(f"{LIMB_JOINTS[0]} joint")


def test_what_belongs_to_one_file_is_not_kept_for_the_next(given: Given) -> None:
    kept = {prop.identifier for prop in given.bl_rna.properties if not prop.is_skip_save}
    assert {"threshold", "height"} <= kept
    assert not kept & {"people", "names", "joint_set", "view", "up", "fps", "video", "image_size", "scale", "salvage"}
