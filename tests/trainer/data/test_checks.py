"""Defects of circulated captures: each is told, or mended, in files made with the defect and in real ones."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS
from trainer.data.bvh import read_bvh
from trainer.data.checks import bone_lengths, findings, one_body
from trainer.data.dataset import Clip
from trainer.data.harmonise import harmonise
from trainer.data.manifest import ClipEntry, read_manifest
from trainer.data.readers import read_motions
from trainer.data.skeleton_map import SkeletonMap, Term, read_skeleton_maps

WriteBvh = Callable[..., str]
MAPS = {"person": SkeletonMap("person", tuple((Term(joint, 1.0),) for joint in JOINTS))}


def entry(**changes: Any) -> ClipEntry:
    base: dict[str, Any] = {
        "id": "own/1", "member": "60_03.bvh", "source": "own", "subject": "ina", "skeleton": "person", "fps": 30.0,
        "split": "train", "licence": "MIT", "unit_in_metres": 0.01, "up": "y", "frames": 61,
    }  # fmt: skip
    return ClipEntry(**base | changes)


def clip_of(text: str, of: ClipEntry) -> tuple[Clip, list[str]]:
    motion = read_bvh(text, of.member)
    clip = harmonise(of, motion, MAPS, 25.0)
    return clip, [finding.kind for finding in findings(clip, of, motion.fps)]


def test_a_sound_file_has_nothing_to_tell(write_bvh: WriteBvh) -> None:
    assert clip_of(write_bvh(61), entry())[1] == []


def test_a_first_frame_with_the_arms_out_is_left_out_and_told(write_bvh: WriteBvh) -> None:
    clip, told = clip_of(write_bvh(61, rest=True), entry())
    assert told == ["begins with a pose for calibration or a lost marker: the first frame was left out"]
    assert np.flatnonzero(~clip.valid).tolist() == [0]
    hands = clip.positions[:, [INDEX["left_hand"], INDEX["right_hand"]], 2]
    np.testing.assert_allclose(hands, hands[-1:].repeat(len(hands), 0), atol=1e-4)
    known, told = clip_of(write_bvh(61, rest=True), entry(first_frame=1))
    assert told == []
    assert known.valid.all()


def test_lost_offsets_and_end_sites_of_length_0_are_told(write_bvh: WriteBvh) -> None:
    _, told = clip_of(write_bvh(61, lost=("left_toe", "right_shoulder")), entry())
    (kind,) = told
    assert kind.startswith("lies on its parent: right_shoulder, left_toe (an offset or End Site of length 0")


def test_another_rate_in_the_file_is_told_and_the_manifest_believed(write_bvh: WriteBvh) -> None:
    clip, told = clip_of(write_bvh(61, fps=120), entry())
    assert told == ["the file says 120 frames per second, the manifest 30: believed"]
    assert len(clip.positions) == 51


def test_cmu_subjects_that_were_filmed_at_60_are_told(write_bvh: WriteBvh) -> None:
    text = write_bvh(61, fps=120)
    assert clip_of(text, entry(fps=120.0))[1] == []
    expected = ["CMU recorded this subject at 60 frames per second, the manifest says 120"]
    assert clip_of(text, entry(fps=120.0, licence="CMU-mocap"))[1] == expected
    assert clip_of(text, entry(fps=120.0, licence="CMU-mocap", member="12/12_03.bvh"))[1] == []


def test_impossible_speed_is_told(write_bvh: WriteBvh) -> None:
    assert clip_of(write_bvh(201, fps=1000), entry(fps=1000.0, frames=201))[1] == [
        "feet are faster than 9 m/s in 5 % of the frames: is the rate too high?"
    ]


def test_people_with_one_body_are_told(write_bvh: WriteBvh) -> None:
    clip, _ = clip_of(write_bvh(61), entry())
    same = [replace(clip, subject=name) for name in ("ina", "jon", "kim")]
    (finding,) = one_body(same)
    assert (finding.where, finding.kind[:25]) == ("own", "3 subjects share one body")
    assert one_body([*same, replace(clip, subject="lea", positions=clip.positions * np.float32(1.02))]) == []
    assert one_body(same[:1]) == []


def real(mocap: Path, *names: str) -> dict[str, Clip]:
    maps = read_skeleton_maps(mocap / "skeletons.json")
    entries = [one for one in read_manifest(mocap) if one.id in names]
    return {one.id: harmonise(one, motion, maps, 25.0) for one, motion in read_motions(mocap, entries)}


def test_the_lost_thorax_and_wrist_of_real_conversions_are_put_back(mocap: Path) -> None:
    entries = [one for one in read_manifest(mocap) if one.id == "cmu_fbx/55_01"]
    ((of, motion),) = read_motions(mocap, entries)
    by_name = {name.rsplit(":", 1)[-1]: index for index, name in enumerate(motion.names)}
    assert {"Neck", "LeftShoulder"} <= by_name.keys()
    for lost in ("Neck", "LeftShoulder"):  # the file's own joints lie on the end of the spine
        apart = motion.positions[:, by_name[lost]] - motion.positions[:, by_name["Spine1"]]
        assert np.linalg.norm(apart, axis=-1).max() < 1e-6
    maps = read_skeleton_maps(mocap / "skeletons.json")
    lengths = bone_lengths(harmonise(of, motion, maps, 25.0))
    assert 0.5 < sum(lengths[INDEX[name]] for name in ("spine", "spine2", "spine3", "spine4", "neck")) < 0.6
    assert 0.05 < lengths[INDEX["left_hand"]] < 0.12
    assert findings(harmonise(of, motion, maps, 25.0), of, motion.fps) == []


def test_the_one_body_of_real_daz_conversions_is_found(mocap: Path) -> None:
    clips = real(mocap, "cmu_daz/08_05", "cmu_daz/07_01", "cmu_daz/09_01")
    (finding,) = one_body(clips.values())
    assert re.match(r"\d subjects share one body", finding.kind)


def test_the_rest_pose_of_a_real_conversion_is_found_when_the_manifest_forgets_it(mocap: Path) -> None:
    entries = [one for one in read_manifest(mocap) if one.first_frame == 1 and one.archive == "cmu_bvh_fbx.tar.xz"][:2]
    maps = read_skeleton_maps(mocap / "skeletons.json")
    for of, motion in read_motions(mocap, entries):
        forgotten = harmonise(replace(of, first_frame=0), motion, maps, of.fps)
        assert not forgotten.valid[0]
        assert forgotten.valid[1:].mean() > 0.99
