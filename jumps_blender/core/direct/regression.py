"""The direct answer to a window: the Gaussian's conditional mean, and what the refiner adds to it."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..body.normalise import HEAD
from ..body.skeleton import MIRROR
from ..clips.observation import Observation
from ..engines.engine import Engine
from ..settings import NEUTRAL, Settings
from ..weights import Weights
from .answer import Answer, mirrored
from .gaussian import observed_variance
from .jitter import fast, jitter, settle
from .noise import HIGHEST, LOWEST, Noise
from .refiner import features

LEFT_OVER: Final = 0.03
"""Share of a window's variance that is still open once the refiner has spoken."""

_MISFIT: Final = (0.06, 0.025)
"""Heads of what observations are granted that are owed to what the Gaussian cannot explain, not to the detector: fast
motion of a clean clip is followed. More where what is left over is no jitter, less where it is."""

_SHARES: Final = (0.05, 0.1)
"""Jitter as a share of the variance that is granted, but for what lasts: up to the one it is none, from the other on it
is all there is."""

_LITERAL: Final = 0.25
"""Share of what was found that is the detector's up to which observations are taken at their word, less and less."""

_LEAST: Final = (1 / 64, 1 / 256)
"""Share of the variance that is granted that observations are at least taken to be off by; the second where they are
taken at their word."""

_AT_MOST: Final = 0.75
"""Share of the variance that is granted to which jitter is taken to come at most: who wants to stay with the detector
stays with its jitter."""

_DOUBTED: Final = 4.0
"""How many times what a noisy detector is granted the remainder grants it: what it leaves over is mostly noise.
Measured on validation clips, by the acceleration of joints that were not seen."""

_EXACT: Final = 1e-12
"""Variance in normalised units below which an observation is exact."""

_RANGE: Final = 30.0
"""By how much the end of the slider changes what an observation is granted, per unit of smoothness."""


def granted(found: Noise, smoothness: float) -> Noise:
    """What a clip's observations are granted in which so much noise was found."""
    deviation = np.clip(found.deviation * _RANGE ** (smoothness - NEUTRAL), LOWEST / 2, 2 * HIGHEST)
    return Noise(float(deviation), found.lasting)


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
    # Of fast people, what lasts is what the Gaussian cannot explain, and no jitter. More than that is a detector's,
    # also where somebody wants to stay with it.
    found = max(deviation * _RANGE ** (NEUTRAL - settings.smoothness), deviation)
    people = noise.lasting * min((_MISFIT[0] / found) ** 2, 1.0)
    jittery = np.interp(share * (1 - people), _SHARES, (0, 1))
    misfit = np.interp(jittery, (0, 1), _MISFIT)
    owed = _owed(misfit, deviation)
    # What is exact is taken at its word: joints nearby tell fast motion better than latents, which are rid of it.
    exact = (1 - jittery) * np.maximum(1 - _owed(misfit, found) / _LITERAL, 0.0)
    window -= exact[:, None] * fast(window.reshape(seen.positions.shape), seen.shown).reshape(window.shape)
    left = np.where(np.isfinite(spread), residual - window, 0.0)
    detector = np.maximum(_DOUBTED * owed**2, np.interp(exact, (0, 1), _LEAST))
    positions = gaussian.mean + window + gaussian.follow(left, detector[:, None] * spread)
    # Where a joint is seen, what the prior and the detector say of it are joined, as two measurements are.
    std = 1 / np.sqrt(refined.spread**-2 + 1 / np.maximum(variance, _EXACT))
    return Answer(positions.reshape(seen.positions.shape), std, refined.depth, refined.depth_spread)


def _owed(misfit: np.ndarray, deviation: float) -> np.ndarray:
    """Share of a variance that is the detector's, once what the Gaussian cannot explain is taken off."""
    return np.asarray(np.maximum(1 - (misfit / deviation) ** 2, 0.0))


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
