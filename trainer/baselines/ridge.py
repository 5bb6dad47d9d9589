"""Linear baselines: what a least-squares map from the observed joints to all 28 already achieves.

Two kinds share one form: `frames = 24` maps a window's observed coordinates (576 for the 12 limb joints) and a bias to
all 1,344; `frames = 1` maps each frame by itself. Both work in normalised units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.errors import InputError

from .filters import NoFilter, OneEuro, SavitzkyGolay, Smooth
from .lessons import Lessons, draw_filled
from .method import Examination, WindowMethod

RIDGES: Final = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
"""Candidates for the weight of the penalty, per window."""

NONE: Final = (0.0,)
"""No penalty: the affine map."""

CHUNK: Final = 2000

FILTERED: Final = 300
"""Windows by which filters are judged: there are many of them."""

NO_FILTERS: Final[tuple[Smooth, ...]] = (NoFilter(),)
SAVITZKY_GOLAY: Final[tuple[Smooth, ...]] = (NoFilter(), *(SavitzkyGolay(length) for length in (5, 7, 9, 11, 15)))
ONE_EURO: Final[tuple[Smooth, ...]] = tuple(OneEuro(cutoff, rise) for cutoff in (1, 2, 4, 8) for rise in (2, 8, 30))


@dataclass(frozen=True)
class LinearMap:
    """A ridge regression from observed joints to all.

    observed: bool (28,); frames: how many frames are mapped at once;
    weights: (frames * observed * 2 + 1, frames * 56), the last row is the bias; ridge: the penalty.
    """

    observed: np.ndarray
    frames: int
    weights: np.ndarray
    ridge: float

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        """All joints of windows (n, 24, 28, 2) in normalised units, from their observed ones; others may be NaN."""
        inputs = _inputs(positions, self.observed, self.frames).astype(self.weights.dtype)
        return (inputs @ self.weights).reshape(positions.shape)

    def single(self) -> LinearMap:
        """The same in single precision, which is faster and far more exact than the data."""
        return replace(self, weights=self.weights.astype(np.float32))


def _inputs(positions: np.ndarray, observed: np.ndarray, frames: int) -> np.ndarray:
    flat = positions[:, :, observed].reshape(len(positions) * positions.shape[1] // frames, -1)
    return np.concatenate([flat, np.ones((len(flat), 1), flat.dtype)], axis=1)


@dataclass(frozen=True)
class NormalEquations:
    """Sums over windows from which a map with any penalty follows: X'X / n and X'Y / n."""

    observed: np.ndarray
    frames: int
    squares: np.ndarray
    products: np.ndarray

    def solve(self, ridge: float) -> LinearMap:
        """The minimum of the mean squared error plus ridge * |weights|^2, the bias free."""
        return LinearMap(self.observed, self.frames, solve(self.squares, self.products, ridge), ridge)


def solve(squares: np.ndarray, products: np.ndarray, ridge: float) -> np.ndarray:
    """Weights (inputs, outputs) from X'X / n and X'Y / n; the last input is the bias, which no penalty shrinks."""
    penalty = np.full(len(squares), max(ridge, 1e-12))
    penalty[-1] = 0.0
    return np.asarray(np.linalg.solve(squares + np.diag(penalty), products))


def accumulate(pairs: Iterable[tuple[np.ndarray, np.ndarray]], observed: np.ndarray, frames: int) -> NormalEquations:
    """Sum up the normal equations over chunks of windows.

    pairs: seen and truth, (n, 24, 28, 2) each in normalised units. Raises InputError for no window or observed joint.
    """
    squares, products, rows = np.zeros(()), np.zeros(()), 0
    if observed.shape == (len(JOINTS),) and observed.any():
        for seen, truth in pairs:
            x = _inputs(seen, observed, frames).astype(np.float64)
            squares = squares + x.T @ x
            products = products + x.T @ truth.reshape(len(x), -1).astype(np.float64)
            rows += len(x)
    if not rows:
        raise InputError(f"{rows} windows and {observed.sum()} observed joints; expected at least one of both.")
    return NormalEquations(observed, frames, squares / rows, products / rows)


def draw_pairs(lessons: Lessons, observed: np.ndarray, noisy: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The windows that linear maps are fitted to, in chunks: seen without gaps, and the truth."""
    sampler = lessons.sampler(1, int(noisy))
    for first in range(0, lessons.windows, CHUNK):
        views = draw_filled(sampler, min(CHUNK, lessons.windows - first), observed, noisy)
        yield np.where(np.isfinite(views.seen), views.seen, lessons.mean_pose), views.truth


def equations(lessons: Lessons, observed: np.ndarray, frames: int, noisy: bool) -> NormalEquations:
    """Normal equations of the training windows, kept in the store."""
    key = (lessons.origin, lessons.windows, observed.tolist(), frames, noisy)

    def make() -> dict[str, np.ndarray]:
        fitted = accumulate(draw_pairs(lessons, observed, noisy), observed, frames)
        return {"squares": fitted.squares, "products": fitted.products}

    kept = lessons.store.get("linear", key, make)
    return NormalEquations(observed, frames, kept["squares"], kept["products"])


@dataclass(frozen=True)
class Linear:
    """A linear map; its penalty, the filter before it and the way gaps are filled are chosen by examination."""

    name: str
    frames: int
    ridges: tuple[float, ...] = RIDGES
    noisy: bool = False
    filters: tuple[Smooth, ...] = NO_FILTERS

    def fit(self, lessons: Lessons, observed: np.ndarray) -> WindowMethod:
        """The best of all penalties, filters and fillings."""
        examination = Examination(lessons, FILTERED if len(self.filters) > 1 else None)
        found = equations(lessons, observed, self.frames, self.noisy)
        maps = [found.solve(ridge).single() for ridge in self.ridges]
        return examination.choose(
            WindowMethod(
                observed, fitted, lessons.mean_pose, fill, smooth,
                chosen=(("penalty", fitted.ridge), ("filter", str(smooth)), ("gaps", fill.__name__)),
            )
            for fitted, fill, smooth in product(maps, examination.fills, self.filters)
        )  # fmt: skip
