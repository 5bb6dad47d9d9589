"""What the slider between the detector and the prior does: seen joints, invented ones, jitter, fast motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.metrics import errors_in_heads, jitter
from jumps_blender.core.settings import NEUTRAL
from jumps_blender.core.upsampler import Upsampler

from .scores import Shown

SMOOTHED: Final = ("clean", "white_05", "detector_good", "detector_weak")
"""Conditions that are asked about."""

SLIDER: Final = (0.0, 0.3, NEUTRAL, 0.8, 1.0)

FASTEST: Final = 0.05
"""Share of frames that count as fast."""


@dataclass(frozen=True)
class SmoothnessScore:
    """Means over sources, in heads.

    `given` is the error of what was shown, `seen` that of the same joints in the result; `given_fast` and `fast` are
    the same on the fastest frames; `missing` is the error of the other joints; jitter is that of shown joints.
    """

    condition: str
    smoothness: float
    given: float
    seen: float
    given_fast: float
    fast: float
    missing: float
    jitter_given: float
    jitter: float
    jitter_of_truth: float


def judge_smoothness(upsampler: Upsampler, shown: Shown) -> list[SmoothnessScore]:
    """Solve what is shown with the slider at several places."""
    return [_at(upsampler, shown, smoothness) for smoothness in SLIDER]


def _at(upsampler: Upsampler, shown: Shown, smoothness: float) -> SmoothnessScore:
    sources = []
    for source, scenes in shown.scenes.items():
        parts = []
        for tracks, scene in zip(shown.tracks[source], scenes, strict=True):
            positions = upsampler.upsample(tracks, JOINTS, fps=scene.fps, smoothness=smoothness).positions
            errors, given = (errors_in_heads(p, scene.positions, scene.head_size) for p in (positions, tracks))
            seen = np.isfinite(given)
            speed = np.linalg.norm(np.diff(scene.positions, axis=0, prepend=scene.positions[:1]), axis=-1)
            pace = np.where(seen, speed, 0).max(1) / scene.head_size
            trembling = [
                jitter(each[:, shown.observed], scene.head_size) for each in (tracks, positions, scene.positions)
            ]
            parts.append((errors, np.where(seen, given, np.nan), pace, trembling))
        sources.append(_pooled(parts, shown.observed))
    return SmoothnessScore(shown.condition, smoothness, *(float(value) for value in np.mean(sources, axis=0)))


def _pooled(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, list[float]]], observed: np.ndarray) -> list[float]:
    errors, given, pace = (np.concatenate([part[number] for part in parts]) for number in range(3))
    seen, fast = np.isfinite(given), pace >= np.quantile(pace, 1 - FASTEST)
    on_seen = np.where(seen, errors, np.nan)
    given_fast, seen_fast = (np.nanmean(each[fast]) for each in (given, on_seen))
    trembling = np.nanmean([part[3] for part in parts], axis=0)
    means = [np.nanmean(given), np.nanmean(on_seen), given_fast, seen_fast, errors[:, ~observed].mean(), *trembling]
    return [float(each) for each in means]
