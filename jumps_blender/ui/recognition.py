"""What the import dialog knows of the chosen file: read once, not at every redraw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import JumpsError
from ..formats import Recording, read

LARGEST: Final = 50_000_000
"""Bytes of a file that the dialog still reads while one browses."""


@dataclass(frozen=True)
class Choice:
    """What is to be read, and how."""

    path: str
    joint_set: str | None
    salvage: bool
    threshold: float

    def read(self) -> Recording:
        """Read it.

        Raises:
            InputError: what the readers say of the file.

        """
        return read(Path(self.path), joint_set=self.joint_set, salvage=self.salvage, threshold=self.threshold)


@dataclass(frozen=True)
class Recognised:
    """A recording, or why there is none."""

    recording: Recording | None = None
    problem: str = ""


_SEEN: dict[tuple[Choice, int, int], Recognised] = {}


def look_at(choice: Choice) -> Recognised:
    """Read the chosen file, unless it was the last one read and did not change since."""
    path = Path(choice.path)
    if not path.exists() or choice.path.endswith(("/", "\\")):
        return Recognised(problem="Choose a file; for a folder of frames, one of them, and Whole Folder")
    status = path.stat()
    if path.is_file() and status.st_size > LARGEST:
        return Recognised(problem="A large file: it is read when it is imported")
    key = (choice, status.st_mtime_ns, status.st_size)
    if key not in _SEEN:
        _SEEN.clear()
        _SEEN[key] = _recognise(choice)
    return _SEEN[key]


def forget() -> None:
    """Free what was read for the dialog."""
    _SEEN.clear()


def _recognise(choice: Choice) -> Recognised:
    try:
        return Recognised(recording=choice.read())
    except JumpsError as error:
        return Recognised(problem=str(error))
