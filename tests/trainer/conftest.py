"""A person who walks and waves, clips and a data set of such people, and a tiny finished training run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from jumps_blender.core.body.skeleton import JOINTS, PARENTS
from trainer.data.dataset import Clip, save_dataset

Walk = Callable[[int, int], np.ndarray]
MakeClip = Callable[..., Clip]

# Metres, z up, facing along +y; the left side lies at negative x.
STANDING = {
    "pelvis": (0, 0.95), "spine": (0, 1.05), "spine2": (0, 1.15), "spine3": (0, 1.25), "spine4": (0, 1.35),
    "neck": (0, 1.46), "head": (0, 1.56), "head_top": (0, 1.75), "clavicle": (0.04, 1.45), "shoulder": (0.18, 1.42),
    "elbow": (0.2, 1.14), "wrist": (0.21, 0.9), "hand": (0.21, 0.82), "hip": (0.09, 0.95), "knee": (0.1, 0.52),
    "ankle": (0.1, 0.09), "foot": (0.11, 0.03), "toe": (0.11, 0.02),
}  # fmt: skip
FORWARD = {"foot": 0.12, "toe": 0.18}
SWING = {"hip": 0.6, "knee": 0.5, "shoulder": 0.7, "elbow": 0.5, "spine2": 0.1, "neck": 0.2}
"""Radians by which the bones below a joint swing forwards and backwards."""


def _rest() -> np.ndarray:
    points = []
    for name in JOINTS:
        part = name.removeprefix("left_").removeprefix("right_")
        x, z = STANDING[part]
        points.append((-x if name.startswith("left_") else x, FORWARD.get(part, 0.0), z))
    return np.array(points)


def _swing(name: str, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    part = name.removeprefix("left_").removeprefix("right_")
    side = np.pi if name.startswith("left_") else 0.0
    amplitude = SWING.get(part, 0.0) * rng.uniform(0.6, 1.2)
    return amplitude * np.sin(frames * rng.uniform(0.18, 0.25) + side + rng.uniform(0, 0.5))


@pytest.fixture(scope="session")
def walk() -> Walk:
    """(frames, seed) -> motion (frames, 28, 3): bones are rigid and swing about the axis from left to right."""

    def build(frames: int, seed: int) -> np.ndarray:
        rng, rest, time = np.random.default_rng(seed), _rest(), np.arange(frames)
        motion, angle = np.zeros((frames, len(JOINTS), 3)), np.zeros((frames, len(JOINTS)))
        root = JOINTS.index("pelvis")
        motion[:, root] = rest[root] + 0.03 * time[:, None] * [np.sin(seed), np.cos(seed), 0]
        order = [root]
        for parent in order:
            angle[:, parent] += _swing(JOINTS[parent], time, rng)
            c, s = np.cos(angle[:, parent]), np.sin(angle[:, parent])
            for child in (j for j, p in enumerate(PARENTS) if p == parent):
                x, y, z = rest[child] - rest[parent]
                motion[:, child] = motion[:, parent] + np.stack([np.full(frames, x), c * y - s * z, s * y + c * z], -1)
                angle[:, child] = angle[:, parent]
                order.append(child)
        return motion.astype(np.float32)

    return build


@pytest.fixture(scope="session")
def make_clip(walk: Walk) -> MakeClip:
    """A function of a name, a split, a number of frames and more fields: the clip of someone who walks."""

    def build(name: str, split: str = "train", frames: int = 80, bad: slice | None = None, **fields: str) -> Clip:
        valid = np.ones(frames, bool)
        if bad is not None:
            valid[bad] = False
        header = {"id": name, "source": "studio", "subject": name, "licence": "CC0-1.0", "label": "walk"} | fields
        return Clip(**header, split=split, positions=walk(frames, sum(name.encode())), fps=25.0, valid=valid)

    return build


@pytest.fixture(scope="session")
def prepared(make_clip: MakeClip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set as `prepare` writes it: two sources to train on, one to test with that must not be trained on."""
    folder = tmp_path_factory.mktemp("data")
    clips = [
        make_clip("anna", source="cmu_amc", licence="CMU-mocap"),
        make_clip("bert", source="uiprmd", licence="PDDL-1.0", frames=60),
        make_clip("carl", "val", source="cmu_amc", licence="CMU-mocap"),
        make_clip("dora", "test", source="hdm05", licence="CC-BY-SA-3.0"),
    ]
    save_dataset(clips, folder)
    return folder


@pytest.fixture(scope="session")
def forbidden(make_clip: MakeClip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set that trains on a clip under share-alike terms."""
    folder = tmp_path_factory.mktemp("forbidden")
    save_dataset([make_clip("emil", licence="CC-BY-SA-3.0"), make_clip("carl", "val")], folder)
    return folder


@pytest.fixture(scope="session")
def small_samples() -> Iterator[None]:
    """Fewer windows to validate and calibrate with, and fewer steps: the commands stay what they are."""
    from trainer import export, follow, noise_judge, refine, train

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "VALIDATION_WINDOWS", 48)
        patch.setattr(refine, "EXAMINATION", 2)
        patch.setattr(follow, "EXAMINATION", 8)
        patch.setattr(export, "CALIBRATION_WINDOWS", 64)
        patch.setattr(noise_judge, "_STEPS", 50)
        yield


@pytest.fixture(scope="session")
def trained(prepared: Path, small_samples: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of `train`, 2 iterations."""
    from trainer.__main__ import main

    folder = tmp_path_factory.mktemp("run")
    words = ["--data", str(prepared), "--out", str(folder), "--iterations", "2", "--windows", "1000"]
    assert main(["train", *words]) == 0
    return folder


@pytest.fixture(scope="session")
def prior(prepared: Path, small_samples: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which `refine`, `follow` and `screen` left a prior, after a moment of training each."""
    from trainer.__main__ import main

    folder = tmp_path_factory.mktemp("prior")
    common = ["--data", str(prepared), "--out", str(folder), "--width", "16"]
    quick = ["--minutes", "0.002", "--batch", "16", "--windows", "1000", "--occasions", "8"]
    assert main(["refine", *common, *quick]) == 0
    assert main(["follow", *common, "--minutes", "0.002", "--batch", "16"]) == 0
    assert main(["screen", *common, "--minutes", "0.002", "--batch", "4", "--cases", "20"]) == 0
    # Longer training learns first of all that most points are right.
    screen = torch.load(folder / "screen.pt", weights_only=True)
    screen["model"]["4.bias"] -= 5
    torch.save(screen, folder / "screen.pt")
    return folder


RIGHT, AWAY = np.array([0.8, -0.6, 0.0]), np.array([0.6 * 0.96, 0.8 * 0.96, -0.28])
CAMERA_FROM_WORLD = np.stack([RIGHT, np.cross(AWAY, RIGHT), AWAY])
"""Rows are the camera's right, down and away in a world with z up: it looks down by 16 degrees."""
FOCAL, MIDDLE = 1500.0, np.array([1024.0, 1000.0])


@pytest.fixture(scope="session")
def mpi_inf_3dhp(walk: Walk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the layout of MPI-INF-3DHP: two subjects in the old MATLAB format, a test sequence in version 7.3."""
    import h5py
    from scipy.io import savemat

    from trainer.data.mpi_inf_3dhp import TESTED

    folder = tmp_path_factory.mktemp("mpi")
    for subject, sequence, frames in (("S1", "Seq2", 121), ("S8", "Seq1", 60)):
        place = folder / subject / sequence
        place.mkdir(parents=True)
        positions, pixels = filmed(walk(frames, 3))
        cells = {"annot2": pixels.reshape(frames, -1), "annot3": 1000 * positions.reshape(frames, -1)}
        arrays = {"frames": np.arange(frames)[:, None], "cameras": np.arange(2)[None]}
        for name, values in (*cells.items(), ("univ_annot3", 0.9 * cells["annot3"])):
            arrays[name] = np.empty((2, 1), object)
            arrays[name][:, 0] = [values, values + 1]
        savemat(place / "annot.mat", arrays)
    place = folder / "mpi_inf_3dhp_test_set" / "TS2"
    place.mkdir(parents=True)
    positions, pixels = filmed(walk(90, 4))
    chosen = [JOINTS.index(name) for name in TESTED]
    valid = np.ones((90, 1))
    valid[:5] = valid[50:55] = 0
    with h5py.File(place / "annot_data.mat", "w", userblock_size=512) as file:
        file["annot2"], file["annot3"] = pixels[:, None, chosen], 1000 * positions[:, None, chosen]
        file["valid_frame"] = valid
    return folder


def filmed(motion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A motion (frames, 28, 3), z up, in a camera's axes 6 m away, in metres, and its pixels."""
    positions = (motion - motion[0, 4]).astype(float) @ CAMERA_FROM_WORLD.T + [0.2, 0.1, 6.0]
    return positions, FOCAL * positions[..., :2] / positions[..., 2:] + MIDDLE
