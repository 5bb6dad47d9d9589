"""A network as baseline that takes any mask: zero-filled coordinates and where they are, over the whole window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.perceptron import Perceptron

from .lessons import Lessons, draw_masked
from .method import WindowMethod
from .residual import OUTPUTS, to_perceptron
from .ridge import CHUNK, solve

INPUTS: Final = WINDOW * len(JOINTS) * 3

RIDGE: Final = 1e-4
"""Penalty of the linear part; the network behind it makes up for what another would change."""


@dataclass(frozen=True)
class _Masked:
    """A linear map of `masked_inputs` and a bias, (INPUTS + 1, OUTPUTS), and what a network adds to it."""

    linear: np.ndarray
    network: Perceptron
    mean_pose: np.ndarray

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        inputs = masked_inputs(positions, self.mean_pose)
        return (self.base(inputs) + self.network(inputs)).reshape(positions.shape)

    def base(self, inputs: np.ndarray) -> np.ndarray:
        """The linear part, (n, OUTPUTS)."""
        return inputs @ self.linear[:-1] + self.linear[-1]


def masked_inputs(positions: np.ndarray, mean_pose: np.ndarray) -> np.ndarray:
    """(n, INPUTS) float32 of windows: departures from the mean pose, 0 where not observed, and the mask."""
    known = np.isfinite(positions).all(-1)
    moved = np.where(known[..., None], positions - mean_pose, 0.0)
    return np.concatenate([moved.reshape(len(moved), -1), known.reshape(len(known), -1)], 1).astype(np.float32)


def fit_linear(lessons: Lessons) -> dict[str, np.ndarray]:
    """The linear part, fitted under random masks and the noise mixture."""
    sampler, squares, products = lessons.sampler(6), np.zeros(()), np.zeros(())
    for first in range(0, lessons.windows, CHUNK):
        views = draw_masked(sampler, min(CHUNK, lessons.windows - first))
        inputs = masked_inputs(views.seen, lessons.mean_pose)
        x = np.concatenate([inputs, np.ones((len(inputs), 1), np.float32)], axis=1)
        squares = squares + x.T @ x
        products = products + x.T @ views.truth.reshape(len(x), -1)
    return {"linear": solve(squares / lessons.windows, products / lessons.windows, RIDGE).astype(np.float32)}


@dataclass(frozen=True)
class MaskedNetwork:
    """A perceptron on the window for any mask that adds to a linear map of the same inputs; trained with noise."""

    name: str

    def fit(self, lessons: Lessons, observed: np.ndarray) -> WindowMethod:
        """One network serves all sets and conditions."""
        mean_pose = lessons.mean_pose
        key = (lessons.origin, lessons.windows)
        linear = lessons.store.get("masked-linear", key, lambda: fit_linear(lessons))["linear"]
        base = _Masked(linear, Perceptron(()), mean_pose).base

        def make() -> dict[str, np.ndarray]:
            from . import networks

            sampler = lessons.sampler(5)

            def draw() -> networks.Batch:
                views = draw_masked(sampler, networks.BATCH)
                inputs = masked_inputs(views.seen, mean_pose)
                return networks.Batch(inputs, base(inputs).reshape(views.truth.shape), views.truth, views.heads)

            return networks.taught(INPUTS, OUTPUTS, draw, lessons)

        kept = lessons.store.get("masked-network", (*key, lessons.minutes, lessons.steps), make)
        predict = _Masked(linear, to_perceptron(kept), mean_pose)
        return WindowMethod(observed, predict, mean_pose, gaps=True, chosen=(("steps", int(kept["steps"])),))
