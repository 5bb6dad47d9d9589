"""Lifting by ridge regression: the depth of all joints from the observed joints of a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jumps_blender.core.body.normalise import Units
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.clips.windows import WINDOW, blend, cut, window_starts

from .gaps import along_splines
from .lessons import CONTEXT, EXAMINATION, Lessons, Views
from .method import HOP
from .ridge import CHUNK, RIDGES, solve

NAME: Final = "ridge lifting"


@dataclass(frozen=True)
class Lifting:
    """From tracks to depth.

    observed: bool (28,), the joints it looks at; weights: (24 * observed * 2 + 1, 24 * 28), the last row is the bias;
    ridge: the penalty.
    """

    observed: np.ndarray
    weights: np.ndarray
    ridge: float

    def __call__(self, tracks: np.ndarray) -> np.ndarray:
        """How much farther than the pelvis the joints of tracks (frames, 28, 2) are, (frames, 28), in their unit."""
        whole = along_splines(np.where(self.observed[:, None], tracks, np.nan)[None])[0]
        starts = window_starts(len(whole), HOP)
        return blend(self.lift(cut(whole, starts, np.nan)), starts, len(whole))

    def lift(self, windows: np.ndarray) -> np.ndarray:
        """Depth (n, 24, 28) of windows (n, 24, 28, 2) without gaps, in their unit."""
        units = Units.of(windows)
        depth = _inputs(units.normalise(windows), self.observed) @ self.weights
        return np.asarray(depth.reshape(-1, WINDOW, len(JOINTS)) * units.scale[:, None, None])


def fit_lifting(lessons: Lessons, observed: np.ndarray) -> Lifting:
    """Learn from clean windows; the penalty is the best on validation windows under the lessons' condition."""

    def make() -> dict[str, np.ndarray]:
        squares, products, rows = np.zeros(()), np.zeros(()), 0
        for x, depth in _pairs(lessons, observed):
            squares, products, rows = squares + x.T @ x, products + x.T @ depth, rows + len(x)
        return {"squares": squares / rows, "products": products / rows}

    kept = lessons.store.get("lifting", (lessons.origin, lessons.windows, observed.tolist()), make)
    seen, depth, heads = _examination(lessons, observed)
    candidates = (Lifting(observed, solve(kept["squares"], kept["products"], ridge), ridge) for ridge in RIDGES)
    return min(candidates, key=lambda each: float((np.abs(each.lift(seen) - depth) / heads[..., None]).mean()))


def _pairs(lessons: Lessons, observed: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Inputs (n, 24 * observed * 2 + 1) and depths (n, 24 * 28) of training windows, in chunks."""
    sampler = lessons.sampler(4)
    for first in range(0, lessons.windows, CHUNK):
        view = sampler.look(min(CHUNK, lessons.windows - first))
        shown = Views(np.where(observed[:, None], view.positions, np.nan), view.positions, view.heads)
        units = shown.units(sampler.rng)
        depth = view.depth / units.scale[:, None, None]
        yield _inputs(units.normalise(shown.seen), observed).astype(np.float64), depth.reshape(len(depth), -1)


def _examination(lessons: Lessons, observed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Validation windows as the condition shows them, without gaps, their depths and head sizes, in one unit."""
    sampler = replace(lessons, train=lessons.validation).sampler(5)
    view = sampler.look(EXAMINATION, WINDOW + 2 * CONTEXT)
    seen = lessons.condition(view.positions, view.heads, sampler.rng)
    middle = slice(CONTEXT, CONTEXT + WINDOW)
    filled = along_splines(np.where(observed[:, None], seen, np.nan))
    return filled[:, middle], view.depth[:, middle], view.heads[:, middle]


def _inputs(positions: np.ndarray, observed: np.ndarray) -> np.ndarray:
    flat = positions[:, :, observed].reshape(len(positions), -1)
    return np.concatenate([flat, np.ones((len(flat), 1), flat.dtype)], axis=1)
