"""The command on a small data set made here, and on the real captures beside the checkout."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.skeleton import INDEX, JOINTS, PARENTS
from jumps_blender.errors import FormatError
from trainer.__main__ import main
from trainer.data.dataset import Clip, load_dataset
from trainer.data.harmonise import harmonise
from trainer.data.manifest import read_manifest
from trainer.data.readers import read_motions
from trainer.data.skeleton_map import read_skeleton_maps

BVH = "HIERARCHY\nROOT Hips\n{{\nOFFSET 0 0 0\nCHANNELS 3 Xposition Yposition Zposition\n}}\nMOTION\nFrames: {n}\n"


def captured(frames: int) -> str:
    rows = "\n".join(f"{i} 100 0" for i in range(frames))
    return BVH.format(n=frames) + f"Frame Time: 0.0333333\n{rows}\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A data set of two clips in an archive and a plain file, one of them a duplicate."""
    folder = tmp_path / "source"
    folder.mkdir()
    skeleton = {"types": {"dot": {"map": {joint: [["Hips", 1.0]] for joint in JOINTS}}}}
    (folder / "skeletons.json").write_text(json.dumps(skeleton))
    common = {
        "source": "dots", "skeleton": "dot", "licence": "CC0-1.0", "fps": 30.0,
        "unit_in_metres": 0.01, "up": "y", "frames": 61,
    }  # fmt: skip
    (folder / "plain.bvh").write_text(captured(61))
    with tarfile.open(folder / "dots.tar.xz", "w:xz") as archive:
        archive.add(folder / "plain.bvh", "./in/archive.bvh")
    clips = [
        common | {"id": "dots/plain", "member": "plain.bvh", "subject": "d1", "split": "train"},
        common
        | {
            "id": "dots/archived",
            "member": "in/archive.bvh",
            "archive": "dots.tar.xz",
            "subject": "d2",
            "split": "val",
        },
        common
        | {"id": "dots/again", "member": "no.bvh", "subject": "d1", "split": "train", "duplicate_of": "dots/plain"},
    ]
    (folder / "manifest.json").write_text(json.dumps({"clips": clips}))
    return folder


def test_prepare_writes_the_data_set_and_tells_its_minutes(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare", "--source", str(source), "--out", str(tmp_path / "out")]) == 0
    clips = load_dataset(tmp_path / "out")
    assert [(clip.id, clip.split, len(clip.positions)) for clip in clips] == [
        ("dots/plain", "train", 51),
        ("dots/archived", "val", 51),
    ]
    np.testing.assert_allclose(clips[1].positions[-1, 0], [0.6, 0, 1], atol=1e-6)
    assert "0.1/56" in capsys.readouterr().out


def test_a_damaged_file_ends_with_one_line_and_no_data_set(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (source / "plain.bvh").write_text(captured(61)[:-20])
    assert main(["prepare", "--source", str(source), "--out", str(tmp_path / "out")]) == 2
    assert "plain.bvh" in capsys.readouterr().err.strip()
    assert not (tmp_path / "out").exists()


def test_a_missing_member_is_named(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source / "plain.bvh").unlink()
    assert main(["prepare", "--source", str(source), "--out", str(tmp_path / "out")]) == 2
    assert "1 files of the manifest are not in it: plain.bvh" in capsys.readouterr().err


@pytest.fixture(scope="module")
def mocap(shared: Path) -> Path:
    folder = shared / "mocap"
    if not folder.is_dir():
        pytest.skip("needs the captures in shared/mocap")
    return folder


REAL = (
    "fair/dab",
    "cmu_fbx/85_14",
    "cmu_fbx/55_01",
    "cmu_amc/07_05",
    "cmu_daz/08_05",
    "hdm05/HDM_dg_squat1Reps_025_120",
    "uiprmd/m10_s03_e01",
)
"""One clip of each kind of skeleton."""


@pytest.fixture(scope="module")
def real_clips(mocap: Path) -> dict[str, Clip]:
    maps = read_skeleton_maps(mocap / "skeletons.json")
    entries = [entry for entry in read_manifest(mocap) if entry.id in REAL]
    return {entry.id: harmonise(entry, motion, maps, 25.0) for entry, motion in read_motions(mocap, entries)}


def length(clip: Clip, first: str, second: str) -> float:
    return float(np.median(np.linalg.norm(clip.positions[:, INDEX[first]] - clip.positions[:, INDEX[second]], axis=-1)))


@pytest.mark.parametrize("name", REAL)
def test_real_bodies_have_human_proportions(real_clips: dict[str, Clip], name: str) -> None:
    clip = real_clips[name]
    assert np.isfinite(clip.positions).all()
    assert 0.50 < length(clip, "pelvis", "neck") < 0.60
    assert 0.30 < length(clip, "left_shoulder", "right_shoulder") < 0.40
    assert 0.15 < length(clip, "left_hip", "right_hip") < 0.20
    for side in ("left", "right"):
        assert 0.36 < length(clip, f"{side}_hip", f"{side}_knee") < 0.46
        assert 0.38 < length(clip, f"{side}_knee", f"{side}_ankle") < 0.47
        assert 0.22 < length(clip, f"{side}_elbow", f"{side}_wrist") < 0.29


@pytest.mark.parametrize("name", REAL)
def test_real_bones_keep_their_length(real_clips: dict[str, Clip], name: str) -> None:
    clip = real_clips[name]
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            bone = np.linalg.norm(clip.positions[clip.valid, joint] - clip.positions[clip.valid, parent], axis=-1)
            assert bone.std() < 0.03, JOINTS[joint]


@pytest.mark.parametrize("name", REAL)
def test_real_people_stand_on_the_floor_with_left_on_their_left(real_clips: dict[str, Clip], name: str) -> None:
    first = real_clips[name].positions[0]
    at = {joint: first[INDEX[joint]] for joint in JOINTS}
    assert at["head_top"][2] > at["pelvis"][2] > at["left_knee"][2] > at["left_toe"][2]
    assert -0.15 < min(at["left_toe"][2], at["right_toe"][2]) < 0.15
    ahead = at["left_toe"] + at["right_toe"] - at["left_ankle"] - at["right_ankle"]
    left = at["left_hip"] - at["right_hip"]
    assert np.cross(ahead, left)[2] > 0


def test_a_subject_in_two_splits_is_refused(source: Path) -> None:
    path = source / "manifest.json"
    path.write_text(path.read_text().replace('"d2"', '"d1"'))
    with pytest.raises(FormatError, match=r"subject d1 is in splits 'train' and 'val' \(dots/archived\)"):
        read_manifest(source)


def test_the_real_manifest_keeps_subjects_in_one_split(mocap: Path) -> None:
    splits: dict[str, set[str]] = {}
    for entry in read_manifest(mocap):
        splits.setdefault(entry.subject, set()).add(entry.split)
    assert all(len(of_subject) == 1 for of_subject in splits.values())
