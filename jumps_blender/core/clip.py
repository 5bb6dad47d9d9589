"""One person's tracks, checked and brought to the 28 joints and to the prior's rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..errors import InputError, NotEnoughJoints
from .joint_sets import JointSet
from .resample import resample_observations, resample_positions
from .settings import Settings
from .skeleton import JOINTS
from .tracks import judge

PRIOR_FPS: Final = 25.0
"""Frames per second of the prior's windows."""

ENOUGH_JOINTS: Final = 4
"""Joints that some frame must show to place a skeleton."""

LONG_GAP: Final = 0.4
"""Seconds with fewer joints than that, from which on a user is told that the person is invented."""

_SPANS: Final = 8
"""Stretches that a warning names."""


@dataclass(frozen=True)
class Clip:
    """The checked input on the 28 joints, at its own rate and at the prior's; NaN = not observed."""

    positions: np.ndarray  # (frames, 28, 2), NaN = not observed
    pinned: np.ndarray  # (frames, 28)
    fps: float
    at_prior: np.ndarray  # (frames at 25 fps, 28, 2)
    confidence: np.ndarray  # (frames at 25 fps, 28)
    held: np.ndarray  # (frames at 25 fps, 28), pinned

    @classmethod
    def read(
        cls, positions: np.ndarray, joint_set: JointSet, confidence: np.ndarray | None, pinned: np.ndarray | None,
        fps: float, settings: Settings,
    ) -> Clip:  # fmt: skip
        """Check and judge the arguments of `Upsampler.upsample`, which tells their shapes and errors."""
        if not (np.isfinite(fps) and 1 <= fps <= 1000):
            raise InputError(f"The frame rate is {fps}, expected 1 to 1000 frames per second.")
        if confidence is not None and pinned is not None and np.shape(pinned) == np.shape(confidence):
            confidence = np.where(pinned, 1.0, confidence)
        judged, weight = judge(positions, confidence, settings.threshold)
        joints, weight = joint_set.to_28(judged), joint_set.to_28(weight, 0.0)
        seen = np.isfinite(joints).all(-1)
        most = int(seen.sum(1).max(initial=0))
        if most < ENOUGH_JOINTS:
            below = f" and the confidence threshold ({settings.threshold:g})" if settings.threshold else ""
            raise NotEnoughJoints(
                f"No frame shows enough of a body: at most {most} of the 28 joints were observed at once, at least "
                f"{ENOUGH_JOINTS} are needed in some frame. Check the joint set ({joint_set.title}){below}."
            )
        pins = _pins(pinned, joint_set, judged)
        at_prior, lowered = resample_observations(joints, weight, fps, PRIOR_FPS)
        only_pins = np.where(pins[..., None], joints, np.nan)
        held = resample_observations(only_pins, pins.astype(float), fps, PRIOR_FPS)[1] > 0
        return cls(joints, pins, fps, at_prior, lowered, held)

    def gaps(self) -> tuple[tuple[int, int], ...]:
        """First and last frame of each stretch of LONG_GAP seconds or more without enough joints."""
        empty = np.isfinite(self.positions).all(-1).sum(1) < ENOUGH_JOINTS
        borders = np.flatnonzero(np.diff(empty, prepend=False, append=False)).reshape(-1, 2)
        return tuple((int(first), int(end) - 1) for first, end in borders if end - first >= LONG_GAP * self.fps)

    def at_own_rate(self, solved: np.ndarray) -> np.ndarray:
        """Bring a solution (n, 28, 2) at the prior's rate to the clip's own frames, pins held."""
        return self._hold_pins(resample_positions(solved, PRIOR_FPS, self.fps, len(self.positions)))

    def _hold_pins(self, result: np.ndarray) -> np.ndarray:
        """Put pinned joints (0 error) and lead the frames up to 0.25 s away over to them smoothly."""
        out = result.copy()
        reach = 0.25 * self.fps
        frames = np.arange(len(out))
        for joint in np.flatnonzero(self.pinned.any(0)):
            at = np.flatnonzero(self.pinned[:, joint])
            after = np.searchsorted(at, frames).clip(max=len(at) - 1)
            away = np.minimum(np.abs(frames - at[after]), np.abs(frames - at[np.maximum(after - 1, 0)]))
            share = 0.5 + 0.5 * np.cos(np.pi * np.minimum(away / reach, 1))
            correction = self.positions[at, joint] - result[at, joint]
            between = np.stack([np.interp(frames, at, correction[:, axis]) for axis in (0, 1)], -1)
            out[:, joint] += share[:, None] * between
            out[at, joint] = self.positions[at, joint]
        return out


def describe_gaps(gaps: Sequence[tuple[int, int]]) -> str:
    """What a user should know of stretches without observations, by their first and last frames."""
    named = ", ".join(f"{first}-{last}" for first, last in gaps[:_SPANS])
    more = " and others" if len(gaps) > _SPANS else ""
    return f"Hardly anything was observed in frames {named}{more}: the person is invented there."


def _pins(pinned: np.ndarray | None, joint_set: JointSet, judged: np.ndarray) -> np.ndarray:
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
