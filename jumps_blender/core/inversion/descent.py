"""Inversion of the generator: z* = argmin L_Inp by Adam, from several starts at once (JUMPS, III-D).

Written once for the arrays of any engine. Between a batch of windows' first step and its last nothing is read back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from ...errors import Cancelled
from ..body.normalise import HEAD
from ..body.skeleton import JOINTS
from ..clips.observation import Observation
from ..clips.windows import WINDOW
from ..direct.gaussian import fill, observed_variance
from ..engines.engine import Engine
from ..settings import Settings
from ..weights import Weights
from .objective import Objective
from .published import LATENT

Array = Any

_BELIEVED = 0.01 * HEAD
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
    size = max(engine.batch // starts, 1)
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


class Descent(NamedTuple):
    """Where a batch of descents is, and the best of each so far: `best` (batch,), `aligned`, `frame_error`.

    Adam's moments start at 0; `filled`, (1, 2), tells how much of them has been filled since, 1 - beta^step.
    """

    z: Array
    first: Array
    second: Array
    filled: Array
    best: Array
    aligned: Array
    frame_error: Array


def _descend(
    engine: Engine, weights: Weights, seen: Observation, latents: np.ndarray, settings: Settings,
    report: Callable[[float], None],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Adam on L_Inp; returns the argmin over starts and steps: positions, frame errors and L_Inp."""
    windows, starts = latents.shape[:2]
    step = inversion_step(engine, weights, seen.repeat(starts), settings)
    end = engine.repeat(step, begin(engine, latents.reshape(-1, LATENT)), settings.steps + 1, report)
    best, aligned, frame_error = (engine.fetch(each) for each in (end.best, end.aligned, end.frame_error))
    winner = best.reshape(windows, starts).argmin(1) + np.arange(windows) * starts
    return aligned[winner], frame_error[winner], best[winner]


def begin(engine: Engine, latents: np.ndarray) -> Descent:
    """Before the first step, at latents (batch, 128)."""
    batch = len(latents)
    moment = np.zeros_like(latents)
    positions = np.zeros((batch, WINDOW, len(JOINTS), 2))
    arrays = (
        latents, moment, moment, np.zeros((1, 2)), np.full(batch, np.inf), positions, np.zeros((batch, WINDOW))
    )  # fmt: skip
    return Descent(*(engine.send(array) for array in arrays))


def inversion_step(
    engine: Engine, weights: Weights, seen: Observation, settings: Settings
) -> Callable[[Descent], Descent]:
    """One step of Adam on L_Inp, of as many latents as windows were seen; it keeps the best that it came by."""
    xp = engine.xp
    objective = Objective(xp, seen, settings, engine.send)
    decay = engine.send(np.array([settings.betas]))

    def step(state: Descent) -> Descent:
        evaluation = engine.evaluate(state.z, critic=settings.critic_weight > 0)
        fit = objective.measure(evaluation.positions)
        loss, to_score = with_critic(xp, fit.loss, evaluation.score, weights, settings)
        better = loss < state.best
        gradient = evaluation.pull_back(fit.gradient, to_score)
        z, first, second, filled = _adam(xp, state, gradient, decay, settings)
        return Descent(
            z, first, second, filled,
            xp.where(better, loss, state.best),
            xp.where(better[:, None, None, None], fit.aligned, state.aligned),
            xp.where(better[:, None], fit.frame_error, state.frame_error),
        )  # fmt: skip

    return step


def with_critic(xp: ModuleType, loss: Array, score: Array, weights: Weights, settings: Settings) -> tuple[Array, Array]:
    """L_Inp (batch,) and its gradient with respect to the critic's score."""
    standing = (score - weights.critic_mean) * (1 / weights.critic_spread)
    realism = 1 / (1 + xp.exp(-standing.clip(-30, 30)))
    slope = realism * (1 - realism) * (1 / weights.critic_spread)
    return loss - settings.critic_weight * realism, -settings.critic_weight * slope


def _adam(
    xp: ModuleType, state: Descent, gradient: Array, decay: Array, settings: Settings
) -> tuple[Array, Array, Array, Array]:
    """One step; returns the latents, both moments and how far these are filled."""
    b1, b2 = settings.betas
    first = b1 * state.first + (1 - b1) * gradient
    second = b2 * state.second + (1 - b2) * (gradient * gradient)
    # 1 - beta^step as the moment of ones: the same rounding as the moments', and no step number to be told.
    filled = decay * state.filled + (1 - decay)
    scaled = (first / filled[:, :1]) / (xp.sqrt(second / filled[:, 1:]) + 1e-8)
    return state.z - settings.rate * scaled, first, second, filled
