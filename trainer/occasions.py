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
from jumps_blender.core.clips.clip import ENOUGH_JOINTS, PRIOR_FPS
from jumps_blender.core.clips.clip_windows import THIN_WINDOW
from jumps_blender.core.clips.resample import resample_observations
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.gaussian import Gaussian, observed_variance
from jumps_blender.core.direct.noise import DETECTORS, SLOW, Noise
from jumps_blender.core.direct.refiner import features

from .cameras import View, see
from .noise import occlusions, outliers, wandering
from .sampling import Sampler, draw_mask

DEVIATIONS: Final = (0.005, 0.8)
"""Range of what observations are granted, heads."""

LASTING: Final = 0.95
"""What of the granted square detectors' errors make last, where they are not mixed at random."""


@dataclass(frozen=True)
class Regime:
    """What one of the refiner's networks is taught.

    deviations: how often (of 1) which range in heads is granted; plain: share of occasions that show the paper's 12
    joints in all frames; hidden: share that show those, and hide limbs for a while. Others show other sets, confidences
    that differ, gaps. spared: share of windows without errors, whatever they are granted. astray: share of the time, in
    every other window, in which a limb is elsewhere and the screen did not notice.
    """

    deviations: tuple[tuple[float, tuple[float, float]], ...]
    plain: float
    hidden: float
    spared: float
    astray: float


TAUGHT: Final = {
    "calm": Regime(((0.75, (DEVIATIONS[0], 0.03)), (0.25, (0.03, DETECTORS[1]))), 0.6, 0.0, 0.1, 0.0),
    "noisy": Regime(((0.6, (DETECTORS[0], DEVIATIONS[1])), (0.4, (0.25, DEVIATIONS[1]))), 0.6, 0.2, 0.03, 0.06),
}
"""By the names of `refiner.REGIMES`: what is granted in between, both are asked about."""


@dataclass(frozen=True)
class Occasion:
    """What is seen of a window: confidences `weight` (24, 28), and the `noise` that it is granted.

    seen bool (1344,) and gain (seen, rank): the latents are the seen coordinates, less their mean, times the gain.
    """

    weight: np.ndarray
    noise: Noise
    seen: np.ndarray
    gain: np.ndarray

    @classmethod
    def of(cls, gaussian: Gaussian, weight: np.ndarray, deviation: float, lasting: float = 0.0) -> Occasion:
        """The occasion on which these confidences are granted that deviation."""
        noise = Noise(deviation, lasting)
        variance = np.repeat(observed_variance(weight, deviation * HEAD).reshape(-1), 2)
        gain = gaussian.gain(variance, noise.correlation)
        return cls(weight.astype(np.float32), noise, np.isfinite(variance), gain.astype(np.float32))


def draw_occasion(gaussian: Gaussian, rng: np.random.Generator, regime: Regime) -> Occasion:
    """Mostly the paper's 12 joints, all of them believed; else other sets, confidences that differ, hidden limbs."""
    weight = _draw_weight(rng, regime)
    while (weight > 0).any(0).sum() < ENOUGH_JOINTS or (weight > 0).sum() < THIN_WINDOW:
        weight = _draw_weight(rng, regime)
    shares, ranges = zip(*regime.deviations, strict=True)
    low, high = ranges[rng.choice(len(ranges), p=shares)]
    return Occasion.of(gaussian, weight, math.exp(rng.uniform(math.log(low), math.log(high))), draw_lasting(rng))


def draw_lasting(rng: np.random.Generator) -> float:
    """Errors that are new in every frame, those of detectors, and sometimes anything between."""
    return float(rng.choice([0.0, LASTING, rng.uniform(0, LASTING)], p=[0.3, 0.6, 0.1]))


def _draw_weight(rng: np.random.Generator, regime: Regime) -> np.ndarray:
    kind = rng.random()
    if kind < regime.plain + regime.hidden:
        limbs = np.tile(np.isin(JOINTS, LIMB_JOINTS).astype(float), (WINDOW, 1))
        return limbs if kind < regime.plain else np.where(_hidden(rng, 0.4), 0.0, limbs)
    weight = np.tile(draw_mask(rng).astype(float), (WINDOW, 1))
    if rng.random() < 0.4:
        weight *= rng.uniform(0.4, 1.0, len(JOINTS))
    if rng.random() < 0.5:
        weight = np.where(_hidden(rng, 0.6), 0.0, weight)
    if rng.random() < 0.2:  # points that the screen did not believe
        weight = np.where(rng.random(weight.shape) < rng.uniform(0, 0.3), 0.0, weight)
    return weight


def _hidden(rng: np.random.Generator, share: float) -> np.ndarray:
    """Bool (24, 28): one or two limbs at a time."""
    return np.asarray(occlusions(int(rng.integers(1, 3)), WINDOW, rng, share).any(0))


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

    def __init__(self, sampler: Sampler, gaussian: Gaussian, occasions: list[Occasion], regime: Regime) -> None:
        self.sampler, self.gaussian, self.occasions, self.rng = sampler, gaussian, occasions, sampler.rng
        self.regime = regime

    def lesson(self, occasions: int, size: int) -> Lesson:
        """`size` windows on each of some occasions of the bank."""
        drawn = [self.occasions[i] for i in self.rng.integers(len(self.occasions), size=occasions)]
        parts = [self._on(occasion, size) for occasion in drawn]
        inputs, latents, truth, depth = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Lesson(inputs, latents, truth, depth, size)

    def observe(self, occasion: Occasion, n: int, fps: float = PRIOR_FPS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """N windows as they are seen, (n, 24, 28, 2) in normalised units, and what noise they deserve, (n,) twice.

        fps: at which they were filmed; of fewer frames than the prior's windows have, some were interpolated.
        """
        view = see(self.sampler.draw_motion(n, fps=fps), self.rng, self.sampler.augmentation.cameras)
        seen, deserved, lasting = self.spoil(view, occasion, fps)
        _, units = self._units(seen, occasion.weight, view.heads)
        return self._at_prior(units.normalise(seen), fps), deserved, lasting

    def _on(self, occasion: Occasion, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        view = see(self.sampler.draw_motion(n), self.rng, self.sampler.augmentation.cameras)
        seen, *_ = self.spoil(view, occasion)
        scale, units = self._units(seen, occasion.weight, view.heads)
        flat = units.normalise(seen).reshape(n, -1)[:, occasion.seen] - self.gaussian.mean[occasion.seen]
        latents = flat.astype(np.float32) @ occasion.gain
        shared = np.broadcast_to(occasion.weight, (n, WINDOW, len(JOINTS)))
        inputs = features(self.gaussian, latents, shared, occasion.noise)
        truth = units.normalise(view.positions).astype(np.float32)
        return inputs, latents, truth, (view.depth / scale[:, None, None]).astype(np.float32)

    def spoil(
        self, view: View, occasion: Occasion, fps: float = PRIOR_FPS
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Errors together about as large as the occasion grants, and lasting about as much.

        Also the deviation and what lasts, (n,) both, that they deserve to be granted.
        """
        rng, shape = self.rng, view.positions.shape
        n, granted = shape[0], occasion.noise.deviation
        lasting = np.where(rng.random(n) < 0.9, occasion.noise.lasting, rng.uniform(0, LASTING, n))
        deserved = granted * np.exp(0.35 * rng.standard_normal(n)) * (rng.random(n) > self.regime.spared)
        lasts = lasting / (SLOW**2 - (SLOW**2 - 1) * lasting)
        wanders = rng.beta(2.0, 0.8, n)
        size = deserved / np.sqrt(1 - lasts + SLOW**2 * lasts)
        shares = (1 - lasts, lasts * wanders, lasts * (1 - wanders))
        fresh, wandered, stays = ((size * np.sqrt(share)).astype(np.float32)[:, None, None, None] for share in shares)
        noise = fresh * rng.standard_normal(shape, np.float32)
        noise += wandered * wandering(shape, rng, fps)
        noise += stays * rng.standard_normal((n, 1, *shape[2:]), np.float32)
        noise /= np.sqrt(np.maximum(occasion.weight, 0.1))[..., None]
        seen = view.positions + noise * view.heads[..., None, None]
        if self.regime.astray:
            share = self.regime.astray * (rng.random(n) < 0.5)
            seen = outliers(seen, view.heads, rng, share=share)[0].astype(seen.dtype)
        return seen, deserved, lasting

    def _at_prior(self, windows: np.ndarray, fps: float) -> np.ndarray:
        """As many frames (n, 24, 28, 2) at the prior's rate, from anywhere in windows that were filmed slower."""
        if fps >= PRIOR_FPS:
            return windows
        n, frames, joints, axes = windows.shape
        together = np.swapaxes(windows, 0, 1).reshape(frames, n * joints, axes)
        lowered, _ = resample_observations(together, np.ones(together.shape[:2]), fps, PRIOR_FPS)
        first = int(self.rng.integers(len(lowered) - WINDOW + 1))
        return np.swapaxes(lowered[first : first + WINDOW].reshape(WINDOW, n, joints, axes), 0, 1)

    def _units(self, seen: np.ndarray, weight: np.ndarray, heads: np.ndarray) -> tuple[np.ndarray, Units]:
        """Units as the solver will have them: from what is observed, its scale at times that of a longer stretch."""
        observed = np.where(weight[..., None] > 0, seen, np.nan)
        measured = body_scale(observed)
        guessed = heads.mean(1) / HEAD * self.rng.uniform(0.9, 1.1, len(seen))
        scale = np.maximum(np.where(measured > 0, measured, guessed), self.sampler.least_scale(heads))
        return scale, Units.of(observed, scale)
