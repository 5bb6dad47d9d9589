"""Sheets of an evaluation: what a table is, and those that the model card shows too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .scores import MEAN, SURE, Score, SliceScore

PUBLISHED: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "AlphaPose": ((), (0.0941, 0.7659, 0.9157, 0.6310)),
    "w/o P.A.": ((0.0368, 0.4384, 0.6814, 0.3912), (0.0207, 0.3423, 0.6304, 0.3249)),
    "w/o ENC.": ((0.1701, 0.8259, 0.9678, 0.7005), (0.0537, 0.6801, 0.9059, 0.5692)),
    "w/o overlap": ((0.5821, 0.9648, 0.9962, 0.8727), (0.0831, 0.7701, 0.9277, 0.6326)),
    "JUMPS": ((0.6096, 0.9674, 0.9965, 0.8803), (0.0842, 0.7723, 0.9276, 0.6341)),
}
"""PCKh@0.1, @0.5, @1.0 and AUC of JUMPS, Tables I (12 joints of the truth) and II (AlphaPose), on MPI-INF-3DHP."""

SHARES: Final = ("PCKh@0.1", "PCKh@0.5", "PCKh@1.0", "AUC")

COLUMNS: Final = {
    "pckh_01": "PCKh@0.1", "pckh_05": "PCKh@0.5", "pckh_10": "PCKh@1.0", "auc": "AUC", "mpjpe": "MPJPE",
    "mpjve": "MPJVE", "bone_angle": "bone angle", "acceleration_error": "acc. error", "jitter": "jitter",
    "jitter_of_truth": "truth's jitter", "fast_mpjpe": "fastest 5 %", "seam_ratio": "seams",
}  # fmt: skip
"""Measures and the heads of their columns."""


@dataclass(frozen=True)
class Sheet:
    """One table: a title, the heads of its columns, rows of text, a note; the first `labels` columns are names."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    labels: int = 1
    note: str = ""


def figure(value: float, digits: int = 3) -> str:
    """A number as tables show it; a dash where nothing is judged."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "-"


def measured(row: Score, measure: str, sure: bool = True) -> str:
    """One measure, with half the width of its interval where it has one."""
    value = getattr(row, measure)
    digits = 1 if measure == "bone_angle" else 2 if measure == "seam_ratio" else 3
    digits += measure in ("mpjve", "acceleration_error", "jitter", "jitter_of_truth")
    if not (sure and measure in SURE):
        return figure(value, digits)
    low, high = row.ci[measure]
    return f"{figure(value, digits)} ±{figure((high - low) / 2, digits)}"


def mean_sheet(rows: list[Score], title: str) -> Sheet:
    """All measures of the mean over sources, a row for each method."""
    cells = tuple((row.method, *(measured(row, measure) for measure in COLUMNS)) for row in rows if row.source == MEAN)
    return Sheet(title, ("method", *COLUMNS.values()), cells)


def source_sheet(rows: list[Score], title: str) -> Sheet:
    """PCKh@0.1 / AUC of every source, a row for each method; the mean counts each source once."""
    sources = list(dict.fromkeys(row.source for row in rows))
    found = {(row.method, row.source): row for row in rows}
    cells = tuple(
        (method, *(pair(found.get((method, source))) for source in sources))
        for method in dict.fromkeys(row.method for row in rows)
    )
    return Sheet(title, ("method", *sources), cells)


def condition_sheet(rows: list[Score], title: str) -> Sheet:
    """PCKh@0.1 / AUC of the missing joints in every condition, the mean over sources, a row for each method."""
    found = {(row.method, row.condition): row for row in rows if (row.source, row.group) == (MEAN, "missing")}
    conditions = list(dict.fromkeys(condition for _, condition in found))
    cells = tuple(
        (method, *(pair(found.get((method, condition))) for condition in conditions))
        for method in dict.fromkeys(method for method, _ in found)
    )
    return Sheet(title, ("method", *conditions), cells)


def pair(row: Score | SliceScore | None) -> str:
    """PCKh@0.1 / AUC; a dash where nothing was measured."""
    return "-" if row is None else f"{row.pckh_01:.3f} / {row.auc:.3f}"


def published_sheets() -> list[Sheet]:
    """The paper's Tables I and II."""
    tables = ("Table I, 12 of the true joints", "Table II, joints of AlphaPose")
    return [
        Sheet(
            f"Published figures, {title}: MPI-INF-3DHP, other data, not comparable",
            ("method", *SHARES),
            tuple(
                (name, *(f"{value:.4f}" for value in both[number])) for name, both in PUBLISHED.items() if both[number]
            ),
        )
        for number, title in enumerate(tables)
    ]


def markdown_table(sheet: Sheet) -> str:
    """One sheet as a Markdown table, without its title."""
    rule = tuple("---" if number < sheet.labels else "---:" for number in range(len(sheet.heads)))
    return "\n".join(f"| {' | '.join(row)} |" for row in (sheet.heads, rule, *sheet.rows))
