"""The command on a small data set made here, and on the real captures beside the checkout."""

import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import INDEX, JOINTS, PARENTS
from jumps_blender.errors import FormatError
from trainer.__main__ import main
from trainer.data.dataset import Clip, load_dataset
from trainer.data.harmonise import harmonise
from trainer.data.manifest import read_manifest
from trainer.data.readers import read_motions
from trainer.data.skeleton_map import read_skeleton_maps
from trainer.sampling import Augmentation, Sampler

WriteBvh = Callable[..., str]
COMMON = {
    "source": "studio", "skeleton": "person", "licence": "CC0-1.0", "fps": 30.0, "unit_in_metres": 0.01, "up": "y",
    "frames": 61,
}  # fmt: skip


def add_clip(folder: Path, name: str, text: str, **fields: Any) -> None:
    """Add a file and its entry to a data set, with the tables of a skeleton that is called as the 28 joints are."""
    folder.mkdir(exist_ok=True)
    table = {joint: [[joint, 1.0]] for joint in JOINTS}
    (folder / "skeletons.json").write_text(json.dumps({"types": {"person": {"map": table}}}))
    (folder / f"{name}.bvh").write_text(text)
    path = folder / "manifest.json"
    clips = json.loads(path.read_text())["clips"] if path.exists() else []
    entry = COMMON | {"id": f"{folder.name}/{name}", "member": f"{name}.bvh", "subject": name, "split": "train"}
    path.write_text(json.dumps({"clips": [*clips, entry | fields]}))


@pytest.fixture
def source(tmp_path: Path, write_bvh: WriteBvh) -> Path:
    """A data set of a plain file, one in an archive and a duplicate that is not there."""
    folder = tmp_path / "source"
    add_clip(folder, "plain", write_bvh(61))
    with tarfile.open(folder / "more.tar.xz", "w:xz") as archive:
        archive.add(folder / "plain.bvh", "./in/archive.bvh")
    add_clip(folder, "archived", "", member="in/archive.bvh", archive="more.tar.xz", split="val")
    add_clip(folder, "again", "", member="no.bvh", duplicate_of="source/plain")
    return folder


def prepare(*folders: Path, out: Path, on_error: str = "refuse") -> int:
    return main(["prepare", "--source", *map(str, folders), "--out", str(out), "--on-error", on_error])


def test_prepare_writes_the_data_set_and_tells_its_minutes(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(source, out=tmp_path / "out") == 0
    clips = load_dataset(tmp_path / "out")
    assert [(clip.id, clip.split, len(clip.positions)) for clip in clips] == [
        ("source/plain", "train", 51),
        ("source/archived", "val", 51),
    ]
    np.testing.assert_allclose(clips[1].positions[-1, INDEX["pelvis"]], [0.6, 0, 0.95], atol=1e-5)
    assert "0.1/56" in capsys.readouterr().out


def test_ones_own_folder_joins_another(source: Path, tmp_path: Path, write_bvh: WriteBvh) -> None:
    own = tmp_path / "own"
    add_clip(own, "ina", write_bvh(91, unit=0.0254), unit_in_metres=0.0254, frames=91, source="home", licence="MIT")
    assert prepare(source, own, out=tmp_path / "out") == 0
    clips = load_dataset(tmp_path / "out", "train")
    assert [clip.id for clip in clips] == ["source/plain", "own/ina"]
    assert length(clips[1], "left_hip", "left_knee") == pytest.approx(
        length(clips[0], "left_hip", "left_knee"), abs=1e-4
    )
    windows, _ = Sampler(clips, Augmentation(), np.random.default_rng(0)).draw(20)
    assert np.isfinite(windows).all()


def test_two_folders_do_not_share_an_id_or_split_a_person(
    source: Path, tmp_path: Path, write_bvh: WriteBvh, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own"
    add_clip(own, "ina", write_bvh(61), id="source/plain")
    assert prepare(source, own, out=tmp_path / "out") == 2
    assert "The id source/plain is in the manifests twice" in capsys.readouterr().err
    (own / "manifest.json").unlink()
    add_clip(own, "ina", write_bvh(61), subject="archived")
    assert prepare(source, own, out=tmp_path / "out") == 2
    assert "Subject archived is in splits 'val' and 'train' (own/ina)" in capsys.readouterr().err


def cut(text: str) -> str:
    return text[: len(text) // 2]


def other_channels(text: str) -> str:
    return "\n".join(
        line.removesuffix(" 0.0000") if number == 150 else line for number, line in enumerate(text.split("\n"))
    )


def not_a_number(text: str) -> str:
    lines = text.split("\n")
    lines[150] = lines[150].replace("0.0000", "nan", 1)
    return "\n".join(lines)


def in_metres(text: str) -> str:
    def offset(line: re.Match[str]) -> str:
        return "OFFSET " + " ".join(str(float(number) / 100) for number in line[0].split()[1:])

    return re.sub("OFFSET .*", offset, text)


BAD = {
    "ends early": (cut, r"plain\.bvh: ends after line|plain\.bvh, line \d+"),
    "other channels": (other_channels, r"plain\.bvh, line 151: found 86 numbers, expected 87, one per channel"),
    "not a number": (not_a_number, r"plain\.bvh, line 151: found NaN"),
    "no frames": (lambda text: text.replace("Frames: 61", "Frames: 0"), r"plain\.bvh, line \d+: found 0 frames"),
    "metres, not centimetres": (
        in_metres, r"source/plain has thighs of 0\.004\d+ m, expected 0\.15 to 0\.65\. Correct unit_in_metres",
    ),
    "empty": (lambda _: "", r"plain\.bvh: ends after line 0"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_data_is_named_and_refused_or_skipped(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    damage, message = BAD[what]
    path = source / "plain.bvh"
    path.write_text(damage(path.read_text()))
    assert prepare(source, out=tmp_path / "out") == 2
    assert re.search(message, capsys.readouterr().err)
    assert not (tmp_path / "out").exists()
    assert prepare(source, out=tmp_path / "out", on_error="skip") == 0
    assert re.search(f"left out: .*({message})", capsys.readouterr().out.replace("\n", " "))
    assert [clip.id for clip in load_dataset(tmp_path / "out")] == ["source/archived"]


def test_a_missing_member_is_named(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source / "plain.bvh").unlink()
    assert prepare(source, out=tmp_path / "out") == 2
    assert "no plain.bvh, which source/plain needs" in capsys.readouterr().err


@pytest.mark.parametrize("keep", [None, 0, 200])
def test_an_archive_that_is_missing_or_cut_costs_only_its_clips(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], keep: int | None
) -> None:
    path = source / "more.tar.xz"
    content = path.read_bytes()
    path.unlink() if keep is None else path.write_bytes(content[:keep])
    assert prepare(source, out=tmp_path / "out", on_error="skip") == 0
    out = capsys.readouterr().out.replace("\n", " ")
    assert ("more.tar.xz is missing" if keep is None else "no in/archive.bvh, which source/archived needs") in out
    assert [clip.id for clip in load_dataset(tmp_path / "out")] == ["source/plain"]


def test_where_nothing_is_left_nothing_is_written(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (source / "plain.bvh").unlink()
    (source / "more.tar.xz").unlink()
    assert prepare(source, out=tmp_path / "out", on_error="skip") == 2
    assert "can be used. Correct what is told above" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


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
    path.write_text(path.read_text().replace('"subject": "archived"', '"subject": "plain"'))
    with pytest.raises(FormatError, match=r"Subject plain is in splits 'train' and 'val' \(source/archived\)"):
        read_manifest(source)


def test_the_real_manifest_keeps_subjects_in_one_split(mocap: Path) -> None:
    splits: dict[str, set[str]] = {}
    for entry in read_manifest(mocap):
        splits.setdefault(entry.subject, set()).add(entry.split)
    assert all(len(of_subject) == 1 for of_subject in splits.values())
