"""A clip as windows in normalised units, each placed by what is observed in it and around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..errors import InputError
from .clip import ENOUGH_JOINTS, Clip
from .composites import Clues
from .gaussian import Gaussian
from .normalise import Units, body_scale
from .objective import Observation
from .settings import Settings
from .skeleton import JOINTS
from .windows import WINDOW, cut, window_starts

THIN_WINDOW: Final = 16
"""Points (joint and frame) below which a window cannot be placed on its own and leans on its neighbours; so does one
that shows fewer joints than place a skeleton, however often."""

_NEIGHBOURHOOD: Final = WINDOW // 2
"""Frames on both sides of a window that have a say in its body scale: the prior was trained on what a window tells, and
people walk towards cameras. Measured on validation clips."""

_SOME_SIZE: Final = 1e-6
"""Pixels; a person is larger."""

_LEANING: Final = 0.02
"""Confidence of points that are carried over a gap."""


@dataclass(frozen=True)
class ClipWindows:
    """A clip cut into n windows; `units` leads to their normalised units and back.

    `size` is the body scale of windows that do not tell theirs; None where all do.
    """

    starts: np.ndarray
    frames: int
    units: Units
    seen: Observation
    held: np.ndarray  # (n, 24, 28)
    lost: np.ndarray  # (n, 24, 28), see Clip.lost
    size: float | None
    clues: Clues

    @classmethod
    def cut(cls, clip: Clip, settings: Settings, pose: Gaussian, size: float | None = None) -> ClipWindows:
        """Cut a clip; where neither torso nor shoulders tell its size, `size` does, or else `pose`."""
        starts = window_starts(len(clip.at_prior), settings.hop, clip.first_moment)
        positions = cut(clip.at_prior, starts, np.nan)
        weight = cut(clip.confidence, starts, 0.0)
        thin = ((weight > 0).sum((1, 2)) < THIN_WINDOW) | ((weight > 0).any(1).sum(1) < ENOUGH_JOINTS)
        if thin.any():
            carried = _carry(clip.at_prior)
            positions[thin] = cut(carried, starts, np.nan)[thin]
            leaning = np.maximum(weight[thin], np.isfinite(positions[thin]).all(-1) * _LEANING)
            weight[thin] = leaning
        scales = _local_scales(clip.at_prior, starts)
        if not (scales > _SOME_SIZE).all():
            size = _size(clip.at_prior, pose) if size is None else size
            scales = np.where(scales > _SOME_SIZE, scales, size)
        units = Units.of(positions, scales)
        normalised = np.nan_to_num(units.normalise(positions), nan=0.0)
        held = cut(clip.held, starts, False)
        clues = clip.clues.cut(starts)
        clues = replace(clues, positions=units.normalise(clues.positions))
        lost = cut(clip.lost(), starts, 0.0) / units.scale[:, None, None] ** 2
        return cls(starts, len(clip.at_prior), units, Observation(normalised, weight), held, lost, size, clues)

    def part(self, which: slice | np.ndarray) -> ClipWindows:
        """Some of the windows."""
        units = Units(self.units.centre[which], self.units.scale[which])
        seen, held, lost = self.seen.part(which), self.held[which], self.lost[which]
        clues = self.clues.part(which)
        return replace(self, starts=self.starts[which], units=units, seen=seen, held=held, lost=lost, clues=clues)

    def informed(self, granted: float) -> Observation:
        """What was seen, and what the detector's other points tell of joints that were not; see `Clues.added_to`."""
        return self.clues.added_to(self.seen, granted)


def _carry(positions: np.ndarray) -> np.ndarray:
    """Each joint that was ever observed, led over its gaps in straight lines; (frames, 28, 2)."""
    out = positions.copy()
    frames = np.arange(len(positions))
    for joint in range(positions.shape[1]):
        at = np.flatnonzero(np.isfinite(positions[:, joint]).all(-1))
        if len(at):
            for axis in (0, 1):
                out[:, joint, axis] = np.interp(frames, at, positions[at, joint, axis])
    return out


def _local_scales(positions: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Body scale over each window's neighbourhood, (n,); NaN where it cannot be told."""
    spans = [slice(max(s - _NEIGHBOURHOOD, 0), s + WINDOW + _NEIGHBOURHOOD) for s in starts]
    return np.array([body_scale(positions[span]) for span in spans])


def _size(positions: np.ndarray, pose: Gaussian) -> float:
    """Body scale over the clip, or else by the mean pose; raises InputError where a person has none."""
    size = float(body_scale(positions))
    if not size > 0:
        size = _scale_by_pose(positions, pose)
    if not size > _SOME_SIZE:
        raise InputError("All observed joints lie on one spot: the person has no size. Check the file's coordinates.")
    return size


def _scale_by_pose(positions: np.ndarray, pose: Gaussian) -> float:
    """Body scale from any joints: their spread next to the prior's for these joints, the median over frames."""
    # The squares of these columns add up to the expected squares of the coordinates, so limbs keep their length.
    columns = np.column_stack([pose.mean, pose.factor]).reshape(len(JOINTS), 2, -1)
    ratios = []
    for frame in positions:
        seen = np.isfinite(frame).all(-1)
        if seen.sum() >= 2:
            expected = np.linalg.norm(columns[seen] - columns[seen].mean(0))
            ratios.append(np.linalg.norm(frame[seen] - frame[seen].mean(0)) / max(float(expected), 1e-9))
    return float(np.median(ratios)) if ratios else 0.0
