"""One Gaussian over windows, conditioned on what is observed: the best linear answer for any mask."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.direct.gaussian import Gaussian

from .lessons import Lessons
from .method import Examination, WindowMethod

RANKS: Final = (96, 192, 288, 400, 600)
USUAL_RANK: Final = 288
DEVIATIONS: Final = (0.003, 0.01, 0.03, 0.06, 0.1, 0.16, 0.25, 0.4, 0.6)
"""Standard deviations in heads that observations are granted."""
PLACES: Final = 0.5
"""Standard deviation in normalised units of a window's place: hips that are seen for a part of it move the origin."""
CHUNK: Final = 2000
EXAMINED: Final = 200


@dataclass(frozen=True)
class _Conditioned:
    gaussian: Gaussian
    deviation: float

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        flat = positions.reshape(len(positions), -1)
        variance = np.where(np.isfinite(flat), (self.deviation * HEAD) ** 2, np.inf)
        residual = np.where(np.isfinite(flat), flat - self.gaussian.mean, 0.0)
        out = np.empty(flat.shape)
        # Windows with one mask are solved at once.
        _, kind = np.unique(np.isfinite(flat), axis=0, return_inverse=True)
        for each in range(kind.max() + 1):
            rows = kind.reshape(-1) == each
            out[rows] = self.gaussian.posterior(residual[rows], variance[rows])
        return (out + self.gaussian.mean).reshape(positions.shape)


def moments(lessons: Lessons) -> dict[str, np.ndarray]:
    """Mean (1344,) and covariance of training windows in normalised units, kept in the store."""

    def make() -> dict[str, np.ndarray]:
        sampler, total, squares = lessons.sampler(3), np.zeros(()), np.zeros(())
        for first in range(0, lessons.windows, CHUNK):
            n = min(CHUNK, lessons.windows - first)
            flat = sampler.draw(n)[0].reshape(n, -1).astype(np.float64)
            total, squares = total + flat.sum(0), squares + flat.T @ flat
        mean = total / lessons.windows
        return {"mean": mean, "covariance": squares / lessons.windows - np.outer(mean, mean)}

    return lessons.store.get("moments", (lessons.origin, lessons.windows), make)


def _gaussian(lessons: Lessons, rank: int) -> Gaussian:
    def make() -> dict[str, np.ndarray]:
        found = moments(lessons)
        size = len(found["mean"])
        place = PLACES**2 * np.kron(np.ones((size // 2, size // 2)), np.eye(2))
        fitted = Gaussian.fit(found["mean"], found["covariance"] + place, rank)
        return {"mean": fitted.mean, "factor": fitted.factor, "noise": fitted.noise}

    return Gaussian(**lessons.store.get("gaussian", (lessons.origin, lessons.windows, rank), make))


@dataclass(frozen=True)
class Conditioned:
    """The Gaussian; its rank and the noise that observations are granted are chosen by examination."""

    name: str

    def fit(self, lessons: Lessons, observed: np.ndarray) -> WindowMethod:
        examination = Examination(lessons, EXAMINED)

        def best(ranks: tuple[int, ...], deviations: tuple[float, ...]) -> _Conditioned:
            gaussians = (_Conditioned(_gaussian(lessons, rank), each) for rank, each in product(ranks, deviations))
            return min(gaussians, key=lambda each: examination.error(method(each)))

        def method(predict: _Conditioned) -> WindowMethod:
            chosen = (("rank", predict.gaussian.rank), ("deviation in heads", predict.deviation))
            return WindowMethod(observed, predict, lessons.mean_pose, gaps=True, chosen=chosen)

        return method(best(RANKS, (best((USUAL_RANK,), DEVIATIONS).deviation,)))
