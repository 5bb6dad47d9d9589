"""`python -m trainer prepare`: from a folder of captured motion to one harmonised data set."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import track
from rich.table import Table

from jumps_blender.core.clips.clip import PRIOR_FPS
from jumps_blender.errors import FormatError, InputError

from .data.checks import Finding, findings, one_body, refuse_wrong_units
from .data.dataset import Clip, Total, save_dataset, totals
from .data.harmonise import harmonise
from .data.manifest import SPLITS, ClipEntry, read_manifest, require_one_split
from .data.mpi_inf_3dhp import ASSUMPTIONS, read_clips
from .data.readers import open_motions
from .data.skeleton_map import read_skeleton_maps

MPI_OUT = Path("out/mpi_inf_3dhp")
TOLD = 5
"""Clips that are named for each kind of finding, and files for each kind of error; of the others, how many."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument(
        "--source", type=Path, nargs="+", default=[Path("../shared/mocap")],
        help="folders with manifest.json and skeletons.json, your own among them",
    )  # fmt: skip
    parser.add_argument(
        "--mpi-inf-3dhp", type=Path, metavar="DIR",
        help="instead: the folder of MPI-INF-3DHP, for research only, with S1 to S8 in it",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, help=f"folder to write the data set into (default: out/data; of MPI-INF-3DHP {MPI_OUT})"
    )
    parser.add_argument(
        "--on-error", choices=("refuse", "skip"), default="refuse",
        help="what to do with a file that is damaged, missing or of wrong units: end without a data set, or go on",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Prepare a data set and tell how much it holds."""
    start = time.perf_counter()
    console = Console()
    out = args.out or (MPI_OUT if args.mpi_inf_3dhp else Path("out/data"))
    if args.mpi_inf_3dhp:
        console.print(ASSUMPTIONS, highlight=False)
        clips = list(read_clips(args.mpi_inf_3dhp, PRIOR_FPS))
        save_dataset(clips, out)
    else:
        clips = prepare(args.source, out, console, skip=args.on_error == "skip")
    console.print(minutes_table(totals(clips)))
    console.print(f"{len(clips)} clips in {out}, {time.perf_counter() - start:.0f} s")
    return 0


def prepare(
    source_folders: Sequence[Path], out_folder: Path, console: Console | None = None, skip: bool = False
) -> list[Clip]:
    """Read all clips of folders, map them to the 28 joints, bring them to one rate and write them.

    Duplicate conversions are left out. skip: leave out, and tell, what cannot be used. Else raises InputError or
    FormatError before anything is written; it does so too where nothing is left.
    """
    console = console or Console(quiet=True)
    sources = [(folder, read_manifest(folder)) for folder in source_folders]
    require_one_split([entry for _, entries in sources for entry in entries])
    told = Told()
    clips = [clip for folder, entries in sources for clip in _read(folder, entries, console, skip, told)]
    told.remarks += one_body(clips)
    told.print(console)
    if not clips:
        raise InputError(f"No clip of {', '.join(map(str, source_folders))} can be used. Correct what is told above.")
    save_dataset(clips, out_folder)
    return clips


@dataclass
class Told:
    """What people should know of the clips: errors of those that were left out, remarks about the others."""

    errors: list[str] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)

    def print(self, console: Console) -> None:
        """Kind by kind, the first few by name."""
        for error in self.errors[:TOLD]:
            console.print(f"left out: {error}", markup=False, highlight=False, soft_wrap=True)
        if len(self.errors) > TOLD:
            console.print(f"left out: {len(self.errors) - TOLD} more", highlight=False)
        for kind in dict.fromkeys(remark.kind for remark in self.remarks):
            where = [remark.where for remark in self.remarks if remark.kind == kind]
            more = f" and {len(where) - TOLD} more" if len(where) > TOLD else ""
            console.print(f"{', '.join(where[:TOLD])}{more}: {kind}", markup=False, highlight=False, soft_wrap=True)


def _read(folder: Path, entries: list[ClipEntry], console: Console, skip: bool, told: Told) -> list[Clip]:
    entries = [entry for entry in entries if not entry.duplicate_of]
    maps = read_skeleton_maps(folder / "skeletons.json")
    loads = track(
        open_motions(folder, entries), f"Reading {folder}", len(entries), console=console, transient=True,
        disable=not console.is_terminal,
    )  # fmt: skip
    read: dict[str, Clip] = {}
    for entry, load in loads:
        try:
            motion = load()
            clip = harmonise(entry, motion, maps, PRIOR_FPS)
            refuse_wrong_units(clip)
        except (InputError, FormatError) as error:
            if not skip:
                raise
            told.errors.append(str(error))
            continue
        read[entry.id] = clip
        told.remarks += findings(clip, entry, motion.fps)
    return [read[entry.id] for entry in entries if entry.id in read]


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
