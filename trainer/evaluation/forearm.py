"""Recovery of a forearm that is hidden for a while (JUMPS, Fig. 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.metrics import errors_in_heads

from ..baselines.gaps import along_splines
from .conditions import LIMBS
from .methods import Method
from .scenes import Scene

HIDDEN: Final = 18
"""Frames, 0.72 s: the longest that the condition `occlusion` knows."""

SPLINE: Final = "spline over the gap"


@dataclass(frozen=True)
class Forearm:
    """A scene whose elbow and wrist of one side are hidden from frame `first` for HIDDEN frames.

    tracks: (frames, 28, 2) pixels, NaN = not shown; joints: the two that are hidden.
    """

    scene: Scene
    first: int
    joints: tuple[int, int]
    tracks: np.ndarray

    @property
    def hidden(self) -> range:
        return range(self.first, self.first + HIDDEN)

    def error(self, result: np.ndarray) -> float:
        """Mean error of the hidden joints while they are hidden, heads."""
        scene = self.scene
        errors = errors_in_heads(result, scene.positions, scene.head_size)
        return float(np.nanmean(errors[self.first : self.first + HIDDEN, list(self.joints)]))


def hide(scene: Scene, side: str, first: int) -> Forearm:
    """A scene with one forearm hidden."""
    joints = (INDEX[f"{side}_elbow"], INDEX[f"{side}_wrist"])
    tracks = np.where(LIMBS[:, None], scene.positions, np.nan)
    tracks[first : first + HIDDEN, joints] = np.nan
    return Forearm(scene, first, joints, tracks)


def lively(scenes: list[Scene]) -> Forearm | None:
    """A stretch with half a window before and after, whose wrist moves more than in three quarters of all.

    None where no scene is long enough.
    """
    before = WINDOW // 2
    travels = sorted(
        (_travel(scene, side, first), number, side, first)
        for number, scene in enumerate(scenes)
        for side in ("left", "right")
        for first in range(before, len(scene.positions) - HIDDEN - before + 1, 3)
    )
    if not travels:
        return None
    _, number, side, first = travels[3 * len(travels) // 4]
    return hide(scenes[number], side, first)


def _travel(scene: Scene, side: str, first: int) -> float:
    """Heads that the wrist moves against the shoulder while it is hidden."""
    part = slice(first, first + HIDDEN)
    arm = scene.positions[part, INDEX[f"{side}_wrist"]] - scene.positions[part, INDEX[f"{side}_shoulder"]]
    return float((np.linalg.norm(np.diff(arm, axis=0), axis=-1) / scene.head_size[part][1:]).sum())


def recover(forearm: Forearm, methods: dict[str, Method]) -> dict[str, np.ndarray]:
    """What methods make of it, and the spline that knows no body, (frames, 28, 2) each; its joints alone."""
    results = {name: method(forearm.tracks) for name, method in methods.items()}
    return results | {SPLINE: bridged(forearm.tracks)}


def bridged(tracks: np.ndarray) -> np.ndarray:
    """Tracks (frames, 28, 2) with a spline over each gap; a joint that is never seen stays NaN."""
    known = np.isfinite(tracks).any((0, 2))
    filled = along_splines(np.where(known[:, None], tracks, 0.0)[None])[0]
    return np.where(known[:, None], filled, np.nan)
