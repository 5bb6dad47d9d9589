"""What the prior is compared with: simpler methods, trained on the same data, behind one registry.

    lessons = Lessons(train, validation, condition=corruption, store=Store(folder))
    method = BASELINES["window ridge"].fit(lessons, observed)      # bool (28,)
    positions = method(tracks)                                     # (frames, 28, 2) pixels, NaN = not observed
    method.chosen                                                  # the hyperparameters, chosen on validation windows

A method takes tracks of any length and any gaps, and answers without NaN.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from jumps_blender.core.clips.windows import WINDOW

from .command import add_arguments, run
from .conditioned import Conditioned
from .lessons import Corruption, Lessons, clean, mixture
from .masked import MaskedNetwork
from .method import Method, WindowMethod
from .residual import RidgeAndNetwork
from .ridge import NONE, ONE_EURO, SAVITZKY_GOLAY, Linear
from .simple import MeanPose, Neighbours
from .store import Store


class Baseline(Protocol):
    """A method before it has learnt."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def fit(self, lessons: Lessons, observed: np.ndarray) -> WindowMethod:
        """Learn from lessons for a condition that shows the joints `observed`, bool (28,)."""
        ...


_ALL: Final[tuple[Baseline, ...]] = (
    MeanPose("mean pose"),
    Linear("frame affine", 1, NONE),
    Linear("frame ridge", 1),
    Linear("window ridge", WINDOW),
    Linear("window ridge, noisy", WINDOW, noisy=True),
    Linear("Savitzky-Golay, window ridge", WINDOW, filters=SAVITZKY_GOLAY),
    Linear("1 Euro, window ridge", WINDOW, filters=ONE_EURO),
    Conditioned("Gaussian"),
    Neighbours("nearest neighbours"),
    RidgeAndNetwork("ridge + MLP"),
    RidgeAndNetwork("ridge + MLP, noisy", noisy=True),
    MaskedNetwork("masked MLP"),
)

BASELINES: Final = {each.name: each for each in _ALL}
"""By name. "noisy" ones are trained under the mixture of noise, gaps and outliers; so is the masked MLP."""

__all__ = [
    "BASELINES", "Baseline", "Corruption", "Lessons", "Method", "Store", "WindowMethod", "add_arguments", "clean",
    "mixture", "run",
]  # fmt: skip
