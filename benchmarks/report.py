"""The table for people and the file for programs, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from jumps_blender.core.weights import Weights
from jumps_blender.worker.protocol import write_atomically

from .bars import Bar
from .floor_report import floor_lines, floors
from .footage import KINDS
from .measure import LITERAL, Measurements, Row
from .options import Options

TABLE: Final = "benchmarks.md"
RESULTS: Final = "results.json"
VERSION: Final = 1

_SPEEDS_NOTE: Final = (
    "Frames of every person count. `~`: not measured at this length but extrapolated from the longest one that was; "
    "the published inference is measured on the reference's frames alone, since windows cost the same wherever they "
    "are. Several people are solved one after the other."
)
_ACCURACY_NOTE: Final = (
    "mean errors in heads of the 16 joints that are not among the 12 shown, and of the 12; PCKh and AUC of the 16. "
    "One clip says little: every condition of the evaluation is in [tables.md](tables.md), those of the published "
    "inference in [paper/tables.md](paper/tables.md)."
)

_MET: Final = {True: "yes", False: "**no**", None: "-"}


def write_report(
    options: Options, found: Measurements, bars: list[Bar], weights: Weights, absent: list[str]
) -> tuple[Path, Path]:
    """Write `benchmarks.md` and `results.json` into the folder; returns their paths."""
    options.out.mkdir(parents=True, exist_ok=True)
    table, results = options.out / TABLE, options.out / RESULTS
    text = "\n".join(_lines(options, found, bars, weights, absent)) + "\n"
    told: dict[str, Any] = {
        "version": VERSION,
        "options": {name: str(value) if isinstance(value, Path) else value for name, value in asdict(options).items()},
        "absent": absent,
        **asdict(found),
        "floors": floors(found, weights),
        "bars": [asdict(bar) for bar in bars],
    }
    del told["options"]["out"]
    write_atomically(table, lambda path: path.write_text(text, encoding="utf-8"))
    write_atomically(results, lambda path: path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8"))
    return table, results


def grid(titles: Iterable[str], rows: Iterable[Iterable[str]], numbers_from: int = 1) -> list[str]:
    """A table in Markdown; columns from `numbers_from` on are set right."""
    titles = list(titles)
    rule = ["---:" if column >= numbers_from else "---" for column in range(len(titles))]
    return ["| " + " | ".join(cells) + " |" for cells in (titles, rule, *rows)]


def _lines(options: Options, found: Measurements, bars: list[Bar], weights: Weights, absent: list[str]) -> list[str]:
    machine = found.machine
    lines = ["# Benchmarks", "", "Written by `python -m benchmarks`; every measurement in a process of its own.", ""]
    if "missing" not in machine:
        name = f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}"
        threads = f"{options.threads} {'threads' if options.threads > 1 else 'thread'} for matrix products"
        lines.append(f"Machine: {name}; Python {machine['python']}, numpy {machine['numpy']}; {threads}.")
    lines += [f"Footage: {found.footage}. " + " ".join(f"*{kind}*: {text}." for kind, text in KINDS.items()), ""]
    lines += [f"Not measured: {reason}" for reason in absent]
    lines += ["## Bars", ""]
    lines += grid(
        ("", "wanted", "measured", "met"),
        ((bar.name, bar.wanted, bar.measured, _MET[bar.met]) for bar in bars), numbers_from=9,
    )  # fmt: skip
    lines += ["", "## Frames per second", "", *_speeds(found)]
    lines += ["", "## Frames per second of processor time", "", *_by_length(found.rows, _processor)]
    lines += ["", f"What an idle machine would do; the times above are by the clock. {_share(found.rows)}"]
    lines += ["", "## Seconds to the first finished frames", ""]
    lines += _by_length(found.rows, lambda row: _number(row.first))
    lines += ["", "## Peak memory, MB", "", *_by_length(found.rows, _megabytes)]
    lines += ["", "## Accuracy on the reference's frames", "", *_accuracies(found)]
    lines += ["", "## The floor", "", *floor_lines(found, weights)]
    return lines


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _megabytes(row: Row) -> str:
    return "-" if row.memory is None else f"{row.memory / 1e6:,.0f}"


def _processor(row: Row) -> str:
    return _number(row.people * row.frames / row.processor if row.processor else None)


def _share(rows: list[Row]) -> str:
    """How much of a processor the processes had."""
    shares = [row.processor / row.seconds for row in rows if row.processor and row.seconds and not row.extrapolated]
    return f"The processes had {np.mean(shares):.0%} of a core, the mean over rows." if shares else ""


def _speeds(found: Measurements) -> list[str]:
    lines = _by_length(found.rows, lambda row: ("~" if row.extrapolated else "") + _number(row.fps), found.reference)
    return [*lines, "", _SPEEDS_NOTE]


def _by_length(rows: list[Row], show: Callable[[Row], str], reference: Iterable[Row] = ()) -> list[str]:
    """Lengths across, everything else down; what was measured on the reference's frames alone stands under each."""
    lengths = sorted({row.frames for row in rows})
    table: dict[tuple[str, ...], dict[int, str]] = {}
    for row in reference:
        if row.settings in {LITERAL, "paper"}:
            key = (_title(row), f"{row.engine}, {row.device}", row.kind, "any")
            table[key] = dict.fromkeys(lengths, "-" if row.note else f"~{_number(row.fps)}")
    for row in rows:
        key = (_title(row), f"{row.engine}, {row.device}", row.kind, str(row.people))
        table.setdefault(key, {})[row.frames] = "-" if row.note else show(row)
    titles = ("settings", "engine", "footage", "people", *(f"{length:,}" for length in lengths))
    body = ((*key, *(cells.get(length, "-") for length in lengths)) for key, cells in table.items())
    return grid(titles, body, numbers_from=3)


def _title(row: Row) -> str:
    return row.settings if row.settings == LITERAL else f"`{row.settings}`"


def _accuracies(found: Measurements) -> list[str]:
    if not any(row.accuracy for row in found.reference):
        return ["The truth about this footage is not known, or fewer steps than the published ones were done."]
    rows = [
        (
            _title(row), f"{row.engine}, {row.device}", _number(row.fps), *(
                f"{row.accuracy[name]:.3f}" for name in ("missing", "observed", "pckh", "auc")
            ),
        )
        for row in found.reference
        if row.accuracy
    ]  # fmt: skip
    titles = ("settings", "engine", "frames per second", "missing", "observed", "PCKh@0.1", "AUC")
    frames = found.reference[0].frames
    return [*grid(titles, rows, numbers_from=2), "", f"{frames} frames of one person, *varied*: {_ACCURACY_NOTE}"]
