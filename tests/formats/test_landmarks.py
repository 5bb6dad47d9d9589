"""Tables of landmarks, long and wide, and COCO's annotation files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.errors import FormatError
from jumps_blender.formats import read

MEDIAPIPE = JOINT_SETS["mediapipe33"].joints
COCO = JOINT_SETS["coco17"].joints
BODY = np.column_stack([np.linspace(100, 300, 33), np.linspace(50, 400, 33), np.linspace(0.5, 1, 33)])


def _csv(rows: Sequence[Sequence[object]]) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


def _long(names: bool, scale: float = 1.0) -> str:
    header = ["frame", "landmark", *(["name"] if names else []), "x", "y", "z", "visibility"]
    rows: list[Sequence[object]] = [header]
    for frame in (4, 5, 7):
        for i, (x, y, sure) in enumerate(BODY.tolist()):
            rows.append([frame, i, *([MEDIAPIPE[i].upper()] if names else []), x * scale, y * scale, 0.1, sure])
    return _csv(rows)


@pytest.mark.parametrize("names", [True, False])
def test_a_row_for_each_point(names, saved) -> None:
    recording = read(saved(_long(names), "shot.csv"))
    assert (recording.format, recording.joint_set.id, recording.normalised) == ("mediapipe", "mediapipe33", False)
    assert (recording.first_frame, recording.last_frame, recording.people[0].frames) == (4, 7, 3)
    np.testing.assert_array_equal(recording.people[0].positions[3], BODY[:, :2])
    np.testing.assert_array_equal(recording.people[0].confidence[3], BODY[:, 2])
    assert read(saved(_long(names, 1e-3), "fractions.csv")).normalised


@pytest.mark.parametrize(
    "header",
    [
        [f"{name}_{part}" for name in MEDIAPIPE for part in ("x", "y", "visibility")],
        [f"{part}{i + 1}" for i in range(33) for part in "xyv"],
        [f"{name}.{part}" for name in MEDIAPIPE for part in ("X", "Y", "Score")],
    ],
)
def test_a_row_for_each_frame(header, saved) -> None:
    rows = [["frame", "timestamp_ms", *header], *([f, 1000 * f / 25, *BODY.ravel().tolist()] for f in (2, 3, 4))]
    recording = read(saved(_csv(rows), "shot.csv"))
    assert (recording.joint_set.id, recording.fps, recording.first_frame) == ("mediapipe33", 25, 2)
    np.testing.assert_array_equal(recording.people[0].positions[1], BODY[:, :2])
    np.testing.assert_array_equal(recording.people[0].confidence[1], BODY[:, 2])


def test_rows_without_numbers_and_empty_cells(saved) -> None:
    rows: list[Sequence[object]] = [
        ["", "LHip_x", "LHip_y", "RHip_x", "RHip_y", "Nose_x", "Nose_y"],
        [0, 1, 2, "", "", 300, 400],
        [1, 5, 6, 7, 8, 9, 400],
    ]
    recording = read(saved(_csv(rows), "shot.csv"))
    assert recording.joint_set.joints == ("left_hip", "right_hip", "nose")
    assert recording.people[0].positions[0].tolist()[0] == [1, 2]
    assert np.isnan(recording.people[0].positions[0, 1]).all()


def test_three_dimensions_are_seen_from_a_side(saved) -> None:
    header = [
        "frame",
        *(
            f"{name}_{axis}"
            for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder", "nose")
            for axis in "xyz"
        ),
    ]
    cloud = np.array([[0, -120, 900], [0, 120, 900], [0, -200, 1400], [0, 200, 1400], [100, 0, 1600]])  # mm, z up
    recording = read(saved(_csv([header, *([f, *cloud.ravel().tolist()] for f in range(3))]), "shot.csv"), view="front")
    assert "seen from the front, z up" in recording.view
    left, right = recording.people[0].positions[0, 2:4, 0]
    assert left - right == pytest.approx(200)


def test_one_camera_of_several(saved) -> None:
    rows: list[Sequence[object]] = [
        ["sync_index", "port", "frame_index", "frame_time", "point_id", "img_loc_x", "img_loc_y", "obj_loc_x"]
    ]
    rows += [
        [f, port, f, f / 50, i, 100 * port + i, 200 + i, ""]
        for f in range(4)
        for port in (1, 2)
        for i in range(30 + port)
    ]
    recording = read(saved(_csv(rows), "xy.csv"))
    assert (recording.format, recording.fps) == ("caliscope", 50)
    assert "Of 2 cameras 2, which shows most, was read." in recording.warnings
    assert recording.people[0].positions[0, 0].tolist() == [200, 200]


@pytest.mark.parametrize(
    "text", ["frame,x,y\n1,2,3\n", "nose_x,nose_y\n1,2\n", "name,x\nnose,1\n", "x,y,frame,name\n1,2,3,nose\n"]
)
def test_other_tables_are_refused(text, saved) -> None:
    with pytest.raises(FormatError, match="no keypoints that are known"):
        read(saved(text, "shot.csv"))


def _annotations(**more: object) -> dict:
    flat = np.column_stack([BODY[:17, :2], np.resize([2, 1, 0], 17)]).ravel().tolist()
    return {
        "images": [{"id": i, "file_name": f"10_{1000 + i}.jpg", "width": 640, "height": 480} for i in (2, 1, 3)],
        "annotations": [{"id": 9, "image_id": i, "keypoints": flat, "bbox": [0, 0, 9, 9]} for i in (1, 3)],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO)}],
        **more,
    }


def test_annotations(saved) -> None:
    recording = read(saved(_annotations()))
    assert (recording.format, recording.joint_set.id, recording.image_size) == (
        "coco_annotations",
        "coco17",
        (640, 480),
    )
    assert (recording.first_frame, recording.last_frame) == (1001, 1003)
    np.testing.assert_array_equal(recording.people[0].confidence[0, :3], [1, 0.5, 0])
    np.testing.assert_array_equal(recording.people[0].positions[2], BODY[:17, :2])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"annotations": [{"image_id": 7, "keypoints": []}]}, "annotation 0 is of image '7', which the file does not"),
        ({"annotations": [3]}, "annotation 0 is no object"),
        ({"annotations": [{"image_id": 1, "keypoints": []}]}, "shows nobody: 1 annotations"),
        ({"annotations": [{"image_id": 1, "keypoints": "1 2 3"}]}, "shows nobody"),
        ({"images": []}, "which the file does not list"),
    ],
)
def test_annotations_that_are_wrong(more, message, saved) -> None:
    with pytest.raises(FormatError, match=message):
        read(saved(_annotations(**more)))
