"""YOLO-pose labels: what the numbers of a line are, frames, doubled lines, ids, classes."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from jumps_blender.errors import FormatError, InputError, TruncatedFile
from jumps_blender.formats import read
from tests.formats.tables import yolo

SIZE = (1768, 994)


def test_people_and_frames(folder, sample_people) -> None:
    recording = read(folder(yolo(sample_people, SIZE)))
    assert (recording.format, recording.joint_set.id, recording.normalised) == ("yolo", "coco17", True)
    assert [(person.id, person.frames) for person in recording.people] == [("1", 207), ("2", 162)]
    assert recording.first_frame == 1  # as the tool counts
    frame, body = next(iter(sample_people["2"].items()))
    place = recording.person("2").positions[frame + 1 - recording.first_frame] * SIZE
    np.testing.assert_allclose(place, body[:, :2], atol=1e-3)
    with pytest.raises(InputError, match="--image-size"):
        recording.tracks()
    assert recording.tracks(image_size=SIZE).image_size == SIZE


def test_without_tracker_people_are_linked(folder, sample_people) -> None:
    recording = read(folder(yolo(sample_people, SIZE, ids=False)))
    assert [person.frames for person in recording.people] == [207, 162]


def test_a_second_file_of_a_frame_is_left_out_and_told(folder, sample_people) -> None:
    files = yolo(sample_people, SIZE, name="shot_{}.txt")
    first = min(files, key=lambda name: int(name[5:-4]))
    again = f"shot_0{first[5:]}"
    recording = read(folder({**files, again: files[first]}))
    assert [person.frames for person in recording.people] == [207, 162]
    assert any("has two files" in told and first in told and again in told for told in recording.warnings)


def test_the_folder_above_and_a_zip_do_as_well(folder, tmp_path, sample_people) -> None:
    files = yolo(sample_people, SIZE, name="predict/labels/shot_{}.txt")
    above = folder(files) / "predict"
    (above / "args.yaml").write_text("task: pose")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr("predict/classes.txt", "person\n")
    for path in (above, tmp_path / "a.zip"):
        assert [person.frames for person in read(path).people] == [207, 162]


def test_json_beside_labels_is_not_in_the_way(folder, sample_people) -> None:
    recording = read(folder({**yolo(sample_people, SIZE, name="shot_{}.txt"), "run.json": '{"task": "pose"}'}))
    assert recording.format == "yolo"
    assert "Not .txt, so not read: run.json." in recording.warnings


def test_lines_of_a_second_run_count_once(folder, sample_people) -> None:
    files = {name: text * 2 for name, text in yolo(sample_people, SIZE).items()}
    recording = read(folder(files))
    assert [person.frames for person in recording.people] == [207, 162]
    assert any("369 lines are there twice" in warning for warning in recording.warnings)


def _line(*numbers: float) -> str:
    return " ".join(f"{number:g}" for number in numbers) + "\n"


BOX = (0, 0.5, 0.5, 0.2, 0.4)
POINTS = np.column_stack([np.linspace(0.1, 0.9, 17), np.linspace(0.2, 0.8, 17)])


@pytest.mark.parametrize(
    ("behind", "person", "weight"), [((), None, 0.7), ((0.25,), None, 0.25), ((7,), "7", 0.7), ((0.25, 7), "7", 0.25)]
)  # fmt: skip
def test_what_stands_behind_the_points(behind, person, weight, saved) -> None:
    points = np.column_stack([POINTS, np.full(17, 0.7)])
    sighting = read(saved(_line(*BOX, *points.ravel(), *behind), "shot_3.txt")).people[0].sightings[0]
    assert (sighting.person, sighting.weight) == (person, pytest.approx(weight))


def test_labels_for_training_have_no_confidence(saved) -> None:
    visible = np.resize([0, 1, 2], 17)
    labels = read(saved(_line(*BOX, *np.column_stack([POINTS, visible]).ravel()), "img_3.txt"))
    np.testing.assert_array_equal(labels.people[0].confidence[0], np.resize([0, 0.5, 1], 17))
    pairs = read(saved(_line(*BOX, *POINTS.ravel()), "img_3.txt"))
    np.testing.assert_array_equal(pairs.people[0].confidence[0], np.ones(17))


def test_a_point_at_zero_is_missing_whatever_its_confidence(saved) -> None:
    points = np.column_stack([POINTS, np.full(17, 0.9)])
    points[3] = 0, 0, 0.35
    recording = read(saved(_line(*BOX, *points.ravel()), "shot_1.txt"))
    assert not recording.tracks(image_size=SIZE).observed[0, 3]


def test_other_classes_are_left_out(folder, sample_people) -> None:
    files = yolo(sample_people, SIZE)
    first = next(iter(files))
    files[first] += "5" + files[first].splitlines()[0][1:] + "\n"
    assert any("1 lines of other classes than 0" in warning for warning in read(folder(files)).warnings)


def test_a_cut_file_is_one_frame_less(folder, sample_people) -> None:
    files = yolo(sample_people, SIZE)
    last = list(files)[-1]
    files[last] = files[last][:100]
    with pytest.raises(TruncatedFile, match=r"whole are 225 of 226 frame files.*--salvage"):
        read(folder(files))
    assert sum(person.frames for person in read(folder(files), salvage=True).people) == 368


@pytest.mark.parametrize("text", ["0 0.5 0.5\n", "hello world\n", "0.5 " * 56, "0 " + "700 " * 55, "-1 " + "0.5 " * 55])
def test_other_numbers_are_no_labels(text, saved) -> None:
    with pytest.raises(FormatError, match="no keypoints that are known"):
        read(saved(text, "notes.txt"))
