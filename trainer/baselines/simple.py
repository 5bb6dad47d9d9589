"""Baselines without a regression: the mean pose, and the nearest windows of the training data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Final

import numpy as np

from jumps_blender.core.inversion.procrustes import Target

from .lessons import Lessons
from .method import Examination, WindowMethod

BANKS: Final = (5_000, 20_000)
"""Windows among which neighbours are looked for."""
NEIGHBOURS: Final = (1, 8, 32, 128)
EXAMINED: Final = 200
"""Windows by which neighbours are judged; all of them would take minutes."""
BATCH: Final = 64


@dataclass(frozen=True)
class _Placed:
    """The mean pose in each frame, where the window's units put it or by a similarity onto the frame's joints."""

    pose: np.ndarray
    aligned: bool

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        pose = np.broadcast_to(self.pose, positions.shape)
        return _onto(pose.reshape(-1, 28, 2), positions.reshape(-1, 28, 2)).reshape(positions.shape) if self.aligned \
            else np.array(pose)  # fmt: skip


def _onto(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Lay points (n, k, 2) onto what is seen of them (n, k, 2), NaN = nothing; a row with less than 2 stays."""
    known = np.isfinite(seen).all(-1)
    laid = Target.of(np, np.where(known[..., None], seen, 0.0), known.astype(float)).align(points).apply()
    return np.where((known.sum(-1) > 1)[:, None, None], laid, points)


@dataclass(frozen=True)
class MeanPose:
    """The mean of all training windows' poses, placed by what is observed."""

    name: str

    def fit(self, lessons: Lessons, observed: np.ndarray) -> WindowMethod:
        candidates = (
            WindowMethod(
                observed, _Placed(lessons.mean_pose, aligned), lessons.mean_pose,
                chosen=(("placed by", "a similarity per frame" if aligned else "the window's units"),),
            )
            for aligned in (False, True)
        )  # fmt: skip
        return Examination(lessons).choose(candidates)


@dataclass(frozen=True)
class Bank:
    """Windows (n, 24, 28, 2) in normalised units, ready to be compared by the joints `observed`, bool (28,)."""

    windows: np.ndarray
    observed: np.ndarray

    @cached_property
    def _columns(self) -> np.ndarray:
        return np.ascontiguousarray(self.windows[:, :, self.observed].reshape(len(self.windows), -1))

    @cached_property
    def _squares(self) -> np.ndarray:
        return self._columns**2

    @cached_property
    def _lengths(self) -> np.ndarray:
        return self._squares.sum(1)

    def distances(self, positions: np.ndarray) -> np.ndarray:
        """Root mean square over what is observed of positions (n, 24, 28, 2), NaN = nothing: (n, windows)."""
        seen = positions[:, :, self.observed].reshape(len(positions), -1).astype(np.float32)
        weight = np.isfinite(seen).astype(np.float32)
        complete = bool(weight.all())
        seen = np.where(weight > 0, seen, np.float32(0))
        own = self._lengths if complete else weight @ self._squares.T
        distance = (seen**2).sum(1)[:, None] - 2 * seen @ self._columns.T + own
        return np.asarray(np.sqrt(np.maximum(distance, 0) / np.maximum(weight.sum(1), 1)[:, None]))


@dataclass(frozen=True)
class NearestWindows:
    """The mean of the k nearest windows of a bank, nearer ones with more weight.

    aligned: whether each is laid onto what is observed by a similarity. The weight falls to 1/e at the distance of the
    middle neighbour.
    """

    bank: Bank
    k: int
    aligned: bool

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        parts = [self._nearest(positions[at : at + BATCH]) for at in range(0, len(positions), BATCH)]
        return np.concatenate(parts)

    def _nearest(self, positions: np.ndarray) -> np.ndarray:
        distance = self.bank.distances(positions)
        chosen = np.argpartition(distance, min(self.k, distance.shape[1] - 1), axis=1)[:, : self.k]
        near = np.take_along_axis(distance, chosen, 1)
        share = np.exp(-near / np.maximum(np.median(near, axis=1, keepdims=True), 1e-9))
        found = self.bank.windows[chosen].astype(np.float64)
        if self.aligned:
            shape = found.shape
            target = np.broadcast_to(positions[:, None], shape).reshape(-1, 24 * 28, 2)
            found = _onto(found.reshape(target.shape), target).reshape(shape)
        return np.asarray(np.einsum("nk,nkfjc->nfjc", share / share.sum(1, keepdims=True), found))


@dataclass(frozen=True)
class Neighbours:
    """The k nearest windows; the bank's size, k and the placing are chosen by examination."""

    name: str

    def fit(self, lessons: Lessons, observed: np.ndarray) -> WindowMethod:
        """K and the placing are chosen on the smallest bank, the bank with those."""
        largest = lessons.sampler(2).draw(min(max(BANKS), lessons.windows))[0]
        sizes = sorted({min(size, len(largest)) for size in BANKS})

        banks = {size: Bank(largest[:size], observed) for size in sizes}

        def method(size: int, k: int, aligned: bool) -> WindowMethod:
            chosen = (("bank", size), ("k", k), ("placed by", "Procrustes" if aligned else "the window's units"))
            predict = NearestWindows(banks[size], k, aligned)
            return WindowMethod(observed, predict, lessons.mean_pose, gaps=True, chosen=chosen)

        examination = Examination(lessons, EXAMINED)
        best = examination.choose(method(sizes[0], *each) for each in product(NEIGHBOURS, (False, True))).predict
        assert isinstance(best, NearestWindows)
        return examination.choose(method(size, best.k, best.aligned) for size in sizes)
