"""A clip as windows in normalised units, each placed by what is observed in it and around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..errors import InputError
from .clip import ENOUGH_JOINTS, Clip
from .gaussian import Gaussian
from .normalise import Units, body_scale
from .objective import Observation
from .settings import Settings
from .skeleton import JOINTS
from .windows import STITCHERS, WINDOW, cut, window_starts

THIN_WINDOW: Final = 16
"""Points (joint and frame) below which a window cannot be placed on its own and leans on its neighbours; so does one
that shows fewer joints than place a skeleton, however often."""

_NEIGHBOURHOOD: Final = 2 * WINDOW
"""Frames on both sides of a window that have a say in its body scale."""

_LEANING: Final = 0.02
"""Confidence of points that are carried over a gap."""


@dataclass(frozen=True)
class ClipWindows:
    """A clip cut into n windows; `units` leads to their normalised units and back."""

    starts: np.ndarray
    frames: int
    units: Units
    seen: Observation
    held: np.ndarray  # (n, 24, 28)

    @classmethod
    def cut(cls, clip: Clip, settings: Settings, pose: Gaussian) -> ClipWindows:
        """Cut a clip; `pose` tells its size where neither torso nor shoulders do."""
        starts = window_starts(len(clip.at_prior), settings.hop)
        positions = cut(clip.at_prior, starts, np.nan)
        weight = cut(clip.confidence, starts, 0.0)
        thin = ((weight > 0).sum((1, 2)) < THIN_WINDOW) | ((weight > 0).any(1).sum(1) < ENOUGH_JOINTS)
        if thin.any():
            carried = _carry(clip.at_prior)
            positions[thin] = cut(carried, starts, np.nan)[thin]
            leaning = np.maximum(weight[thin], np.isfinite(positions[thin]).all(-1) * _LEANING)
            weight[thin] = leaning
        units = Units.of(positions, _scales(clip.at_prior, starts, pose))
        normalised = np.nan_to_num(units.normalise(positions), nan=0.0)
        held = cut(clip.held, starts, False)
        return cls(starts, len(clip.at_prior), units, Observation(normalised, weight), held)

    def join(self, positions: np.ndarray, frame_error: np.ndarray, settings: Settings) -> np.ndarray:
        """Put solved windows (n, 24, 28, 2) together: (frames, 28, 2) in the input's units, at the prior's rate."""
        return STITCHERS[settings.stitch](self.units.restore(positions), self.starts, self.frames, frame_error)

    def join_lengths(self, lengths: np.ndarray, settings: Settings) -> np.ndarray:
        """Put lengths (n, 24, 28) in normalised units together: (frames, 28) in the input's units."""
        restored = lengths * self.units.scale[:, None, None]
        return STITCHERS[settings.stitch](restored, self.starts, self.frames, np.zeros(lengths.shape[:2]))


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


def _scales(positions: np.ndarray, starts: np.ndarray, pose: Gaussian) -> np.ndarray:
    """Body scale of each window, (n,): over its neighbourhood, else over the clip, else by the mean pose."""
    spans = [slice(max(s - _NEIGHBOURHOOD, 0), s + WINDOW + _NEIGHBOURHOOD) for s in starts]
    local = np.array([body_scale(positions[span]) for span in spans])
    whole = float(body_scale(positions))
    if not whole > 0:
        whole = _scale_by_pose(positions, pose)
    if not whole > 1e-6:
        raise InputError("All observed joints lie on one spot: the person has no size. Check the file's coordinates.")
    return np.where(local > 1e-6, local, whole)


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
