"""The numpy engine: what Blender itself ships is all it needs."""

from __future__ import annotations

import numpy as np

from ..errors import EngineError
from .gaussian import Gaussian
from .perceptron import Perceptron
from .weights import Weights


class NumpyEngine:
    """The prior's networks by numpy alone, float32."""

    name = "numpy"
    device = "cpu"
    version = np.__version__

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def apply(self, network: Perceptron, inputs: np.ndarray) -> np.ndarray:
        """What a perceptron answers to (batch, inputs), float32 (batch, outputs)."""
        return network(inputs)

    def infer(self, gaussian: Gaussian, residual: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """See `Gaussian.infer`."""
        return gaussian.infer(residual, variance)


def open_engine(device: str, weights: Weights) -> NumpyEngine:
    """The engine; raises EngineError where another device than the CPU is asked for."""
    if device not in ("auto", "cpu"):
        raise EngineError(f"The numpy engine runs on the CPU, not on {device!r}. Choose the torch engine for it.")
    return NumpyEngine(weights)
