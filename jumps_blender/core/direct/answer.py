"""What is answered to windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..body.skeleton import MIRROR


@dataclass(frozen=True)
class Answer:
    """Complete windows in normalised units.

    `positions` (n, 24, 28, 2). Where the refiner was asked: `std` per axis, `depth` relative to the pelvis and
    `depth_std`, (n, 24, 28) each.
    """

    positions: np.ndarray
    std: np.ndarray | None = None
    depth: np.ndarray | None = None
    depth_std: np.ndarray | None = None

    def with_mirrored(self) -> Answer:
        """The mean of the first half of the windows and of the second, the same bodies in a mirror."""

        def mean(values: np.ndarray | None) -> np.ndarray | None:
            if values is None:
                return None
            plain, other = np.split(values, 2)
            return (plain + other[..., MIRROR]) / 2

        plain, other = np.split(self.positions, 2)
        return Answer((plain + mirrored(other)) / 2, mean(self.std), mean(self.depth), mean(self.depth_std))


def mirrored(positions: np.ndarray) -> np.ndarray:
    """The same bodies (..., 28, 2) in a mirror, in normalised units."""
    return positions[..., MIRROR, :] * np.array([-1.0, 1.0])
