"""What was seen of windows, in normalised units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

CARRIED: Final = 0.02
"""Confidence up to which a point is no observation: it was led over a gap, or other points give a hint of it."""


@dataclass(frozen=True)
class Observation:
    """What was seen of a batch of windows, in normalised units.

    `positions` (batch, 24, 28, 2), any finite value where `weight` (batch, 24, 28) is 0; weights are confidences.
    """

    positions: np.ndarray
    weight: np.ndarray

    @property
    def shown(self) -> np.ndarray:
        """Bool (batch, 24, 28): where a detector saw the joint itself."""
        return np.asarray(self.weight > CARRIED)

    def repeat(self, times: int) -> Observation:
        """Each window `times` times in a row, one for each start."""
        return Observation(np.repeat(self.positions, times, 0), np.repeat(self.weight, times, 0))

    def part(self, which: slice | np.ndarray) -> Observation:
        """Some of the windows."""
        return Observation(self.positions[which], self.weight[which])
