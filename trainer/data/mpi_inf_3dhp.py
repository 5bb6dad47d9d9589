"""MPI-INF-3DHP as its owners distribute it: `S1/Seq1/annot.mat` to train on, `TS1/annot_data.mat` to test with.

`annot.mat`: cells `annot2` (frames, 56) pixels and `annot3`, `univ_annot3` (frames, 84) millimetres of 28 joints in
each camera's axes (x right, y down, z away), one cell per camera; `cameras`, their numbers. `annot_data.mat`: the same
of 17 joints in one camera, and `valid_frame`. Both may be of either of MATLAB's formats. What the data does not say is
assumed, and told by ASSUMPTIONS. Its terms are for non-commercial research: no weights that ship are trained on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.errors import FormatError, InputError

from .dataset import Clip
from .harmonise import bridge, resample
from .matlab import read_mat

SOURCE: Final = "mpi_inf_3dhp"
LICENCE: Final = "MPI-INF-3DHP, non-commercial"
VALIDATION: Final = frozenset({"S8"})
FASTER: Final = {
    ("S1", "Seq2"): 50.0,
    ("S3", "Seq1"): 50.0,
    ("S3", "Seq2"): 50.0,
    ("S5", "Seq1"): 50.0,
    ("S5", "Seq2"): 50.0,
}
"""Sequences at 50 frames per second, by the data's own list; the others are at 25."""
USUAL_FPS: Final = 25.0

TESTED: Final = (
    "head_top", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "pelvis", "spine", "head",
)  # fmt: skip
"""The 17 joints of the test set, in its order."""

ASSUMPTIONS: Final = (
    "MPI-INF-3DHP, assumed because neither the paper nor the data says it: subjects 1 to 7 train, 8 validates, the "
    "test set TS1 to TS6 tests; S1/Seq2, S3 and S5 are at 50 frames per second, all else at 25; motion is `annot3` of "
    "the first camera, in millimetres; up is the calibration's axis nearest to the standing body, without "
    "camera.calibration the mean direction of the body; joints are taken as they are, not harmonised with other data."
)

_FOLDER: Final = re.compile(r"S(\d+)$")
_TEST_FOLDER: Final = re.compile(r"TS(\d+)$")


@dataclass(frozen=True)
class Annotations:
    """One sequence of the training set in one camera.

    positions: (frames, 28, 3) metres, the camera's axes; pixels: (frames, 28, 2).
    """

    positions: np.ndarray
    pixels: np.ndarray


@dataclass(frozen=True)
class Filmed:
    """One sequence of the test set, in one camera; NaN where a joint is not annotated.

    positions: (frames, 28, 3) metres, the camera's axes; pixels: (frames, 28, 2); valid: bool (frames,), frames that
    the data's owners evaluate.
    """

    name: str
    positions: np.ndarray
    pixels: np.ndarray
    valid: np.ndarray


def read_clips(folder: Path, fps: float) -> Iterator[Clip]:
    """The training set's sequences as clips at `fps` frames per second; raises InputError where there is none."""
    found = sorted(path for path in folder.glob("S*/Seq*/annot.mat") if _FOLDER.match(path.parts[-3]))
    if not found:
        raise InputError(f"{folder} has no S1/Seq1/annot.mat; expected the folder of MPI-INF-3DHP with S1 to S8.")
    for path in found:
        yield _clip(path, fps)


def read_test_sequences(folder: Path) -> list[Filmed]:
    """TS1 to TS6, in the folder or its `mpi_inf_3dhp_test_set`; raises InputError where there is none."""
    found = {path.parent.name: path for path in sorted(folder.rglob("annot_data.mat"))}
    paths = {name: path for name, path in found.items() if _TEST_FOLDER.match(name)}
    if not paths:
        raise InputError(f"{folder} has no TS1/annot_data.mat; expected the test set of MPI-INF-3DHP in it.")
    return [_test_sequence(paths[name]) for name in sorted(paths)]


def read_annotations(path: Path, camera: int = 0, annotation: str = "annot3") -> Annotations:
    """One camera of an `annot.mat`; `annotation`: "annot3", or "univ_annot3", scaled to one stature for all.

    Raises FormatError where the cells do not hold as many frames of 28 joints for each camera.
    """
    cells = read_mat(path, ("annot2", annotation))
    if missing := {"annot2", annotation} - cells.keys():
        raise FormatError(f"{path}: no {', '.join(sorted(missing))}; expected both annotations. Get a whole copy.")
    positions, pixels = (_cell(cells[name], camera, axes, path) for name, axes in ((annotation, 3), ("annot2", 2)))
    if len(positions) != len(pixels):
        raise FormatError(f"{path}: {len(positions)} frames in 3D and {len(pixels)} in 2D; expected as many.")
    return Annotations(positions / 1000, pixels)


def read_extrinsic(path: Path, camera: int = 0) -> np.ndarray | None:
    """Rotation (3, 3) from the world to a camera's axes, of a `camera.calibration`; None where there is no such file.

    Raises FormatError where it does not have the camera.
    """
    if not path.is_file():
        return None
    rows = [
        line.split()[1:] for line in path.read_text(errors="replace").splitlines() if line.split()[:1] == ["extrinsic"]
    ]
    try:
        return np.array(rows[camera], float).reshape(4, 4)[:3, :3]
    except (IndexError, ValueError) as error:
        raise FormatError(
            f"{path}: no 16 numbers 'extrinsic' of camera {camera} ({error}). Get a whole copy."
        ) from error


def _cell(cells: np.ndarray, camera: int, axes: int, path: Path) -> np.ndarray:
    flat = cells.ravel()
    if cells.dtype != object or camera >= len(flat):
        raise FormatError(f"{path}: {cells.shape} cells; expected one per camera, at least {camera + 1}.")
    values = np.asarray(flat[camera], float)
    if values.ndim != 2 or values.shape[1] != len(JOINTS) * axes or not len(values):
        raise FormatError(f"{path}: {values.shape} numbers; expected (frames, {len(JOINTS) * axes}) of 28 joints.")
    return values.reshape(-1, len(JOINTS), axes)


def _clip(path: Path, fps: float) -> Clip:
    subject, sequence = path.parts[-3:-1]
    captured = read_annotations(path).positions
    valid = np.isfinite(captured).all((1, 2))
    if valid.sum() < 2:
        raise FormatError(f"{path}: {valid.sum()} usable frames, expected at least 2. Leave it out.")
    motion = upright(captured, read_extrinsic(path.parent / "camera.calibration"))
    rate = FASTER.get((subject, sequence), USUAL_FPS)
    positions, valid = resample(bridge(motion, valid), valid, rate, fps)
    return Clip(
        id=f"{SOURCE}/{subject}_{sequence}", source=SOURCE, subject=f"mpi_{subject}",
        split="val" if subject in VALIDATION else "train", licence=LICENCE, label=sequence,
        positions=positions.astype(np.float32), fps=fps, valid=valid,
    )  # fmt: skip


def upright(positions: np.ndarray, extrinsic: np.ndarray | None) -> np.ndarray:
    """From a camera's axes to z up, the lowest toes at 0: positions (frames, 28, 3), metres, NaN where unknown.

    extrinsic: (3, 3) from the world to the camera's axes; the world's axis nearest to the body's mean direction is up.
    """
    feet = (positions[:, INDEX["left_ankle"]] + positions[:, INDEX["right_ankle"]]) / 2
    up = np.nanmean(positions[:, INDEX["neck"]] - feet, axis=0)
    if extrinsic is not None:
        axes = np.concatenate([extrinsic.T, -extrinsic.T])
        up = axes[(axes @ up).argmax()]
    up = up / np.linalg.norm(up)
    right = np.cross(up, [0.0, 0.0, 1.0] if abs(up[2]) < 0.9 else [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    turned = positions @ np.stack([right, np.cross(up, right), up], -1)
    turned[..., 2] -= np.nanpercentile(turned[:, [INDEX["left_toe"], INDEX["right_toe"]], 2], 1)
    return turned


def _test_sequence(path: Path) -> Filmed:
    names = ("annot2", "annot3", "valid_frame")
    arrays = read_mat(path, names)
    if missing := set(names) - arrays.keys():
        raise FormatError(f"{path}: no {', '.join(sorted(missing))}; expected all three. Get a whole copy.")
    pixels, positions = (_spread(arrays[name], axes, path) for name, axes in (("annot2", 2), ("annot3", 3)))
    valid = arrays["valid_frame"].ravel().astype(bool)
    if not len(pixels) == len(positions) == len(valid):
        raise FormatError(
            f"{path}: {len(pixels)} frames in 2D, {len(positions)} in 3D, {len(valid)} marks; expected as many."
        )
    return Filmed(path.parent.name, positions / 1000, pixels, valid)


def _spread(values: np.ndarray, axes: int, path: Path) -> np.ndarray:
    """(axes, 17, 1, frames) of MATLAB to (frames, 28, axes), NaN where the test set has no such joint."""
    if values.shape[:2] != (axes, len(TESTED)) or values.ndim not in (3, 4):
        raise FormatError(f"{path}: {values.shape} numbers; expected ({axes}, {len(TESTED)}, 1, frames).")
    annotated = np.moveaxis(values.reshape(axes, len(TESTED), -1), -1, 0)
    out = np.full((len(annotated), len(JOINTS), axes), np.nan)
    out[:, [INDEX[name] for name in TESTED]] = np.swapaxes(annotated, 1, 2)
    return out
