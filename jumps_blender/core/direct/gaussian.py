"""Gaussians over poses and windows: the linear part of what the observed joints tell about the others.

The conditional mean of a joint Gaussian is the least-squares map from the observed coordinates to the missing ones, for
any mask and any confidence in closed form; ridge regression is the same map with one noise term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .precision import Precision, kinds, precision

_FEW: Final = 4
"""Windows below which each is solved by itself."""

_EXACT: Final = 1e-8
"""Relative error at which conjugate gradients end: what else is in a batch changes nothing that could be seen."""

_STEPS: Final = 40

_ALIKE: Final = 8
"""Frames for each kind of frame from which on kinds are solved one by one."""

_SAYS_NOTHING: Final = 1e9
"""Variance in normalised units."""


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

    def infer(self, residual: np.ndarray, variance: np.ndarray, correlation: np.ndarray | None = None) -> np.ndarray:
        """The latents' conditional mean, given noisy observations.

        E[f | r] = (I + F' P F)^-1 F' P r with P the inverse of the covariance of all that is not F f: solved in the
        space of the factor, where observations without weight cost nothing.

        Args:
            residual: (batch, n), observation minus mean; any finite value where not observed.
            variance: (batch, n), of the observation noise; inf = not observed.
            correlation: of that noise between frames, see `Noise.correlation`; None = new in every frame.

        Returns:
            (batch, rank).

        """
        worth = precision(variance, self.noise, correlation)
        factor = self.factor[worth.seen]
        right = worth.times(residual[:, worth.seen]) @ factor
        if worth.alike:
            return np.asarray(np.linalg.solve(worth.of_latents(factor), right.T).T)
        if len(worth) < _FEW:
            return _one_by_one(factor, worth, right)
        return _together(factor, worth, right)

    def gain(self, variance: np.ndarray, correlation: np.ndarray | None = None) -> np.ndarray:
        """The matrix (observed, rank) that leads from observed residuals to `infer`'s answer; variance (n,)."""
        worth = precision(variance[None], self.noise, correlation)
        factor = self.factor[worth.seen]
        weighed = worth.times(factor.T)
        observed = np.isfinite(variance)[worth.seen]
        return np.asarray(np.linalg.solve(worth.of_latents(factor), weighed[:, observed]).T)

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
        cases, case = kinds(spread)
        if len(cases) > len(rows) / _ALIKE:
            cases, case = spread, np.arange(len(rows))
        seen = np.isfinite(cases).any(0)
        # What one kind does not show and others do is a measurement that says nothing.
        common = np.clip(cases[:, seen], 1e-12, _SAYS_NOTHING)
        inner = self.detail[np.ix_(seen, seen)] + common[:, :, None] * np.eye(seen.sum())
        if len(cases) == len(rows):
            out = np.linalg.solve(inner, rows[:, seen, None])[..., 0] @ self.detail[seen]
        else:
            for number, matrix in enumerate(inner):
                chosen = case == number
                out[chosen] = np.linalg.solve(matrix, rows[chosen][:, seen].T).T @ self.detail[seen]
        return np.where(variance > 0, out.reshape(residual.shape), residual)

    def posterior(self, residual: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """What noisy observations of a zero-mean sample say of all its coordinates, (batch, n).

        Arguments as in `infer`. The remainder follows as in `follow`, so that an observation with variance 0 comes back
        exactly.
        """
        smooth = self.infer(residual, variance) @ self.factor.T
        left = np.where(np.isfinite(variance), residual - smooth, 0.0)
        return smooth + self.follow(left, variance)


def _one_by_one(factor: np.ndarray, worth: Precision, right: np.ndarray) -> np.ndarray:
    each = (worth.part(np.array([row])).of_latents(factor) for row in range(len(worth)))
    return np.stack([np.linalg.solve(of_latents, row) for of_latents, row in zip(each, right, strict=True)])


def _together(factor: np.ndarray, worth: Precision, right: np.ndarray) -> np.ndarray:
    """Conjugate gradients on all windows at once, preconditioned by the precision of the average window.

    Windows of a clip show about the same, so that few steps of thin matrix products replace a matrix for each; those
    that are unlike the others, and not done after _STEPS steps, get theirs. (Saad, Iterative Methods, algorithm 9.1.)
    """
    inverse = np.linalg.inv(worth.mean().of_latents(factor))
    found = right @ inverse
    enough = _EXACT**2 * (right * found).sum(1)
    going = np.arange(len(right))
    left = right - _applied(factor, worth, found)
    better = left @ inverse
    energy = (left * better).sum(1)
    direction = better
    for _ in range(_STEPS):
        more = energy > enough[going]
        if not more.any():
            return found
        if not more.all():
            going, left, energy, direction = going[more], left[more], energy[more], direction[more]
            worth = worth.part(more)
        ahead = _applied(factor, worth, direction)
        step = energy / (direction * ahead).sum(1)
        found[going] += step[:, None] * direction
        left = left - step[:, None] * ahead
        better = left @ inverse
        before, energy = energy, (left * better).sum(1)
        direction = better + (energy / before)[:, None] * direction
    last = energy > enough[going]
    if last.any():
        found[going[last]] = _one_by_one(factor, worth.part(last), right[going[last]])
    return found


def _applied(factor: np.ndarray, worth: Precision, latents: np.ndarray) -> np.ndarray:
    """The precision of each row's latents times them."""
    return np.asarray(latents + worth.times(latents @ factor.T) @ factor)


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
