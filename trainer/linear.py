"""The linear part of the shipped prior: what least squares knows of windows, fitted once before the networks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.gaussian import Gaussian
from jumps_blender.errors import InputError

from .sampling import Sampler

LINEAR: Final = "linear.npz"

RANK: Final = 288
"""Latents of a window."""

DEPTH_RANK: Final = 96
"""Numbers from which the depths of a window follow, by principal components."""

PLACE: Final = 0.2
"""Standard deviation of a window's place in normalised units, added to the Gaussian: where hips are missing or wrong,
the window's centre is a guess."""

_CHUNK: Final = 1000


@dataclass(frozen=True)
class Linear:
    """Moments of windows in normalised units.

    mean (1344,), factor (1344, rank), noise (1344,): the Gaussian over windows.
    detail (56, 56): covariance between the joints of one frame of what the factor leaves: fast motion.
    depth_mean (672,), depth_basis (rank, 672): principal components of depth relative to the pelvis.
    """

    mean: np.ndarray
    factor: np.ndarray
    noise: np.ndarray
    detail: np.ndarray
    depth_mean: np.ndarray
    depth_basis: np.ndarray

    @property
    def gaussian(self) -> Gaussian:
        """The Gaussian over windows."""
        return Gaussian(self.mean, self.factor, self.noise, self.detail)


class _Moments:
    """Sums from which a mean and a covariance follow."""

    def __init__(self, size: int) -> None:
        self.count, self.total, self.squares = 0, np.zeros(size), np.zeros((size, size))

    def add(self, rows: np.ndarray) -> None:
        rows = rows.reshape(-1, len(self.total)).astype(np.float32)
        self.count += len(rows)
        self.total += rows.sum(0)
        self.squares += rows.T @ rows

    def mean(self) -> np.ndarray:
        return np.asarray(self.total / self.count)

    def covariance(self) -> np.ndarray:
        return np.asarray(self.squares / self.count - np.outer(self.mean(), self.mean()))


def fit_linear(sampler: Sampler, windows: int) -> Linear:
    """Fit to random windows; raises InputError for fewer than 1,000, from which no covariance follows."""
    if windows < _CHUNK:
        raise InputError(f"{windows} windows to fit a Gaussian to, expected at least {_CHUNK}.")
    window, acceleration, depth = (
        _Moments(WINDOW * len(JOINTS) * 2),
        _Moments(len(JOINTS) * 2),
        _Moments(WINDOW * len(JOINTS)),
    )
    for view in _views(sampler, windows):
        window.add(view[0])
        acceleration.add(np.diff(view[0], 2, axis=1))
        depth.add(view[1])
    place = PLACE**2 * np.kron(np.ones((WINDOW * len(JOINTS),) * 2), np.eye(2))
    gaussian = Gaussian.fit(window.mean(), window.covariance() + place, RANK)
    values, vectors = np.linalg.eigh(depth.covariance())
    basis = (vectors[:, -DEPTH_RANK:] * np.sqrt(np.maximum(values[-DEPTH_RANK:], 0))).T
    # What the factor leaves moves as accelerations do, and is as large as the remainder on the diagonal.
    fast = acceleration.covariance()
    detail = fast * (gaussian.noise.sum() / WINDOW / np.trace(fast))
    arrays = (gaussian.mean, gaussian.factor, gaussian.noise, detail, depth.mean(), basis)
    return Linear(*(_shipped(array) for array in arrays))


def _views(sampler: Sampler, windows: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for first in range(0, windows, _CHUNK):
        view = sampler.look(min(_CHUNK, windows - first))
        yield view.positions, view.depth


def _shipped(array: np.ndarray) -> np.ndarray:
    """Matrices as the float16 that ships, so that what is trained on them and what is shipped are the same."""
    return (array.astype(np.float16) if array.ndim == 2 and array.shape[1] != array.shape[0] else array).astype(float)


def save_linear(path: Path, linear: Linear) -> None:
    """Write it; a kill leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:  # given a name, numpy would append its own suffix
        np.savez(file, **vars(linear))
    os.replace(partial, path)


def load_linear(path: Path) -> Linear:
    """Read what `save_linear` wrote; raises InputError where it did not."""
    if not path.is_file():
        raise InputError(f"{path} is missing; expected the folder of a prior. Run: python -m trainer refine")
    with np.load(path) as stored:
        return Linear(**{field.name: stored[field.name] for field in fields(Linear)})
