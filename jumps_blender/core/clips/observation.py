"""What was seen of windows, in normalised units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Observation:
    """What was seen of a batch of windows, in normalised units.

    `positions` (batch, 24, 28, 2), any finite value where `weight` (batch, 24, 28) is 0; weights are confidences.
    """

    positions: np.ndarray
    weight: np.ndarray

    def repeat(self, times: int) -> Observation:
        """Each window `times` times in a row, one for each start."""
        return Observation(np.repeat(self.positions, times, 0), np.repeat(self.weight, times, 0))

    def part(self, which: slice | np.ndarray) -> Observation:
        """Some of the windows."""
        return Observation(self.positions[which], self.weight[which])
