"""How far a detector is believed: what its observations are granted, and when they are taken at their word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..settings import NEUTRAL
from .noise import HIGHEST, LOWEST, Noise

_RANGE: Final = 30.0
"""By how much the end of the slider changes what an observation is granted, per unit of smoothness."""

_MISFIT: Final = (0.06, 0.025)
"""Heads of what observations are granted that are owed to what the Gaussian cannot explain, not to the detector: fast
motion of a clean clip is followed. More where what is left over is no jitter, less where it is."""

_SHARES: Final = (0.05, 0.1)
"""Jitter as a share of the variance that is granted, but for what lasts: up to the one it is none, from the other on it
is all there is."""

_LITERAL: Final = 0.25
"""Share of what was found that is the detector's up to which observations are taken at their word, less and less."""

_LEAST: Final = (1 / 64, 1 / 256)
"""Share of the variance that is granted that observations are at least taken to be off by; the second where they are
taken at their word."""

_DOUBTED: Final = 4.0
"""How many times what a noisy detector is granted the remainder grants it: what it leaves over is mostly noise.
Measured on validation clips, by the acceleration of joints that were not seen."""


def granted(found: Noise, smoothness: float) -> Noise:
    """What a clip's observations are granted in which so much noise was found."""
    deviation = np.clip(found.deviation * _RANGE ** (smoothness - NEUTRAL), LOWEST / 2, 2 * HIGHEST)
    return Noise(float(deviation), found.lasting)


@dataclass(frozen=True)
class Trust:
    """How far the observations of windows are believed, once it is known how much they jitter; (n,) each.

    literal: 0..1, how far they are taken at their word. doubt: share of the variance that they are granted by which
    they are taken to be off where the remainder follows them.
    """

    literal: np.ndarray
    doubt: np.ndarray

    @classmethod
    def of(cls, jitter: np.ndarray, noise: Noise, smoothness: float) -> Trust:
        """From jitter as a share of the variance that is granted, (n,), and what is granted at that smoothness."""
        # Of fast people, what lasts is what the Gaussian cannot explain, and no jitter. More than that is a detector's,
        # also where somebody wants to stay with it.
        found = max(noise.deviation * _RANGE ** (NEUTRAL - smoothness), noise.deviation)
        people = noise.lasting * min((_MISFIT[0] / found) ** 2, 1.0)
        jittery = np.interp(jitter * (1 - people), _SHARES, (0, 1))
        misfit = np.interp(jittery, (0, 1), _MISFIT)
        literal = (1 - jittery) * np.maximum(1 - _owed(misfit, found) / _LITERAL, 0.0)
        doubt = np.maximum(_DOUBTED * _owed(misfit, noise.deviation) ** 2, np.interp(literal, (0, 1), _LEAST))
        return cls(literal, doubt)


def _owed(misfit: np.ndarray, deviation: float) -> np.ndarray:
    """Share of a variance that is the detector's, once what the Gaussian cannot explain is taken off."""
    return np.asarray(np.maximum(1 - (misfit / deviation) ** 2, 0.0))
