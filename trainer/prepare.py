"""`python -m trainer prepare`: from a folder of captured motion to one harmonised data set."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import track
from rich.table import Table

from jumps_blender.core.clip import PRIOR_FPS

from .data.dataset import Clip, Total, save_dataset, totals
from .data.harmonise import harmonise
from .data.manifest import SPLITS, read_manifest
from .data.readers import read_motions
from .data.skeleton_map import read_skeleton_maps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument(
        "--source", type=Path, default=Path("../shared/mocap"), help="folder with manifest.json and skeletons.json"
    )
    parser.add_argument("--out", type=Path, default=Path("out/data"), help="folder to write the data set into")


def run(args: argparse.Namespace) -> int:
    """Prepare a data set and tell how much it holds."""
    start = time.perf_counter()
    console = Console()
    clips = prepare(args.source, args.out, console)
    console.print(minutes_table(totals(clips)))
    console.print(f"{len(clips)} clips in {args.out}, {time.perf_counter() - start:.0f} s")
    return 0


def prepare(source_folder: Path, out_folder: Path, console: Console | None = None) -> list[Clip]:
    """Read all clips of a folder, map them to the 28 joints, bring them to one rate and write them.

    Duplicate conversions are skipped. Raises InputError or FormatError before anything is written.
    """
    entries = [entry for entry in read_manifest(source_folder) if not entry.duplicate_of]
    maps = read_skeleton_maps(source_folder / "skeletons.json")
    hidden = console is None or not console.is_terminal
    motions = read_motions(source_folder, entries)
    shown = track(motions, "Reading motion", len(entries), console=console, disable=hidden, transient=True)
    read = {entry.id: harmonise(entry, motion, maps, PRIOR_FPS) for entry, motion in shown}
    clips = [read[entry.id] for entry in entries]
    save_dataset(clips, out_folder)
    return clips


def minutes_table(rows: list[Total]) -> Table:
    """Minutes and windows of each source (rows) in each split (columns)."""
    table = Table(title="minutes / windows of 24 frames", box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("source", no_wrap=True)
    for column in ("clips", "subjects", *SPLITS, "all"):
        table.add_column(column, justify="right", no_wrap=True)
    for source in dict.fromkeys(row.source for row in rows):
        _add_row(table, source, [row for row in rows if row.source == source])
    table.add_section()
    _add_row(table, "all", rows)
    return table


def _add_row(table: Table, name: str, rows: list[Total]) -> None:
    cells = [_cell([row for row in rows if row.split == split]) for split in SPLITS]
    subjects = set().union(*(row.subjects for row in rows))
    table.add_row(name, str(sum(row.clips for row in rows)), str(len(subjects)), *cells, _cell(rows))


def _cell(rows: list[Total]) -> str:
    return f"{sum(row.minutes for row in rows):.1f}/{sum(row.windows for row in rows)}" if rows else "-"
