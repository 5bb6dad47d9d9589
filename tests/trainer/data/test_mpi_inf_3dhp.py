"""MPI-INF-3DHP in its owners' layout, as far as its terms let anyone but them write it: with people made here."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import INDEX, JOINTS, PARENTS
from jumps_blender.errors import FormatError, InputError
from trainer.__main__ import main
from trainer.data.dataset import assert_shippable, load_dataset
from trainer.data.mpi_inf_3dhp import TESTED, read_annotations, read_clips, read_test_sequences

Walk = Callable[[int, int], np.ndarray]


def bones(positions: np.ndarray) -> np.ndarray:
    return np.linalg.norm(positions - positions[:, np.maximum(PARENTS, 0)], axis=-1)


def test_the_first_camera_is_read_in_metres_and_pixels(mpi_inf_3dhp: Path, walk: Walk) -> None:
    annotations = read_annotations(mpi_inf_3dhp / "S8" / "Seq1" / "annot.mat")
    np.testing.assert_allclose(bones(annotations.positions), bones(walk(60, 3)), atol=1e-6)
    slope = annotations.positions[..., :2] / annotations.positions[..., 2:]
    np.testing.assert_allclose(annotations.pixels, 1500 * slope + [1024, 1000], atol=1e-6)


def test_one_stature_for_all_is_there_too(mpi_inf_3dhp: Path) -> None:
    path = mpi_inf_3dhp / "S8" / "Seq1" / "annot.mat"
    own, same = (read_annotations(path, annotation=name).positions for name in ("annot3", "univ_annot3"))
    np.testing.assert_allclose(same, 0.9 * own)


def test_clips_stand_upright_at_the_rate_of_the_prior(mpi_inf_3dhp: Path, walk: Walk) -> None:
    first, second = read_clips(mpi_inf_3dhp, 25.0)
    assert (first.id, first.split, len(first.positions)) == ("mpi_inf_3dhp/S1_Seq2", "train", 61)
    assert (second.subject, second.split, len(second.positions)) == ("mpi_S8", "val", 60)
    for clip, truth in ((first, walk(121, 3)[::2]), (second, walk(60, 3))):
        np.testing.assert_allclose(bones(clip.positions), bones(truth), atol=1e-3)
        # The mean direction of the body is up: within what a walker leans.
        height = clip.positions[..., 2] - clip.positions[:, 4, None, 2]
        np.testing.assert_allclose(height, truth[..., 2] - truth[:, 4, None, 2], atol=0.1)
        assert abs(clip.positions[:, [INDEX["left_toe"], INDEX["right_toe"]], 2].min()) < 0.02


@pytest.fixture
def copied(mpi_inf_3dhp: Path, tmp_path: Path) -> Path:
    """A copy to damage: one subject to train on, one test sequence."""
    for part in ("S8", "mpi_inf_3dhp_test_set"):
        shutil.copytree(mpi_inf_3dhp / part, tmp_path / part)
    return tmp_path


def test_a_calibration_tells_exactly_what_is_up(copied: Path, walk: Walk) -> None:
    right, away = np.array([0.8, -0.6, 0.0]), np.array([0.576, 0.768, -0.28])
    camera = np.eye(4)
    camera[:3, :3] = np.stack([right, np.cross(away, right), away]) @ [[1, 0, 0], [0, 0, -1], [0, 1, 0]]  # y is up
    numbers = " ".join(f"{value:.9f}" for value in camera.ravel())
    (copied / "S8" / "Seq1" / "camera.calibration").write_text(f"name 0\n  size 2048 2048\n  extrinsic {numbers}\n")
    (clip,) = read_clips(copied, 25.0)
    truth = walk(60, 3)
    height = clip.positions[..., 2] - clip.positions[:, 4, None, 2]
    np.testing.assert_allclose(height, truth[..., 2] - truth[:, 4, None, 2], atol=1e-5)


def test_a_calibration_without_the_camera_is_refused(copied: Path) -> None:
    (copied / "S8" / "Seq1" / "camera.calibration").write_text("name 0\n  extrinsic 1 0 0\n")
    with pytest.raises(FormatError, match=r"camera\.calibration: no 16 numbers 'extrinsic' of camera 0"):
        list(read_clips(copied, 25.0))


def test_the_test_set_has_17_joints_and_marks_its_frames(mpi_inf_3dhp: Path, walk: Walk) -> None:
    (sequence,) = read_test_sequences(mpi_inf_3dhp)
    assert sequence.name == "TS2"
    assert np.flatnonzero(~sequence.valid).tolist() == [0, 1, 2, 3, 4, 50, 51, 52, 53, 54]
    given = np.isfinite(sequence.pixels).all((0, 2))
    assert given.tolist() == [name in TESTED for name in JOINTS]
    thigh = sequence.positions[:, INDEX["left_hip"]] - sequence.positions[:, INDEX["left_knee"]]
    np.testing.assert_allclose(np.linalg.norm(thigh, axis=-1), bones(walk(90, 4))[:, INDEX["left_knee"]], atol=1e-6)


def test_prepare_writes_it_and_tells_what_was_assumed(
    mpi_inf_3dhp: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare", "--mpi-inf-3dhp", str(mpi_inf_3dhp), "--out", str(tmp_path)]) == 0
    assert "subjects 1 to 7 train, 8 validates" in " ".join(capsys.readouterr().out.split())
    clips = load_dataset(tmp_path)
    assert [clip.split for clip in clips] == ["train", "val"]
    with pytest.raises(InputError, match="2 clips to train on are under MPI-INF-3DHP, non-commercial"):
        assert_shippable(clips)


def test_another_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no S1/Seq1/annot\.mat; expected the folder of MPI-INF-3DHP"):
        list(read_clips(tmp_path, 25.0))
    with pytest.raises(InputError, match=r"has no TS1/annot_data\.mat"):
        read_test_sequences(tmp_path)


@pytest.mark.parametrize("name", ["S8/Seq1/annot.mat", "mpi_inf_3dhp_test_set/TS2/annot_data.mat"])
@pytest.mark.parametrize("keep", [0, 100, 600, 5000])
def test_a_file_that_ends_early_is_named(copied: Path, name: str, keep: int) -> None:
    path = copied / name
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FormatError, match=path.name):
        read_test_sequences(copied) if "TS2" in name else list(read_clips(copied, 25.0))


def test_other_variables_are_told(copied: Path) -> None:
    from scipy.io import savemat

    path = copied / "S8" / "Seq1" / "annot.mat"
    cells = np.empty((1, 1), object)
    cells[0, 0] = np.zeros((4, 51))
    for arrays, message in (
        ({"poses": np.zeros(3)}, "holds none of annot2, annot3"),
        ({"annot2": cells}, "no annot3; expected both annotations"),
        ({"annot2": cells, "annot3": cells}, r"\(4, 51\) numbers; expected \(frames, 84\) of 28 joints"),
        ({"annot2": np.zeros(3), "annot3": np.zeros(3)}, "expected one per camera"),
    ):
        savemat(path, arrays)
        with pytest.raises(FormatError, match=message):
            read_annotations(path)
