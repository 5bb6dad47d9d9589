"""The closed-form similarity in the plane that lays a generated window onto an observed one (JUMPS, III-D).

Points are complex numbers x + iy, so that a similarity without reflection is a multiplication and an addition: no SVD,
and a gradient that fits on a page.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def to_complex(positions: np.ndarray) -> np.ndarray:
    """(..., 2) as complex (...)."""
    return positions[..., 0] + 1j * positions[..., 1]


def to_positions(points: np.ndarray) -> np.ndarray:
    """Complex (...) as (..., 2)."""
    return np.stack([points.real, points.imag], axis=-1)


@dataclass(frozen=True)
class Alignment:
    """The weighted least-squares similarity of each window, `points -> a (points - mean) + target_mean`.

    Arrays are complex (batch, n): all joints of all frames of a window in one row.
    """

    a: np.ndarray  # (batch, 1)
    mean: np.ndarray  # (batch, 1)
    target_mean: np.ndarray  # (batch, 1)
    centred: np.ndarray  # (batch, n), points - mean
    target: np.ndarray  # (batch, n), target - target_mean, 0 where it has no weight
    weight: np.ndarray  # (batch, n), sums to 1
    spread: np.ndarray  # (batch, 1), weighted sum of |centred|^2

    def apply(self) -> np.ndarray:
        """The aligned points (batch, n), those without weight too."""
        return self.a * self.centred + self.target_mean

    def pull_back(self, gradient: np.ndarray) -> np.ndarray:
        """Gradient with respect to the points, given that with respect to the aligned points.

        A complex gradient g stands for dL = Re(conj(g) dx). With y = a p' + const and a = sum(w conj(p') q') / S:
        dL = Re(conj(g) a dp') + Re(c da), c = sum(conj(g) p'), whose second part gives w (c q' - 2 Re(c a) p') / S.
        """
        c = (gradient.conj() * self.centred).sum(-1, keepdims=True)
        through_a = self.weight * (c * self.target - 2 * (c * self.a).real * self.centred) / self.spread
        total = self.a.conj() * gradient + through_a
        return np.asarray(total - self.weight * total.sum(-1, keepdims=True))


def align(points: np.ndarray, target: np.ndarray, weight: np.ndarray) -> Alignment:
    """Find the similarity that lays `points` onto `target` in the least-squares sense.

    Args:
        points: complex (batch, n).
        target: complex (batch, n); any finite value where the weight is 0.
        weight: (batch, n), >= 0; each row must have two distinct points with weight.

    """
    weight = weight / np.maximum(weight.sum(-1, keepdims=True), 1e-12)
    mean = (weight * points).sum(-1, keepdims=True)
    target_mean = (weight * target).sum(-1, keepdims=True)
    centred, moved = points - mean, target - target_mean
    spread = np.maximum((weight * np.abs(centred) ** 2).sum(-1, keepdims=True), 1e-9)
    a = (weight * centred.conj() * moved).sum(-1, keepdims=True) / spread
    return Alignment(a, mean, target_mean, centred, moved, weight, spread)


def unaligned(points: np.ndarray, weight: np.ndarray) -> Alignment:
    """The identity in the place of an alignment: the paper's row "w/o P.A."."""
    one = np.ones((len(points), 1), points.dtype)
    zero = np.zeros_like(points)
    return Alignment(one, 0 * one, 0 * one, points, zero, 0 * weight, np.ones((len(points), 1)))
