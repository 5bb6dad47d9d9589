"""Whether errors are as large as the product says they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import erfinv

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.result import Result
from jumps_blender.core.upsampler import Upsampler

from .bars import Bar
from .intervals import interval
from .scores import MEAN, Shown

LEVELS: Final = np.linspace(0.02, 0.98, 49)
"""Shares of errors for which the stated spread should hold."""

STATED: Final = (0.68, 0.95)
"""Levels that are told in tables."""

WITHIN: Final = 0.05
"""By how much the share that is found may differ from the stated one."""

TOLD: Final = (0.1, 0.3, 0.5, 0.68, 0.8, 0.9, 0.95, 0.98)
"""Levels of which tables tell the share that is found."""

GROUPS: Final = ("observed", "hidden", "missing", "all")
"""Joints that are shown in a frame; that the condition shows in other frames; that it never shows; all 28."""

QUANTITIES: Final = ("position", "depth")

_FACTORS: Final = np.geomspace(0.1, 10, 461)

Solved = dict[str, list[Result]]
"""The product's results of every scene of each source."""

Deviations = dict[str, list[np.ndarray]]
"""Errors in stated standard deviations, an array for each scene of each source."""


@dataclass(frozen=True)
class CalibrationScore:
    """Shares of errors (positions: per axis) within the spread that was stated for 68 and 95 % of them.

    source: a stratum or "mean"; values: how many errors; scale_68, scale_95: by which the stated spread would have to
    be multiplied to hold for that share. curve: shares within the spread that LEVELS ask of a normal distribution, of
    the mean alone.
    """

    condition: str
    source: str
    quantity: str
    group: str
    values: int
    within_68: float
    within_95: float
    scale_68: float
    scale_95: float
    curve: tuple[float, ...] = ()


def solve(upsampler: Upsampler, shown: Shown) -> Solved:
    """What the settings `default` make of every scene of a condition."""
    return {
        source: [
            upsampler.upsample(tracks, JOINTS, fps=scene.fps, settings="default")
            for scene, tracks in zip(scenes, shown.tracks[source], strict=True)
        ]
        for source, scenes in shown.scenes.items()
    }


def deviations(solved: Solved, shown: Shown, quantity: str, group: str) -> Deviations:
    """Errors of a quantity and a group of joints in stated standard deviations; none where it is not estimated.

    What is exact and said to be so, such as the pelvis's depth, is not judged.
    """
    found: Deviations = {}
    for source, results in solved.items():
        for result, scene, tracks in zip(results, shown.scenes[source], shown.tracks[source], strict=True):
            if quantity == "position" and result.std is not None:
                error, stated = result.positions - scene.positions, np.repeat(result.std[..., None], 2, -1)
            elif quantity == "depth" and result.depth is not None and result.depth_std is not None:
                error, stated = result.depth - scene.depth, result.depth_std
            else:
                continue
            chosen = _members(group, tracks, shown.observed)
            error, stated = error[chosen], stated[chosen]
            judged = np.isfinite(error) & (stated > 0)
            found.setdefault(source, []).append(np.abs(error[judged]) / stated[judged])
    return found


def _members(group: str, tracks: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Bool (frames, 28)."""
    seen = np.isfinite(tracks).all(-1)
    masks = {"observed": seen, "hidden": ~seen & observed, "missing": ~seen & ~observed, "all": np.ones_like(seen)}
    return masks[group]


def within(errors: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Shares of errors (n,) in standard deviations that a normal distribution would have `levels` of, (levels,)."""
    if not len(errors):
        return np.full(len(levels), np.nan)
    return np.asarray(np.searchsorted(np.sort(errors), np.sqrt(2) * erfinv(levels), side="right") / len(errors))


def judge_calibration(solved: Solved, shown: Shown) -> list[CalibrationScore]:
    """A score for each quantity and group, each source and their mean."""
    return [
        score
        for quantity in QUANTITIES
        for group in GROUPS
        for score in _scores(deviations(solved, shown, quantity, group), shown.condition, quantity, group)
    ]


def _scores(found: Deviations, condition: str, quantity: str, group: str) -> Iterator[CalibrationScore]:
    pooled = {source: np.concatenate(parts) for source, parts in found.items()}
    pooled = {source: errors for source, errors in pooled.items() if len(errors)}
    if not pooled:
        return
    for source, parts in [*((name, [errors]) for name, errors in pooled.items()), (MEAN, [*pooled.values()])]:
        low, high = (float(np.mean([within(each, np.array([level]))[0] for each in parts])) for level in STATED)
        scale_68, scale_95 = (_scale(parts, level) for level in STATED)
        curve = np.mean([within(each, LEVELS) for each in parts], axis=0).tolist() if source == MEAN else ()
        told = tuple(round(share, 4) for share in curve)
        values = sum(map(len, parts))
        yield CalibrationScore(condition, source, quantity, group, values, low, high, scale_68, scale_95, told)


def _scale(parts: list[np.ndarray], level: float) -> float:
    """The factor on the stated spread with which it holds for the share `level`, the mean over parts."""
    limits = _FACTORS * np.sqrt(2) * erfinv(level)
    shares = np.mean([np.searchsorted(np.sort(each), limits, side="right") / len(each) for each in parts], axis=0)
    return float(np.interp(level, shares, _FACTORS))


JUDGED: Final = (("position", "observed"), ("position", "hidden"), ("position", "missing"), ("depth", "all"))
"""Quantities and groups whose stated spread has to be true."""


def judge_bars(solved: Solved, shown: Shown) -> Iterator[Bar]:
    """Whether positions and depth are as uncertain as they are said to be, the mean over sources."""
    for quantity, group in JUDGED:
        found = deviations(solved, shown, quantity, group)
        if any(len(each) for parts in found.values() for each in parts):
            for level in STATED:
                yield _bar(found, shown, f"stated spread: {quantity}, {group} joints", level)


def _bar(found: Deviations, shown: Shown, rule: str, level: float) -> Bar:
    inside = {source: np.array([_inside(each, level) for each in parts]) for source, parts in found.items()}
    inside = {source: counts for source, counts in inside.items() if counts[:, 1].any()}
    value = float(np.mean([counts[:, 0].sum() / counts[:, 1].sum() for counts in inside.values()]))
    samples = [shown.weights[source] @ counts for source, counts in inside.items()]
    lead = -abs(value - level)
    spread = -np.abs(np.mean([each[:, 0] / np.maximum(each[:, 1], 1) for each in samples], axis=0) - level)
    return Bar(
        rule, shown.condition, MEAN, "what is stated", f"within {100 * level:.0f} %", value, level, lead, -WITHIN,
        interval(spread), bool(lead >= -WITHIN),
    )  # fmt: skip


def _inside(errors: np.ndarray, level: float) -> tuple[int, int]:
    return int((errors <= np.sqrt(2) * erfinv(level)).sum()), len(errors)
