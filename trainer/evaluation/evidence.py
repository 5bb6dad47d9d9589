"""What figures are drawn from: the results of an evaluation and the answers that it kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.metrics import errors_in_heads
from jumps_blender.core.upsampler import Upsampler

from .ablations import FULL, NO_OVERLAP
from .bars import CHAMPION
from .bars import RIDGE as WINDOW_RIDGE
from .conditions import CONDITIONS
from .methods import Entrant
from .results import Results
from .runner import Runner
from .scenes import Scene

OURS: Final = CHAMPION
RIDGE: Final = WINDOW_RIDGE
PAPER: Final = FULL
ONE_BY_ONE: Final = NO_OVERLAP


@dataclass(frozen=True)
class Answer:
    """One scene as a method saw and answered it.

    tracks, result: (frames, 28, 2) pixels; observed: bool (28,), the joints that the condition shows.
    """

    scene: Scene
    tracks: np.ndarray
    result: np.ndarray
    observed: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        """(frames, added joints) in heads."""
        errors = errors_in_heads(self.result, self.scene.positions, self.scene.head_size)
        return np.asarray(errors[:, ~self.observed])

    def hidden_errors(self, result: np.ndarray) -> np.ndarray:
        """Errors (n,) in heads of the joints that the condition shows, in the frames in which it hid them."""
        errors = errors_in_heads(result, self.scene.positions, self.scene.head_size)
        return np.asarray(errors[self.observed & ~np.isfinite(self.tracks).all(-1)])

    @property
    def error(self) -> float:
        """The mean of `errors`."""
        return float(np.nanmean(self.errors))


@dataclass(frozen=True)
class Evidence:
    """An evaluation that has been run; `upsampler`: the product that was measured, if it was."""

    results: Results
    runner: Runner
    entrants: Mapping[str, Entrant]
    upsampler: Upsampler | None = None

    def answers(self, method: str, condition: str = "clean") -> list[Answer]:
        """Answers scene by scene, none where that was not measured."""
        file = self.runner.files.get((method, condition))
        cell = self.runner.cells.read(self.runner.cells.folder / file) if file else None
        if cell is None:
            return []
        shown = self.runner.shown(CONDITIONS[condition])
        scenes = [scene for found in shown.scenes.values() for scene in found]
        tracks = [each for found in shown.tracks.values() for each in found]
        return [Answer(*each, shown.observed) for each in zip(scenes, tracks, cell.results, strict=True)]

    @property
    def size(self) -> str:
        """How much was looked at, in words."""
        scenes = self.results.scenes
        return f"{len(scenes)} clips of held-out people, mean of {len(self.results.frames)} sources"
