"""Results of the rows over their seeds, and the table in which the paper's claims stand next to what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from .claims import CLAIMS
from .rows import FULL, ROWS, STEPS

Found = dict[str, Any]
"""What one row came to with one seed, or a summary over seeds."""

MEASURES: Final = ("missing PCKh@0.1", "missing AUC", "missing error", "observed error", "acceleration error", "jitter")
TRAINING: Final = "training curve"


def summarise(done: list[Found], options: Found) -> Found:
    """Means and spreads over seeds of everything that finished rows came to."""
    rows = {row: [each for each in done if each["row"] == row] for row in ROWS}
    rows = {row: found for row, found in rows.items() if found}
    full = rows.get(FULL, [])
    return {
        "options": options,
        "rows": {row: _over_seeds([each["paper"] for each in found]) for row, found in rows.items()},
        "w/o overlap": {row: _over_seeds([each["w/o overlap"] for each in found]) for row, found in rows.items()},
        "inference": _named([each["inference"] for each in full]),
        "convergence": {
            name: [_over_seeds(points) for points in zip(*(each["convergence"][name] for each in full), strict=True)]
            for name in (full[0]["convergence"] if full else ())
        },
        "by_position": {row: _spread([each["by_position"] for each in found]) for row, found in rows.items()},
        "curves": {
            row: [_over_seeds(points) for points in zip(*(each["curve"] for each in found), strict=True)]
            for row, found in rows.items()
        },
        "seconds": {
            name: round(sum(each[name] for each in done), 1) for name in ("training_seconds", "scoring_seconds")
        },
        "runs": {row: {"seeds": [each["seed"] for each in found]} for row, found in rows.items()},
    }


def _named(found: list[dict[str, Found]]) -> dict[str, Found]:
    return {name: _over_seeds([each[name] for each in found]) for name in (found[0] if found else ())}


def _over_seeds(found: Iterable[Found]) -> Found:
    """Mean and standard deviation of each number, None where it does not exist."""
    found = list(found)
    return {
        name: None if found[0][name] is None else _spread([each[name] for each in found])
        for name in found[0]
        if name != "seconds"
    }


def _spread(values: list[Any]) -> Found:
    array = np.asarray(values, float)
    spread = array.std(0, ddof=1) if len(array) > 1 else np.zeros_like(array[0])
    return {"mean": np.round(array.mean(0), 5).tolist(), "spread": np.round(spread, 5).tolist()}


def markdown(results: Found) -> str:
    """The table of claims first, then all rows, curves and positions."""
    parts = [
        _heading(results), "## What the paper says, and what was found", _claims(results),
        "## Rows, inverted as published", _rows(results["rows"], results["runs"]),
        "## The same rows without overlap of windows", _rows(results["w/o overlap"], results["runs"]),
        "## The full row, inverted otherwise", _rows(results["inference"], {}),
        "## Error of the missing joints over latent steps, from the encoder's start, heads", _convergence(results),
        f"## {TRAINING.capitalize()}s: error of the encoder's start on validation windows, heads", _curves(results),
        "## Jitter of generated windows over training, heads per frame cubed", _curves(results, "generated jitter"),
        "## Error of the missing joints by position in the window, heads", _positions(results),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _heading(results: Found) -> str:
    options, seeds = results["options"], [len(runs["seeds"]) for runs in results["runs"].values()] or [0]
    finished = f"{min(seeds)}" if min(seeds) == max(seeds) else f"{min(seeds)} or {max(seeds)}"
    return (
        "# The published method, its ablations and its claims\n\n"
        "`python -m trainer reproduce` wrote this page. Every row was trained for the same "
        f"**{options['steps']:,} iterations of {options['batch']} windows, {options['share']:.4%} of the published "
        f"schedule** (60 epochs of 835,000 windows = 196,000 iterations of 256), at learning rate "
        f"{options['rate']:g} (published: 0.0001) in {options['precision']}, with {finished} seeds, and "
        f"inverted as the product's settings `paper` do, on {options['windows']} held-out validation windows of which "
        "12 joints are seen, without noise. Mean over seeds ± standard deviation between them; missing joints unless "
        "said otherwise; errors in heads. At so small a share of the schedule a row tells how training begins, not "
        "where it ends.\n\n"
        "*holds* and *the opposite* are said of differences beyond twice the spread of both (root of the sum of "
        "squares), *not seen* of smaller ones."
    )


def _claims(results: Found) -> str:
    rows = []
    for claim in CLAIMS:
        found = claim.finding(results)
        rows.append((claim.source, claim.text, f"**{found.answer}**", found.numbers))
    return _table(("where", "the paper says", "here", "numbers"), rows)


def _rows(found: Found, runs: Found) -> str:
    rows = [
        (_with_seeds(name, runs), *(show(measures[measure]) for measure in MEASURES))
        for name, measures in found.items()
    ]
    return _table(("row", *MEASURES), rows) if rows else ""


def _with_seeds(name: str, runs: Found) -> str:
    return f"{name} ({len(runs[name]['seeds'])} seeds)" if name in runs else name


def _convergence(results: Found) -> str:
    rows = [
        (name, *(show(point["missing error"]) for point in points)) for name, points in results["convergence"].items()
    ]
    return _table(("inversion", *(f"{step} steps" for step in STEPS)), rows) if rows else ""


def _curves(results: Found, measure: str = "error") -> str:
    curves = {row: points for row, points in results["curves"].items() if points[0][measure]}
    if not curves:
        return ""
    steps = [f"{point['step']['mean']:.0f}" for point in next(iter(curves.values()))]
    return _table(("row", *steps), [(row, *(show(p[measure]) for p in points)) for row, points in curves.items()])


def _positions(results: Found) -> str:
    rows = [(row, *(f"{value:.3f}" for value in found["mean"])) for row, found in results["by_position"].items()]
    return _table(("row", *(str(frame + 1) for frame in range(24))), rows)


def show(value: Found | None) -> str:
    """Mean ± spread."""
    return "-" if value is None else f"{value['mean']:.3f} ± {value['spread']:.3f}"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
