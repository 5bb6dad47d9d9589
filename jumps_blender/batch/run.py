"""A whole batch: what is done is skipped, what fails is told, and the report is made of all that is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..errors import OutputError
from ..formats.source import listed
from .attempts import BLEND_FILE, Attempt, attempts, clear, settle
from .options import BLEND, NONE, ONLY, BatchOptions
from .records import DONE, FAILED, Error, ShotRecord
from .report import Report, write_report
from .shots import find_shots, part_of, passed_over
from .solved import Solved, read_solved

ALL_DONE: Final = 0
SOME_FAILED: Final = 1
BAD_REQUEST: Final = 2
MACHINE: Final = 3
INTERRUPTED: Final = 130

Blend = Callable[[Sequence[Solved], Path], tuple[str, ...]]
"""Writes a .blend of the people of a shot, and returns warnings; raises JumpsError."""

Tell = Callable[[str, bool], None]
"""Says one line to whoever watches; True where it is of a failure."""


def run(options: BatchOptions, blend: Blend | None, tell: Tell) -> int:
    """Solve the shots of a folder, and write the report.

    Returns:
        ALL_DONE, or SOME_FAILED where a shot has no result and the batch is not lenient.

    Raises:
        InputError: what was asked for cannot be done; nothing was written.
        JumpsError: this machine cannot go on; what was finished stays.

    """
    options.check()
    shots = find_shots(options.folder, options.output, options.pattern)
    others = passed_over(options.folder, options.output, shots)
    if others:
        tell(f"passed over (--pattern says which names are shots): {listed(list(others))}", False)
    failed = 0
    if options.reporting != ONLY:
        mine = part_of(shots, options.part)
        for number, attempt in enumerate(attempts(options, mine), 1):
            failed += _each(options, f"[{number}/{len(mine)}]", attempt, blend, tell)
    if options.reporting != NONE:
        report = Report.gather(options.output, shots, others)
        write_report(options.output, report)
        tell(f"{report.headline()}: {options.output / 'index.html'}", False)
        failed = report.failed if options.reporting == ONLY else failed
    return SOME_FAILED if failed and not options.lenient else ALL_DONE


def _each(options: BatchOptions, place: str, attempt: Attempt, blend: Blend | None, tell: Tell) -> bool:
    """Finish one shot; whether it failed."""
    record = attempt.record
    try:
        if attempt.work:
            if blend and BLEND in options.outputs and record.status == DONE:
                record = _with_blend(record, attempt.work, blend)
            settle(options, replace(attempt, record=record))
    finally:
        clear(options.output, attempt.work)
    failed = record.status == FAILED
    tell(f"{place} {attempt.shot.name}: {_outcome(record, attempt.work is None)}", failed)
    return failed


def _with_blend(record: ShotRecord, work: Path, blend: Blend) -> ShotRecord:
    """The record with the .blend, or why there is none; raises OutputError, which is no fault of the shot."""
    people = [read_solved(work / f"{person.output}.npz") for person in record.people if person.output]
    try:
        warnings = blend(people, work / BLEND_FILE)
    except OutputError:
        raise
    except Exception as error:  # noqa: BLE001  whatever a template makes of us, the others go on
        return replace(record, status=FAILED, outputs=(), error=Error.of(error))
    return replace(record, outputs=(*record.outputs, BLEND_FILE), warnings=(*record.warnings, *warnings))


def _outcome(record: ShotRecord, known: bool) -> str:
    if record.error:
        return f"failed. {' '.join(record.error.message.split())}"
    solved = [person for person in record.people if person.output]
    people = f"{len(solved)} {'person' if len(solved) == 1 else 'people'}"
    frames = max(person.frames for person in solved)
    how = "done before" if known else f"{record.seconds:.1f} s"
    return f"{people}, {frames} frames, doubt {record.doubt:.2f}, {how}"
