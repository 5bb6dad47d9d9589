"""The bars that the shipped prior has to clear, so that nobody computes them by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from .conditions import CONDITIONS
from .intervals import interval
from .methods import RAW
from .scores import MEAN, MEAN_VARIED, UNSEEN_LEVELLED, CellScores, Score

CHAMPION: Final = "JUMPS, default"
RIDGE: Final = "window ridge"
SMALL_NETWORK: Final = "ridge + MLP"

PRODUCTS: Final = ("JUMPS, draft", CHAMPION, "JUMPS, best")
"""Settings whose shown joints are judged."""

KEPT: Final = 0.02
"""Heads by which joints that are shown as they are may come out elsewhere."""

_EXACT: Final = 1e-6
"""Heads; shown joints that are less off are the truth."""

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
    """One comparison of the shipped prior with another method, on the missing joints unless the rule says otherwise.

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
    bars = [bar for condition in conditions for bar in _judge_condition(board, condition, baselines)]
    return bars + [
        bar
        for condition in conditions
        for product in PRODUCTS
        if (product, condition) in board and ((RAW.name, condition) in board or _as_it_is(condition))
        for bar in judge_shown(board[product, condition], board.get((RAW.name, condition)))
    ]


def _as_it_is(condition: str) -> bool:
    return condition in CONDITIONS and not CONDITIONS[condition].spoils


def judge_shown(ours: CellScores, raw: CellScores | None) -> Iterator[Bar]:
    """Whether shown joints come out no worse than they went in, on the mean and on the source where it goes worst.

    Where they go in as they are, with no error, they have to stay within KEPT. The interval takes both errors'
    intervals at their far ends, so it is too wide.
    """
    before = {} if raw is None else {each.source: each for each in raw.scores if each.group == "observed"}
    bars = [
        _shown_bar(each, before.get(each.source))
        for each in ours.scores
        if each.group == "observed" and each.source not in (MEAN_VARIED, UNSEEN_LEVELLED)
    ]
    yield from (bar for bar in bars if bar.source == MEAN)
    sources = [bar for bar in bars if bar.source != MEAN]
    if len(sources) > 1:
        yield min(sources, key=lambda bar: bar.lead - bar.needed)


def _shown_bar(ours: Score, before: Score | None) -> Bar:
    exact = before is None or before.mpjpe < _EXACT
    given, given_ci = (0.0, (0.0, 0.0)) if before is None else (before.mpjpe, before.ci["mpjpe"])
    rule = f"shown joints {'stay' if exact else 'no worse'}, {ours.method.removeprefix('JUMPS, ')}"
    lead, needed, (low, high) = given - ours.mpjpe, -KEPT if exact else 0.0, ours.ci["mpjpe"]
    far = (given_ci[0] - high, given_ci[1] - low)
    passed = bool(lead >= needed)
    return Bar(rule, ours.condition, ours.source, RAW.name, "mpjpe", ours.mpjpe, given, lead, needed, far, passed)


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
