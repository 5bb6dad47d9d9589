"""The report of a batch, made of the records of its shots: JSON, a table, and a page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from .options import tools
from .page import page
from .records import DONE, FAILED, MISSING, SHOTS, Figures, PersonRecord, ShotRecord, read_record, write_text
from .shots import Shot

FORMAT: Final = "jumps-batch"
VERSION: Final = 1

_FIGURES: Final = tuple(Figures.__dataclass_fields__)
COLUMNS: Final = (
    "rank", "shot", "status", "person", *_FIGURES, "frames", "seen_frames", "first_frame", "fps", "mean_confidence",
    "output", "seconds", "message",
)  # fmt: skip

_ORDER: Final = {FAILED: 0, MISSING: 1, DONE: 2}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""Begin what a spreadsheet would compute."""


@dataclass(frozen=True)
class Report:
    """All shots, the one to open first at the head: what failed, what is missing, then by doubt.

    `passed_over` are names in the folder that were not taken for shots.
    """

    shots: tuple[ShotRecord, ...]
    passed_over: tuple[str, ...] = ()

    @classmethod
    def gather(cls, output: Path, shots: Sequence[Shot], passed_over: Sequence[str] = ()) -> Report:
        """Read the records of these shots; one without a record is missing."""
        found = [
            read_record(output / SHOTS / shot.name) or ShotRecord(shot.name, shot.path.name, MISSING) for shot in shots
        ]
        ranked = sorted(found, key=lambda one: (_ORDER[one.status], -one.doubt, one.shot))
        return cls(tuple(ranked), tuple(passed_over))

    def count(self, status: str) -> int:
        """Shots with this status."""
        return sum(shot.status == status for shot in self.shots)

    @property
    def failed(self) -> int:
        """Shots without a result."""
        return len(self.shots) - self.count(DONE)

    def headline(self) -> str:
        """The whole in a line."""
        parts = [f"{self.count(DONE)} of {len(self.shots)} shots done"]
        parts += [f"{self.count(status)} {status}" for status in (FAILED, MISSING) if self.count(status)]
        return ", ".join(parts)


def write_report(output: Path, report: Report) -> None:
    """Write report.json, summary.csv and index.html, each in one step; raises OutputError."""
    written = datetime.now(timezone.utc).isoformat(timespec="seconds")  # noqa: UP017  Blender 4.2 has 3.11; a worker may be older
    write_text(output / "report.json", json.dumps(as_json(report, written), ensure_ascii=False, indent=1) + "\n")
    write_text(output / "summary.csv", table(report))
    write_text(output / "index.html", page(report.shots, report.headline(), written, report.passed_over))


def as_json(report: Report, written: str) -> dict[str, Any]:
    """The report as docs/batch.md describes it."""
    counts = {status: report.count(status) for status in _ORDER}
    shots = [{"rank": rank, **asdict(shot)} for rank, shot in enumerate(report.shots, 1)]
    for shot in shots:
        for person in shot["people"]:
            del person["sheet"]
    return {
        "kind": FORMAT, "version": VERSION, "tools": tools(), "written": written, "counts": counts, "shots": shots,
        "passed_over": list(report.passed_over),
    }  # fmt: skip


def table(report: Report) -> str:
    """One row for each person, and for each shot that has none."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for rank, shot in enumerate(report.shots, 1):
        for person in shot.people or (None,):
            rows.writerow([_cell(value) for value in _row(rank, shot, person)])
    return text.getvalue()


def _row(rank: int, shot: ShotRecord, person: PersonRecord | None) -> list[Any]:
    message = shot.error.message if shot.error else ""
    values: dict[str, Any] = {"rank": rank, "shot": shot.shot, "status": shot.status, "message": message}
    if person:
        notes = " ".join(filter(None, (person.error, *person.warnings)))
        figures = asdict(person.figures) if person.figures else {}
        values |= {**asdict(person), **figures, "person": person.id, "message": message or notes}
    return [values.get(column) for column in COLUMNS]


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
