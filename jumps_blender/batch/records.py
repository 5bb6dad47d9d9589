"""What is kept of each shot, in its folder: `shot.json`. Written last, so that what it names is whole."""

from __future__ import annotations

import json
import os
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from ..errors import JumpsError, OutputError

FORMAT: Final = "jumps-shot"
VERSION: Final = 1

RECORD: Final = "shot.json"
SHOTS: Final = "shots"
"""Folder of the folders of shots, inside the batch's output."""

Status = Literal["done", "failed", "missing"]
DONE: Final[Status] = "done"
FAILED: Final[Status] = "failed"
MISSING: Final[Status] = "missing"


@dataclass(frozen=True)
class Figures:
    """How far a person's result can be trusted; heads are head sizes of 22.5 cm, shares are 0 to 1.

    `std_*` are None where the settings estimate no uncertainty. `std_worst` is exceeded in one frame of twenty; both
    are means over the 28 joints.
    """

    doubt: float
    std_mean: float | None
    std_worst: float | None
    worst_frame: int
    rejected_points: int
    rejected_share: float
    swapped_frames: int
    swapped_share: float
    unseen_frames: int
    unseen_share: float


@dataclass(frozen=True)
class PersonRecord:
    """One person of a shot; `error` tells why there is no result, `sheet` is what `sheet.poses` gave."""

    id: str
    frames: int
    first_frame: int
    seen_frames: int
    mean_confidence: float
    fps: float | None = None
    output: str | None = None
    figures: Figures | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None
    seconds: float = 0.0
    sheet: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Error:
    """Why a shot failed: `kind` is the class of the error, `message` what a person reads."""

    kind: str
    message: str

    @classmethod
    def of(cls, error: Exception) -> Error:
        """Of what was raised; one that nobody foresaw with the place where it happened."""
        if isinstance(error, JumpsError):
            return cls(type(error).__name__, str(error))
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}, line {last.lineno}"
        return cls(type(error).__name__, f"{error} (unexpected, in {place}: please report this as a bug)")


@dataclass(frozen=True)
class ShotRecord:
    """A shot, and what became of it. `key` is all that decides the result: content, settings, versions."""

    shot: str
    source: str
    status: Status
    key: dict[str, Any] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    people: tuple[PersonRecord, ...] = ()
    error: Error | None = None
    warnings: tuple[str, ...] = ()
    format: str | None = None
    joint_set: str | None = None
    seconds: float = 0.0
    host: str = ""

    @property
    def doubt(self) -> float:
        """The largest of its people."""
        return max((person.figures.doubt for person in self.people if person.figures), default=0.0)


def read_record(folder: Path) -> ShotRecord | None:
    """The record in a shot's folder; None where there is none, a damaged one, or one of another version."""
    try:
        content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if (content.pop("kind"), content.pop("version")) != (FORMAT, VERSION):
            return None
        return record_of(content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def record_of(content: dict[str, Any]) -> ShotRecord:
    """A record of what `asdict` made of it."""
    people = tuple(_person(dict(one)) for one in content.pop("people"))
    error = content.pop("error")
    for name in ("outputs", "warnings"):
        content[name] = tuple(content[name])
    return ShotRecord(**content, people=people, error=None if error is None else Error(**error))


def _person(content: dict[str, Any]) -> PersonRecord:
    figures = content.pop("figures")
    for name in ("warnings", "sheet"):
        content[name] = tuple(content[name])
    return PersonRecord(**content, figures=None if figures is None else Figures(**figures))


def write_record(folder: Path, record: ShotRecord) -> None:
    """Put a record into a shot's folder, in one step; raises OutputError."""
    content = {"kind": FORMAT, "version": VERSION, **asdict(record)}
    write_text(folder / RECORD, json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(where: Path, text: str) -> None:
    """Write beside the target and move into place; raises OutputError."""
    part = where.with_name(f".{where.name}.{os.getpid()}.part")
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        os.replace(part, where)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"{where} cannot be written: {error.strerror}. Make room there, or choose another folder."
        ) from error
