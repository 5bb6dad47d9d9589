"""One person's tracks, checked and brought to the 28 joints and to the prior's rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from ...errors import InputError, NotEnoughJoints
from ..body.joint_sets import JointSet
from ..body.skeleton import JOINTS, exchange_sides
from ..body.tracks import DAMAGED_BEYOND, judge
from ..direct.perceptron import Perceptron
from ..direct.screening import Screening, screen
from ..engines.engine import Engine
from ..settings import Settings
from .composites import Clues, compose
from .pins import REACH, lead
from .resample import interpolate, moments, resample_observations
from .spans import describe_spans, spans

PRIOR_FPS: Final = 25.0
"""Frames per second of the prior's windows."""

ENOUGH_JOINTS: Final = 4
"""Joints that some frame must show to place a skeleton."""

LONG_GAP: Final = 0.4
"""Seconds with fewer joints than that, from which on a user is told that the person is invented."""


_SAME: Final = 1e-6
"""Moments; an own frame that is no farther from one is there."""


class Sighting(NamedTuple):
    """What was observed and what is pinned.

    `judged` (frames, joints of the set, 2) and `scores` (frames, joints of the set), by the rule of `tracks.judge`;
    `joints` (frames, 28, 2) and `weight` (frames, 28) with the pins among them; `fixed` bool (frames, 28), the pins.
    """

    judged: np.ndarray
    scores: np.ndarray
    joints: np.ndarray
    weight: np.ndarray
    fixed: np.ndarray

    @classmethod
    def of(
        cls, positions: np.ndarray, joint_set: JointSet, confidence: np.ndarray | None, pinned: np.ndarray | None,
        threshold: float, pins: np.ndarray | None,
    ) -> Sighting:  # fmt: skip
        """Judge the arguments of `Upsampler.upsample`, which tells their shapes; raises InputError."""
        if confidence is not None and pinned is not None and np.shape(pinned) == np.shape(confidence):
            confidence = np.where(pinned, 1.0, confidence)
        judged, scores = judge(positions, confidence, threshold)
        joints, weight = joint_set.to_28(judged), joint_set.to_28(scores, 0.0)
        fixed = _pinned(pinned, joint_set, judged)
        if pins is not None:
            meant = _placed(pins, joints.shape)
            joints, weight = np.where(meant[..., None], pins, joints), np.where(meant, 1.0, weight)
            fixed |= meant
        return cls(judged, scores, joints, weight, fixed)


def check_rate(fps: float) -> None:
    """Raise InputError for a frame rate that cannot be."""
    if not (np.isfinite(fps) and 1 <= fps <= 1000):
        raise InputError(f"The frame rate is {fps}, expected 1 to 1000 frames per second.")


@dataclass(frozen=True)
class Clip:
    """The checked input on the 28 joints, at its own rate and at the prior's; NaN = not observed.

    It begins `origin` frames after the whole of which it may be a part.
    """

    positions: np.ndarray  # (frames, 28, 2), NaN = not observed
    weight: np.ndarray  # (frames, 28), confidence, 0 = not observed
    pinned: np.ndarray  # (frames, 28)
    fps: float
    detected: np.ndarray  # (frames at 25 fps, 28, 2), without pins
    at_prior: np.ndarray  # (frames at 25 fps, 28, 2), led over to pins
    confidence: np.ndarray  # (frames at 25 fps, 28)
    held: np.ndarray  # (frames at 25 fps, 28), pinned
    clues: Clues  # at 25 fps, what other points tell
    origin: int = 0
    screening: Screening | None = None

    @classmethod
    def read(
        cls, positions: np.ndarray, joint_set: JointSet, confidence: np.ndarray | None, pinned: np.ndarray | None,
        fps: float, settings: Settings, origin: int = 0, pins: np.ndarray | None = None,
    ) -> Clip:  # fmt: skip
        """Check and judge the arguments of `Upsampler.upsample`, which tells their shapes and errors."""
        check_rate(fps)
        seen = Sighting.of(positions, joint_set, confidence, pinned, settings.threshold, pins)
        joints, weight, fixed = seen.joints, seen.weight, seen.fixed
        most = int(np.isfinite(joints).all(-1).sum(1).max(initial=0))
        if most < ENOUGH_JOINTS:
            below = f" and the confidence threshold ({settings.threshold:g})" if settings.threshold else ""
            raise NotEnoughJoints(
                f"No frame shows enough of a body: at most {most} of the 28 joints were observed at once, at least "
                f"{ENOUGH_JOINTS} are needed in some frame. Check the joint set ({joint_set.title}){below}."
            )
        clues = compose(joint_set.joints, seen.judged, seen.scores)

        def lowered(positions: np.ndarray) -> np.ndarray:
            return resample_observations(positions, weight, fps, PRIOR_FPS, origin)[0]

        at_prior, believed = _led(joints, weight, fixed, fps, origin)
        detected, held = at_prior, np.zeros(believed.shape, bool)
        if fixed.any():
            detected = lowered(np.where(fixed[..., None], np.nan, joints))
            held = np.isfinite(lowered(np.where(fixed[..., None], joints, np.nan))).all(-1)
        clues = clues.resampled(fps, PRIOR_FPS, origin)
        return cls(joints, weight, fixed, fps, detected, at_prior, believed, held, clues, origin)

    @property
    def first_moment(self) -> int:
        """Number of the first frame at the prior's rate, counted from where the whole began."""
        return int(moments(1, self.fps, PRIOR_FPS, self.origin)[0])

    def own_times(self) -> np.ndarray:
        """The clip's own frames in frames at the prior's rate, (frames,)."""
        own = self.origin + np.arange(len(self.positions))
        return np.asarray(own / self.fps * PRIOR_FPS - self.first_moment)

    def lost(self) -> np.ndarray:
        """How far observations are off once they were brought to the prior's rate and back, (frames at 25 fps, 28).

        Squares per axis; 0 where nobody can tell.
        """
        times = self.own_times()
        square = ((interpolate(self.detected, times) - self.positions) ** 2).mean(-1)
        told = np.isfinite(square)
        nearest = np.round(times).astype(int).clip(0, len(self.detected) - 1)
        total, count = np.zeros(self.detected.shape[:2]), np.zeros(self.detected.shape[:2])
        np.add.at(total, nearest, np.where(told, square, 0.0))
        np.add.at(count, nearest, told)
        lost = total / np.maximum(count, 1)
        return lost if self.screening is None else exchange_sides(lost[..., None], self.screening.swapped)[..., 0]

    def screened(self, engine: Engine, network: Perceptron, believed: bool | None = None) -> Clip:
        """The clip with swapped sides put right, and without points that cannot be right; pins stay.

        Whether the screen is believed at all is known of the whole of which the clip may be a part.
        """
        step = max(round(PRIOR_FPS / self.fps), 1)
        screening = screen(engine, network, self.detected, self.held, believed, step)
        found = replace(self, clues=self.clues.mended(screening), screening=screening)
        # Between own frames a wrong one spoils what is right beside it: own frames are mended, and lowered once more.
        own = Screening(found.elsewhere(), found.swapped(), screening.believed)
        joints, weight = own.mend(self.positions, self.weight)
        joints = np.where(self.pinned[..., None], self.positions, joints)
        weight = np.where(self.pinned, self.weight, weight)
        at_prior, confidence = _led(joints, weight, self.pinned, self.fps, self.origin)
        return replace(found, at_prior=at_prior, confidence=confidence)

    def rejected(self) -> np.ndarray:
        """Bool (frames, 28): observations that were not believed."""
        if self.screening is None:
            return np.zeros(self.positions.shape[:2], bool)
        return self.elsewhere() & np.isfinite(self.positions).all(-1) & ~self.pinned

    def elsewhere(self) -> np.ndarray:
        """Bool (frames, 28): points, observed or not, that were not believed at a moment beside their frame."""
        assert self.screening is not None
        times, last = self.own_times(), len(self.screening.elsewhere) - 1
        beside = (np.floor(times + _SAME), np.ceil(times - _SAME))
        before, after = (self.screening.elsewhere[each.astype(int).clip(0, last)] for each in beside)
        return np.asarray(before | after)

    def observed(self) -> np.ndarray:
        """Bool (frames, 28): joints that were seen and believed, under the names that they were given in the end."""
        believed = np.isfinite(self.positions).all(-1) & ~self.rejected()
        return exchange_sides(believed[..., None], self.swapped())[..., 0]

    def swapped(self) -> np.ndarray:
        """Bool (frames, 2): arms and legs whose sides were put right."""
        if self.screening is None:
            return np.zeros((len(self.positions), 2), bool)
        return self._at_own_frames(self.screening.swapped)

    def _at_own_frames(self, values: np.ndarray) -> np.ndarray:
        return np.asarray(values[np.round(self.own_times()).astype(int).clip(0, len(values) - 1)])

    def gaps(self) -> tuple[tuple[int, int], ...]:
        """Stretches without enough joints."""
        return gaps(np.isfinite(self.positions).all(-1), self.fps)


def _led(
    joints: np.ndarray, weight: np.ndarray, pinned: np.ndarray, fps: float, origin: int
) -> tuple[np.ndarray, np.ndarray]:
    """Observations led over to pins, and their confidences, at the prior's rate."""
    return resample_observations(lead(joints, pinned, REACH * fps), weight, fps, PRIOR_FPS, origin)


def gaps(observed: np.ndarray, fps: float) -> tuple[tuple[int, int], ...]:
    """First and last frame of each stretch of LONG_GAP seconds or more without enough joints of bool (frames, 28)."""
    return tuple(span for span in spans(observed.sum(1) < ENOUGH_JOINTS) if span[1] + 1 - span[0] >= LONG_GAP * fps)


def describe_gaps(gaps: Sequence[tuple[int, int]]) -> str:
    """What a user should know of stretches without observations, by their first and last frames."""
    return f"Hardly anything was observed in frames {describe_spans(gaps)}: the person is invented there."


def _placed(pins: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Where pins are given by their positions on the 28 joints, bool (frames, 28)."""
    pins = np.asarray(pins, np.float64)
    if pins.shape != shape:
        raise InputError(f"Pins must be {shape}, positions of the 28 joints, NaN where none is; found {pins.shape}.")
    meant = ~np.isnan(pins).all(-1)
    wrong = meant & ~(np.abs(pins) <= DAMAGED_BEYOND).all(-1)
    if wrong.any():
        frame, joint = np.argwhere(wrong)[0]
        place = tuple(pins[frame, joint].tolist())
        raise InputError(f"{JOINTS[joint]} is pinned in frame {frame} at {place}, beyond any image: expected pixels.")
    return meant


def _pinned(pinned: np.ndarray | None, joint_set: JointSet, judged: np.ndarray) -> np.ndarray:
    """Pins on the 28 joints, (frames, 28)."""
    if pinned is None:
        return np.zeros((len(judged), len(JOINTS)), bool)
    pinned = np.asarray(pinned, bool)
    if pinned.shape != judged.shape[:2]:
        raise InputError(f"Pins must be {judged.shape[:2]} like the positions, found {pinned.shape}.")
    if (pinned & ~np.isfinite(judged).all(-1)).any():
        frame, joint = np.argwhere(pinned & ~np.isfinite(judged).all(-1))[0]
        raise InputError(f"{joint_set.joints[joint]} is pinned in frame {frame} but has no position there.")
    shown = {source for source, _ in joint_set.observes}
    outside = [joint_set.joints[i] for i in np.flatnonzero(pinned.any(0)) if i not in shown]
    if outside:
        raise InputError(f"Pins on {', '.join(outside)} cannot hold: none of the 28 joints is there.")
    return joint_set.to_28(pinned, False)
