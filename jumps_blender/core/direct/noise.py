"""How far the observations of a clip are off, and what of it lasts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..clips.clip import PRIOR_FPS
from ..clips.windows import WINDOW

LOWEST: Final = 0.01
HIGHEST: Final = 0.6
"""Heads; the range of the noise that is found. More would make no validation clip of a weak detector better."""

DETECTORS: Final = (0.1, 0.2)
"""Heads: what is granted less than the first is a track that tells exactly where joints are, and its errors are new in
every frame; what is granted more than the second is a detector's. In between it is partly one, partly the other."""

MEMORY: Final = 0.1
"""Seconds after which the wandering part has forgotten all but 1/e: correlations of .84 .61 .37 .14 after
17, 50, 100, 200 ms, measured .82 .64 .42 .11."""

STAYS: Final = 0.28
"""Share of the square of errors that last which stays for a whole clip: an offset of .08 heads beside a wandering part
of .13."""

SLOW: Final = 2.2
"""How many times as far an observation is granted to be off whose error lasts, next to one whose errors are new in
every frame: 24 frames do not average such errors away. Measured on validation clips."""

_FRAMES: Final = np.arange(WINDOW)
_WANDERING: Final = np.exp(-np.abs(_FRAMES[:, None] - _FRAMES) / (MEMORY * PRIOR_FPS))
_LASTING: Final = ((1 - STAYS) * _WANDERING + STAYS) / SLOW**2


@dataclass(frozen=True)
class Noise:
    """What observations of confidence 1 are granted.

    deviation: standard deviation in heads per axis, as large as if errors were new in every frame.
    lasting: share of its square, 0..1, that is owed to errors which wander or stay, as real detectors' do; `lasts` is
    what is granted of it.
    """

    deviation: float
    lasting: float

    @property
    def detector(self) -> float:
        """Whether it is a detector's, 0..1."""
        low, high = DETECTORS
        return min(max(math.log(self.deviation / low) / math.log(high / low), 0.0), 1.0)

    @property
    def lasts(self) -> float:
        """Share of the square that is granted to errors which last: small ones count as new, like fast motion."""
        return self.lasting * self.detector

    @property
    def correlation(self) -> np.ndarray | None:
        """Covariance (24, 24) of one joint's errors between frames, 1 = the variance that is granted.

        None where they are new in every frame.
        """
        return (1 - self.lasts) * np.eye(WINDOW) + self.lasts * _LASTING if self.lasts else None
