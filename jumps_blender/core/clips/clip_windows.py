"""A clip's windows in normalised units, each placed by what is observed in it and around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ...errors import InputError
from ..body.normalise import Units, body_scale, centre
from ..body.skeleton import JOINTS
from ..direct.gaussian import Gaussian
from ..settings import Settings
from .clip import ENOUGH_JOINTS, Clip
from .composites import Clues
from .observation import Observation
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

_BATCH: Final = 512
"""Windows that are looked at together."""


@dataclass(frozen=True)
class Windows:
    """Some windows of a clip; `units` leads to their normalised units and back."""

    starts: np.ndarray
    units: Units
    seen: Observation
    held: np.ndarray  # (n, 24, 28)
    lost: np.ndarray  # (n, 24, 28), see Clip.lost
    clues: Clues

    def informed(self, granted: float) -> Observation:
        """What was seen, and what the detector's other points tell of joints that were not; see `Clues.added_to`."""
        return self.clues.added_to(self.seen, granted)


@dataclass(frozen=True)
class ClipWindows:
    """Where a clip's n windows lie and in which units; each is cut when its turn comes, for all take much memory.

    `shown` (n,): points (joint and frame) that were observed; `size` is the body scale of windows that do not tell
    theirs, None where all do; `carried` (frames, 28, 2) stands in where too little is shown, None where enough is.
    """

    clip: Clip
    starts: np.ndarray
    units: Units
    shown: np.ndarray
    thin: np.ndarray
    size: float | None
    carried: np.ndarray | None
    lost: np.ndarray  # (frames, 28), see Clip.lost

    @classmethod
    def plan(cls, clip: Clip, settings: Settings, pose: Gaussian, size: float | None = None) -> ClipWindows:
        """Place a clip's windows; where neither torso nor shoulders tell its size, `size` does, or else `pose`."""
        starts = window_starts(len(clip.at_prior), settings.hop, clip.first_moment)
        weight = cut(clip.confidence > 0, starts, False)
        shown = weight.sum((1, 2))
        thin = (shown < THIN_WINDOW) | (weight.any(1).sum(1) < ENOUGH_JOINTS)
        scales = _local_scales(clip.at_prior, starts)
        if not (scales > _SOME_SIZE).all():
            size = _size(clip.at_prior, pose) if size is None else size
            scales = np.where(scales > _SOME_SIZE, scales, size)
        carried = _carry(clip.at_prior) if thin.any() else None
        unplaced = Units(np.zeros((len(starts), 2)), scales)
        windows = cls(clip, starts, unplaced, shown, thin, size, carried, clip.lost())
        return replace(windows, units=Units(windows._centres(), scales))

    @property
    def frames(self) -> int:
        """Of the clip, at the prior's rate."""
        return len(self.clip.at_prior)

    def all(self) -> Windows:
        """All windows of a short clip."""
        return self.part(slice(None))

    def part(self, which: slice | np.ndarray) -> Windows:
        """Cut some of the windows."""
        clip, starts = self.clip, self.starts[which]
        units = Units(self.units.centre[which], self.units.scale[which])
        positions, weight = self._sighted(which)
        seen = Observation(np.nan_to_num(units.normalise(positions), copy=False, nan=0.0), weight)
        clues = clip.clues.cut(starts)
        clues = replace(clues, positions=units.normalise(clues.positions))
        lost = cut(self.lost, starts, 0.0) / units.scale[:, None, None] ** 2
        return Windows(starts, units, seen, cut(clip.held, starts, False), lost, clues)

    def _sighted(self, which: slice | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What was observed in some windows, (n, 24, 28, 2), with confidences (n, 24, 28); thin ones lean."""
        starts, thin = self.starts[which], self.thin[which]
        positions = cut(self.clip.at_prior, starts, np.nan)
        weight = cut(self.clip.confidence, starts, 0.0)
        if thin.any():
            assert self.carried is not None
            positions[thin] = cut(self.carried, starts[thin], np.nan)
            weight[thin] = np.maximum(weight[thin], np.isfinite(positions[thin]).all(-1) * _LEANING)
        return positions, weight

    def _centres(self) -> np.ndarray:
        batches = [slice(at, at + _BATCH) for at in range(0, len(self.starts), _BATCH)]
        return np.concatenate([centre(self._sighted(batch)[0], self.units.scale[batch]) for batch in batches])


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
