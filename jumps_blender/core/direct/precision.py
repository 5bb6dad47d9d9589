"""What observations are worth: inverses of the covariance of all that keeps them from being the truth.

Errors that are new in every frame make a diagonal; those that last (see `noise`) a matrix over the frames for each
joint. Both serve the Gaussian alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

_AXES: Final = 2


@dataclass(frozen=True)
class Precision(ABC):
    """That of the observed coordinates of n windows.

    worth: (n, ...), of each window. seen: bool (coordinates,), those that count; rows hold these alone.
    """

    worth: np.ndarray
    seen: np.ndarray

    def __len__(self) -> int:
        """How many windows."""
        return len(self.worth)

    @property
    def alike(self) -> bool:
        """Whether all windows show the same, equally well."""
        return bool((self.worth == self.worth[:1]).all())

    def mean(self) -> Self:
        """That of the average window."""
        return replace(self, worth=self.worth.mean(0, keepdims=True))

    def part(self, which: np.ndarray) -> Self:
        """That of some windows."""
        return replace(self, worth=self.worth[which])

    @abstractmethod
    def times(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, seen), each times the precision of its window; of one window, any number of rows times it."""

    @abstractmethod
    def of_latents(self, factor: np.ndarray) -> np.ndarray:
        """I + F' P F (rank, rank) of the first window, whose latents move what is seen by `factor` (seen, rank)."""


def precision(variance: np.ndarray, noise: np.ndarray, correlation: np.ndarray | None) -> Precision:
    """Of observations that are granted `variance` (n, coordinates), inf = not observed.

    `noise` (coordinates,) is what the Gaussian leaves open. Where errors last, coordinates are frames, joints and two
    axes that are granted the same, and `correlation` (frames, frames) is the covariance of what is granted 1; what the
    Gaussian leaves open, which is next to nothing beside it, is averaged over the axes.
    """
    if correlation is None:
        weight = 1.0 / (variance + noise)
        seen = (weight > 0).any(0)
        return Independent(weight[:, seen], seen)
    return Lasting.of(variance, noise, correlation)


class Independent(Precision):
    """Where errors are new in every frame: `worth` (n, seen)."""

    def times(self, rows: np.ndarray) -> np.ndarray:
        """See `Precision`."""
        return rows * self.worth

    def of_latents(self, factor: np.ndarray) -> np.ndarray:
        """See `Precision`; written as A'A, which numpy computes by half."""
        scaled = factor * np.sqrt(self.worth[0])[:, None]
        return np.asarray(np.eye(factor.shape[1]) + scaled.T @ scaled)


class Lasting(Precision):
    """Where errors last: `worth` (n, joints, frames, frames)."""

    @classmethod
    def of(cls, variance: np.ndarray, noise: np.ndarray, correlation: np.ndarray) -> Lasting:
        """See `precision`."""
        frames = len(correlation)
        granted = variance.reshape(len(variance), frames, -1, _AXES)[..., 0]
        shown = np.isfinite(granted).any((0, 1))
        granted = np.moveaxis(granted[..., shown], 2, 1)
        open_ = noise.reshape(frames, -1, _AXES).mean(-1)[:, shown].T
        # Most joints are seen in the same frames, equally well, in most windows: each such case is inverted once.
        joint = np.broadcast_to(np.arange(len(open_))[:, None], (*granted.shape[:2], 1))
        cases, case = kinds(np.concatenate([granted, joint], -1).reshape(-1, frames + 1))
        found = _inverses(cases[:, :-1], open_[cases[:, -1].astype(int)], correlation)
        seen = np.repeat(np.tile(shown, frames), _AXES)
        return cls(found[case].reshape(*granted.shape, frames), seen)

    def times(self, rows: np.ndarray) -> np.ndarray:
        """See `Precision`."""
        _, joints, frames, _ = self.worth.shape
        apart = np.moveaxis(rows.reshape(len(rows), frames, joints, _AXES), 1, 2)
        return np.asarray(np.moveaxis(self.worth @ apart, 2, 1).reshape(rows.shape))

    def of_latents(self, factor: np.ndarray) -> np.ndarray:
        """See `Precision`."""
        first = Lasting(self.worth[:1], self.seen)
        return np.asarray(np.eye(factor.shape[1]) + first.times(factor.T) @ factor)


def _inverses(variance: np.ndarray, noise: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """Inverses (k, frames, frames) of the covariance of what is observed; 0 where either frame is not."""
    seen = np.isfinite(variance)
    deviation = np.sqrt(np.where(seen, variance, 0.0))
    covariance = correlation * (deviation[:, :, None] * deviation[:, None])
    frames = np.arange(len(correlation))
    covariance[:, frames, frames] += np.where(seen, noise, 1.0)
    return np.asarray(np.linalg.inv(covariance) * (seen[:, :, None] & seen[:, None]))


def kinds(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ones among rows (n, m), and which of them each row is, (n,)."""
    whole = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    _, first, kind = np.unique(whole, return_index=True, return_inverse=True)
    return rows[first], kind.reshape(-1)
