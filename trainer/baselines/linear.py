"""Linear baselines: what a least-squares map from the observed joints to all 28 already achieves.

Two kinds share one form: `frames = 24` maps a window's observed coordinates (576 for the 12 limb joints) and a bias to
all 1,344; `frames = 1` maps each frame by itself. Both work in normalised units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.skeleton import JOINTS
from jumps_blender.errors import InputError

RIDGES: Final = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
"""Candidates for the weight of the penalty, per window."""

CHUNK: Final = 2000


@dataclass(frozen=True)
class LinearMap:
    """A ridge regression from observed joints to all.

    observed: bool (28,); frames: how many frames are mapped at once;
    weights: (frames * observed * 2 + 1, frames * 56), the last row is the bias; ridge: the penalty that was chosen.
    """

    observed: np.ndarray
    frames: int
    weights: np.ndarray
    ridge: float

    def predict(self, positions: np.ndarray) -> np.ndarray:
        """All joints of windows (n, 24, 28, 2) in normalised units, from their observed ones; others may be NaN."""
        return (_inputs(positions, self.observed, self.frames) @ self.weights).reshape(positions.shape)


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
        penalty = np.full(len(self.squares), ridge)
        penalty[-1] = 0.0
        weights = np.linalg.solve(self.squares + np.diag(penalty), self.products)
        return LinearMap(self.observed, self.frames, weights, ridge)


def accumulate(
    draw: Callable[[int], np.ndarray], windows: int, observed: np.ndarray, sizes: tuple[int, ...]
) -> list[NormalEquations]:
    """Draw windows in chunks and sum up the normal equations, one for each number of frames in `sizes`.

    draw: n -> (n, 24, 28, 2) in normalised units. Raises InputError for fewer than one window or no observed joint.
    """
    if windows < 1 or observed.shape != (len(JOINTS),) or not observed.any():
        raise InputError(f"{windows} windows and {observed.sum()} observed joints; expected at least one of both.")
    sums: dict[int, list[np.ndarray | float]] = {frames: [0.0, 0.0] for frames in sizes}
    rows = dict.fromkeys(sizes, 0)
    for first in range(0, windows, CHUNK):
        positions = draw(min(CHUNK, windows - first)).astype(np.float64)
        for frames in sizes:
            x = _inputs(positions, observed, frames)
            sums[frames] = [sums[frames][0] + x.T @ x, sums[frames][1] + x.T @ positions.reshape(len(x), -1)]
            rows[frames] += len(x)
    return [
        NormalEquations(observed, frames, np.asarray(squares / rows[frames]), np.asarray(products / rows[frames]))
        for frames, (squares, products) in sums.items()
    ]


def choose(equations: NormalEquations, validation: np.ndarray, ridges: tuple[float, ...] = RIDGES) -> LinearMap:
    """The map whose penalty gives the lowest MPJPE on validation windows (n, 24, 28, 2) in normalised units."""
    maps = [equations.solve(ridge) for ridge in ridges]
    return min(maps, key=lambda each: np.linalg.norm(each.predict(validation) - validation, axis=-1).mean())
