"""The paper's own protocol for whoever holds MPI-INF-3DHP: its test set as scenes, AlphaPose's files as estimates.

A scene's positions are the annotated pixels of the 17 joints that the test set has, NaN for the other 11. Which of the
people that a detector saw is the annotated one is decided frame by frame by the annotation, as for one person's score
it must be: the nearest one, unless it is farther than two heads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.errors import FormatError, InputError
from jumps_blender.formats import Recording, read

from ..data.mpi_inf_3dhp import SOURCE, USUAL_FPS, Filmed, read_test_sequences
from .scenes import Scene

FARTHEST: Final = 2.0
"""Heads, the mean over the joints that both have: farther away it is somebody else."""

ASSUMPTIONS: Final = (
    "MPI-INF-3DHP's test set, assumed because neither the paper nor the data says it: TS1 to TS6 are at 25 frames per "
    "second; frames that its owners mark invalid, and stretches of fewer than 24 valid ones, are left out; the head "
    "size is 0.225 m at the annotated depth of the pelvis; a detection within two heads is the annotated person."
)

_PELVIS: Final = INDEX["pelvis"]


@dataclass(frozen=True)
class Estimate:
    """What a detector saw of a scene's person.

    positions: (frames, 28, 2) pixels, NaN = nothing; confidence: (frames, 28), the detector's own, 0 where nothing.
    """

    positions: np.ndarray
    confidence: np.ndarray


def load_scenes(folder: Path) -> list[Scene]:
    """The valid stretches of the test set's sequences; raises InputError where there is none."""
    scenes = [scene for sequence in read_test_sequences(folder) for scene in _scenes(sequence)]
    if not scenes:
        raise InputError(f"{folder}: no stretch of {WINDOW} valid frames; expected the test set of MPI-INF-3DHP.")
    return scenes


def load_estimates(folder: Path, scenes: list[Scene], first_frame: int = 1) -> list[Estimate]:
    """What a detector's files say of each scene's person.

    Args:
        folder: one file or folder per sequence, TS1.json or TS1/..., in any format that the product reads.
        scenes: of `load_scenes`.
        first_frame: the number that the files give to a sequence's first frame; its images begin with img_000001.

    Raises InputError where a sequence has no file, FormatError where its frame numbers are another sequence's.

    """
    recordings = {name: read(_find(folder, name)) for name in dict.fromkeys(scene.clip for scene in scenes)}
    return [_estimate(recordings[scene.clip], scene, first_frame) for scene in scenes]


def _scenes(sequence: Filmed) -> list[Scene]:
    focal = _focal_length(sequence)
    annotated = np.isfinite(sequence.pixels).all(-1).any(1) & np.isfinite(sequence.positions[:, _PELVIS]).all(-1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], sequence.valid & annotated, [False]]).astype(int)))
    return [
        _scene(sequence, slice(first, end), focal)
        for first, end in zip(edges[::2], edges[1::2], strict=True)
        if end - first >= WINDOW
    ]


def _scene(sequence: Filmed, frames: slice, focal: float) -> Scene:
    away = sequence.positions[frames, :, 2]
    distance = away[:, _PELVIS]
    return Scene(
        sequence.name, SOURCE, sequence.pixels[frames], focal * HEAD_METRES / distance,
        focal * (away - distance[:, None]) / distance[:, None], distance, focal=focal,
        subject=f"mpi_{sequence.name}", start=frames.start, fps=USUAL_FPS,
    )  # fmt: skip


def _focal_length(sequence: Filmed) -> float:
    """Pixels, by least squares between both annotations: pixel = focal * x / z + middle, on both axes."""
    slopes = sequence.positions[..., :2] / sequence.positions[..., 2:]
    slope, pixel = (
        values[sequence.valid] - np.nanmean(values[sequence.valid], axis=(0, 1)) for values in (slopes, sequence.pixels)
    )
    focal = float(np.nansum(slope * pixel) / np.nansum(slope**2)) if sequence.valid.any() else np.nan
    if sequence.valid.any() and not focal > 0:
        raise FormatError(f"{sequence.name}: 2D and 3D annotations do not belong together. Get a whole copy.")
    return focal


def _find(folder: Path, name: str) -> Path:
    candidates = [*sorted(folder.glob(f"{name}.*")), *sorted((folder / name).glob("*.json")), folder / name]
    found = next((path for path in candidates if path.exists()), None)
    if found is None:
        raise InputError(f"{folder} has no {name}.json; expected one file of estimates per sequence, named like it.")
    return found


def _estimate(recording: Recording, scene: Scene, first_frame: int) -> Estimate:
    to_28 = recording.joint_set.to_28
    people = [(to_28(person.positions), np.nan_to_num(to_28(person.confidence, 0.0))) for person in recording.people]
    frames = np.arange(len(scene.positions)) + scene.start + first_frame - recording.first_frame
    inside = (frames >= 0) & (frames <= recording.last_frame - recording.first_frame)
    if not inside.any():
        raise FormatError(
            f"The estimates of {scene.clip} are of frames {recording.first_frame} to {recording.last_frame}; expected "
            f"{scene.start + first_frame} to {scene.start + first_frame + len(frames) - 1}. Check their numbers."
        )
    positions = np.full((len(people), len(frames), len(JOINTS), 2), np.nan)
    confidence = np.zeros(positions.shape[:-1])
    for number, (points, certainty) in enumerate(people):
        positions[number, inside], confidence[number, inside] = points[frames[inside]], certainty[frames[inside]]
    return _nearest(positions, confidence, scene)


def _nearest(positions: np.ndarray, confidence: np.ndarray, scene: Scene) -> Estimate:
    """Of people (people, frames, 28, 2) in each frame the one that the annotation is of."""
    apart = np.linalg.norm(positions - scene.positions, axis=-1) / scene.head_size[:, None]
    both = np.isfinite(apart)
    mean = np.where(both, apart, 0).sum(-1) / np.maximum(both.sum(-1), 1)
    mean[~both.any(-1) | (mean > FARTHEST)] = np.inf
    chosen, frames = mean.argmin(0), np.arange(mean.shape[1])
    found = np.isfinite(mean[chosen, frames])[:, None]
    return Estimate(
        np.where(found[..., None], positions[chosen, frames], np.nan), np.where(found, confidence[chosen, frames], 0.0)
    )
