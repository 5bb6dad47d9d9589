"""The closed-form similarity in the plane that lays generated points onto observed ones (JUMPS, III-D).

A similarity without reflection is `points -> (points - mean) @ a + target_mean` with the 2x2 matrix a = [[r, i], [-i,
r]]: no SVD, and a gradient that fits on a page. Written for the arrays of any engine: numpy's or torch's.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

Array = Any

_LEAST = 1e-9
"""Spread below which points are on one spot."""


class Placement(Protocol):
    """Points where they are to be compared with a target."""

    def apply(self) -> Array:
        """The placed points (batch, n, 2), those without weight too."""

    def pull_back(self, gradient: Array) -> Array:
        """Gradient with respect to the points, given that with respect to the placed points."""


@dataclass(frozen=True)
class Target:
    """What points are laid onto: rows of n points, each with a weight."""

    xp: ModuleType
    mean: Array  # (batch, 1, 2)
    centred: Array  # (batch, n, 2), points less mean
    share: Array  # (batch, 1, n), weights that sum to 1
    correlated: Array  # (batch, 2 n, 2): what the coordinates of points are summed with for r and i

    @classmethod
    def of(cls, xp: ModuleType, points: Array, weight: Array) -> Target:
        """A target for `align`.

        Args:
            xp: the module of the arrays.
            points: (batch, n, 2); any finite value where the weight is 0.
            weight: (batch, n), >= 0; each row must have two distinct points with weight.

        """
        share = (weight / weight.sum(-1)[:, None].clip(1e-12))[:, None]
        mean = share @ points
        centred = points - mean
        weighted = xp.swapaxes(share, 1, 2) * centred
        turned = xp.stack([weighted[..., 1], -weighted[..., 0]], -1)
        shape = (len(points), -1)
        correlated = xp.stack([weighted.reshape(shape), turned.reshape(shape)], -1)
        return cls(xp, mean, centred, share, correlated)

    def align(self, points: Array) -> Alignment:
        """The similarity that lays points (batch, n, 2) onto the target in the least-squares sense."""
        centred = points - self.share @ points
        square = centred * centred
        spread = (self.share @ square).sum(-1)[:, :, None].clip(_LEAST)
        a = centred.reshape(len(points), 1, -1) @ self.correlated / spread
        return Alignment(self, centred, _similarity(self.xp, a), spread)


@dataclass(frozen=True)
class Alignment:
    """The weighted least-squares similarity of each row of points."""

    target: Target
    centred: Array  # (batch, n, 2), points less their mean
    a: Array  # (batch, 2, 2)
    spread: Array  # (batch, 1, 1), weighted sum of squares of `centred`

    def apply(self) -> Array:
        """See `Placement`."""
        return self.centred @ self.a + self.target.mean

    def pull_back(self, gradient: Array) -> Array:
        """See `Placement`.

        As complex numbers, a gradient g standing for dL = Re(conj(g) dx): with y = a p' + const and
        a = sum(w conj(p') q') / S, dL = Re(conj(g) a dp') + Re(c da), c = sum(conj(g) p'), whose second part gives
        w (c q' - 2 Re(c a) p') / S.
        """
        xp = self.target.xp
        products = xp.swapaxes(self.centred, 1, 2) @ gradient
        c = xp.stack([products[:, 0, 0] + products[:, 1, 1], products[:, 1, 0] - products[:, 0, 1]], -1)[:, None]
        twice = 2 * (c[..., :1] * self.a[:, :1, :1] - c[..., 1:] * self.a[:, :1, 1:])
        weight = xp.swapaxes(self.target.share, 1, 2)
        through_a = weight * ((self.target.centred @ _similarity(xp, c) - twice * self.centred) / self.spread)
        total = gradient @ xp.swapaxes(self.a, 1, 2) + through_a
        return total - weight * total.sum(1)[:, None]


@dataclass(frozen=True)
class Unmoved:
    """Points that stay where they are: the paper's row "w/o P.A."."""

    points: Array

    def apply(self) -> Array:
        """See `Placement`."""
        return self.points

    def pull_back(self, gradient: Array) -> Array:
        """See `Placement`."""
        return gradient


def _similarity(xp: ModuleType, a: Array) -> Array:
    """The 2x2 matrices of complex numbers (batch, 1, 2)."""
    return xp.stack([a[:, 0], xp.stack([-a[:, 0, 1], a[:, 0, 0]], -1)], 1)
