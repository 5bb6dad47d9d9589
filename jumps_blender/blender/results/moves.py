"""Which keys of a result an animator moved: at its samples, and between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...core.body.skeleton import JOINTS
from ..records import ResultRecord
from ..scene.actions import SAME_FRAME, Curve
from ..tracks.placement import Timing
from .between import Between

MOVED: Final = 0.1
"""Pixels by which a key must leave the place that was solved to count as moved by hand."""


@dataclass(frozen=True)
class Moves:
    """What was moved since a result was solved.

    `samples` bool (frames, 28), those whose keys were moved; `between`, keys between samples that were, and `follows`
    bool (frames, 28), samples beside those, which move along; `offsets` (frames, 28, 2) in armature units, how far;
    `still` says how many keys were not.
    """

    samples: np.ndarray
    between: Between
    follows: np.ndarray
    offsets: np.ndarray
    still: int


def find_moves(curves: Sequence[Curve], record: ResultRecord, tolerance: float) -> Moves:
    """What was moved on a result by its location keys, which are off by a tolerance in pixels anyway."""
    assert record.positions is not None
    assert record.pins is not None
    timing, settled = record.timing, Between.of(record.between)
    path = _Reference(record.placement.to_armature(record.positions), timing, settled)
    least = (MOVED + tolerance) * record.placement.scale
    offsets, found, still = np.zeros(path.points.shape), [np.empty((0, 4))], 0
    for joint, channel, frames, off in path.offsets(curves):
        at = (frames - timing.start) / timing.step
        near = np.rint(at).astype(int)
        inside = (near >= 0) & (near < len(offsets))
        there = np.abs(at - near) * timing.step < SAME_FRAME
        offsets[near[inside & there], joint, channel] = off[inside & there]
        still += int((inside & there & (np.abs(off) <= least)).sum())
        beside = inside & ~there & (np.abs(off) > least)
        here = frames[beside]
        found.append(np.column_stack([np.full(len(here), joint), here, np.full(len(here), channel), off[beside]]))
    samples = (np.abs(offsets) > least).any(-1)
    offsets[~samples] = 0
    follows, new = _follow(path, samples, offsets, record.pins, np.concatenate(found))
    return Moves(samples, new, follows, offsets, still)


def _follow(
    path: _Reference, samples: np.ndarray, offsets: np.ndarray, pins: np.ndarray, found: np.ndarray
) -> tuple[np.ndarray, Between]:
    """Which samples go along with keys between, bool (frames, 28), and those keys; tells the offsets how far.

    `found` (n, 4) are joint, frame, channel and offset of such keys.
    """
    (places, which), far = np.unique(found[:, :2], axis=0, return_inverse=True), np.zeros((len(found), 2))
    far[which.ravel(), found[:, 2].astype(int)] = found[:, 3]
    far, joints = far[: len(places)], places[:, 0].astype(int)
    new = Between(joints, places[:, 1], path.at(joints, places[:, 1]) + far)
    follows = new.beside(path.timing, samples.shape) & ~samples & ~pins
    for joint in np.unique(joints):
        still = path.settled.some(path.settled.joints == joint)
        hand = np.flatnonzero(samples[:, joint] | pins[:, joint])
        frames = np.concatenate([path.frames[hand], places[joints == joint, 1], still.frames])
        moved = np.concatenate([offsets[hand, joint], far[joints == joint], np.zeros((len(still), 2))])
        # Of two at one frame the first counts: a key that was pinned before may have been moved again.
        frames, first = np.unique(frames, return_index=True)
        for channel in range(2):
            offsets[follows[:, joint], joint, channel] = np.interp(
                path.frames[follows[:, joint]], frames, moved[first, channel]
            )
    return follows, new


@dataclass(frozen=True)
class _Reference:
    """What keys are compared with: samples as they were solved, `points` (frames, 28, 2), and pins between them."""

    points: np.ndarray
    timing: Timing
    settled: Between

    @property
    def frames(self) -> np.ndarray:
        return self.timing.frames(len(self.points))

    def at(self, joints: np.ndarray, frames: np.ndarray) -> np.ndarray:
        """X and Z (n, 2) of joints (n,) at scene frames (n,)."""
        found = np.empty((len(joints), 2))
        for joint in np.unique(joints):
            own, line = joints == joint, self.settled.with_samples(joint, self.frames, self.points[:, joint])
            for channel in range(2):
                found[own, channel] = np.interp(frames[own], line[0], line[1][:, channel])
        return found

    def offsets(self, curves: Sequence[Curve]) -> Iterator[tuple[int, int, np.ndarray, np.ndarray]]:
        """Joint, channel, frames (n,) of keys, and how far they are from it (n,)."""
        for curve in curves:
            if curve.axis != 1:  # which leads out of the picture
                joint, channel = JOINTS.index(curve.bone), curve.axis // 2
                frames, points = self.settled.with_samples(joint, self.frames, self.points[:, joint])
                yield joint, channel, curve.frames, curve.values - np.interp(curve.frames, frames, points[:, channel])
