"""Runs every method in every condition it enters, cell by cell, and remembers what was done."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from jumps_blender.core.clips.windows import WINDOW

from .bars import Board
from .cells import Cell, Cells
from .conditions import Condition
from .intervals import resampled
from .methods import Entrant, Method
from .scenes import Scene
from .scores import Shown, score

_SCORING: Final = 0.5
"""Seconds, roughly, to score a cell."""


@dataclass
class Runner:
    """Scenes of each source, the folder of cells, and what was measured.

    given: tracks of each source for conditions that are not made from the truth; board: scores of each cell; files:
    names of the cells' files; seconds: that each method took for a second of motion.
    """

    scenes: dict[str, list[Scene]]
    cells: Cells
    seed: int
    console: Console
    given: dict[str, dict[str, list[np.ndarray]]] = field(default_factory=dict)
    board: Board = field(default_factory=dict)
    files: dict[tuple[str, str], str] = field(default_factory=dict)
    seconds: dict[tuple[str, str], float] = field(default_factory=dict)
    _shown: dict[str, Shown] = field(default_factory=dict)

    @cached_property
    def weights(self) -> dict[str, np.ndarray]:
        """Bootstrap samples of each source's scenes."""
        return {source: resampled(scenes, self.seed) for source, scenes in self.scenes.items()}

    def shown(self, condition: Condition) -> Shown:
        """What methods are shown under a condition; the same whatever else is measured."""
        if condition.name not in self._shown:
            scenes = {source: [scene.at(condition.fps) for scene in found] for source, found in self.scenes.items()}
            tracks = self.given.get(condition.name) or {
                source: [condition.tracks(scene, self._rng(condition, scene)) for scene in found]
                for source, found in scenes.items()
            }
            self._shown[condition.name] = Shown(condition.name, condition.observed, scenes, tracks, self.weights)
        return self._shown[condition.name]

    def _rng(self, condition: Condition, scene: Scene) -> np.random.Generator:
        """One of its own for each scene and condition, whatever else is measured."""
        return np.random.default_rng([self.seed, zlib.crc32(f"{condition.name} {scene.name}".encode())])

    def measure(self, entrants: Iterable[Entrant], conditions: list[Condition]) -> None:
        """Fill the board, method by method; what lies in the folder is read."""
        pairs = [(entrant, condition) for entrant in entrants for condition in conditions if entrant.enters(condition)]
        shown = (
            TextColumn("{task.description}"), BarColumn(20), TimeElapsedColumn(), TextColumn("left:"),
            TimeRemainingColumn(),
        )  # fmt: skip
        hidden = not self.console.is_terminal
        with Progress(*shown, console=self.console, transient=True, disable=hidden, speed_estimate_period=600) as bar:
            task = bar.add_task("measuring", total=sum(self._cost(*pair) for pair in pairs))
            for entrant, condition in pairs:
                bar.update(task, description=f"{entrant.name}: {condition.name}")
                done = bar.tasks[0].completed + self._cost(entrant, condition)
                self._cell(entrant, condition, bar, task)
                bar.update(task, completed=done)

    def _tracks(self, condition: Condition) -> tuple[list[np.ndarray], list[Scene]]:
        """Of all sources in a row."""
        shown = self.shown(condition)
        tracks = [each for source in shown.tracks for each in shown.tracks[source]]
        return tracks, [scene for source in shown.scenes for scene in shown.scenes[source]]

    def _cost(self, entrant: Entrant, condition: Condition) -> float:
        """Seconds, roughly."""
        tracks, scenes = self._tracks(condition)
        if self.cells.path(entrant.name, condition.name, entrant.identity, tracks).is_file():
            return _SCORING
        windows = sum(len(scene.positions) / scene.fps for scene in scenes) * 25 / WINDOW
        return _SCORING + entrant.fitting + entrant.seconds * windows

    def _cell(self, entrant: Entrant, condition: Condition, bar: Progress, task: TaskID) -> None:
        tracks, scenes = self._tracks(condition)
        path = self.cells.path(entrant.name, condition.name, entrant.identity, tracks)
        cell = self.cells.read(path)
        if cell is None:
            method = entrant.open(condition)
            bar.advance(task, entrant.fitting)
            share = (self._cost(entrant, condition) - entrant.fitting) / len(tracks)
            cell = _run(method, tracks, lambda: bar.advance(task, share))
            self.cells.write(path, cell)
            self.console.print(f"{entrant.name}: {condition.name}: {cell.seconds:.1f} s", highlight=False)
        key = (entrant.name, condition.name)
        shown, results = self.shown(condition), iter(cell.results)
        found = {source: [next(results) for _ in parts] for source, parts in shown.scenes.items()}
        self.board[key] = score(entrant.name, found, shown, entrant.hop)
        self.files[key] = path.name
        self.seconds[key] = cell.seconds / sum(len(scene.positions) / scene.fps for scene in scenes)


def _run(method: Method, tracks: list[np.ndarray], advance: Callable[[], None]) -> Cell:
    begin = time.perf_counter()
    results = []
    for each in tracks:
        # As the file keeps them: what is read again scores the same.
        results.append(np.asarray(method(each)).astype(np.float32).astype(np.float64))
        advance()
    return Cell(results, time.perf_counter() - begin)
