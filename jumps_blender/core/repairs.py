"""What has to be solved again where some observations of a clip changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..errors import InputError
from .clips.clip import ENOUGH_JOINTS, PRIOR_FPS
from .clips.pins import REACH
from .clips.resample import moments
from .clips.windows import WINDOW, window_starts
from .request import Request

_CONTEXT: Final = 4 * WINDOW
"""Frames at the prior's rate around what is solved again that have a say in it: through windows that overlap it, their
body scale, and the screen."""

_MOVES: Final = 2
"""Own frames on both sides of an observation in which it has a say at the prior's rate."""


@dataclass(frozen=True)
class Repair:
    """Own frames that come out anew, `told`, and those that must be known for it, `context`."""

    told: slice
    context: slice


def repairs(request: Request, changed: Sequence[int] | np.ndarray) -> list[Repair]:
    """What to solve again where frames changed, by their numbers or as bool (frames,).

    All windows that show a changed frame come out anew; the others stay as they are.

    Raises:
        InputError: frames that the clip does not have.

    """
    frames = len(request.positions)
    numbers = np.asarray(changed)
    if numbers.dtype == bool and numbers.shape == (frames,):
        numbers = np.flatnonzero(numbers)
    if numbers.size and (numbers.dtype.kind not in "iu" or numbers.min() < 0 or numbers.max() >= frames):
        raise InputError(f"Changed frames must be numbers from 0 to {frames - 1}, or one bool for each frame.")
    numbers = np.unique(numbers)
    together = _CONTEXT / PRIOR_FPS * request.fps
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > together) + 1) if len(numbers) else []
    placed = np.flatnonzero(request.observed.sum(1) >= ENOUGH_JOINTS)
    return [_around(request, int(run[0]), int(run[-1]), placed) for run in runs]


def _around(request: Request, first: int, last: int, placed: np.ndarray) -> Repair:
    """The repair for changes from frame `first` to frame `last`; `placed` are frames that show enough of a body."""
    frames = len(request.positions)
    at = moments(frames, request.fps, PRIOR_FPS, request.first_frame)
    pace = PRIOR_FPS / request.fps

    def moment(frame: float) -> float:
        return float((request.first_frame + frame) * pace - at[0])

    def own(begin: float, end: float) -> slice:
        edges = [(at[0] + edge) / pace - request.first_frame for edge in (begin, end)]
        return slice(int(np.clip(np.ceil(edges[0]), 0, frames)), int(np.clip(np.ceil(edges[1]), 0, frames)))

    starts = window_starts(len(at), request.settings.hop, int(at[0]))
    reach = int(np.ceil(REACH * request.fps))  # what was observed around a pin is led over to it
    moves = max(_MOVES, reach)
    showing = starts[(starts + WINDOW > moment(first - moves)) & (starts <= moment(last + moves))]
    begin, end = int(showing[0]), int(showing[-1]) + WINDOW
    told = own(begin, end)
    told = slice(max(min(told.start, first - reach), 0), min(max(told.stop, last + reach + 1), frames))
    context = own(min(begin, moment(told.start)) - _CONTEXT, max(end, moment(told.stop)) + _CONTEXT)
    # Where nobody is seen for long, the person is led over from before and after.
    before, after = placed[placed <= context.start], placed[placed >= context.stop - 1]
    return Repair(
        told,
        slice(int(before[-1]) if len(before) else 0, int(after[0]) + 1 if len(after) else frames),
    )
