"""The tables of an evaluation, for the terminal and as Markdown, with the paper's figures beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from .scores import GROUPS, MEASURES, Score, mean_over_sources

PUBLISHED: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "AlphaPose": ((), (0.0941, 0.7659, 0.9157, 0.6310)),
    "w/o P.A.": ((0.0368, 0.4384, 0.6814, 0.3912), (0.0207, 0.3423, 0.6304, 0.3249)),
    "w/o ENC.": ((0.1701, 0.8259, 0.9678, 0.7005), (0.0537, 0.6801, 0.9059, 0.5692)),
    "w/o overlap": ((0.5821, 0.9648, 0.9962, 0.8727), (0.0831, 0.7701, 0.9277, 0.6326)),
    "JUMPS": ((0.6096, 0.9674, 0.9965, 0.8803), (0.0842, 0.7723, 0.9276, 0.6341)),
}
"""PCKh@0.1, @0.5, @1.0 and AUC of JUMPS, Tables I (12 joints of the truth) and II (AlphaPose), on MPI-INF-3DHP."""

NARROW_SOURCE: Final = "uiprmd"
"""Ten rehabilitation exercises: the mean is told with and without it."""

SHARES: Final = ("PCKh@0.1", "PCKh@0.5", "PCKh@1.0", "AUC")
HEADS: Final = (*SHARES, "MPJPE", "MPJVE", "acc. error", "jitter", "truth's jitter")


@dataclass(frozen=True)
class Sheet:
    """One table: a title, the heads of its columns, and rows of text; the first `labels` columns are names."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    labels: int = 1


def sheets(scores: list[Score]) -> list[Sheet]:
    """Means over the sources for each group of joints, then every source, then the published figures."""
    return [*mean_sheets(scores), source_sheet(scores), *published_sheets()]


def mean_sheets(scores: list[Score]) -> list[Sheet]:
    """Means over the sources, a sheet for each group of joints."""
    methods = list(dict.fromkeys(each.method for each in scores))
    return [
        Sheet(f"{group} joints, mean over sources", ("method", *HEADS), tuple(_mean_rows(scores, methods, group)))
        for group in GROUPS
    ]


def source_sheet(scores: list[Score]) -> Sheet:
    """Every source by itself."""
    rows = tuple((each.source, each.group, each.method, *_cells(each)) for each in _by_source(scores))
    return Sheet("Each source", ("source", "joints", "method", *HEADS), rows, 3)


def _mean_rows(scores: list[Score], methods: list[str], group: str) -> list[tuple[str, ...]]:
    rows = []
    for method in methods:
        of_method = [each for each in scores if (each.method, each.group) == (method, group)]
        rows.append((method, *_cells(mean_over_sources(of_method, "mean"))))
        varied = [each for each in of_method if each.source != NARROW_SOURCE]
        if varied and len(varied) < len(of_method):
            rows.append((f"{method} (no {NARROW_SOURCE})", *_cells(mean_over_sources(varied, "mean"))))
    return rows


def _by_source(scores: list[Score]) -> list[Score]:
    return sorted(scores, key=lambda each: (each.source, list(GROUPS).index(each.group)))


def _cells(score: Score) -> tuple[str, ...]:
    return tuple(f"{getattr(score, measure):.4f}" for measure in MEASURES)


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


def print_tables(scores: list[Score], console: Console) -> None:
    """Print the sheets, without the columns for which 80 characters have no room."""
    for sheet in sheets(scores):
        table = Table(title=sheet.title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
        shown = sheet.labels + len(SHARES) + (sheet.labels == 1)
        for number, head in enumerate(sheet.heads[:shown]):
            table.add_column(head, justify="left" if number < sheet.labels else "right", no_wrap=True)
        for row in sheet.rows:
            table.add_row(*row[:shown])
        console.print(table)


def markdown(scores: list[Score], about: dict[str, object]) -> str:
    """The sheets as Markdown, below what was evaluated."""
    lines = [f"{key}: {value}  " for key, value in about.items()]
    lines += ["", "Errors in heads (0.225 m at the pelvis), rates per frame. Each source counts once in a mean."]
    for sheet in sheets(scores):
        lines += ["", f"## {sheet.title}", "", markdown_table(sheet)]
    return "\n".join(lines) + "\n"


def markdown_table(sheet: Sheet) -> str:
    """One sheet as a Markdown table, without its title."""
    rule = tuple("---" if number < sheet.labels else "---:" for number in range(len(sheet.heads)))
    return "\n".join(f"| {' | '.join(row)} |" for row in (sheet.heads, rule, *sheet.rows))
