"""How far stated deviations have to be stretched to be true: 68 % of the errors within one, 95 % within two.

The refiner says how far off a joint usually is on occasions like those that it was trained on. Of people whom it never
saw it knows a little less, of a clean track much more: there an answer is as far off as it lies from what was seen.
What tells one from the other is at hand when a window is answered, see `Signs`. The logarithm of the factor is a sum of
functions of one sign each, straight lines between knots; `python -m trainer calibrate` fits them to held-out people.
A constant offset of a detector that has no noise beside it shows in no sign, and is not contained.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..body.normalise import HEAD
from ..body.skeleton import JOINTS, PARENTS
from ..clips.clip import PRIOR_FPS
from ..clips.observation import Observation
from ..clips.windows import WINDOW
from .answer import Answer
from .gaussian import Gaussian
from .noise import Noise
from .rarity import rare_motion, rare_pose

LOGARITHMS: Final = ("granted", "fps", "left", "window_left", "gap", "pace", "rare_motion", "rare_pose", "stated")
"""Signs of which the logarithm counts."""

KNOTS: Final[dict[str, tuple[float, ...]]] = {
    "granted": (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.2),
    "fps": (8.0, 12.5, 24.0, 25.0, 30.0, 60.0),
    "coarse": (0.0, 0.35, 0.7, 1.1),
    "left": (1e-5, 1e-4, 5e-4, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    "window_left": (1e-4, 5e-4, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    "gap": (1.0, 2.0, 4.0, 8.0, 24.0),
    "bones": (0.0, 1.0, 2.0, 3.0, 4.0),
    "joints": (8.0, 12.0, 16.0),
    "pace": (0.005, 0.01, 0.02, 0.04, 0.08, 0.16),
    "rare_motion": (0.4, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0, 3.0),
    "rare_pose": (0.4, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0, 3.0),
    "stated": (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28),
}
"""Values of each sign between which the logarithm of its factor is a straight line; beyond them it stays."""

USED: Final[dict[str, tuple[str, ...]]] = {
    "seen": ("granted", "fps", "left", "window_left", "joints", "rare_pose", "stated"),
    "unseen": ("granted", "fps", "coarse", "gap", "bones", "joints", "pace", "rare_motion", "stated", "joint"),
    "depth": ("granted", "fps", "coarse", "bones", "joints", "pace", "rare_motion", "stated", "joint"),
}
"""What each factor depends on: that of seen and unseen joints' positions, and that of all joints' depth."""

_KINDS: Final = tuple(dict.fromkeys(name.removeprefix("left_").removeprefix("right_") for name in JOINTS))

KIND: Final = np.array([_KINDS.index(name.removeprefix("left_").removeprefix("right_")) for name in JOINTS])
"""For each joint the number of its kind: left and right are one."""

_LEAST: Final = 1e-6
"""Heads; less is nothing."""

_AROUND: Final = 2
"""Frames before and after one that count for what is left of a joint's observations."""


def knots(sign: str) -> np.ndarray:
    """Where a sign's table has its entries; kinds of joints for "joint"."""
    if sign == "joint":
        return np.arange(len(_KINDS))
    return np.log(KNOTS[sign]) if sign in LOGARITHMS else np.array(KNOTS[sign])


def _count_bones() -> np.ndarray:
    """Bones between any two joints, (28, 28)."""
    apart = np.full((len(JOINTS), len(JOINTS)), float(len(JOINTS)))
    np.fill_diagonal(apart, 0)
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            apart[joint, parent] = apart[parent, joint] = 1
    for between in range(len(JOINTS)):
        apart = np.minimum(apart, apart[:, [between]] + apart[between])
    return apart


_BONES: Final = _count_bones()


@dataclass(frozen=True)
class Signs:
    """What tells how true a stated deviation is, (n, 24, 28) each or of a shape that is repeated to it.

    seen: bool. granted: standard deviation in heads that the point was granted, of an unseen one that of confidence 1.
    fps: frames per second of the clip: at another rate than the prior's, frames are interpolated to it or back.
    coarse: how many times fewer frames than the prior's a detector was shown, as a logarithm; 0 where tracks are exact:
    errors that were interpolated look like motion.
    left: root mean square per axis, in heads, of what the answer leaves of the joint's observations around the frame,
    and of what another frame rate loses of them; window_left: of all in the window. gap: frames to the nearest one of
    the window that shows the joint, 24 where none does. bones: from the joint to the nearest one that some frame of the
    window shows; joints: how many joints some frame shows. pace: root mean square, in heads per frame, of how the
    joints of the answer move about the middle of the body. rare_motion, rare_pose: see `rarity`.
    """

    seen: np.ndarray
    granted: np.ndarray
    fps: np.ndarray
    coarse: np.ndarray
    left: np.ndarray
    window_left: np.ndarray
    gap: np.ndarray
    bones: np.ndarray
    joints: np.ndarray
    pace: np.ndarray
    rare_motion: np.ndarray
    rare_pose: np.ndarray

    @classmethod
    def read(
        cls, gaussian: Gaussian, seen: Observation, held: np.ndarray, positions: np.ndarray, noise: Noise,
        lost: np.ndarray, fps: float,
    ) -> Signs:  # fmt: skip
        """Compare answers (n, 24, 28, 2) with what was seen, and with how people move after the Gaussian over windows.

        `held` and `noise` as in `regression.regress`; `lost` (n, 24, 28), see `Clip.lost`, in normalised units;
        `fps` of the clip.
        """
        shown = seen.shown
        count = (shown & ~held).astype(float)
        square = count * (((positions - seen.positions) ** 2).mean(-1) + lost) / HEAD**2
        window = square.sum((1, 2)) / np.maximum(count.sum((1, 2)), 1)
        ever = shown.any(1)
        bones = np.where(ever[:, None], _BONES, len(JOINTS)).min(-1)
        return cls(
            shown,
            noise.deviation / np.sqrt(np.where(shown, seen.weight, 1.0)),
            np.full((1, 1, 1), fps),
            np.full((1, 1, 1), noise.detector * math.log(max(PRIOR_FPS / fps, 1.0))),
            np.sqrt(_around(square) / np.maximum(_around(count), 1)),
            np.sqrt(window)[:, None, None],
            _gap(shown),
            bones[:, None],
            ever.sum(-1)[:, None, None],
            _pace(positions)[:, None, None],
            rare_motion(gaussian, positions)[:, None, None],
            rare_pose(gaussian, positions)[..., None],
        )

    def value(self, sign: str) -> np.ndarray:
        """A sign as its knots count it."""
        values = getattr(self, sign)
        return np.log(np.maximum(values, _LEAST)) if sign in LOGARITHMS else values


def _around(values: np.ndarray) -> np.ndarray:
    """Sums over the frames around each one, (n, 24, 28)."""
    sums = np.cumsum(np.pad(values, ((0, 0), (_AROUND + 1, _AROUND), (0, 0))), axis=1)
    return np.asarray(sums[:, 2 * _AROUND + 1 :] - sums[:, : -2 * _AROUND - 1])


def _pace(positions: np.ndarray) -> np.ndarray:
    """What `Signs.pace` says of windows (n, 24, 28, 2), (n,)."""
    about = positions - positions.mean(2, keepdims=True)
    return np.asarray(np.sqrt((np.diff(about, axis=1) ** 2).sum(-1).mean((1, 2))) / HEAD)


def _gap(shown: np.ndarray) -> np.ndarray:
    """Frames to the nearest one that shows the joint, (n, 24, 28)."""
    frames = np.arange(WINDOW)[:, None]
    before = np.maximum.accumulate(np.where(shown, frames, -WINDOW), axis=1)
    after = np.minimum.accumulate(np.where(shown, frames, 2 * WINDOW)[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(np.minimum(frames - before, after - frames), WINDOW)


@dataclass(frozen=True)
class Calibration:
    """Tables of logarithms by name of the factor and of the sign; without any, what is stated stays as it is."""

    tables: dict[str, dict[str, np.ndarray]]

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray]) -> Calibration:
        """From arrays named "seen.granted" and so on; raises KeyError or ValueError where they do not fit."""
        if not arrays:
            return cls({})
        tables = {
            name: {sign: arrays[f"{name}.{sign}"].astype(np.float64) for sign in signs} for name, signs in USED.items()
        }
        for name, found in tables.items():
            for sign, table in found.items():
                if table.shape != knots(sign).shape or not np.isfinite(table).all():
                    raise ValueError(f"the calibration {name}.{sign} is {table.shape}, expected {knots(sign).shape}")
        return cls(tables)

    def factor(self, name: str, signs: Signs, stated: np.ndarray) -> np.ndarray:
        """By what deviations (n, 24, 28), stated in heads, are to be multiplied."""
        if not self.tables:
            return np.ones_like(stated)
        told, total = np.log(np.maximum(stated, _LEAST)), np.zeros_like(stated)
        for sign, table in self.tables[name].items():
            if sign == "joint":
                total += table[KIND]
            else:
                total += np.interp(told if sign == "stated" else signs.value(sign), knots(sign), table)
        return np.exp(total)

    def applied(
        self, answer: Answer, gaussian: Gaussian, seen: Observation, held: np.ndarray, noise: Noise,
        lost: np.ndarray, fps: float,
    ) -> Answer:  # fmt: skip
        """An answer with deviations that are true; arguments as in `Signs.read`."""
        if not self.tables or answer.std is None or answer.depth_std is None:
            return answer
        signs = Signs.read(gaussian, seen, held, answer.positions, noise, lost, fps)
        std, depth_std = answer.std / HEAD, answer.depth_std / HEAD
        stretched = np.where(signs.seen, *(self.factor(name, signs, std) for name in ("seen", "unseen")))
        return replace(
            answer, std=answer.std * stretched, depth_std=answer.depth_std * self.factor("depth", signs, depth_std)
        )
