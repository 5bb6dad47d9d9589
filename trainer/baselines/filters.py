"""Filters over time that take noise off tracks before a regression sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import savgol_filter

from jumps_blender.core.body.normalise import body_scale
from jumps_blender.core.clips.clip import PRIOR_FPS

Smooth = Callable[[np.ndarray], np.ndarray]
"""From (n, frames, joints, 2) without gaps, NaN where a joint is never seen, to the same with less noise."""


@dataclass(frozen=True)
class NoFilter:
    """Leaves tracks as they are."""

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        return positions

    def __str__(self) -> str:
        return "none"


@dataclass(frozen=True)
class SavitzkyGolay:
    """A least-squares polynomial through the frames around each frame; `length` is odd."""

    length: int
    order: int = 2

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        """Filter (n, frames, joints, 2), NaN where a joint is never seen; a shorter clip as far as its frames go."""
        frames = positions.shape[1]
        length = min(self.length, frames - 1 + frames % 2)
        if length <= self.order:
            return positions
        known = np.isfinite(positions)
        smooth = savgol_filter(np.where(known, positions, 0.0), length, self.order, axis=1, mode="interp")
        return np.asarray(np.where(known, smooth, np.nan))

    def __str__(self) -> str:
        return f"Savitzky-Golay, {self.length} frames, order {self.order}"


@dataclass(frozen=True)
class OneEuro:
    """A low-pass whose cutoff rises with speed (Casiez, Roussel, Vogel: 1 Euro Filter, CHI 2012).

    cutoff: Hz at rest; rise: Hz for each body scale per second.
    """

    cutoff: float
    rise: float

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        """Filter (n, frames, joints, 2), each coordinate by itself."""
        scale = body_scale(positions)
        scale = np.where(scale > 0, scale, 1.0)[:, None, None]
        out = np.array(positions, np.float64)
        speed = np.zeros_like(out[:, 0])
        for frame in range(1, out.shape[1]):
            change = (out[:, frame] - out[:, frame - 1]) * PRIOR_FPS
            speed = speed + _share(1.0) * (change - speed)
            share = _share(self.cutoff + self.rise * np.abs(speed) / scale)
            out[:, frame] = out[:, frame - 1] + share * (positions[:, frame] - out[:, frame - 1])
        return out

    def __str__(self) -> str:
        return f"1 Euro, {self.cutoff:g} Hz + {self.rise:g} Hz s/body"


def _share(cutoff: float | np.ndarray) -> np.ndarray:
    """Weight of the newest value in an exponential average of that cutoff frequency in Hz."""
    step = 2 * np.pi * np.asarray(cutoff) / PRIOR_FPS
    return np.asarray(step / (1 + step))
