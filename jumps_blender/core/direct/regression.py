"""The direct answer to a window: the Gaussian's conditional mean, and what the refiner adds to it."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..body.normalise import HEAD
from ..body.skeleton import MIRROR
from ..clips.observation import Observation
from ..engines.engine import Engine
from ..settings import Settings
from ..weights import Weights
from .answer import Answer, mirrored
from .gaussian import observed_variance
from .jitter import jitter, settle, slow, steadily
from .noise import Noise
from .refiner import features
from .trust import Trust

LEFT_OVER: Final = 0.03
"""Share of a window's variance that is still open once the refiner has spoken."""

_AT_MOST: Final = 0.75
"""Share of the variance that is granted to which jitter is taken to come at most: who wants to stay with the detector
stays with its jitter."""

_EXACT: Final = 1e-12
"""Variance in normalised units below which an observation is exact."""


def regress(
    engine: Engine, weights: Weights, seen: Observation, held: np.ndarray, noise: Noise, settings: Settings
) -> Answer:
    """Complete windows.

    Args:
        engine: runs the networks and asks the Gaussian.
        weights: the prior.
        seen: what was observed.
        held: bool (n, 24, 28), observations that come out exactly as they went in.
        noise: what observations are granted.
        settings: `refine` and `mirrored` matter.

    """
    if not settings.mirrored:
        return _answer(engine, weights, seen, held, noise, settings)
    both = Observation(
        np.concatenate([seen.positions, mirrored(seen.positions)]),
        np.concatenate([seen.weight, seen.weight[..., MIRROR]]),
    )
    pins = np.concatenate([held, held[..., MIRROR]])
    return _answer(engine, weights, both, pins, noise, settings).with_mirrored()


def _answer(
    engine: Engine, weights: Weights, seen: Observation, held: np.ndarray, noise: Noise, settings: Settings
) -> Answer:
    gaussian, batch, deviation = weights.window, len(seen.positions), noise.deviation
    variance = np.where(held, 0.0, observed_variance(seen.weight, deviation * HEAD))
    spread = np.repeat(variance.reshape(batch, -1), 2, axis=1)
    residual = np.where(np.isfinite(spread), seen.positions.reshape(batch, -1) - gaussian.mean, 0.0)
    latents = engine.infer(gaussian, residual, spread, noise.correlation)
    if not settings.refine:
        window, _ = _settled(latents @ gaussian.factor.T, residual, seen.shown, deviation)
        left = np.where(np.isfinite(spread), residual - window, 0.0)
        window += gaussian.mean + gaussian.follow(left, spread)
        return Answer(window.reshape(seen.positions.shape))
    refined = weights.refiner(engine, features(gaussian, latents, seen.weight, noise), noise)
    window, share = _settled((latents + refined.change) @ gaussian.factor.T, residual, seen.shown, deviation)
    pull = _pull(residual - window, spread)
    drawn = pull.any(1)
    if drawn.any():
        window[drawn] += engine.infer(gaussian, pull[drawn], spread[drawn] / LEFT_OVER) @ gaussian.factor.T
    trust = Trust.of(share, noise, settings.smoothness)
    # What is taken at its word: joints nearby tell fast motion better than latents, which are rid of it.
    literal = (trust.literal[:, None] * steadily(seen.shown))[..., None, None]
    shape = seen.positions.shape
    window -= (literal * (window.reshape(shape) - slow(window.reshape(shape)))).reshape(window.shape)
    left = np.where(np.isfinite(spread), residual - window, 0.0)
    followed = gaussian.mean + window + gaussian.follow(left, trust.doubt[:, None] * spread)
    positions = followed.reshape(shape)
    told = trust.literal > 0
    if told.any():
        positions[told] += literal[told] * weights.follower(engine, positions[told], seen.shown[told])
    # Where a joint is seen, what the prior and the detector say of it are joined, as two measurements are.
    std = 1 / np.sqrt(refined.spread**-2 + 1 / np.maximum(variance, _EXACT))
    return Answer(positions, std, refined.depth, refined.depth_spread)


def _settled(
    window: np.ndarray, residual: np.ndarray, shown: np.ndarray, deviation: float
) -> tuple[np.ndarray, np.ndarray]:
    """Windows (batch, 1344) without jitter, and how much of the variance that is granted it was, (batch,)."""
    shape = (*shown.shape, 2)
    granted_variance = (deviation * HEAD) ** 2
    found = jitter((residual - window).reshape(shape), shown)
    calm = settle(window.reshape(shape), np.minimum(found, _AT_MOST * granted_variance))
    return calm.reshape(window.shape), found / granted_variance


def _pull(left: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """What is left of observations that draws whole windows with it, (batch, 1344).

    Pins do, and all that is seen of windows of which more is left than is granted, such as those of a single frame.
    Elsewhere it is the detector's error: joints that are seen stay where they were answered.
    """
    exact = variance == 0
    granted_variance = np.where(np.isfinite(variance) & ~exact, variance, np.nan)
    amiss = np.nansum(left**2 / granted_variance, 1) > np.isfinite(granted_variance).sum(1)
    return np.where(exact | (np.isfinite(granted_variance) & amiss[:, None]), left, 0.0)
