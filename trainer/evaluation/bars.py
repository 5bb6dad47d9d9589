"""The bars that the shipped prior has to clear, so that nobody computes them by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from .intervals import interval
from .scores import MEAN, MEAN_VARIED, UNSEEN_LEVELLED, CellScores

CHAMPION: Final = "JUMPS, default"
RIDGE: Final = "window ridge"
SMALL_NETWORK: Final = "ridge + MLP"

LEADS: Final = {
    "clean": (0.08, 0.032),
    "white_15": (0.065, 0.03),
    "detector_good": (0.065, 0.03),
    "detector_weak": (0.065, 0.03),
    "occlusion": (0.08, 0.035),
    "outliers_swaps": (0.10, 0.045),
}
"""By how much PCKh@0.1 and AUC of the missing joints have to exceed window ridge's, the mean over sources."""


@dataclass(frozen=True)
class Bar:
    """One comparison of the shipped prior with another method on the missing joints.

    lead: by how much it is better, above 0 for better whatever the measure; needed: the least lead that passes;
    interval: 95 % of the lead over samples of clips.
    """

    rule: str
    condition: str
    source: str
    against: str
    measure: str
    value: float
    other: float
    lead: float
    needed: float
    interval: tuple[float, float]
    passed: bool


Board = dict[tuple[str, str], CellScores]
"""(method, condition) -> scores."""


def judge(board: Board, baselines: list[str]) -> list[Bar]:
    """All bars that can be judged by what was measured."""
    conditions = [condition for method, condition in board if method == CHAMPION]
    return [bar for condition in conditions for bar in _judge_condition(board, condition, baselines)]


def _judge_condition(board: Board, condition: str, baselines: list[str]) -> Iterator[Bar]:
    if (RIDGE, condition) in board:
        if condition in LEADS:
            for measure, needed in zip(("pckh_01", "auc"), LEADS[condition], strict=True):
                yield _bar(board, "over window ridge", condition, MEAN, RIDGE, measure, needed)
        yield _bar(board, "as smooth as ridge", condition, MEAN, RIDGE, "acceleration_error", 0.0)
    present = [name for name in baselines if (name, condition) in board]
    for measure in ("pckh_01", "auc") if present else ():
        bars = [_bar(board, "over every baseline", condition, MEAN, name, measure, 0.0) for name in present]
        yield min(bars, key=lambda bar: bar.lead)
    if (SMALL_NETWORK, condition) in board:
        sources = {source for source, _ in board[CHAMPION, condition].replicates} - {MEAN, MEAN_VARIED, UNSEEN_LEVELLED}
        for source in sorted(sources):
            for measure in ("pckh_01", "auc"):
                yield _bar(board, "no source worse", condition, source, SMALL_NETWORK, measure, 0.0)


def _bar(board: Board, rule: str, condition: str, source: str, against: str, measure: str, needed: float) -> Bar:
    ours, theirs = board[CHAMPION, condition], board[against, condition]
    sign = -1.0 if measure == "acceleration_error" else 1.0
    value, other = (_value(cell, source, measure) for cell in (ours, theirs))
    samples = sign * (ours.replicates[source, measure] - theirs.replicates[source, measure])
    lead = sign * (value - other)
    return Bar(
        rule, condition, source, against, measure, value, other, lead, needed, interval(samples), bool(lead >= needed)
    )


def _value(cell: CellScores, source: str, measure: str) -> float:
    found = [each for each in cell.scores if (each.source, each.group) == (source, "missing")]
    return float(getattr(found[0], measure)) if found else float(np.nan)
