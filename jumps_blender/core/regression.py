"""The direct answer to a window: the Gaussian's conditional mean, and what the refiner adds to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..errors import Cancelled
from .gaussian import Gaussian, fill, observed_variance
from .noise_level import HIGHEST, LOWEST
from .normalise import HEAD
from .objective import Observation
from .refiner import features
from .settings import NEUTRAL, Settings
from .skeleton import MIRROR
from .solver import Cancel, Progress
from .weights import Weights

LEFT_OVER: Final = 0.03
"""Share of a window's variance that is still open once the refiner has spoken."""

_CHUNK: Final = 16

_MISFIT: Final = 0.025
"""Heads of what observations are granted that are owed to what the Gaussian cannot explain, not to the detector: fast
motion of a clean clip is followed."""

_EXACT: Final = 1e-12
"""Variance in normalised units below which an observation is exact."""

_RANGE: Final = 30.0
"""By how much the end of the slider changes what an observation is granted, per unit of smoothness."""


def granted(level: float, smoothness: float) -> float:
    """Standard deviation in heads that a detector of confidence 1 is granted, for a clip of this level of noise."""
    return float(np.clip(level * _RANGE ** (smoothness - NEUTRAL), LOWEST / 2, 2 * HIGHEST))


@dataclass(frozen=True)
class Answer:
    """Complete windows in normalised units.

    `positions` (n, 24, 28, 2). Where the refiner was asked: `std` per axis, `depth` relative to the pelvis and
    `depth_std`, (n, 24, 28) each.
    """

    positions: np.ndarray
    std: np.ndarray | None = None
    depth: np.ndarray | None = None
    depth_std: np.ndarray | None = None

    def mirrored(self) -> Answer:
        """The same body in a mirror."""
        std, depth, depth_std = (
            None if each is None else each[..., MIRROR] for each in (self.std, self.depth, self.depth_std)
        )
        return Answer(_mirror(self.positions), std, depth, depth_std)


def _combine(answers: list[Answer], how: Callable[[list[np.ndarray]], np.ndarray]) -> Answer:
    """Field by field; a field that one lacks, all lack."""

    def column(name: str) -> np.ndarray | None:
        values = [getattr(answer, name) for answer in answers]
        return None if values[0] is None else how(values)

    positions = how([answer.positions for answer in answers])
    return Answer(positions, column("std"), column("depth"), column("depth_std"))


def regress(
    weights: Weights, seen: Observation, held: np.ndarray, deviation: float, settings: Settings,
    progress: Progress, cancel: Cancel,
) -> Answer:  # fmt: skip
    """Complete windows.

    Args:
        weights: the prior.
        seen: what was observed.
        held: bool (n, 24, 28), observations that come out exactly as they went in.
        deviation: standard deviation in heads that observations of confidence 1 are granted.
        settings: `refine` and `mirrored` matter.
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
        answer = _answer(weights, part, pinned, deviation, settings)
        if settings.mirrored:
            reflected = Observation(_mirror(part.positions), part.weight[..., MIRROR])
            other = _answer(weights, reflected, pinned[..., MIRROR], deviation, settings).mirrored()
            answer = _combine([answer, other], lambda pair: (pair[0] + pair[1]) / 2)
        parts.append(answer)
    return _combine(parts, np.concatenate)


def _mirror(positions: np.ndarray) -> np.ndarray:
    return positions[..., MIRROR, :] * np.array([-1.0, 1.0])


def _answer(weights: Weights, seen: Observation, held: np.ndarray, deviation: float, settings: Settings) -> Answer:
    gaussian, batch = weights.window, len(seen.positions)
    variance = np.where(held, 0.0, observed_variance(seen.weight, deviation * HEAD))
    if not settings.refine:
        return Answer(fill(gaussian, seen.positions, variance))
    spread = np.repeat(variance.reshape(batch, -1), 2, axis=1)
    residual = np.where(np.isfinite(spread), seen.positions.reshape(batch, -1) - gaussian.mean, 0.0)
    latents = gaussian.infer(residual, spread)
    refined = weights.refiner(features(gaussian, latents, seen.weight, np.full(batch, deviation)))
    window = (latents + refined.change) @ gaussian.factor.T
    drawn = held.any((1, 2)) | _amiss(residual - window, spread)
    if drawn.any():
        window[drawn] += _draw_to(gaussian, (residual - window)[drawn], spread[drawn])
    left = np.where(np.isfinite(spread), residual - window, 0.0)
    detector = max(1 - (_MISFIT / deviation) ** 2, 1 / 64)
    positions = gaussian.mean + window + gaussian.follow(left, detector * spread)
    # Where a joint is seen, what the prior and the detector say of it are joined, as two measurements are.
    std = 1 / np.sqrt(refined.spread**-2 + 1 / np.maximum(variance, _EXACT))
    return Answer(
        positions.reshape(seen.positions.shape), np.where(held, 0.0, std), refined.depth, refined.depth_spread
    )


def _amiss(left: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Bool (batch,): windows of which more is left than observations are granted, such as those of a single frame.

    In the others drawing makes no difference that could be measured, and it costs as much again as the answer.
    """
    share = np.where(np.isfinite(variance), left**2 / np.maximum(variance, _EXACT), 0.0)
    return np.asarray(share.sum(1) > np.isfinite(variance).sum(1))


def _draw_to(gaussian: Gaussian, left: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """How far observations draw the whole window with them, (batch, 1344), when so much of them is left."""
    left = np.where(np.isfinite(variance), left, 0.0)
    return gaussian.infer(left, variance / LEFT_OVER) @ gaussian.factor.T
