"""Whether windows show where they meet, on many more of them than the rows have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.upsampler import Upsampler

from .conditions import Condition
from .intervals import REPLICATES, interval
from .scenes import Scene
from .tally import borders

BORDERED: Final = ("clean", "detector_good", "occlusion")
"""Conditions that are asked about."""

WINDOWS: Final = 640
"""Of each source: the ratio of two means over few frames says little."""

ALLOWED: Final = 1.05
"""Ratio up to which nobody sees a seam."""


@dataclass(frozen=True)
class BorderScore:
    """Acceleration error at the borders of windows over that elsewhere, and its 95 % interval over scenes."""

    condition: str
    settings: str
    ratio: float
    interval: tuple[float, float]
    frames: int


def judge_borders(upsampler: Upsampler, condition: Condition, scenes: dict[str, list[Scene]]) -> list[BorderScore]:
    """Solve scenes with each of the presets that blend."""
    return [
        _with(upsampler, condition, [scene for found in scenes.values() for scene in found], name)
        for name, settings in PRESETS.items()
        if settings.stitch == "blend"
    ]


def _with(upsampler: Upsampler, condition: Condition, scenes: list[Scene], name: str) -> BorderScore:
    sums = []
    for number, scene in enumerate(scenes):
        tracks = condition.tracks(scene, np.random.default_rng([7, number]))
        positions = upsampler.upsample(tracks, JOINTS, fps=scene.fps, settings=name).positions
        difference = (positions - scene.positions) / scene.head_size[:, None, None]
        error = np.linalg.norm(np.diff(difference, 2, axis=0), axis=-1).mean(1)
        at = borders(len(positions), PRESETS[name].hop)[2:]
        sums.append((error[at].sum(), at.sum(), error[~at].sum(), (~at).sum()))
    found = np.array(sums)
    drawn = np.random.default_rng(0).integers(len(found), size=(REPLICATES, len(found)))
    samples = np.array([_ratio(found[each]) for each in drawn])
    return BorderScore(condition.name, name, _ratio(found), interval(samples), int(found[:, 1].sum()))


def _ratio(sums: np.ndarray) -> float:
    at, frames_at, elsewhere, frames_elsewhere = sums.sum(0)
    return float((at / frames_at) / (elsewhere / frames_elsewhere))
