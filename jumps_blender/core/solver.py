"""Inversion of the generator: z* = argmin L_Inp by Adam, from several starts at once (JUMPS, III-D)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..errors import Cancelled
from .engines import LATENT, Engine
from .gaussian import fill, observed_variance
from .normalise import HEAD
from .objective import Fit, Observation, fit
from .procrustes import to_positions
from .settings import Settings
from .weights import Weights

BATCH: Final = 512
"""Windows times starts that are solved at once: bounds the memory, changes no result."""

_BELIEVED: Final = 0.01 * HEAD
"""Standard deviation of a detector that is believed wholly."""

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]


@dataclass(frozen=True)
class Solution:
    """The best start of each window, aligned with what was observed.

    `positions` (n, 24, 28, 2) in normalised units; `frame_error` (n, 24), the contextual losses; `loss` (n,), L_Inp.
    """

    positions: np.ndarray
    frame_error: np.ndarray
    loss: np.ndarray


def solve(
    engine: Engine, weights: Weights, seen: Observation, settings: Settings, rng: np.random.Generator,
    progress: Progress, cancel: Cancel,
) -> Solution:  # fmt: skip
    """Solve all windows of an observation.

    Raises:
        Cancelled: when `cancel` says so, at the latest after one step.

    """
    windows = len(seen.positions)
    random = rng.standard_normal((windows, settings.random_starts, LATENT)).astype(np.float32)
    starts = settings.random_starts + settings.encoder_start
    size = max(BATCH // starts, 1)
    chunks = [slice(i, i + size) for i in range(0, windows, size)]
    parts = []
    for k, chunk in enumerate(chunks):

        def report(share: float, k: int = k) -> None:
            if cancel():
                raise Cancelled("Cancelled: nothing was changed.")
            progress((k + share) / len(chunks), f"window {min(k * size + size, windows)} of {windows}")

        latents = random[chunk]
        if settings.encoder_start:
            latents = np.concatenate([_encoded(engine, weights, seen.part(chunk))[:, None], latents], axis=1)
        parts.append(_descend(engine, weights, seen.part(chunk), latents, settings, report))
    return Solution(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _encoded(engine: Engine, weights: Weights, seen: Observation) -> np.ndarray:
    """The encoder's latents of windows filled in by the per-frame least-squares map; (n, 128)."""
    return engine.encode(fill(weights.pose, seen.positions, observed_variance(seen.weight, _BELIEVED)))


def _descend(
    engine: Engine, weights: Weights, seen: Observation, latents: np.ndarray, settings: Settings,
    report: Callable[[float], None],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Adam on L_Inp; returns the argmin over starts and steps: positions, frame errors and L_Inp."""
    windows, starts = latents.shape[:2]
    z = latents.reshape(-1, LATENT)
    many = seen.repeat(starts)
    best = np.full(len(z), np.inf)
    aligned = np.zeros((*many.weight.shape, 2))
    frame_error = np.zeros(many.weight.shape[:2])
    first, second = np.zeros_like(z), np.zeros_like(z)
    for step in range(settings.steps + 1):
        report(step / (settings.steps + 1))
        evaluation = engine.evaluate(z, critic=settings.critic_weight > 0)
        state = fit(evaluation.positions, many, settings)
        loss, score_gradient = _with_critic(state, evaluation.score, weights, settings)
        better = loss < best
        best[better] = loss[better]
        aligned[better] = to_positions(state.aligned[better])
        frame_error[better] = state.frame_error[better]
        if step < settings.steps:
            gradient = evaluation.pull_back(state.gradient, score_gradient)
            z, first, second = _adam(z, gradient, first, second, step + 1, settings)
    winner = best.reshape(windows, starts).argmin(1) + np.arange(windows) * starts
    return aligned[winner], frame_error[winner], best[winner]


def _with_critic(state: Fit, score: np.ndarray, weights: Weights, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """L_Inp (batch,) and its gradient with respect to the critic's score."""
    realism = 1 / (1 + np.exp(-np.clip((score - weights.critic_mean) / weights.critic_spread, -30, 30)))
    slope = realism * (1 - realism) / weights.critic_spread
    return state.loss - settings.critic_weight * realism, -settings.critic_weight * slope


def _adam(
    z: np.ndarray, gradient: np.ndarray, first: np.ndarray, second: np.ndarray, step: int, settings: Settings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One step of Adam; returns the latents and both moments."""
    b1, b2 = settings.betas
    first = b1 * first + (1 - b1) * gradient
    second = b2 * second + (1 - b2) * gradient**2
    scaled = (first / (1 - b1**step)) / (np.sqrt(second / (1 - b2**step)) + 1e-8)
    return z - np.float32(settings.rate) * scaled.astype(np.float32), first, second
