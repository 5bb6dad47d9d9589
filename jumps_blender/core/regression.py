"""The direct answer to a window: the Gaussian's conditional mean, and what the refiner adds to it."""

from __future__ import annotations

import numpy as np

from ..errors import Cancelled
from .gaussian import fill, observed_variance
from .normalise import HEAD
from .objective import Observation
from .refiner import features
from .settings import Settings
from .skeleton import MIRROR
from .solver import Cancel, Progress
from .weights import Weights

LEFT_OVER = 0.03
"""Share of a window's variance that is still open once the refiner has spoken."""

_CHUNK = 16


def deviation(smoothness: float) -> float:
    """Standard deviation in heads that a detector of confidence 1 is granted: 0.01 to 0.3, geometrically."""
    return float(0.01 * 30.0**smoothness)


def regress(
    weights: Weights, seen: Observation, held: np.ndarray, settings: Settings, progress: Progress, cancel: Cancel
) -> np.ndarray:
    """Complete windows, (n, 24, 28, 2) in normalised units.

    Args:
        weights: the prior.
        seen: what was observed.
        held: bool (n, 24, 28), observations that come out exactly as they went in.
        settings: `refine`, `mirrored` and `smoothness` matter.
        progress: called with a share and a text.
        cancel: asked between chunks of windows.

    Raises:
        Cancelled: `cancel` said so.

    """
    windows = len(seen.positions)
    parts = []
    for start in range(0, windows, _CHUNK):
        if cancel():
            raise Cancelled("Cancelled: nothing was changed.")
        progress(start / windows, f"window {start} of {windows}")
        chunk = slice(start, start + _CHUNK)
        part, pinned = seen.part(chunk), held[chunk]
        answer = _answer(weights, part, pinned, settings)
        if settings.mirrored:
            other = Observation(_mirror(part.positions), part.weight[..., MIRROR])
            answer = (answer + _mirror(_answer(weights, other, pinned[..., MIRROR], settings))) / 2
        parts.append(answer)
    return np.concatenate(parts)


def _mirror(positions: np.ndarray) -> np.ndarray:
    return positions[..., MIRROR, :] * np.array([-1.0, 1.0])


def _answer(weights: Weights, seen: Observation, held: np.ndarray, settings: Settings) -> np.ndarray:
    gaussian, batch = weights.window, len(seen.positions)
    granted = deviation(settings.smoothness)
    variance = np.where(held, 0.0, observed_variance(seen.weight, granted * HEAD))
    if not settings.refine:
        return fill(gaussian, seen.positions, variance)
    spread = np.repeat(variance.reshape(batch, -1), 2, axis=1)
    residual = np.where(np.isfinite(spread), seen.positions.reshape(batch, -1) - gaussian.mean, 0.0)
    latents = gaussian.infer(residual, spread)
    latents = latents + weights.refiner.change(features(gaussian, latents, seen.weight, np.full(batch, granted)))
    refined = latents @ gaussian.factor.T
    left = np.where(np.isfinite(spread), residual - refined, 0.0)
    refined += gaussian.posterior(left, spread / LEFT_OVER)
    return (gaussian.mean + refined).reshape(seen.positions.shape)
