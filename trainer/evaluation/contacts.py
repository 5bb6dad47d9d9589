"""Contacts of feet against the truth in three dimensions: which are found, and what locking them does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.core.contacts import FEET, Contacts, find_contacts, lock, smoothed, speeds
from jumps_blender.core.result import Result
from jumps_blender.core.upsampler import Upsampler

from ..data.dataset import Clip
from .scenes import Scene

SLOWER: Final = 0.2
"""Metres per second below which a point of a foot stands in truth."""

LOWER: Final = 0.05
"""Metres above the lowest that the point comes in its clip (5th percentile), within which it stands."""

KNEES: Final = (INDEX["left_knee"], INDEX["right_knee"])

Way = Callable[[Upsampler, "Shot"], np.ndarray]
"""From a solved shot to its positions (frames, 28, 2)."""


@dataclass(frozen=True)
class Shot:
    """A scene as it was shown and solved: `tracks` (frames, 28, 2); `standing` bool (frames, 2, 3), the truth."""

    scene: Scene
    tracks: np.ndarray
    standing: np.ndarray
    result: Result
    contacts: Contacts

    @classmethod
    def solve(cls, upsampler: Upsampler, scene: Scene, tracks: np.ndarray, clip: Clip) -> Shot:
        """Solve a scene, and find its contacts."""
        result = upsampler.upsample(tracks, JOINTS, fps=scene.fps)
        standing = true_contacts(clip)[scene.start : scene.start + len(tracks)]
        return cls(scene, tracks, standing, result, find_contacts(result.positions, result.std, scene.fps))


def true_contacts(clip: Clip) -> np.ndarray:
    """Bool (frames, 2, 3): which points of the feet stand on the ground, by speed and height."""
    feet = clip.positions[:, FEET].astype(np.float64)
    level = np.percentile(feet[clip.valid][..., 2], 5, axis=0)
    return np.asarray((speeds(feet) * clip.fps < SLOWER) & (feet[..., 2] < level + LOWER))


def solved(_upsampler: Upsampler, shot: Shot) -> np.ndarray:
    """As it was solved."""
    return shot.result.positions


def locked(_upsampler: Upsampler, shot: Shot) -> np.ndarray:
    """Feet held in their places."""
    return lock(shot.result.positions, shot.contacts.on_28(), shot.scene.fps)


def pinned(upsampler: Upsampler, shot: Shot) -> np.ndarray:
    """The places as pins, solved again around them."""
    pins = shot.contacts.on_28()
    changed = np.isfinite(pins).any((1, 2))
    asked = upsampler.update(shot.result, changed, shot.tracks, joint_set=JOINTS, fps=shot.scene.fps, pins=pins)
    return asked.positions


WAYS: Final[dict[str, Way]] = {"as solved": solved, "locked": locked, "pinned, solved again": pinned}


def followed(scene: Scene) -> Scene:
    """The scene by a camera that keeps the person in the middle of its picture."""
    pelvis = smoothed(scene.positions[:, INDEX["pelvis"]], scene.fps)
    return replace(scene, positions=scene.positions - (pelvis - pelvis[:1])[:, None])


@dataclass(frozen=True)
class Found:
    """Feet that stand: their share in truth, and precision and recall of what was found, the mean over sources."""

    condition: str
    standing: float
    precision: float
    recall: float


@dataclass(frozen=True)
class Slide:
    """What a way does to the feet, the mean over sources.

    `slide` is how fast points of feet move while they stand in truth, in heads per second, `slide_mm` in millimetres
    per second; the rest are mean errors: of points that stand, of all points of feet, of knees, in heads, and of all
    points of feet in millimetres. `slide_of_truth` and its millimetres are the truth's own.
    """

    condition: str
    way: str
    slide: float
    slide_mm: float
    slide_of_truth: float
    slide_of_truth_mm: float
    standing: float
    feet: float
    feet_mm: float
    knees: float


def judge_found(condition: str, sources: Iterable[list[Shot]]) -> Found:
    """How well contacts of shots, by source, are found; ankle and ball tell for a foot."""
    rows = []
    for shots in sources:
        truth = np.concatenate([shot.standing[..., :2].any(-1) for shot in shots])
        found = np.concatenate([shot.contacts.planted[..., :2].any(-1) for shot in shots])
        both = (truth & found).sum()
        rows.append((truth.mean(), both / max(found.sum(), 1), both / max(truth.sum(), 1)))
    return Found(condition, *(float(value) for value in np.mean(rows, axis=0)))


def judge_slide(upsampler: Upsampler, condition: str, way: str, sources: Iterable[list[Shot]]) -> Slide:
    """What a way does to the feet of shots, by source."""
    rows = []
    for shots in sources:
        parts = [_measure(shot, WAYS[way](upsampler, shot)) for shot in shots]
        rows.append([np.concatenate([part[i] for part in parts]) for i in range(len(parts[0]))])
    return Slide(condition, way, *(_mean(column) for column in zip(*rows, strict=True)))


def _mean(sources: Iterable[np.ndarray]) -> float:
    """The mean over sources of the mean of each; those where nobody stands are left out, NaN where nobody does."""
    means = [samples.mean() for samples in sources if len(samples)]
    return float(np.mean(means)) if means else float("nan")


def _measure(shot: Shot, positions: np.ndarray) -> list[np.ndarray]:
    """Samples of each measure of `Slide`, in its order."""
    scene, stays = shot.scene, shot.standing[1:] & shot.standing[:-1]
    head, metre = scene.head_size[:, None, None], scene.distance[:, None, None] / scene.focal
    steps, true_steps = (
        np.linalg.norm(np.diff(each[:, FEET], axis=0), axis=-1) * scene.fps for each in (positions, scene.positions)
    )
    error = np.linalg.norm(positions - scene.positions, axis=-1)
    feet, knees = error[:, FEET], error[:, KNEES]
    return [
        (steps / head[1:])[stays], (steps * metre[1:] * 1000)[stays],
        (true_steps / head[1:])[stays], (true_steps * metre[1:] * 1000)[stays],
        (feet / head)[shot.standing], (feet / head).ravel(), (feet * metre * 1000).ravel(),
        (knees / head[..., 0]).ravel(),
    ]  # fmt: skip
