"""The tables of an evaluation, for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.core.body.skeleton import JOINTS

from .ablations import FULL, NO_ALIGNMENT, NO_ENCODER, NO_OVERLAP
from .bars import CHAMPION, PRODUCTS, RIDGE, SMALL_NETWORK
from .conditions import ESTIMATES, SAME
from .inquiry_tables import inquiry_sheets
from .methods import RAW
from .motions import SLICES
from .multiview_tables import multiview_markdown
from .report import (
    COLUMNS,
    PUBLISHED,
    SHARES,
    Sheet,
    condition_sheet,
    figure,
    markdown_table,
    mean_sheet,
    measured,
    pair,
    source_sheet,
)  # fmt: skip
from .results import Results, of_rows
from .scores import MEAN, UNSEEN_LEVELLED, Score
from .tally import GROUPS

COUNTERPARTS: Final = {
    "raw": "AlphaPose", NO_ALIGNMENT: "w/o P.A.", NO_ENCODER: "w/o ENC.", NO_OVERLAP: "w/o overlap", FULL: "JUMPS",
}  # fmt: skip
"""Our rows and the paper's."""

TABLE_I: Final = "clean"
TABLES_II: Final = (ESTIMATES, "detector_weak")
"""Conditions of the paper's tables; of the second, the first one that was measured."""

COMPARED: Final = (CHAMPION, RIDGE, SMALL_NETWORK)
"""Methods whose slices and joints are shown."""

WORST: Final = 5
"""Clips of each condition that are listed."""

PEOPLE: Final = {
    "train": "People that the prior was trained on: what it could give if it generalised perfectly, no more.",
    "val": "Held-out subjects by whom weights and settings are chosen.",
    "test": "Held-out subjects.",
}
"""Who is measured, by the name of the split."""

ABOUT: Final = f"""\
Through random cameras. Errors in heads ({HEAD_METRES} m at the pelvis), rates per frame, bone angles
in degrees of the image; `fastest 5 %`: mean error on the fastest frames of a source; `seams`: acceleration error at the
borders of windows over that elsewhere. Each source counts once in a mean; ± is half the 95 % interval over samples of
clips, of which there are few. `observed` and `missing` are what a method was shown or not, frame by frame; `hidden`
joints are those of the missing that the condition shows in other frames. Nobody is given confidences.
`{UNSEEN_LEVELLED}`: the source that training never sees, less the one constant offset per joint, in the body's frame
(up from hips to shoulders, left along their lines, forward across both, as the camera projects them), that fits that
method's errors best: differences of definition, not of motion.\
"""


def sheets(results: Results) -> Iterator[Sheet]:
    """All tables, the most important first."""
    if results.bars:
        yield bars_sheet(results)
    yield shown_sheet(results)
    yield condition_sheet(results.rows, "Every condition: missing joints, PCKh@0.1 / AUC, mean over sources")
    if TABLE_I in results.conditions:
        yield table_one(results)
    yield from (table_two(results, name) for name in TABLES_II if name in results.conditions)
    for condition, told in results.conditions.items():
        rows = of_rows(results.rows, condition=condition)
        missing = of_rows(rows, group="missing")
        title = f"{condition}: {told['title']}"
        yield mean_sheet(missing, f"{title}; missing joints, mean over sources")
        yield source_sheet(missing, f"{condition}: missing joints, PCKh@0.1 / AUC of each source")
        yield group_sheet(rows, f"{condition}: groups of joints, PCKh@0.1 / AUC / MPJPE, mean over sources")
    yield from inquiry_sheets(results)
    yield rate_sheet(results)
    yield from (slice_sheet(results, by) for by in SLICES)
    yield joint_sheet(results)
    yield place_sheet(results)
    yield worst_sheet(results)
    yield speed_sheet(results)


def bars_sheet(results: Results) -> Sheet:
    """What the shipped prior has to reach, and whether it does."""
    rows = tuple(
        (
            "pass" if bar.passed else "FAIL", bar.condition, bar.rule, bar.source, bar.against,
            COLUMNS.get(bar.measure, bar.measure), f"{bar.value:.4f}", f"{bar.other:.4f}", f"{bar.lead:+.4f}",
            f"{bar.needed:.3f}", f"{bar.interval[0]:+.3f} to {bar.interval[1]:+.3f}",
        )
        for bar in results.bars
    )  # fmt: skip
    passed = sum(bar.passed for bar in results.bars)
    heads = (
        "",
        "condition",
        "rule",
        "source",
        "against",
        "measure",
        CHAMPION,
        "other",
        "lead",
        "needed",
        "95 % of the lead",
    )
    return Sheet(
        f"Bars: {passed} of {len(rows)} passed; missing joints unless the rule is about shown ones", heads, rows, 6
    )


def shown_sheet(results: Results) -> Sheet:
    """The joints that are shown, before and after."""
    found = {
        (row.condition, row.source, row.method): row
        for row in of_rows(results.rows, group="observed")
        if row.source != UNSEEN_LEVELLED
    }
    methods = [name for name in (RAW.name, *PRODUCTS) if any(key[2] == name for key in found)]
    rows = tuple(
        (*key, *(figure(found[*key, name].mpjpe) if (*key, name) in found else "-" for name in methods))
        for key in dict.fromkeys(key[:2] for key in found)
    )
    note = "Where `raw` has a dash or 0, the joints are shown as they are."
    return Sheet("Shown joints before and after: MPJPE", ("condition", "source", *methods), rows, 2, note)


def table_one(results: Results) -> Sheet:
    """Joint upsampling: all 28 joints from 12 of the truth, with the paper's figures."""
    rows = of_rows(results.rows, condition=TABLE_I, source=MEAN, group="all")
    cells = tuple(
        (row.method, *_shares(row), measured(row, "acceleration_error"), measured(row, "seam_ratio"), *_paper(row, 0))
        for row in rows
    )
    heads = ("method", *SHARES, "acc. error", "seams", *(f"paper's {share}" for share in SHARES))
    return Sheet(
        "Table I: joint upsampling, 28 joints from 12 of the truth; the paper's figures: other data, not comparable",
        heads, cells,
    )  # fmt: skip


def table_two(results: Results, condition: str) -> Sheet:
    """Post-processing of estimates: the 12 joints before and after, and all 28."""
    rows = of_rows(results.rows, condition=condition, source=MEAN)
    twelve = of_rows(rows, group="observed")
    whole = {row.method: row for row in of_rows(rows, group="all") if row.method != "raw"}
    cells = tuple(
        (
            row.method, *_shares(row), measured(row, "acceleration_error"),
            *(_shares(whole[row.method]) if row.method in whole else ("-",) * len(SHARES)), *_paper(row, 1),
        )
        for row in sorted(twelve, key=lambda row: row.method != "raw")
    )  # fmt: skip
    heads = (
        "method", *(f"12: {share}" for share in SHARES), "12: acc. error", *(f"28: {share}" for share in SHARES),
        *(f"paper's {share}" for share in SHARES),
    )  # fmt: skip
    return Sheet(
        f"Table II, part two: post-processing ({condition}), on the 12 joints that raw and result share and on all 28; "
        "the paper's figures (AlphaPose): other data, not comparable",
        heads, cells,
    )  # fmt: skip


def _shares(row: Score) -> tuple[str, ...]:
    return tuple(figure(getattr(row, name), 4) for name in ("pckh_01", "pckh_05", "pckh_10", "auc"))


def _paper(row: Score, table: int) -> tuple[str, ...]:
    published = PUBLISHED[COUNTERPARTS[row.method]][table] if row.method in COUNTERPARTS else ()
    return tuple(f"{value:.4f}" for value in published) or ("",) * len(SHARES)


def group_sheet(rows: list[Score], title: str) -> Sheet:
    """All, observed, missing and hidden joints beside each other."""
    found = {(row.method, row.group): row for row in of_rows(rows, source=MEAN)}
    groups = [group for group in GROUPS if any(group == other for _, other in found)]
    cells = tuple(
        (method, *(_triple(found.get((method, group))) for group in groups))
        for method in dict.fromkeys(method for method, _ in found)
    )
    return Sheet(title, ("method", *groups), cells)


def _triple(row: Score | None) -> str:
    return "-" if row is None else f"{row.pckh_01:.3f} / {row.auc:.3f} / {row.mpjpe:.3f}"


def rate_sheet(results: Results) -> Sheet:
    """The same motion filmed at other rates."""
    rates = {
        name: told["fps"] for name, told in results.conditions.items() if name == TABLE_I or name.startswith("fps")
    }
    rows = of_rows(results.rows, source=MEAN, group="missing")
    found = {(row.method, row.condition): row for row in rows if row.condition in rates}
    retimed = dict.fromkeys(method for method, name in found if name != TABLE_I)
    cells = tuple((method, *(pair(found.get((method, name))) for name in rates)) for method in retimed)
    heads = ("method", *(f"{fps:g} fps" for fps in rates.values()))
    return Sheet("Frame rates of the input: missing joints, PCKh@0.1 / AUC, mean over sources", heads, cells)


def slice_sheet(results: Results, by: str) -> Sheet:
    """Scenes of all sources divided: methods side by side."""
    kept = [each for each in results.slices if each.by == by and each.method in COMPARED]
    found = {(each.condition, each.name, each.method): each for each in kept}
    methods = [method for method in COMPARED if any(each.method == method for each in kept)]
    cells = []
    for condition, name in dict.fromkeys((each.condition, each.name) for each in kept):
        parts = [found.get((condition, name, method)) for method in methods]
        first = next(part for part in parts if part)
        cells.append((condition, name, f"{first.clips}", f"{first.frames}", *map(pair, parts)))
    heads = ("condition", by, "clips", "frames", *methods)
    return Sheet(f"By {by}: missing joints, PCKh@0.1 / AUC", heads, tuple(cells), 2)


def joint_sheet(results: Results) -> Sheet:
    """Every joint, clean input."""
    kept = [each for each in results.joints if (each.condition, each.source) == (TABLE_I, MEAN)]
    kept = [each for each in kept if each.method in COMPARED]
    cells = tuple(
        (name, *(f"{each.pckh_01[joint]:.3f} / {each.auc[joint]:.3f} / {each.mpjpe[joint]:.3f}" for each in kept))
        for joint, name in enumerate(JOINTS)
    )
    title = "Each joint, clean: PCKh@0.1 / AUC / MPJPE, mean over sources"
    return Sheet(title, ("joint", *(each.method for each in kept)), cells if kept else ())


def place_sheet(results: Results) -> Sheet:
    """Error along consecutive windows of 24 frames; methods whose windows overlap have no place of their own."""
    kept = [each for each in results.places if (each.condition, each.group) == (TABLE_I, "all")]
    cells = tuple((each.method, *(f"{1000 * value:.0f}" for value in each.mpjpe)) for each in kept)
    title = "Error by place in the window, clean, all joints, thousandths of a head (seen best in `w/o overlap`)"
    return Sheet(title, ("method", *(f"{place}" for place in range(1, 25))), cells)


def worst_sheet(results: Results) -> Sheet:
    """Where the shipped prior errs most, and how ridge does there."""
    ridge = {(each.condition, each.number): each.mpjpe for each in results.clips if each.method == RIDGE}
    cells = []
    for condition in results.conditions:
        found = [each for each in results.clips if (each.method, each.condition) == (CHAMPION, condition)]
        for each in sorted(found, key=lambda each: -each.mpjpe)[:WORST]:
            beside = ridge.get((condition, each.number), float("nan"))
            cells.append((condition, each.scene, each.source, each.label, figure(each.mpjpe), figure(beside)))
    heads = ("condition", "clip@frame", "source", "motion", CHAMPION, RIDGE)
    return Sheet(f"Worst clips of {CHAMPION}: MPJPE of the missing joints", heads, tuple(cells), 4)


def speed_sheet(results: Results) -> Sheet:
    """How long each method works for a second of motion."""
    speeds = {each["method"]: each["speed"] for each in results.cells if each["condition"] == TABLE_I}
    cells = tuple((method, f"{speed:.3f}") for method, speed in speeds.items())
    return Sheet("Seconds of work for a second of motion, clean, as measured beside other work", ("method", "s"), cells)


def print_tables(results: Results, console: Console) -> None:
    """Print the bars and, of each condition, the main measures; all else is in the file."""
    bars = bars_sheet(results)
    columns = [bars.heads.index(head) for head in ("", "condition", "rule", "measure", "lead", "needed")]
    short = Sheet(
        bars.title, tuple(bars.heads[k] for k in columns), tuple(tuple(row[k] for k in columns) for row in bars.rows), 4
    )
    shown = [short] if results.bars else []
    for condition in results.conditions:
        rows = of_rows(results.rows, condition=condition, group="missing")
        narrow = mean_sheet(rows, f"{condition}: missing joints, mean over sources")
        shown.append(Sheet(narrow.title, narrow.heads[:6], tuple(row[:6] for row in narrow.rows)))
    for sheet in shown:
        table = Table(title=sheet.title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
        for number, head in enumerate(sheet.heads):
            table.add_column(head, justify="left" if number < sheet.labels else "right", no_wrap=True)
        for row in sheet.rows:
            table.add_row(*row)
        console.print(table)


def markdown(results: Results) -> str:
    """The sheets as Markdown, below what was evaluated."""
    options = {name: value for name, value in results.options.items() if value is not None}
    lines = ["# Evaluation", "", PEOPLE[results.options.get("split", "test")], ABOUT, ""]
    lines += [f"weights: {results.weights}  ", f"frames: {results.frames}  ", f"options: {options}  "]
    lines += [f"{other} is {name}: it shows the same of the 28 joints.  " for other, name in SAME.items()]
    for sheet in sheets(results):
        if sheet.rows:
            lines += ["", f"## {sheet.title}", "", *([sheet.note, ""] if sheet.note else []), markdown_table(sheet)]
    text = "\n".join(lines) + "\n"
    return text + "\n" + multiview_markdown(results.multiview) if results.multiview else text
