"""A result whose keys an animator slid or stretched in time, all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..records import ResultRecord
from ..scene.actions import SAME_FRAME, Curve
from ..tracks.placement import Timing
from .between import Between
from .moves import find_moves


def in_time(curves: Sequence[Curve], record: ResultRecord, tolerance: float) -> ResultRecord:
    """The result at the time where its location keys lie, which are off by a tolerance in pixels anyway."""
    slides = slid(curves, record)
    if slides is None or find_moves(curves, slides, tolerance).still <= find_moves(curves, record, tolerance).still:
        return record
    return slides


def slid(curves: Sequence[Curve], record: ResultRecord) -> ResultRecord | None:
    """The result at the time where its keys begin and end now; None where that is as before, or not the same for all.

    What this comes to has to be looked at: keys may also have been set before the first one, on all joints at once.
    """
    assert record.positions is not None
    ends = np.array([(curve.frames[0], curve.frames[-1]) for curve in curves if curve.axis != 1]).reshape(-1, 2)
    timing, intervals = record.timing, len(record.positions) - 1
    old = timing.frames(len(record.positions))[[0, -1]]
    if not len(ends) or np.ptp(ends, axis=0).max() > SAME_FRAME or np.abs(ends[0] - old).max() < SAME_FRAME:
        return None
    length = ends[0, 1] - ends[0, 0]
    same_length = abs(length - (old[1] - old[0])) < SAME_FRAME
    step = timing.step if same_length or not intervals else length / intervals
    if not step > 0:
        return None
    now = replace(timing, start=float(ends[0, 0]), step=float(step))
    return replace(record, timing=now, between=_carried(Between.of(record.between), timing, now).table)


def _carried(between: Between, before: Timing, now: Timing) -> Between:
    return replace(between, frames=now.start + (between.frames - before.start) / before.step * now.step)
