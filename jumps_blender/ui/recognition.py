"""What the import dialog knows of the chosen file: read once, beside Blender's drawing, and never again for a redraw.

A drawing call asks `look_at`, which waits no longer than it is told and says "Reading" meanwhile; the import asks
`take`, which hands over what the dialog has read, unless the file has changed since.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ..core.body.tracks import CONFIDENCE_THRESHOLD
from ..errors import FormatError, JumpsError, UnknownPoints
from ..formats import Recording, read
from .strips import Strip, strip_of

LARGEST: Final = 50_000_000
"""Bytes of a file that the dialog still reads while one browses."""

SHOWN: Final = 80
"""Characters of a file's name that a message shows."""

PEOPLE_SHOWN: Final = 8
"""People that the dialog lists, those seen best; others can be typed."""

Stamp = tuple[int, ...]


@dataclass(frozen=True)
class Choice:
    """What is to be read, and how; see `formats.read`."""

    path: str
    joint_set: str | None = None
    salvage: bool = False
    names: tuple[tuple[str, str], ...] = ()
    view: str = "auto"
    up: str = "auto"

    def read(self) -> Recording:
        """Read it.

        Raises:
            InputError: what the readers say of the file.

        """
        return read(
            Path(self.path), joint_set=self.joint_set, salvage=self.salvage, names=dict(self.names), view=self.view,
            up=self.up,
        )  # fmt: skip


@dataclass(frozen=True)
class Recognised:
    """A recording, whose people have lost their sightings once it was imported, or why there is none.

    `strips` poses of the first people; `names` the file's own names of its points, each with what it was taken for.
    """

    recording: Recording | None = None
    problem: str = ""
    reading: bool = False
    salvageable: bool = False
    names: tuple[tuple[str, str], ...] = ()
    strips: tuple[Strip, ...] = ()

    def at_rest(self) -> Recognised:
        """What a redraw after the import needs: without the keypoints themselves."""
        if self.recording is None:
            return self
        people = tuple(replace(person, sightings=()) for person in self.recording.people)
        return replace(self, recording=replace(self.recording, people=people), strips=())


NOTHING: Final = Recognised(problem="Choose a keypoint file; for a folder of frames, one of them, and Whole Folder")
LARGE: Final = Recognised(problem="A large file: it is read when it is imported")


class _Reading(threading.Thread):
    """A file being read beside Blender. It touches nothing of Blender's."""

    def __init__(self, choice: Choice, glance: Stamp) -> None:
        super().__init__(daemon=True)
        self.choice, self.glance = choice, glance
        self.stamp: Stamp = ()
        self.outcome: Recognised | None = None

    def run(self) -> None:
        self.stamp = _stamp(Path(self.choice.path))
        try:
            self.outcome = recognise(self.choice)
        except Exception as error:  # noqa: BLE001  a thread has nobody else to tell, and the dialog would wait for ever
            self.outcome = Recognised(problem=f"{Path(self.choice.path).name} cannot be read: {error!r}. Report it.")


_LATEST: list[_Reading] = []
"""The reading of what the dialog shows now; at most one."""

_RESTING: dict[Choice, Recognised] = {}
"""What was imported last, for whoever adjusts the operation."""


def look_at(choice: Choice, patience: float | None = None) -> Recognised:
    """What is known of the chosen file, which is read when it is asked for first, or has changed.

    Args:
        choice: what, and how.
        patience: seconds to wait for a file when it begins to be read; None = until it is read.

    """
    path = Path(choice.path)
    try:
        status = path.stat()
    except (OSError, ValueError):
        gone = f"There is no file {path.name[:SHOWN]!r} in {path.parent}: it was moved, or is not written yet"
        return Recognised(problem=gone) if path.name else NOTHING
    if choice.path.endswith(("/", "\\")):
        return NOTHING
    if path.is_file() and status.st_size > LARGEST:
        return LARGE
    glance = (status.st_mtime_ns, status.st_size)
    begins = not (_LATEST and _LATEST[0].choice == choice and _LATEST[0].glance == glance)
    if begins:
        _LATEST[:] = [_Reading(choice, glance)]
        _LATEST[0].start()
    reading = _LATEST[0]
    if begins or patience is None:
        reading.join(patience)
    return reading.outcome or Recognised(problem=f"Reading {path.name}...", reading=True)


def is_reading() -> bool:
    """Whether the file that the dialog shows is still being read."""
    return bool(_LATEST) and _LATEST[0].is_alive()


def recall(choice: Choice) -> Recognised:
    """What was known of it when it was shown or imported, without looking at the file."""
    if _LATEST and _LATEST[0].choice == choice and _LATEST[0].outcome:
        return _LATEST[0].outcome
    return _RESTING.get(choice, Recognised())


def take(choice: Choice, threshold: float = CONFIDENCE_THRESHOLD) -> tuple[Recording, bool]:
    """The recording for the import, and whether the file has changed since the dialog showed it.

    Raises:
        InputError: what the readers say of the file.

    """
    shown = _LATEST[0] if _LATEST and _LATEST[0].choice == choice else None
    if shown:
        shown.join()
    changed = shown is not None and shown.stamp != _stamp(Path(choice.path))
    if shown and not changed and shown.outcome and shown.outcome.recording:
        found = shown.outcome
    else:
        recording = choice.read()
        found = Recognised(recording, names=recording.names)
    assert found.recording
    _RESTING.clear()
    _RESTING[choice] = found.at_rest()
    return replace(found.recording, threshold=threshold), changed


def forget() -> None:
    """Free what was read for the dialog."""
    _LATEST.clear()


def recognise(choice: Choice) -> Recognised:
    """Read the chosen file, and draw together what the dialog shows of it."""
    try:
        recording = choice.read()
    except UnknownPoints as error:
        return Recognised(problem=str(error), names=tuple((name, "") for name in error.names))
    except JumpsError as error:
        return Recognised(problem=str(error), salvageable=isinstance(error, FormatError) and error.salvageable)
    strips = tuple(strip_of(recording, person) for person in recording.people[:PEOPLE_SHOWN])
    return Recognised(recording, names=recording.names, strips=strips)


def _stamp(path: Path) -> Stamp:
    """Changes when the file does, or a file of the folder; () where there is nothing."""
    try:
        status = [entry.stat() for entry in _entries(path)] if path.is_dir() else [path.stat()]
    except (OSError, ValueError):
        return ()
    return len(status), sum(one.st_size for one in status), max((one.st_mtime_ns for one in status), default=0)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What lies in a folder and in the folders in it, as deep as readers look."""
    for entry in os.scandir(folder):
        yield from os.scandir(entry) if entry.is_dir() else (entry,)
