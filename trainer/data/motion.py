"""What every reader of motion returns: points in space over time, before they are mapped to the 28 joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Motion:
    """The points of one capture file.

    names: joint, bone or marker names, as the file spells them.
    positions: (frames, points, 3), file units, the file's own axes.
    rotations: (frames, points, 3, 3), local to global; its columns are the point's axes. None for bare markers.
    """

    names: tuple[str, ...]
    positions: np.ndarray
    rotations: np.ndarray | None
    fps: float

    @property
    def frames(self) -> int:
        return int(self.positions.shape[0])
