"""What baselines learn from: windows that are observed as the prior's are, and the truth behind them."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from jumps_blender.core.body.normalise import Units, body_scale
from jumps_blender.core.clips.windows import WINDOW

from ..noise import detector_noise, occlusions, outliers, swaps
from ..sampling import Sampler, draw_mask
from .gaps import along_lines
from .store import Store

Corruption = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""(positions (n, frames, 28, 2), heads (n, frames) in the same unit, rng) -> what a detector makes of them, (n, frames,
28, 2), NaN where it sees nothing."""

CONTEXT: Final = 12
"""Frames on both sides of a window that are drawn with it, so that gaps at its ends are filled as in a clip."""

EXAMINATION: Final = 1000
"""Windows by which hyperparameters are chosen."""


def clean(positions: np.ndarray, _heads: np.ndarray, _rng: np.random.Generator) -> np.ndarray:
    """No noise."""
    return positions


def mixture(positions: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All that the evaluation's conditions do, in random shares: what networks are trained under to stand noise."""
    shares = ((0.4, _white), (0.4, _wandering), (0.2, _wrong), (0.3, _hidden))  # several may meet in a window
    seen = np.array(positions, np.float32)
    for share, spoil in shares:
        rows = np.flatnonzero(rng.random(len(seen)) < share)
        seen[rows] = spoil(seen[rows], heads[rows], rng)
    return seen


def _white(positions: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = np.exp(rng.uniform(np.log(0.02), np.log(0.25), len(heads))).astype(np.float32)
    noise = rng.standard_normal(positions.shape, np.float32)
    return positions + (size[:, None] * heads)[..., None, None] * noise


def _wandering(positions: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A detector between a very good and a weak one; the bias grows with what wanders."""
    wander = rng.uniform(0.0, 0.3, len(heads)).astype(np.float32)
    noise = detector_noise(len(positions), positions.shape[1], rng, 1.0, bias=0.5)
    return positions + (wander[:, None] * heads)[..., None, None] * noise


def _wrong(positions: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    swapped, _ = swaps(positions, rng)
    return outliers(swapped, heads, rng)[0]


def _hidden(positions: np.ndarray, _heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(occlusions(len(positions), positions.shape[1], rng)[..., None], np.nan, positions)


@dataclass(frozen=True)
class Views:
    """Windows as seen and as they are, in one unit.

    seen: (n, frames, 28, 2), NaN = not observed; truth: the same without noise or gaps; heads: (n, frames).
    """

    seen: np.ndarray
    truth: np.ndarray
    heads: np.ndarray

    def middle(self) -> Views:
        """The windows of 24 frames in the middle of longer stretches."""
        first = (self.seen.shape[1] - WINDOW) // 2
        window = slice(first, first + WINDOW)
        return Views(self.seen[:, window], self.truth[:, window], self.heads[:, window])

    def units(self, rng: np.random.Generator) -> Units:
        """The units that what is seen tells; where it tells no size, the true ones, known to a tenth.

        A window that came in larger units than its own body scale, for the sake of its clip, keeps them.
        """
        least = np.where(body_scale(self.truth) < 0.9999, 1.0, 0.0)
        scale = body_scale(self.seen)
        guess = rng.uniform(0.9, 1.1, len(scale))
        units = Units.of(self.seen, np.maximum(np.where(scale > 1e-3, scale, guess), least))
        return Units(units.centre.astype(np.float32), units.scale.astype(np.float32))


@dataclass(frozen=True)
class Lessons:
    """Data and budget of baselines, the same for all.

    train, validation: where windows come from; their own state is not touched, so that the order of fits is free.
    windows: how many linear maps and Gaussians are fitted to. minutes: of a processor, to train each network; steps: at
    most. seed: of all draws. condition: what examinations see, for hyperparameters. store: where fits are kept.
    """

    train: Sampler
    validation: Sampler
    windows: int = 100_000
    minutes: float = 7.0
    seed: int = 0
    steps: int = 9500
    condition: Corruption = clean
    store: Store = field(default_factory=Store)

    def sampler(self, *purpose: int) -> Sampler:
        """The training sampler at the start of a sequence of its own."""
        return _restarted(self.train, self.seed, 1, *purpose)

    def examination(self) -> Views:
        """Validation windows with CONTEXT on both sides under the condition, in units of the truth."""
        sampler = _restarted(self.validation, self.seed, 2)
        return observe(sampler, EXAMINATION, self.condition, CONTEXT)

    @cached_property
    def origin(self) -> str:
        """Hash of the training data and how they are varied: what is fitted to others is another fit."""
        digest = hashlib.sha256(repr((self.train.augmentation, self.seed)).encode())
        for values in (self.train.motion, self.train.starts, self.train.cumulative):
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()[:12]

    @cached_property
    def mean_pose(self) -> np.ndarray:
        """The mean joint positions (28, 2) in normalised units."""
        return np.asarray(self.sampler(0).draw(min(self.windows, 4000))[0].mean((0, 1), dtype=np.float64))


def _restarted(sampler: Sampler, *seed: int) -> Sampler:
    other = copy.copy(sampler)
    other.rng = np.random.default_rng(seed)
    return other


def observe(sampler: Sampler, n: int, corruption: Corruption, context: int = 0) -> Views:
    """Draw n windows with `context` frames on both sides, and corrupt what is seen of them."""
    view = sampler.look(n, WINDOW + 2 * context)
    return Views(corruption(view.positions, view.heads, sampler.rng), view.positions, view.heads)


def draw_filled(sampler: Sampler, n: int, observed: np.ndarray, noisy: bool) -> Views:
    """Draw n training windows in the units of what is seen, clean or under the mixture.

    Joints that are not in `observed` are NaN, the others have no gaps but where a stretch never shows them.
    """
    views = observe(sampler, n, mixture, CONTEXT) if noisy else observe(sampler, n, clean)
    filled, _ = _seen_through(np.broadcast_to(observed, (n, len(observed))), views, sampler.rng)
    return filled


def draw_masked(sampler: Sampler, n: int) -> Views:
    """Draw n training windows under the mixture, each with a mask of its own; what is not observed is NaN."""
    views = observe(sampler, n, mixture, CONTEXT)
    masks = np.array([draw_mask(sampler.rng) for _ in range(n)])
    filled, known = _seen_through(masks, views, sampler.rng)
    return Views(np.where(known[..., None], filled.seen, np.nan), filled.truth, filled.heads)


def _seen_through(masks: np.ndarray, views: Views, rng: np.random.Generator) -> tuple[Views, np.ndarray]:
    """Windows without gaps, in the units of what masks (n, 28) show, and bool (n, 24, 28), where they had none."""
    masked = Views(np.where(masks[:, None, :, None], views.seen, np.nan), views.truth, views.heads)
    known = np.isfinite(masked.middle().seen).all(-1)
    filled = Views(along_lines(masked.seen), views.truth, views.heads).middle()
    units = filled.units(rng)
    seen, truth = units.normalise(filled.seen), units.normalise(filled.truth)
    return Views(seen, truth, filled.heads / units.scale[:, None]), known
