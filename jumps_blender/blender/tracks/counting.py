"""Which points of imported bones count as observed: as they were stored, or placed by hand.

    as stored       where it was observed and still is where it was
    by the hand     where it has a key, or is moved by a parent, constraint or driver

In a scene of another rate a key that was set by hand lies between the clip's samples, beside the keys of the import: it
stands for those on either side, so that what is solved passes through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np

from ..records import TracksRecord
from ..scene.actions import SAME_FRAME, driven_bones
from ..scene.present import pose_bones_of

MOVED: Final = 0.1
"""Pixels by which a joint must leave its stored place to count as moved by hand."""

HEAD_STAYS: Final = frozenset(
    {
        "STRETCH_TO", "DAMPED_TRACK", "LOCKED_TRACK", "TRACK_TO", "COPY_ROTATION", "COPY_SCALE", "LIMIT_ROTATION",
        "LIMIT_SCALE", "MAINTAIN_VOLUME",
    }
)  # fmt: skip
"""Constraints that turn or scale a bone about its head."""


@dataclass(frozen=True)
class Between:
    """Keys that lie between samples, once for each sample beside: `frames` (n,), scene frames; `samples`, `bones` (n,).

    `away` (n,), frames from key to sample; `expected` (n, 2), pixels, where the bone would be at the key had nobody
    touched it; NaN where it was never seen.
    """

    frames: np.ndarray
    samples: np.ndarray
    bones: np.ndarray
    away: np.ndarray
    expected: np.ndarray

    def nearest_last(self) -> np.ndarray:
        """Their numbers (n,), in order of how near the sample is."""
        return np.argsort(-self.away, kind="stable")


@dataclass(frozen=True)
class Counted:
    """Bool (samples, bones), those as stored and those by hand, and where, (samples, bones, 2) in pixels."""

    as_stored: np.ndarray
    by_hand: np.ndarray
    points: np.ndarray

    @property
    def observed(self) -> np.ndarray:
        """Bool (samples, bones)."""
        return self.as_stored | self.by_hand


@dataclass(frozen=True)
class Imported:
    """Bones of imported tracks at some samples, and all that is known before it is looked where they are.

    `stored` (samples, bones, 2), pixels, NaN = not observed, `gapless` the same as keys show it in between; `keyed`
    bool (samples, bones), whether a key lies there; `led` bool (bones,), whether others have a say in where a bone is.
    """

    bones: tuple[str, ...]
    frames: np.ndarray
    stored: np.ndarray
    gapless: np.ndarray
    keyed: np.ndarray
    led: np.ndarray
    between: Between

    @classmethod
    def of(
        cls, ob: bpy.types.Object, record: TracksRecord, keys: dict[str, np.ndarray], bones: tuple[str, ...],
        chosen: np.ndarray,
    ) -> Imported:  # fmt: skip
        """Some bones of the armature, one or more, at the samples, bool (frames,), of its tracks."""
        tracks, timing = record.tracks, record.timing
        frames = timing.frames(len(tracks))
        stored = tracks.positions[:, [tracks.joint_set.index(bone) for bone in bones]]
        gapless = fill_gaps(stored)
        own = [keys.get(bone, np.empty(0)) for bone in bones]
        keyed = np.stack([near_keys(frames, each, timing.step / 2) for each in own], axis=1)
        led = np.array([is_led(pose_bones_of(ob)[bone]) for bone in bones]) | np.isin(bones, list(driven_bones(ob)))
        between = _between(own, frames, timing.step, gapless, chosen)
        return cls(bones, frames[chosen], stored[chosen], gapless[chosen], keyed[chosen], led, between)

    @property
    def looks(self) -> np.ndarray:
        """Sorted scene frames (looks,) at which it has to be looked where the bones are."""
        return np.unique(np.concatenate([self.frames, self.between.frames]))

    def counted(self, places: np.ndarray) -> Counted:
        """What counts, once it is known where the bones are at all `looks`: (looks, bones, 2), pixels."""
        looks, between = self.looks, self.between
        points = places[np.searchsorted(looks, self.frames)]
        moved = np.linalg.norm(points - self.gapless, axis=-1) > MOVED  # NaN: not moved
        placed = np.zeros(moved.shape, bool)
        there = places[np.searchsorted(looks, between.frames), between.bones]
        offset = there - between.expected
        for i in between.nearest_last():  # of a sample's keys the nearest counts that was moved
            if np.linalg.norm(offset[i]) > MOVED:
                cell = between.samples[i], between.bones[i]
                points[cell], placed[cell] = self.gapless[cell] + offset[i], True
        as_stored = np.isfinite(self.stored).all(-1) & ~moved & ~placed
        return Counted(as_stored, ~as_stored & (self.keyed | placed | (moved & self.led)), points)


def fill_gaps(positions: np.ndarray) -> np.ndarray:
    """Positions (frames, joints, 2) as linear keys show them in between; a joint that is never seen stays NaN."""
    filled = positions.copy()
    time = np.arange(len(positions))
    for joint in range(positions.shape[1]):
        seen = np.isfinite(positions[:, joint]).all(-1)
        if seen.any() and not seen.all():
            for axis in range(2):
                filled[~seen, joint, axis] = np.interp(time[~seen], time[seen], positions[seen, joint, axis])
    return filled


def near_keys(frames: np.ndarray, keys: np.ndarray, distance: float) -> np.ndarray:
    """Bool (frames,): whether a key, out of sorted ones, lies within `distance` of the frame."""
    if not len(keys):
        return np.zeros(len(frames), bool)
    after = np.searchsorted(keys, frames).clip(0, len(keys) - 1)
    before = (after - 1).clip(0)
    return np.minimum(np.abs(keys[after] - frames), np.abs(keys[before] - frames)) <= distance


def is_led(bone: bpy.types.PoseBone) -> bool:
    """Whether a parent or a constraint has a say in where the bone's head is."""
    return bone.parent is not None or is_constrained(bone)


def is_constrained(bone: bpy.types.PoseBone) -> bool:
    """Whether a constraint has a say in where the bone's head is."""
    return any(constraint.type not in HEAD_STAYS and not constraint.mute for constraint in bone.constraints)


def _between(
    keys: list[np.ndarray], frames: np.ndarray, step: float, gapless: np.ndarray, chosen: np.ndarray
) -> Between:
    """The keys of each bone that lie between samples, beside a chosen one."""
    place = np.cumsum(chosen) - 1
    found = [np.empty((0, 6))]
    for bone, all_ in enumerate(keys):
        at = (all_ - frames[0]) / step
        lies_between = np.abs(np.rint(at) - at) * step > SAME_FRAME
        for sample in (np.floor(at).astype(int), np.ceil(at).astype(int)):
            inside = lies_between & (sample >= 0) & (sample < len(frames))
            inside[inside] = chosen[sample[inside]]
            own, samples = all_[inside], sample[inside]
            expected = (np.interp(own, frames, gapless[:, bone, axis]) for axis in range(2))
            columns = own, place[samples], np.full(len(own), bone), np.abs(own - frames[samples]), *expected
            found.append(np.column_stack(columns))
    table = np.concatenate(found)
    return Between(table[:, 0], table[:, 1].astype(int), table[:, 2].astype(int), table[:, 3], table[:, 4:])
