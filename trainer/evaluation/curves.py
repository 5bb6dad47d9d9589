"""Curves: PCKh over the threshold, error over the place in a window, jumps at borders, training, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jumps_blender.core.metrics import AUC_THRESHOLDS

from .drawing import QUIET, WIDTH, figure, looks

COLUMNS: Final = 4
WIDE: Final = 1.8
"""Points of the lines whose AUC is told."""


@dataclass(frozen=True)
class Panel:
    """One panel of curves: a title, and for each method its values along x."""

    title: str
    curves: Mapping[str, np.ndarray]


def draw_pckh(panels: list[Panel], note: str, path: Path) -> None:
    """Shares of joints within 0 to 1 head, (101,) for each method, a panel for each condition."""
    rows = -(-len(panels) // COLUMNS)
    columns = min(len(panels), COLUMNS)
    methods = _methods(panels)
    with figure(path, height=2.15 * rows + 0.45 + 0.17 * -(-len(methods) // 5)) as drawn:
        grid = drawn.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes, panel in zip(grid.ravel(), panels, strict=False):
            _draw_curves(axes, panel, AUC_THRESHOLDS, methods)
            axes.axvline(0.1, color="#999999", linewidth=0.7, zorder=0)
            axes.set(xlim=(0, 1), ylim=(0, 1), xticks=(0.1, 0.5, 1.0))
            _tell_areas(axes, panel)
        for axes in grid.ravel()[len(panels) :]:
            axes.set_visible(False)
        drawn.supylabel("share of joints within it", fontsize=8)
        drawn.supxlabel(f"allowed error, heads of 22.5 cm ({note})", fontsize=8)
        _legend(drawn, grid.ravel()[0], methods)


def _tell_areas(axes: Axes, panel: Panel) -> None:
    """The AUC of the methods with the widest lines, in their colours."""
    chosen = looks(list(panel.curves))
    told = [name for name in panel.curves if chosen[name].width >= WIDE]
    for line, name in enumerate(reversed(told)):
        shares = panel.curves[name]
        area = float(((shares[1:] + shares[:-1]) / 2).mean())
        place = {"transform": axes.transAxes, "ha": "right", "va": "bottom", "fontsize": 7}
        axes.text(0.98, 0.03 + 0.09 * line, f"AUC {area:.3f}", color=chosen[name].colour, **place)


def draw_places(curves: Mapping[str, np.ndarray], note: str, path: Path) -> None:
    """Mean error in heads over the frame of the window, (24,) for each method."""
    with figure(path, height=2.7, width=WIDTH * 0.62) as drawn:
        axes = drawn.subplots()
        frames = np.arange(1, 1 + len(next(iter(curves.values()))))
        _draw_curves(axes, Panel("Are the ends of a window worse?", curves), frames, list(curves))
        axes.set(
            xlabel=f"frame of the window ({note})",
            ylabel="mean error, heads",
            xlim=(1, frames[-1]),
            xticks=(1, 6, 12, 18, 24),
        )
        axes.set_ylim(bottom=0)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def draw_borders(curves: Mapping[str, np.ndarray], note: str, path: Path) -> None:
    """Mean acceleration error over the frame from a border of windows, (2 k + 1,) for each method, as Fig. 6."""
    with figure(path, height=2.7, width=WIDTH * 0.72) as drawn:
        axes = drawn.subplots()
        reach = len(next(iter(curves.values()))) // 2
        axes.axvline(0, color="#999999", linewidth=0.8, zorder=0)
        _draw_curves(
            axes,
            Panel("Jumps where one window ends and the next begins", curves),
            np.arange(-reach, reach + 1),
            list(curves),
        )
        axes.set(
            xlabel=f"frames from the border ({note})",
            ylabel="acceleration error,\nheads per frame²",
            xlim=(-reach, reach),
        )
        axes.set_ylim(bottom=0)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


@dataclass(frozen=True)
class Learning:
    """A measure over the steps of one kind of run, all (n,): its mean over seeds, and their standard deviation."""

    steps: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    seeds: int


@dataclass(frozen=True)
class Lesson:
    """One panel of courses: a measure, the course of each kind of run, and what real motion has of it, if known."""

    measure: str
    rows: Mapping[str, Learning]
    real: float | None = None


def draw_learning(lessons: list[Lesson], path: Path) -> None:
    """Courses over steps, with bands of one standard deviation between seeds; logarithmic beside what is real."""
    rows = list(dict.fromkeys(row for lesson in lessons for row in lesson.rows))
    colours = dict(zip(rows, _CYCLE * len(rows), strict=False))
    tallest = max(len(lesson.rows) for lesson in lessons)
    with figure(path, height=2.7 + 0.16 * tallest) as drawn:
        for axes, lesson in zip(drawn.subplots(1, len(lessons), squeeze=False)[0], lessons, strict=True):
            for row, course in lesson.rows.items():
                axes.plot(course.steps, course.mean, color=colours[row], label=row)
                ends = course.mean - course.spread, course.mean + course.spread
                axes.fill_between(course.steps, *ends, color=colours[row], alpha=0.15, linewidth=0)
            if lesson.real is not None:
                axes.axhline(lesson.real, color="#999999", linestyle=":", label="real motion")
                axes.set_yscale("log")
            axes.set(title=lesson.measure, xlabel="steps")
            axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
        seeds = max(course.seeds for lesson in lessons for course in lesson.rows.values())
        note = f"mean of {seeds} seeds, bands: one standard deviation between them" if seeds > 1 else "one seed"
        drawn.supxlabel(note, fontsize=7.5, color=QUIET)


_CYCLE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#888888")


def draw_calibration(panels: list[Panel], expected: np.ndarray, note: str, path: Path) -> None:
    """Shares (n,) of errors that should lie within the stated spread, and by condition those that do."""
    names = _methods(panels)
    colours = dict(zip(names, _CYCLE * len(names), strict=False))
    with figure(path, height=2.9) as drawn:
        grid = drawn.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
        for axes, panel in zip(grid, panels, strict=True):
            axes.fill_between(
                (0, 1), (-0.05, 0.95), (0.05, 1.05), color="#dddddd", linewidth=0, label="within 5 points"
            )
            for number, (name, shares) in enumerate(panel.curves.items()):
                dash = "-" if number < len(_CYCLE) else "--"
                axes.plot(expected, shares, color=colours[name], linewidth=1.0, linestyle=dash, label=name)
            for share in (0.68, 0.95):
                axes.axvline(share, color="#999999", linewidth=0.7, zorder=0)
            axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", title=panel.title, xticks=(0, 0.5, 0.68, 0.95))
        drawn.supylabel("share that does", fontsize=8)
        drawn.supxlabel(f"share of errors that should lie within the stated spread ({note})", fontsize=8)
        fullest = grid[int(np.argmax([len(panel.curves) for panel in panels]))]
        _legend(drawn, fullest, names)


def _methods(panels: list[Panel]) -> list[str]:
    return list(dict.fromkeys(name for panel in panels for name in panel.curves))


def _draw_curves(axes: Axes, panel: Panel, x: np.ndarray, methods: list[str]) -> None:
    """Wide lines last, so that ours lie above."""
    chosen = looks(methods)
    for name in sorted(panel.curves, key=lambda each: chosen[each].width):
        look = chosen[name]
        axes.plot(x, panel.curves[name], color=look.colour, linestyle=look.dash, linewidth=look.width, label=name)
    axes.set_title(panel.title)


def _legend(drawn: Figure, axes: Axes, order: list[str]) -> None:
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    names = sorted(handles, key=lambda label: next((i for i, each in enumerate(order) if label.startswith(each)), 0))
    drawn.legend([handles[name] for name in names], names, loc="outside upper center", ncols=min(len(names), 5))
