"""Occasions on which the prior is asked: which joints are seen when, how far they are believed, and how wrong they are.

Inverting a Gaussian costs more than everything else in a training step, so its answers are kept: a bank of occasions,
each with the matrix that leads from its observations to the latents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.body.normalise import HEAD, Units, body_scale
from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.core.clips.clip import ENOUGH_JOINTS
from jumps_blender.core.clips.clip_windows import THIN_WINDOW
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.gaussian import Gaussian, observed_variance
from jumps_blender.core.direct.refiner import features

from .cameras import View, see
from .noise import occlusions, wandering
from .sampling import Sampler, draw_mask

DEVIATIONS: Final = (0.005, 0.8)
"""Range of what observations are granted, heads."""

NOISY: Final = 0.03
CLEAN: Final = 0.45
"""Share of occasions that grant less than NOISY heads."""

PLAIN: Final = 0.35
"""Share of occasions that show the paper's 12 joints, in all frames and equally well."""

SLOW: Final = 2.2
"""How many times as far an observation is granted to be off whose error wanders or stays, next to one whose errors are
new in every frame: 24 frames do not average such errors away. Measured on validation clips."""


@dataclass(frozen=True)
class Occasion:
    """What is seen of a window: confidences `weight` (24, 28), the granted `deviation` in heads.

    `seen` bool (1344,) and `gain` (seen, rank): the latents are the seen coordinates, less their mean, times the gain.
    """

    weight: np.ndarray
    deviation: float
    seen: np.ndarray
    gain: np.ndarray

    @classmethod
    def of(cls, gaussian: Gaussian, weight: np.ndarray, deviation: float) -> Occasion:
        """The occasion on which these confidences are granted that deviation."""
        variance = np.repeat(observed_variance(weight, deviation * HEAD).reshape(-1), 2)
        seen = np.isfinite(variance)
        return cls(weight.astype(np.float32), deviation, seen, gaussian.gain(variance).astype(np.float32))


def draw_occasion(gaussian: Gaussian, rng: np.random.Generator) -> Occasion:
    """Mostly the paper's 12 joints, all of them believed; else other sets, confidences that differ, hidden limbs."""
    weight = _draw_weight(rng)
    while (weight > 0).any(0).sum() < ENOUGH_JOINTS or (weight > 0).sum() < THIN_WINDOW:
        weight = _draw_weight(rng)
    low, high = (DEVIATIONS[0], NOISY) if rng.random() < CLEAN else (NOISY, DEVIATIONS[1])
    return Occasion.of(gaussian, weight, math.exp(rng.uniform(math.log(low), math.log(high))))


def _draw_weight(rng: np.random.Generator) -> np.ndarray:
    weight = np.tile(draw_mask(rng).astype(float), (WINDOW, 1))
    if rng.random() < PLAIN:
        return np.tile(np.isin(JOINTS, LIMB_JOINTS).astype(float), (WINDOW, 1))
    if rng.random() < 0.4:
        weight *= rng.uniform(0.4, 1.0, len(JOINTS))
    if rng.random() < 0.5:
        hidden = occlusions(int(rng.integers(1, 3)), WINDOW, rng, 0.6)
        weight = np.where(hidden.any(0), 0.0, weight)
    if rng.random() < 0.2:  # points that the screen did not believe
        weight = np.where(rng.random(weight.shape) < rng.uniform(0, 0.3), 0.0, weight)
    return weight


@dataclass(frozen=True)
class Lesson:
    """Windows on some occasions, one after the other, `size` of each.

    inputs: (n, features) of the refiner; latents: (n, rank) that it adds to; truth: (n, 24, 28, 2) and depth:
    (n, 24, 28) in normalised units, float32.
    """

    inputs: np.ndarray
    latents: np.ndarray
    truth: np.ndarray
    depth: np.ndarray
    size: int


class Teacher:
    """Draws lessons from clips."""

    def __init__(self, sampler: Sampler, gaussian: Gaussian, occasions: list[Occasion]) -> None:
        self.sampler, self.gaussian, self.occasions, self.rng = sampler, gaussian, occasions, sampler.rng

    def lesson(self, occasions: int, size: int) -> Lesson:
        """`size` windows on each of some occasions of the bank."""
        drawn = [self.occasions[i] for i in self.rng.integers(len(self.occasions), size=occasions)]
        parts = [self._on(occasion, size) for occasion in drawn]
        inputs, latents, truth, depth = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Lesson(inputs, latents, truth, depth, size)

    def observe(self, occasion: Occasion, n: int) -> tuple[np.ndarray, np.ndarray]:
        """N windows as they are seen, (n, 24, 28, 2) in normalised units, and their noise as `deviation` counts it."""
        view = see(self.sampler.draw_motion(n), self.rng, self.sampler.augmentation.cameras)
        seen, size = self._observe(view, occasion)
        _, units = self._units(seen, occasion.weight, view.heads)
        return units.normalise(seen), size

    def _on(self, occasion: Occasion, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        view = see(self.sampler.draw_motion(n), self.rng, self.sampler.augmentation.cameras)
        seen, _ = self._observe(view, occasion)
        scale, units = self._units(seen, occasion.weight, view.heads)
        flat = units.normalise(seen).reshape(n, -1)[:, occasion.seen] - self.gaussian.mean[occasion.seen]
        latents = flat.astype(np.float32) @ occasion.gain
        shared = np.broadcast_to(occasion.weight, (n, WINDOW, len(JOINTS)))
        inputs = features(self.gaussian, latents, shared, np.full(n, occasion.deviation))
        truth = units.normalise(view.positions).astype(np.float32)
        return inputs, latents, truth, (view.depth / scale[:, None, None]).astype(np.float32)

    def _observe(self, view: View, occasion: Occasion) -> tuple[np.ndarray, np.ndarray]:
        """Errors together about as large as the occasion grants.

        Also the deviation (n,) that they deserve to be granted.
        """
        rng, shape = self.rng, view.positions.shape
        white, wandered, constant = _shares(shape[0], rng)
        deserved = occasion.deviation * np.exp(0.35 * rng.standard_normal(shape[0])) * (rng.random(shape[0]) < 0.9)
        size = deserved / np.sqrt(white + SLOW**2 * (wandered + constant))
        white, wandered, constant, size = (each[:, None, None, None] for each in (white, wandered, constant, size))
        noise = np.sqrt(white) * rng.standard_normal(shape, np.float32)
        noise += np.sqrt(wandered) * wandering(shape, rng)
        noise += np.sqrt(constant) * rng.standard_normal((shape[0], 1, *shape[2:]), np.float32)
        noise = size * noise / np.sqrt(np.maximum(occasion.weight, 0.1))[..., None]
        return view.positions + noise * view.heads[..., None, None], deserved

    def _units(self, seen: np.ndarray, weight: np.ndarray, heads: np.ndarray) -> tuple[np.ndarray, Units]:
        """Units as the solver will have them: from what is observed, its scale at times that of a longer stretch."""
        observed = np.where(weight[..., None] > 0, seen, np.nan)
        measured = body_scale(observed)
        guessed = heads.mean(1) / HEAD * self.rng.uniform(0.9, 1.1, len(seen))
        scale = np.maximum(np.where(measured > 0, measured, guessed), self.sampler.least_scale(heads))
        return scale, Units.of(observed, scale)


def _shares(n: int, rng: np.random.Generator) -> np.ndarray:
    """White, wandering and constant parts of the squared error, (3, n): white alone, or such as detectors make."""
    shares = rng.dirichlet((0.3, 2.0, 0.8), n)
    return np.asarray(np.where(rng.random(n)[:, None] < 0.4, [1.0, 0.0, 0.0], shares).T)
