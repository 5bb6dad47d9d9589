"""The refiner: a small network that adds to the Gaussian's answer what is not linear.

It works on the Gaussian's latents, where a window is 288 white numbers: fed what the observations say of them, where
joints were observed, and how far the observations are believed, it answers with the change that makes the window a
person. Plain matrix products, so numpy alone runs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .gaussian import Gaussian

_GELU: Final = np.float32(np.sqrt(2 / np.pi))


_TYPICAL: Final = 0.3
"""How far a latent moves all joints together, as a root of squares: makes inputs of order 1."""


def gelu(x: np.ndarray) -> np.ndarray:
    """The Gaussian error linear unit in its tanh form."""
    return 0.5 * x * (1 + np.tanh(_GELU * (x + np.float32(0.044715) * x * x * x)))


def features(gaussian: Gaussian, latents: np.ndarray, weight: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """The refiner's input, float32 (batch, rank + 24 x 28 + 1).

    Args:
        gaussian: over windows.
        latents: (batch, rank), its conditional mean.
        weight: (batch, 24, 28), confidence in 0..1, 0 = not observed.
        deviation: (batch,), standard deviation in heads that observations of confidence 1 were granted.

    """
    # Latents are white; in proportion to how far they move the joints, the large motions are heard first.
    moved = latents * (np.linalg.norm(gaussian.factor, axis=0) / _TYPICAL)
    parts = [moved, weight.reshape(len(weight), -1), np.log(deviation)[:, None] / 2]
    return np.concatenate(parts, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Refiner:
    """A perceptron with GELU; `layers` are pairs of weights (inputs, outputs) and biases (outputs,)."""

    layers: tuple[tuple[np.ndarray, np.ndarray], ...]

    def change(self, inputs: np.ndarray) -> np.ndarray:
        """The change of the latents (batch, rank) for `features`."""
        x = inputs
        for weight, bias in self.layers[:-1]:
            x = gelu(x @ weight + bias)
        weight, bias = self.layers[-1]
        return np.asarray(x @ weight + bias, np.float64)
