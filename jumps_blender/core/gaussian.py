"""Gaussians over poses and windows: the linear part of what the observed joints tell about the others.

The conditional mean of a joint Gaussian is the least-squares map from the observed coordinates to the missing ones, for
any mask in closed form (ridge regression is the same map with a noise term).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Gaussian:
    """A Gaussian over n coordinates with covariance `factor @ factor.T + diag(noise)`.

    `mean` (n,), `factor` (n, rank) and `noise` (n,) in normalised units.
    """

    mean: np.ndarray
    factor: np.ndarray
    noise: np.ndarray

    @classmethod
    def fit(cls, mean: np.ndarray, covariance: np.ndarray, rank: int) -> Gaussian:
        """The best approximation of rank `rank` to a covariance, the remainder kept as noise on the diagonal."""
        values, vectors = np.linalg.eigh(covariance)
        factor = vectors[:, -rank:] * np.sqrt(np.maximum(values[-rank:], 0))
        noise = np.maximum(np.diag(covariance) - (factor**2).sum(1), 1e-8)
        return cls(mean, factor, noise)

    def posterior(self, residual: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """What noisy observations of a zero-mean sample say of all its coordinates.

        Works in the space of the factor, so that observations without weight (infinite variance) cost nothing:
        E[f | r] = (I + F^T W F)^-1 F^T W r with W = 1 / (variance + noise).

        Args:
            residual: (batch, n), observation minus mean; any finite value where not observed.
            variance: (batch, n) or (n,), of the observation noise; inf = not observed.

        Returns:
            (batch, n), the conditional mean of the low-rank part.

        """
        weight = np.broadcast_to(1.0 / (variance + self.noise), residual.shape)
        rank = self.factor.shape[1]
        if (weight == weight[:1]).all():
            weighted = self.factor * weight[0][:, None]
            gain = np.linalg.solve(np.eye(rank) + self.factor.T @ weighted, weighted.T)
            return residual @ gain.T @ self.factor.T
        precision = np.einsum("bn,nr,ns->brs", weight, self.factor, self.factor, optimize=True) + np.eye(rank)
        target = (weight * residual) @ self.factor
        return np.linalg.solve(precision, target[..., None])[..., 0] @ self.factor.T
