"""Engines: who computes the networks. The rest of the solver is written once, in numpy."""

from __future__ import annotations

import importlib
from typing import Final, Protocol

import numpy as np

from ..errors import EngineError
from .weights import Weights

LATENT: Final = 128
"""Numbers of a latent (JUMPS, IV-B)."""


class Evaluation(Protocol):
    """Windows generated from latents, and the way back."""

    positions: np.ndarray
    """(batch, 24, 28, 2), normalised units."""
    score: np.ndarray
    """(batch,), the critic's; zeros where it was not asked for."""

    def pull_back(self, positions: np.ndarray, score: np.ndarray) -> np.ndarray:
        """Gradient with respect to the latents (batch, 128), given those with respect to positions and score."""


class Engine(Protocol):
    """Computes E, G and D for batches of windows."""

    name: str
    device: str
    version: str

    def encode(self, windows: np.ndarray) -> np.ndarray:
        """Latents (batch, 128) of complete windows (batch, 24, 28, 2)."""

    def evaluate(self, latents: np.ndarray, critic: bool) -> Evaluation:
        """Generate windows from latents (batch, 128), with the critic's score where asked for."""


_MODULES: Final = {"torch": ".engine_torch"}


def open_engine(name: str, device: str, weights: Weights) -> Engine:
    """An engine by name ("auto" takes the best one here) on a device ("auto", "cpu", "cuda", "mps", ...).

    Raises:
        EngineError: unknown engine or device, or an interpreter without what the engine needs.

    """
    chosen = next(iter(_MODULES)) if name == "auto" else name
    if chosen not in _MODULES:
        raise EngineError(f"Unknown engine {name!r}; expected auto or one of {', '.join(_MODULES)}.")
    engine: Engine = importlib.import_module(_MODULES[chosen], __package__).open_engine(device, weights)
    return engine
