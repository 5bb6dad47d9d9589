"""The paper's own protocol on a synthetic tree: annotated frames become scenes, a detector's files their estimates."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.errors import FormatError, InputError
from trainer.data.mpi_inf_3dhp import TESTED
from trainer.evaluation.mpi_inf_3dhp import load_estimates, load_scenes
from trainer.evaluation.scenes import Scene

SEEN = [joint for _, joint in find_joint_set("coco17").observes]


@pytest.fixture(scope="module")
def scenes(mpi_inf_3dhp: Path) -> list[Scene]:
    return load_scenes(mpi_inf_3dhp)


def test_stretches_of_valid_frames_are_scenes(scenes: list[Scene]) -> None:
    assert [(scene.clip, scene.start, len(scene.positions)) for scene in scenes] == [("TS2", 5, 45), ("TS2", 55, 35)]
    given = np.isfinite(scenes[0].positions).all((0, 2))
    assert given.tolist() == [name in TESTED for name in JOINTS]


def test_sizes_come_from_both_annotations(scenes: list[Scene]) -> None:
    for scene in scenes:
        assert scene.focal == pytest.approx(1500, rel=1e-6)
        np.testing.assert_allclose(scene.head_size, 1500 * 0.225 / scene.distance)
        assert 2 < scene.distance.min() < scene.distance.max() < 8
        knee, pelvis = INDEX["left_knee"], INDEX["pelvis"]
        np.testing.assert_array_equal(scene.depth[:, pelvis], 0)
        assert 5 < np.abs(scene.depth[:, knee]).max() < 300


def alphapose(scenes: list[Scene], shift: float = 0.0) -> list[dict[str, Any]]:
    """The scenes' person and someone else, the other first, frame by frame from number 1, without tracking."""
    entries = []
    for scene in scenes:
        for frame, points in enumerate(scene.positions):
            for offset, score in ((500.0, 3.0), (shift, 2.0)):
                keypoints = np.zeros((17, 3))
                keypoints[:, 2] = 0.9
                for source, joint in find_joint_set("coco17").observes:
                    keypoints[source, :2] = points[joint] + offset
                keypoints[:5, :2] = points[INDEX["head"]] + offset
                entries.append(
                    {
                        "image_id": f"img_{scene.start + frame + 1:06d}.jpg", "category_id": 1, "score": score,
                        "keypoints": keypoints.round(3).ravel().tolist(),
                    }
                )  # fmt: skip
    return entries


@pytest.mark.parametrize("where", ["TS2.json", "TS2/alphapose-results.json"])
def test_the_annotated_person_is_found_among_the_detected(scenes: list[Scene], tmp_path: Path, where: str) -> None:
    path = tmp_path / where
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(alphapose(scenes, shift=3.0)))
    estimates = load_estimates(tmp_path, scenes)
    for estimate, scene in zip(estimates, scenes, strict=True):
        np.testing.assert_allclose(estimate.positions[:, SEEN], scene.positions[:, SEEN] + 3, atol=0.01)
        assert (estimate.confidence[:, SEEN] == 0.9).all()
        assert np.isnan(estimate.positions[:, INDEX["pelvis"]]).all()
        assert (estimate.confidence[:, INDEX["pelvis"]] == 0).all()


def test_nobody_near_is_nobody(scenes: list[Scene], tmp_path: Path) -> None:
    (tmp_path / "TS2.json").write_text(json.dumps(alphapose(scenes, shift=-400.0)))
    for estimate in load_estimates(tmp_path, scenes):
        assert np.isnan(estimate.positions).all()
        assert (estimate.confidence == 0).all()


def test_a_sequence_without_estimates_is_named(scenes: list[Scene], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no TS2\.json; expected one file of estimates per sequence"):
        load_estimates(tmp_path, scenes)


def test_frames_of_another_sequence_are_refused(scenes: list[Scene], tmp_path: Path) -> None:
    entries = [entry for entry in alphapose(scenes) if int(entry["image_id"][4:10]) <= 51]
    (tmp_path / "TS2.json").write_text(json.dumps(entries))
    with pytest.raises(FormatError, match="estimates of TS2 are of frames 6 to 50; expected 56 to 90"):
        load_estimates(tmp_path, scenes)
