"""How much of the error under a detector's errors is its constant offsets, which no window can see.

A joint that is not shown hangs on those that are: where these are off for a whole clip, nothing in the clip tells.
Two oracles say how much that costs: one takes each joint's median offset over the clip out of what the prior is shown,
the other out of what it answers. A third row takes out what a solver could estimate of them, and puts it back where
joints are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jumps_blender.core.metrics import auc, errors_in_heads, pckh
from jumps_blender.core.upsampler import Upsampler

from .bars import CHAMPION
from .calibration import Solved, solve
from .offsets import estimate_offsets
from .scenes import Scene
from .scores import MEAN, Shown

LIMITED: Final = ("clean", "white_15", "detector_good", "detector_weak")
"""Conditions that are asked about."""

AS_SHOWN: Final = "what is shown"
ANSWER: Final = CHAMPION
LEVELLED: Final = "its median offset over each clip taken out (oracle)"
CURED: Final = "shown joints without their median offsets (oracle)"
ESTIMATED: Final = "shown joints without offsets that are estimated over the clip"

Positions = Callable[[str, int], np.ndarray]
"""From a source and the number of a scene in it to positions (frames, 28, 2)."""


@dataclass(frozen=True)
class LimitScore:
    """Errors of the joints of a group, "observed" or "missing", in heads; source: a stratum or "mean"."""

    condition: str
    what: str
    source: str
    group: str
    pckh_01: float
    auc: float
    mpjpe: float


def judge_limits(upsampler: Upsampler, shown: Shown, solved: Solved) -> list[LimitScore]:
    """Errors of what is shown, of the settings `default`, of both oracles, and with estimated offsets."""
    again = solve(upsampler, _less(shown, {source: _true_offsets(shown, source) for source in shown.tracks}))
    guessed = {
        source: [estimate_offsets(upsampler, tracks) for tracks in found] for source, found in shown.tracks.items()
    }
    without = solve(upsampler, _less(shown, guessed))

    def levelled(source: str, number: int) -> np.ndarray:
        result, scene = solved[source][number].positions, shown.scenes[source][number]
        return result - _offsets(result, scene)

    def put_back(source: str, number: int) -> np.ndarray:
        return without[source][number].positions + shown.observed[:, None] * guessed[source][number]

    rows: dict[str, Positions] = {
        AS_SHOWN: lambda source, number: shown.tracks[source][number],
        ANSWER: lambda source, number: solved[source][number].positions,
        LEVELLED: levelled,
        CURED: lambda source, number: again[source][number].positions,
        ESTIMATED: put_back,
    }
    return [score for what, positions in rows.items() for score in _scores(what, positions, shown)]


def _less(shown: Shown, offsets: dict[str, list[np.ndarray]]) -> Shown:
    """The same without offsets, which are those of each source's scenes, in pixels."""
    tracks = {
        source: [seen - off for seen, off in zip(found, offsets[source], strict=True)]
        for source, found in shown.tracks.items()
    }
    return replace(shown, tracks=tracks)


def _true_offsets(shown: Shown, source: str) -> list[np.ndarray]:
    return [_offsets(*each) for each in zip(shown.tracks[source], shown.scenes[source], strict=True)]


def _offsets(positions: np.ndarray, scene: Scene) -> np.ndarray:
    """How far each joint is off in the median over a clip in heads, in pixels of each frame: (frames, 28, 2)."""
    heads = scene.head_size[:, None, None]
    off = (positions - scene.positions) / heads
    seen = np.isfinite(off).any((0, 2))
    offsets = np.zeros(off.shape[1:])
    offsets[seen] = np.nanmedian(off[:, seen], axis=0)
    return np.asarray(offsets * heads)


def _scores(what: str, positions: Positions, shown: Shown) -> list[LimitScore]:
    scores = []
    for group in ("observed", "missing"):
        found = {}
        for source, scenes in shown.scenes.items():
            joints = shown.observed if group == "observed" else ~shown.observed
            errors = np.concatenate(
                [
                    errors_in_heads(positions(source, number), scene.positions, scene.head_size)[:, joints].ravel()
                    for number, scene in enumerate(scenes)
                ]
            )
            if np.isfinite(errors).any():
                found[source] = (float(pckh(errors, 0.1)), auc(errors), float(np.nanmean(errors)))
        if found:
            share, area, error = np.mean([*found.values()], axis=0)
            found[MEAN] = (float(share), float(area), float(error))
        scores += [LimitScore(shown.condition, what, source, group, *values) for source, values in found.items()]
    return scores
