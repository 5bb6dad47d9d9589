"""Pictures of motion: what was observed, the truth, and what methods make of it, frame beside frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from .drawing import QUIET, SHADE, WIDTH, bare, draw_observed, draw_points, draw_pose, figure, grey

OBSERVED, REAL = "observed", "truth"
KEY: Final = "Left side blue, right side red; grey behind: the truth."
_GAP, _NARROW = 0.7, 2.2
"""Heads between two poses, and what a pose takes at least."""

COLOURS: Final = 28
"""Of the picture: blue, red and greys, so that many poses stay below 100 kB."""


@dataclass(frozen=True)
class Strip:
    """One clip as a strip shows it.

    frames: the ones shown; observed, truth: (frames of the clip, 28, 2) pixels; results: one such array for each
    method, NaN where it has no answer; head_size: (frames of the clip,), pixels; hidden: the frames in which something
    was hidden; notes: row -> what is written below it; behind: colours of the truth behind results.
    """

    title: str
    frames: tuple[int, ...]
    observed: np.ndarray
    truth: np.ndarray
    results: Mapping[str, np.ndarray]
    head_size: np.ndarray
    hidden: frozenset[int] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)
    behind: Callable[[int], str] = grey

    def pose(self, name: str, frame: int) -> np.ndarray:
        """One frame of a row in heads around the middle of the true body's box."""
        positions = {OBSERVED: self.observed, REAL: self.truth}.get(name)
        positions = self.results[name] if positions is None else positions
        truth = self.truth[frame]
        return np.asarray((positions[frame] - (np.nanmin(truth, 0) + np.nanmax(truth, 0)) / 2) / self.head_size[frame])

    @property
    def steps(self) -> np.ndarray:
        """Heads that each shown pose takes along the strip."""
        size = np.stack([_reach(self.pose(REAL, frame)[:, 0]) for frame in self.frames])
        return np.maximum(size, _NARROW) + _GAP

    @property
    def height(self) -> float:
        """Heads that the tallest pose takes, the middle of the true body's box in their middle."""
        reach = [float(np.nanmax(np.abs(self.pose(row, frame)[:, 1]))) for row in self._rows for frame in self.frames]
        body = max(_reach(self.pose(REAL, frame)[:, 1]) for frame in self.frames)
        return min(2 * max(reach), 1.4 * body) + _GAP

    @property
    def _rows(self) -> tuple[str, ...]:
        return (REAL, *self.results)


def _reach(values: np.ndarray) -> float:
    return float(np.nanmax(values) - np.nanmin(values))


def spread(first: int, last: int, count: int) -> tuple[int, ...]:
    """`count` frames evenly from the first to the last."""
    return tuple(int(frame) for frame in np.linspace(first, last, count).round())


def draw_strips(strips: list[Strip], rows: list[str], note: str, path: Path, key: str = KEY) -> None:
    """Clips side by side, a row for what was observed, the truth, or a method's result over the truth in grey."""
    widths = [float(strip.steps.sum()) for strip in strips]
    tall = max(strip.height for strip in strips)
    scale = 0.93 * WIDTH / sum(widths)
    noted = 0.16 * any(strip.notes for strip in strips)
    with figure(path, height=len(rows) * (tall * scale + noted) + 0.7, palette=COLOURS) as drawn:
        grid = drawn.subplots(len(rows), len(strips), width_ratios=widths, squeeze=False)
        for column, strip in enumerate(strips):
            for axes, row in zip(grid[:, column], rows, strict=True):
                bare(axes)
                _draw_row(axes, strip, row, tall)
            grid[0, column].set_title(strip.title)
        for axes, row in zip(grid[:, 0], rows, strict=True):
            place = {"transform": axes.transAxes, "ha": "right", "va": "center", "rotation": 90}
            axes.text(-0.01, 0.5, row.replace(", ", ",\n"), fontsize=8, **place)
        drawn.supxlabel(f"{note}{key}", fontsize=7.5, color=QUIET)


def _draw_row(axes: Axes, strip: Strip, row: str, tall: float) -> None:
    steps = strip.steps
    ends = np.cumsum(steps)
    for start, end, frame in zip(ends - steps, ends, strip.frames, strict=True):
        if frame in strip.hidden:
            axes.axvspan(start, end, color=SHADE, linewidth=0)
        _draw_one(axes, strip, row, frame, ((start + end) / 2, 0.0))
    axes.set(xlim=(0, ends[-1]), ylim=(tall / 2, -tall / 2))
    if row in strip.notes:
        axes.text(
            0.5, -0.01, strip.notes[row], transform=axes.transAxes, ha="center", va="top", fontsize=7, color=QUIET
        )


def _draw_one(axes: Axes, strip: Strip, row: str, frame: int, at: tuple[float, float]) -> None:
    pose = strip.pose(row, frame)
    if row == OBSERVED:
        draw_observed(axes, pose, at)
        return
    if row != REAL:
        draw_pose(axes, strip.pose(REAL, frame), at, 2.4, strip.behind)
    if np.isfinite(pose).all():
        draw_pose(axes, pose, at)
        draw_points(axes, pose, at, 2.5)
    else:
        draw_observed(axes, pose, at)


@dataclass(frozen=True)
class Still:
    """One frame of a result: truth, result (28, 2) in pixels, head size in pixels, and what is said of it."""

    title: str
    text: str
    truth: np.ndarray
    result: np.ndarray
    head_size: float


def draw_stills(stills: list[Still], columns: int, note: str, path: Path) -> None:
    """Single frames in a grid, results over the truth in grey."""
    rows = -(-len(stills) // columns)
    with figure(path, height=2.75 * rows + 0.3) as drawn:
        grid = drawn.subplots(rows, columns, squeeze=False).ravel()
        for axes in grid:
            bare(axes)
        for axes, still in zip(grid, stills, strict=False):
            middle = (still.truth.min(0) + still.truth.max(0)) / 2
            truth, result = ((pose - middle) / still.head_size for pose in (still.truth, still.result))
            draw_pose(axes, truth, width=3.2, colour_of=grey)
            draw_pose(axes, result, width=1.5)
            draw_points(axes, result, size=4)
            reach = max(np.abs(truth).max(), np.abs(result).max()) + 0.4
            axes.set(xlim=(-reach, reach), ylim=(reach, -reach))
            axes.set_title(still.title, fontsize=7.5)
            axes.text(0.5, 0.0, still.text, transform=axes.transAxes, ha="center", va="top", fontsize=7, color=QUIET)
        drawn.get_layout_engine().set(w_pad=0.02, h_pad=0.02, hspace=0.0)
        drawn.supxlabel(f"{note}{KEY}", fontsize=7.5, color=QUIET)
