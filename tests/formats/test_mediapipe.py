from __future__ import annotations

import json

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.errors import InputError
from jumps_blender.formats import read

JOINTS = JOINT_SETS["mediapipe33"].joints


@pytest.fixture(scope="session")
def bodies(sample_people) -> list[np.ndarray]:
    """(33, 3) for each of ten frames: the sample's points by name, the nose for all others, as fractions."""
    coco = JOINT_SETS["coco17"]
    index = [max(coco.index(name), 0) for name in JOINTS]
    return [sample_people["1"][f][index] / [1768, 994, 1] for f in range(10)]


def _landmarks(body: np.ndarray) -> list[dict[str, float]]:
    return [{"x": x, "y": y, "z": 0.0, "visibility": v} for x, y, v in body.tolist()]


def _shapes(bodies):
    marks = [_landmarks(body) for body in bodies]
    return {
        "landmarks": [{"frame": i, "landmarks": one} for i, one in enumerate(marks)],
        "pose_landmarks": [{"frame_id": i, "pose_landmarks": one, "x": []} for i, one in enumerate(marks)],
        "javascript": [{"poseLandmarks": one} for one in marks],
        "lists of 33": marks,
        "rows": [[[p["x"], p["y"], 0.0, p["visibility"]] for p in one] for one in marks],
        "tasks": [{"pose_landmarks": [one]} for one in marks],
        "people": [{"frame": i, "people": [{"id": 0, "landmarks": one}]} for i, one in enumerate(marks)],
        "object": {"frames": [{"frame_index": i, "landmarks": one} for i, one in enumerate(marks)]},
        "keyed": {str(i): {"landmarks": one} for i, one in enumerate(marks)},
        "named": {f"frame_{i:04d}": {"person_0": dict(zip(JOINTS, one, strict=True))} for i, one in enumerate(marks)},
    }  # fmt: skip


@pytest.mark.parametrize("shape", list(_shapes([])))
def test_every_shape_reads_the_same(shape, bodies, saved) -> None:
    recording = read(saved(_shapes(bodies)[shape]))
    assert (recording.format, recording.joint_set.id, recording.normalised) == ("mediapipe", "mediapipe33", True)
    assert (recording.first_frame, recording.last_frame) == (0, 9)
    (person,) = recording.people
    np.testing.assert_allclose(person.positions, np.stack(bodies)[..., :2])
    np.testing.assert_allclose(person.confidence, np.stack(bodies)[..., 2])


@pytest.mark.parametrize("nothing", ["[]", "null", '{"frame": 3}', '{"frame": 3, "landmarks": []}'])
def test_frames_without_anybody(nothing, bodies, saved) -> None:
    frames = [json.dumps({"frame": i, "landmarks": _landmarks(body)}) for i, body in enumerate(bodies)]
    frames[3], frames[9] = nothing, nothing.replace("3", "9")
    recording = read(saved(f"[{','.join(frames)}]"))
    assert recording.people[0].frames == 8
    assert not np.isfinite(recording.people[0].positions[[3, -1]]).any()


def test_bare_nan_is_missing(bodies, saved) -> None:
    body = bodies[0].copy()
    body[4] = np.nan
    tracks = read(saved([{"landmarks": _landmarks(body)}, {"landmarks": _landmarks(bodies[1])}])).tracks(
        image_size=(1768, 994)
    )
    assert tracks.observed[:, 4].tolist() == [False, True]


def test_the_files_size_makes_pixels(bodies, saved, sample_people) -> None:
    document = {"fps": 30, "width": 1768, "height": 994, "frames": [{"landmarks": _landmarks(b)} for b in bodies]}
    recording = read(saved(document))
    assert (recording.image_size, recording.fps, recording.normalised) == ((1768, 994), 30.0, False)
    assert recording.tracks().positions[0, 0] == pytest.approx(sample_people["1"][0][0, :2])


def test_fractions_without_size_ask_for_it(bodies, saved) -> None:
    recording = read(saved([_landmarks(body) for body in bodies]))
    with pytest.raises(InputError, match=r"does not know its size.*--image-size"):
        recording.tracks()
    assert recording.tracks(image_size=(100, 50)).image_size == (100, 50)


def test_pixels_stay_pixels(bodies, saved) -> None:
    recording = read(saved([_landmarks(body * [1768, 994, 1]) for body in bodies]))
    assert not recording.normalised


def test_time_stamps_give_the_rate(bodies, saved) -> None:
    frames = [{"timestamp_ms": round(i * 1000 / 30, 3), "landmarks": _landmarks(b)} for i, b in enumerate(bodies)]
    assert read(saved(frames)).fps == 30.0


def test_joints_dumped_by_tensorflow_js(saved) -> None:
    names = ["".join(w.title() if i else w for i, w in enumerate(n.split("_"))) for n in JOINT_SETS["coco17"].joints]
    pose = {"keypoints": [{"x": 9 * i, "y": 90, "score": 0.9, "name": n} for i, n in enumerate(names, 1)], "score": 1}
    recording = read(saved([[pose], [], None, [pose]]))
    assert (recording.format, recording.joint_set.id) == ("tfjs", "coco17")
    assert (recording.first_frame, recording.last_frame, recording.people[0].frames) == (0, 3, 2)
