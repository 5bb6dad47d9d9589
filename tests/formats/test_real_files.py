"""Every real file of the shared material that has a reader, against what its index says."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from jumps_blender.errors import FormatError
from jumps_blender.formats import Recording, read


class Fact(NamedTuple):
    file: str
    format: str
    joint_set: str
    frames: tuple[int, int]
    people: list[int]
    """Frames of each person, the default person first."""
    image_size: tuple[int, int] | None = None
    fps: float | None = None


DEMO = [207, 162]


def _needs(file: str) -> None:
    if file.endswith(".h5"):
        pytest.importorskip("h5py")


FACTS = [
    Fact("found/alphapose_coco17_one_image.json", "alphapose", "coco17", (0, 0), [1, 1, 1, 1]),
    Fact("found/alphapose_halpe26.zip", "alphapose", "halpe26", (0, 808), [809]),
    Fact("found/openpose_body25_face_hands.zip", "openpose", "body25", (0, 92), [93]),
    Fact("found/openpose_body25_v12_signer.zip", "openpose", "body25", (0, 175), [176]),
    Fact("found/openpose_body25b_balancing_4view.zip", "openpose", "body25b", (0, 99), [100, 100, 1]),
    Fact("found/openpose_body25b_multi_4view.zip", "openpose", "body25b", (0, 99), [100, 98, 100, 1]),
    Fact("made/balancing_mediapipe_heavy_4view.zip", "mediapipe", "mediapipe33", (0, 99), [100], (1080, 1920), 60.0),
    Fact("made/dancer_mediapipe_heavy.zip", "mediapipe", "mediapipe33", (0, 1570), [1571], (518, 496), 25.0),
    Fact("made/demo_people_mediapipe_heavy.json", "mediapipe", "mediapipe33", (0, 229), [212, 163]),
    Fact("made/demo_mediapipe_heavy.json", "mediapipe", "mediapipe33", (0, 229), [169, 44, 11], None, 30.0),
    Fact("made/demo_layout_alphapose_cmu.json", "alphapose_open", "coco18", (0, 225), DEMO),
    Fact("made/demo_layout_alphapose_open.json", "alphapose_open", "coco18", (0, 225), DEMO),
    Fact("made/demo_layout_alphapose_coco17_tracked.json", "alphapose", "coco17", (0, 225), DEMO),
    Fact("made/demo_layout_alphapose_coco17_untracked.json", "alphapose", "coco17", (0, 225), DEMO),
    Fact("made/demo_layout_coco_results.json", "coco", "coco17", (0, 225), DEMO),
    Fact("made/demo_movenet.json", "tfjs", "coco17", (0, 229), DEMO),
    Fact("made/demo_layout_yolo_pose_labels.zip", "yolo", "coco17", (1, 226), DEMO),
    Fact("made/demo_layout_deeplabcut_single.csv", "deeplabcut", "coco17", (0, 229), [207]),
    Fact("made/demo_layout_deeplabcut_single.h5", "deeplabcut", "coco17", (0, 229), [207]),
    Fact("made/demo_layout_deeplabcut_multi.csv", "deeplabcut", "coco17", (0, 229), DEMO),
    Fact("made/demo_layout_sleap.analysis.h5", "sleap", "coco17", (0, 229), DEMO),
    Fact("made/demo_layout_sports2d_px_person01.trc", "trc", "custom", (0, 229), [163], None, 30.0),
    Fact("made/demo_layout_sports2d_m_person01.trc", "trc", "custom", (0, 229), [163], (4096, 1542), 30.0),
    Fact("found/trc_3d_balancing.trc", "trc", "custom", (1, 100), [100], (788, 973), 60.0),
    Fact("made/demo_mediapipe_full_long.csv", "mediapipe", "mediapipe33", (3, 226), [166, 30, 25]),
    Fact("made/demo_mediapipe_lite_wide_px.csv", "mediapipe", "mediapipe33", (0, 229), [164, 44, 14], None, 30.0),
    Fact("found/pyxy3d_holistic_4cam.zip", "caliscope", "mediapipe33", (0, 266), [267], None, 30.37),
    Fact("found/pose_format_openpose.pose", "pose", "body25", (0, 92), [93], None, 24.0),
    Fact("found/pose_format_mediapipe.pose", "pose", "custom", (0, 169), [170], (1250, 1250), 24.0),
    Fact("found/mmpose_rtmpose_halpe26.zip", "mmpose", "halpe26", (1, 314), [314]),
    Fact("found/mmpose_wholebody133.zip", "mmpose", "wholebody133", (0, 61), [62]),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.file)
def test_is_recognised_by_content(fact: Fact, shared: Path, tmp_path: Path) -> None:
    _needs(fact.file)
    path = tmp_path / "some file.dat"  # the name must not matter
    shutil.copy(shared / "keypoints" / fact.file, path)
    recording = read(path)
    assert (recording.format, recording.joint_set.id) == (fact.format, fact.joint_set)
    assert (recording.first_frame, recording.last_frame) == fact.frames
    assert [person.frames for person in recording.people] == fact.people
    assert (recording.image_size, recording.fps) == (fact.image_size, fact.fps)
    default = recording.people[0]
    assert default.frames * default.mean_confidence == max(p.frames * p.mean_confidence for p in recording.people)


NOBODY = ["deeplabcut_labels_mouse_reach.csv", "deeplabcut_labels_mouse_reach.h5", "sleap_fly.analysis.h5",
          "sleap_robot.analysis.h5", "sleap_two_nodes.analysis.csv"]  # fmt: skip


@pytest.mark.parametrize("file", NOBODY)
def test_animals_and_machines_are_refused_and_may_be_told(file: str, shared: Path) -> None:
    _needs(file)
    path = shared / "keypoints" / "found" / file
    with pytest.raises(FormatError, match="none of them is known as a joint of a person") as refused:
        read(path)
    first = str(refused.value).partition("its points ")[2].partition(",")[0]
    assert read(path, names={first: "left_wrist"}).joint_set.joints[0] == "left_wrist"


LAYOUTS = [("demo_layout_yolo_pose_labels.zip", (1768, 994)), ("demo_layout_deeplabcut_multi.csv", (1, 1)),
           ("demo_layout_sleap.analysis.h5", (1, 1))]  # fmt: skip


@pytest.mark.parametrize(("file", "scale"), LAYOUTS)
def test_every_layout_of_the_demo_tells_the_same(file: str, scale: tuple[int, int], shared: Path) -> None:
    _needs(file)
    made = shared / "keypoints" / "made"
    origin, recording = read(made / "demo_movenet.json"), read(made / file)
    for one, other in zip(recording.people, origin.people, strict=True):
        frames = slice(0, min(len(one.positions), len(other.positions)))
        away = one.positions[frames] * scale - other.positions[frames]
        assert np.nanmax(np.abs(away)) <= 0.01
        assert np.nanmax(np.abs(one.confidence[frames] - other.confidence[frames])) <= 1e-2


def test_a_pose_file_tells_what_the_frames_tell(shared: Path) -> None:
    found = shared / "keypoints" / "found"
    packed, frames = read(found / "pose_format_openpose.pose"), read(found / "openpose_body25_face_hands.zip")
    np.testing.assert_allclose(packed.tracks().positions, frames.tracks().positions, atol=1e-4)


@pytest.mark.parametrize("camera", ["cam02", "cam03", "cam04"])
def test_one_camera_of_four(camera: str, shared: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared / "keypoints/found/openpose_body25b_balancing_4view.zip") as archive:
        archive.extractall(tmp_path, [name for name in archive.namelist() if name.startswith(camera)])
    recording = read(tmp_path / f"{camera}_json")
    assert recording.joint_set.id == "body25b"
    assert [person.frames for person in recording.people] == [100, 100] if camera == "cam02" else [100]
    assert any("del_#_0.json" in w or "del_000000_0" in w for w in recording.warnings) == (camera != "cam02")


def test_untracked_people_are_the_tracked_ones(shared: Path) -> None:
    made = shared / "keypoints" / "made"
    tracked = read(made / "demo_layout_alphapose_coco17_tracked.json")
    untracked = read(made / "demo_layout_alphapose_coco17_untracked.json")
    _same_people(tracked, untracked)
    assert any("no person ids" in warning for warning in untracked.warnings)
    assert not tracked.warnings


def test_single_person_dump_that_changes_to_another_person_is_cut(shared: Path) -> None:
    recording = read(shared / "keypoints/made/demo_mediapipe_heavy.json")
    assert recording.normalised
    jumper = recording.tracks(image_size=(1768, 994))
    assert not jumper.observed[172:215].any()  # from here on it is the walking woman
    assert any("jumps by more than its own size" in warning for warning in recording.warnings)


def test_person_found_twice_keeps_the_better_one(shared: Path) -> None:
    recording = read(shared / "keypoints/found/alphapose_halpe26.zip")
    assert any("found twice in frame 144" in warning for warning in recording.warnings)
    assert recording.people[0].confidence[144].mean() == pytest.approx(0.809, abs=1e-3)


def test_sample_is_our_own_estimate(shared: Path, sample: Path) -> None:
    ours, origin = read(sample, threshold=0.0), read(shared / "keypoints/made/demo_movenet.json", threshold=0.0)
    for person in ("1", "2"):
        difference = ours.tracks(person).positions - origin.tracks(person).positions
        assert np.nanmax(np.abs(difference)) <= 0.05 + 1e-9
    assert (ours.image_size, ours.fps) == ((1768, 994), 30.0)


def _same_people(a: Recording, b: Recording) -> None:
    for one, other in zip(a.people, b.people, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)
