"""Engines: who computes. The rest of the solver is written once, for the arrays of any of them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import numpy as np

from ..body.skeleton import from_grid
from ..direct.gaussian import Gaussian
from ..direct.perceptron import Perceptron
from ..inversion.published import ENTRIES

TO_JOINTS: Final = from_grid(np.eye(4 * ENTRIES).reshape(-1, ENTRIES, 4)).reshape(-1, 56).astype(np.float32)
"""(72, 56): the linear map from a frame's grid to its joints, the copies of axial joints averaged."""

Array = Any
"""An array of the engine's own kind, where the engine keeps it."""

State = TypeVar("State", bound=NamedTuple)


class Evaluation(Protocol):
    """Windows generated from latents, and the way back."""

    positions: Array
    """(batch, 24, 28, 2), normalised units."""
    score: Array
    """(batch,), the critic's; zeros where it was not asked for."""

    def pull_back(self, positions: Array, score: Array) -> Array:
        """Gradient with respect to the latents (batch, 128), given those with respect to positions and score."""


class Engine(Protocol):
    """Computes what is costly: for the direct answer a perceptron and a Gaussian, for the inversion E, G and D."""

    name: str
    device: str
    version: str
    batch: int
    """Latents that it evaluates at once with profit."""

    @property
    def xp(self) -> ModuleType:
        """The module of its arrays; what it shares with numpy is what the solver uses."""

    def apply(self, network: Perceptron, inputs: np.ndarray) -> np.ndarray:
        """What a perceptron answers to (batch, inputs), float32 (batch, outputs)."""

    def infer(
        self, gaussian: Gaussian, residual: np.ndarray, variance: np.ndarray, correlation: np.ndarray | None = None
    ) -> np.ndarray:
        """See `Gaussian.infer`."""

    def encode(self, windows: np.ndarray) -> np.ndarray:
        """Latents (batch, 128) of complete windows (batch, 24, 28, 2)."""

    def send(self, array: np.ndarray) -> Array:
        """The engine's own copy, float32."""

    def fetch(self, array: Array) -> np.ndarray:
        """Back from the engine."""

    def evaluate(self, latents: Array, critic: bool) -> Evaluation:
        """Generate windows from latents (batch, 128), with the critic's score where asked for."""

    def repeat(
        self, step: Callable[[State], State], state: State, times: int, report: Callable[[float], None]
    ) -> State:
        """Take a step so many times; `report` hears of the share before each, and may raise to end it."""
