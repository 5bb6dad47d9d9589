"""How far a person's result can be trusted, in a few figures."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..core.body.normalise import HEAD, body_scale
from ..core.body.tracks import Tracks
from ..core.result import Result
from .records import Figures

_WORST: Final = 95
"""Percentile of frames."""


def heads(result: Result) -> np.ndarray | None:
    """Standard deviation (frames, 28) in head sizes; None where the settings estimate none."""
    scale = float(body_scale(result.positions)) * HEAD
    return result.std / scale if result.std is not None and scale > 0 else None


def trouble(result: Result) -> np.ndarray:
    """How bad each frame is, (frames,): mean deviation in heads + share rejected + 1 where sides were swapped."""
    std = heads(result)
    uncertain = np.zeros(len(result.positions)) if std is None else std.mean(1)
    return uncertain + result.rejected.mean(1) + result.swapped.any(1)


def measure(result: Result, tracks: Tracks) -> Figures:
    """The figures of one person.

    `doubt`, by which shots are ranked, is the sum of the deviation in heads that one frame of twenty exceeds and of the
    shares of points rejected, frames swapped, and frames in which hardly anything was seen.
    """
    std, frames = heads(result), len(result.positions)
    by_frame = None if std is None else std.mean(1)
    worst = None if by_frame is None else float(np.percentile(by_frame, _WORST))
    rejected, observed = int(result.rejected.sum()), int(tracks.observed.sum())
    swapped = int(result.swapped.any(1).sum())
    unseen = int(sum(last - first + 1 for first, last in result.report.gaps))
    shares = (rejected / max(observed, 1), swapped / frames, unseen / frames)
    return Figures(
        doubt=_rounded((worst or 0.0) + sum(shares)),
        std_mean=None if by_frame is None else _rounded(float(by_frame.mean())),
        std_worst=None if worst is None else _rounded(worst),
        worst_frame=int(tracks.first_frame + np.argmax(trouble(result))),
        rejected_points=rejected,
        rejected_share=_rounded(shares[0]),
        swapped_frames=swapped,
        swapped_share=_rounded(shares[1]),
        unseen_frames=unseen,
        unseen_share=_rounded(shares[2]),
    )


def _rounded(value: float) -> float:
    return round(value, 4)
