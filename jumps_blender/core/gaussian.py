"""Gaussians over poses and windows: the linear part of what the observed joints tell about the others.

The conditional mean of a joint Gaussian is the least-squares map from the observed coordinates to the missing ones, for
any mask and any confidence in closed form; ridge regression is the same map with one noise term.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Gaussian:
    """A Gaussian over n coordinates with covariance `factor @ factor.T + diag(noise)`.

    `mean` (n,), `factor` (n, rank) and `noise` (n,) in normalised units. Where `detail` (m, m) is known, the remainder
    of m coordinates at a time (those of a frame) is not independent: what is not observed of it follows what is.
    """

    mean: np.ndarray
    factor: np.ndarray
    noise: np.ndarray
    detail: np.ndarray | None = None

    @classmethod
    def fit(cls, mean: np.ndarray, covariance: np.ndarray, rank: int) -> Gaussian:
        """The best approximation of rank `rank` to a covariance, the remainder kept on the diagonal."""
        values, vectors = np.linalg.eigh(covariance)
        factor = vectors[:, -rank:] * np.sqrt(np.maximum(values[-rank:], 0))
        noise = np.maximum(np.diag(covariance) - (factor**2).sum(1), 1e-8)
        return cls(mean, factor, noise)

    @property
    def rank(self) -> int:
        """Numbers of a latent: a sample is `mean + factor @ latent + remainder`, latents are white."""
        return self.factor.shape[1]

    def infer(self, residual: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """The latents' conditional mean, given noisy observations.

        E[f | r] = (I + F' W F)^-1 F' W r with W = 1 / (variance + noise): solved in the space of the factor, where
        observations without weight cost nothing.

        Args:
            residual: (batch, n), observation minus mean; any finite value where not observed.
            variance: (batch, n), of the observation noise; inf = not observed.

        Returns:
            (batch, rank).

        """
        weight = 1.0 / (variance + self.noise)
        if len(weight) > 1 and bool((weight == weight[:1]).all()):
            seen = weight[0] > 0
            return self._infer(residual[:, seen], self.factor[seen], weight[0, seen])
        rows = [
            self._infer(r[None, w > 0], self.factor[w > 0], w[w > 0]) for r, w in zip(residual, weight, strict=True)
        ]
        return np.concatenate(rows)

    def gain(self, variance: np.ndarray) -> np.ndarray:
        """The matrix (observed, rank) that leads from observed residuals to `infer`'s answer; variance (n,)."""
        weight = 1.0 / (variance + self.noise)
        seen = weight > 0
        weighted = self.factor[seen] * weight[seen, None]
        precision = np.eye(self.rank) + self.factor[seen].T @ weighted
        return np.asarray(np.linalg.solve(precision, weighted.T).T)

    def _infer(self, residual: np.ndarray, factor: np.ndarray, weight: np.ndarray) -> np.ndarray:
        weighted = factor * weight[:, None]
        precision = np.eye(self.rank) + factor.T @ weighted
        return np.asarray(np.linalg.solve(precision, (residual @ weighted).T).T)

    def follow(self, residual: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """What the remainder does, (batch, n), given what `infer` left of the observations.

        Arguments as in `infer`. An observation with variance 0 is followed exactly.
        """
        if self.detail is None:
            return self.noise / (variance + self.noise) * residual
        size = len(self.detail)
        spread, rows = variance.reshape(-1, size), residual.reshape(-1, size)
        out = np.zeros_like(rows)
        # Most frames show the same joints, equally well: one solve serves them all.
        kinds, kind = np.unique(spread, axis=0, return_inverse=True)
        for number, common in enumerate(kinds):
            chosen, seen = kind.reshape(-1) == number, np.isfinite(common)
            inner = self.detail[np.ix_(seen, seen)] + np.diag(np.maximum(common[seen], 1e-12))
            out[chosen] = (self.detail[:, seen] @ np.linalg.solve(inner, rows[chosen][:, seen].T)).T
        return np.where(variance > 0, out.reshape(residual.shape), residual)

    def posterior(self, residual: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """What noisy observations of a zero-mean sample say of all its coordinates, (batch, n).

        Arguments as in `infer`. The remainder follows as in `follow`, so that an observation with variance 0 comes back
        exactly.
        """
        smooth = self.infer(residual, variance) @ self.factor.T
        left = np.where(np.isfinite(variance), residual - smooth, 0.0)
        return smooth + self.follow(left, variance)


def observed_variance(weight: np.ndarray, deviation: float) -> np.ndarray:
    """Variance of observations, the larger the lower their confidence `weight`; inf where there is none."""
    with np.errstate(divide="ignore"):
        return np.asarray(deviation**2 / np.maximum(weight, 0.0))


def fill(gaussian: Gaussian, positions: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Fill what is not observed by its conditional mean, and smooth what is.

    The Gaussian is over as many frames as its size says: single frames, or whole windows.

    Args:
        gaussian: over 56 coordinates (frames) or 1,344 (windows).
        positions: (n, 24, 28, 2) in normalised units; any finite value where not observed.
        variance: (n, 24, 28), of the observation noise per axis; inf = not observed.

    Returns:
        (n, 24, 28, 2).

    """
    size = len(gaussian.mean)
    flat = positions.reshape(-1, size)
    spread = np.repeat(variance[..., None], 2, axis=-1).reshape(-1, size)
    residual = np.where(np.isfinite(spread), flat - gaussian.mean, 0.0)
    return (gaussian.mean + gaussian.posterior(residual, spread)).reshape(positions.shape)
