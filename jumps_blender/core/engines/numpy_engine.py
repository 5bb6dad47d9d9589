"""The numpy engine: what Blender itself ships is all it needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

import numpy as np

from ...errors import EngineError, WeightsError
from ..body.skeleton import to_grid
from ..direct.gaussian import Gaussian
from ..direct.perceptron import Perceptron
from ..inversion.published import ENTRIES, Contraction, Expansion
from ..weights import Weights
from .engine import TO_JOINTS, State

_BATCH: Final = 16
"""More latents at once leave a core's own memory and gain nothing."""


class NumpyEngine:
    """The prior's networks by numpy alone, float32."""

    name = "numpy"
    device = "cpu"
    version = np.__version__
    xp = np
    batch = _BATCH

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def apply(self, network: Perceptron, inputs: np.ndarray) -> np.ndarray:
        """See `Engine`."""
        return network(inputs)

    def infer(
        self, gaussian: Gaussian, residual: np.ndarray, variance: np.ndarray, correlation: np.ndarray | None = None
    ) -> np.ndarray:
        """See `Engine`."""
        return gaussian.infer(residual, variance, correlation)

    def send(self, array: np.ndarray) -> np.ndarray:
        """See `Engine`."""
        return np.array(array, np.float32)

    def fetch(self, array: np.ndarray) -> np.ndarray:
        """See `Engine`."""
        return array

    def encode(self, windows: np.ndarray) -> np.ndarray:
        """See `Engine`; raises WeightsError where these weights have no encoder."""
        if self._encoder is None:
            raise WeightsError("These weights were trained without an encoder. Use settings without encoder_start.")
        return self._encoder.forward(np.ascontiguousarray(to_grid(windows), np.float32))[0]

    def evaluate(self, latents: np.ndarray, critic: bool) -> NumpyEvaluation:
        """See `Engine`."""
        return NumpyEvaluation(self._generator, self._critic if critic else None, latents)

    def repeat(
        self, step: Callable[[State], State], state: State, times: int, report: Callable[[float], None]
    ) -> State:
        """See `Engine`."""
        for k in range(times):
            report(k / times)
            state = step(state)
        return state

    @cached_property
    def _encoder(self) -> Contraction | None:
        arrays = self._weights.network("encoder")
        return Contraction.of(arrays) if arrays else None

    @cached_property
    def _generator(self) -> Expansion:
        return Expansion.of(self._weights.network("generator"))

    @cached_property
    def _critic(self) -> Critic:
        return Critic(self._weights)


class Critic:
    """D: windows (batch, 24, 18, 4), to which it adds the velocities where it was trained so, to scores (batch,)."""

    def __init__(self, weights: Weights) -> None:
        self._moving = weights.critic_channels == 8
        self._bounded = weights.critic_output == "sigmoid"
        self._layers = Contraction.of(weights.network("critic"))

    def forward(self, windows: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """The scores, and what the way back needs."""
        if self._moving:
            windows = np.concatenate([windows, np.diff(windows, axis=1, prepend=windows[:, :1])], axis=-1)
        answer, made = self._layers.forward(windows)
        score = answer[:, 0]
        if self._bounded:
            score = 1 / (1 + np.exp(-score.clip(-80, 80)))
        return score, made

    def pull_back(self, score: np.ndarray, made: list[np.ndarray], gradient: np.ndarray) -> np.ndarray:
        """Gradient with respect to the windows, given that with respect to the scores."""
        if self._bounded:
            gradient = gradient * score * (1 - score)
        pulled = self._layers.pull_back(made, gradient[:, None])
        if not self._moving:
            return pulled
        still, speed = pulled[..., :4].copy(), pulled[:, 1:, :, 4:]
        still[:, 1:] += speed
        still[:, :-1] -= speed
        return still


class NumpyEvaluation:
    """Generated windows, with what every layer made of them."""

    def __init__(self, generator: Expansion, critic: Critic | None, latents: np.ndarray) -> None:
        self._generator, self._critic = generator, critic
        self._made = generator.forward(latents)
        grid = self._made[-1]
        batch, frames = grid.shape[:2]
        self.positions: np.ndarray = (grid.reshape(-1, 4 * ENTRIES) @ TO_JOINTS).reshape(batch, frames, -1, 2)
        unjudged: tuple[np.ndarray, list[np.ndarray]] = (np.zeros(batch, np.float32), [])
        self.score, self._judged = critic.forward(grid) if critic else unjudged

    def pull_back(self, positions: np.ndarray, score: np.ndarray) -> np.ndarray:
        """See `Evaluation`."""
        grid = self._made[-1]
        gradient = (positions.reshape(-1, TO_JOINTS.shape[1]) @ TO_JOINTS.T).reshape(grid.shape)
        if self._critic:
            gradient += self._critic.pull_back(self.score, self._judged, score)
        return self._generator.pull_back(self._made, gradient)


def open_engine(device: str, weights: Weights) -> NumpyEngine:
    """The engine; raises EngineError where another device than the CPU is asked for."""
    if device not in ("auto", "cpu"):
        raise EngineError(f"The numpy engine runs on the CPU, not on {device!r}. Choose the torch engine for it.")
    return NumpyEngine(weights)
