"""A perceptron that numpy alone runs: of such are all the prior's networks but the published ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

_GELU: Final = np.float32(np.sqrt(2 / np.pi))


def gelu(x: np.ndarray) -> np.ndarray:
    """The Gaussian error linear unit in its tanh form."""
    return 0.5 * x * (1 + np.tanh(_GELU * (x + np.float32(0.044715) * x * x * x)))


@dataclass(frozen=True)
class Perceptron:
    """Layers with GELU between them; `layers` are pairs of weights (inputs, outputs) and biases (outputs,)."""

    layers: tuple[tuple[np.ndarray, np.ndarray], ...]

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Answer float32 (batch, outputs) to inputs float32 (batch, inputs)."""
        x = inputs
        for weight, bias in self.layers[:-1]:
            x = gelu(x @ weight + bias)
        weight, bias = self.layers[-1]
        return np.asarray(x @ weight + bias)
