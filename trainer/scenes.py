"""What evaluation looks at: held-out clips through fixed cameras, as pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.windows import WINDOW
from jumps_blender.errors import InputError

from .cameras import Cameras, project
from .data.dataset import Clip

CAMERAS: Final = Cameras(roll=0.0, mirror=0.0, bones=0.0)
"""Random view and distance, the body as captured."""

FOCAL: Final = 1000.0
CENTRE: Final = np.array([960.0, 540.0])

LONGEST: Final = 4 * WINDOW
"""Frames of a scene: several windows, so that stitching counts, short enough to see many people."""


@dataclass(frozen=True)
class Scene:
    """A stretch of a clip through one camera.

    positions: (frames, 28, 2), pixels, y down; head_size: (frames,), pixels (0.225 m at the pelvis).
    """

    clip: str
    source: str
    positions: np.ndarray
    head_size: np.ndarray


def stretches(clip: Clip, longest: int = LONGEST) -> list[slice]:
    """Consecutive stretches of at most `longest` frames, each at least one window long and without invalid frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], clip.valid, [False]]).astype(int)))
    return [
        slice(start, min(start + longest, end))
        for first, end in zip(edges[::2], edges[1::2], strict=True)
        for start in range(first, end - WINDOW + 1, longest)
    ]


def draw_scenes(clips: list[Clip], windows: int, seed: int) -> dict[str, list[Scene]]:
    """Scenes of each source: stretches in random order until they hold `windows` windows of 24 frames.

    The same seed gives the same stretches and cameras. Raises InputError where no clip is long enough.
    """
    by_source: dict[str, list[tuple[Clip, slice]]] = {}
    for clip in clips:
        by_source.setdefault(clip.source, []).extend((clip, stretch) for stretch in stretches(clip))
    scenes = {
        source: _scenes(found, windows, np.random.default_rng([seed, number]))
        for number, (source, found) in enumerate(sorted(by_source.items()))
        if found
    }
    if not scenes:
        raise InputError(f"No valid stretch of {WINDOW} frames in {len(clips)} clips; expected longer clips.")
    return scenes


def _scenes(found: list[tuple[Clip, slice]], windows: int, rng: np.random.Generator) -> list[Scene]:
    scenes: list[Scene] = []
    left = windows * WINDOW
    for index in rng.permutation(len(found)):
        if left <= 0:
            break
        clip, stretch = found[index]
        positions, heads = project(clip.positions[stretch][None].astype(np.float64), rng, CAMERAS)
        scenes.append(Scene(clip.id, clip.source, FOCAL * positions[0] + CENTRE, FOCAL * heads[0]))
        left -= len(heads[0])
    return scenes


def cut(positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows (n, 24, joints, 2) that cover all frames, the last one flush with the end, and their first frames."""
    last = len(positions) - WINDOW
    starts = np.array([*range(0, last, WINDOW), last])
    return positions[starts[:, None] + np.arange(WINDOW)], starts


def join(windows: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Put the windows of `cut` back together: (frames, joints, 2)."""
    out = np.empty((starts[-1] + WINDOW, *windows.shape[2:]))
    for window, start in zip(windows, starts, strict=True):
        out[start : start + WINDOW] = window
    return out
