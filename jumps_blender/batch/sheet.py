"""The poses of a contact sheet: of each stretch of the clip the frame that deserves a look, in whole numbers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np

from ..core.body.normalise import HEAD, body_scale
from ..core.body.tracks import Tracks
from ..core.result import Result
from .measures import heads, trouble

POSES: Final = 8
BODY: Final = 100
"""Units of a body scale (1.32 m of a person of 1.7 m)."""

_LOUD: Final = 0.25
"""Deviation in heads from which on a joint gets a halo."""

_BEYOND: Final = 130
"""Units from the middle of the figure within which observations are drawn; those farther off are moved there."""


def poses(result: Result, tracks: Tracks) -> tuple[dict[str, Any], ...]:
    """Up to eight poses, in order of time.

    Each has `frame`, as the file counts; `joints`, 28 times x and y, y down, the middle of the figure at 0, 0;
    `halo`, 28 radii, 0 where the joint is certain; `seen` and `rejected`, points of the detector; `swapped`, which
    limbs had their sides exchanged.
    """
    scale = float(body_scale(result.positions)) or 1.0
    bad = trouble(result)
    edges = np.linspace(0, len(bad), min(POSES, len(bad)) + 1).astype(int)
    chosen = [int(first + np.argmax(bad[first:last])) for first, last in pairwise(edges)]
    return tuple(_pose(result, tracks, frame, scale) for frame in chosen)


def _pose(result: Result, tracks: Tracks, frame: int, scale: float) -> dict[str, Any]:
    joints, points = result.positions[frame], tracks.positions[frame]
    middle = (joints.min(0) + joints.max(0)) / 2
    rejected = result.rejected[frame] & tracks.observed[frame]
    seen = tracks.observed[frame] & ~rejected
    std = heads(result)
    halo = np.zeros(len(joints)) if std is None else np.where(std[frame] > _LOUD, std[frame] * HEAD * BODY, 0)

    def drawn(where: np.ndarray) -> list[list[int]]:
        placed = (where - middle) / scale * BODY
        return [[int(x), int(y)] for x, y in np.clip(placed, -_BEYOND, _BEYOND).round()]

    return {
        "frame": int(tracks.first_frame + frame),
        "joints": drawn(joints),
        "halo": [int(radius) for radius in np.minimum(halo, BODY).round()],
        "seen": drawn(points[seen]),
        "rejected": drawn(points[rejected]),
        "swapped": [name for name, is_so in zip(("arms", "legs"), result.swapped[frame], strict=True) if is_so],
    }
