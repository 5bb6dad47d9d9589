"""The jump where one window ends and the next begins (JUMPS, Fig. 6)."""

from __future__ import annotations

import numpy as np

from jumps_blender.core.clips.windows import WINDOW, window_starts

from .evidence import Answer

REACH = 6
"""Frames on either side of a border: half the way to the next one of overlapping windows."""


def around_borders(answers: list[Answer], hop: int) -> np.ndarray:
    """Mean acceleration error, heads per frame squared, at -REACH .. REACH frames from borders: (2 REACH + 1,).

    A border lies before the first frame of a window and after the last one; the frame that begins what is new is 0.
    """
    found = [_one(answer, hop) for answer in answers]
    return np.asarray(np.nanmean(np.concatenate(found), axis=0))


def _one(answer: Answer, hop: int) -> np.ndarray:
    """(borders, 2 REACH + 1), NaN beyond the clip."""
    scene = answer.scene
    difference = (answer.result - scene.positions) / scene.head_size[:, None, None]
    acceleration = np.full(len(difference) + 2 * REACH, np.nan)
    acceleration[REACH + 1 : -REACH - 1] = np.linalg.norm(np.diff(difference, 2, axis=0), axis=-1).mean(1)
    starts = window_starts(len(difference), hop)
    borders = np.unique(np.concatenate([starts, starts + WINDOW]))
    borders = borders[(borders > 0) & (borders < len(difference))]
    if not len(borders):
        return np.full((1, 2 * REACH + 1), np.nan)
    return acceleration[borders[:, None] + np.arange(2 * REACH + 1)]
