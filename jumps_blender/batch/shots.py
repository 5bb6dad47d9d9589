"""Which shots a folder holds, and what tells that one has changed."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import InputError
from ..formats.source import SUFFIXES

ALONE: Final = (*(suffix for suffix in SUFFIXES if suffix != ".txt"), ".zip")
"""Of files that are taken for shots unless a pattern says which are; a text alone is rather a note."""

_CHUNK: Final = 1 << 20
_A_FRAME: Final = re.compile(r"_\d+_keypoints\.json$")


@dataclass(frozen=True)
class Shot:
    """A recording: a file, or a folder with a file per frame. `name` is its own among the shots of the folder."""

    name: str
    path: Path


def find_shots(folder: Path, output: Path, pattern: str | None = None) -> tuple[Shot, ...]:
    """The shots of a folder, in order of their names.

    A file is a shot, and so is a folder of frames; a folder that OpenPose wrote is one shot itself. A shot is called
    like its file without the suffix, where no other shot is, else like its file. Hidden files and the results are none.

    Raises:
        InputError: the folder cannot be read, or holds no shot.

    """
    try:
        entries = _entries(folder, output)
        if pattern is None and sum(bool(_A_FRAME.search(entry.name)) for entry in entries) > 1:
            return (Shot(folder.resolve().name, folder),)
        chosen = [entry for entry in entries if _is_wanted(entry, pattern)]
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror}.") from error
    if not chosen:
        looked = f"called {pattern!r}" if pattern else f"that ends in {', '.join(ALONE)}"
        raise InputError(f"{folder} holds no shot: no file {looked}, and no folder of such files.")
    times = Counter(_short(entry).casefold() for entry in chosen)
    return tuple(Shot(_short(one) if times[_short(one).casefold()] == 1 else one.name, one) for one in chosen)


def passed_over(folder: Path, output: Path, shots: Sequence[Shot]) -> tuple[str, ...]:
    """Names of what lies beside the shots and is none; hidden files and the results are not told of."""
    taken = {shot.path for shot in shots}
    return () if folder in taken else tuple(one.name for one in _entries(folder, output) if one not in taken)


def _entries(folder: Path, output: Path) -> list[Path]:
    """What may be told of, by name; of ten thousand frames, only the folders are looked at."""
    results = output.resolve()
    with os.scandir(folder) as found:
        shown = [(each.name, each.is_dir()) for each in found if not each.name.startswith(".")]
    entries = ((folder / name, is_folder) for name, is_folder in sorted(shown))
    return [entry for entry, is_folder in entries if not (is_folder and entry.resolve() == results)]


def _short(entry: Path) -> str:
    return entry.name if entry.is_dir() else entry.stem


def _is_wanted(entry: Path, pattern: str | None) -> bool:
    if entry.exists() and not (entry.is_file() or entry.is_dir()):  # a pipe would be waited for; a dead link is told of
        return False
    if pattern is not None:
        return fnmatch.fnmatch(entry.name, pattern)
    if entry.is_dir():
        return any(_is_frame(one) or (one.is_dir() and any(map(_is_frame, one.iterdir()))) for one in entry.iterdir())
    return entry.suffix.lower() in ALONE


def _is_frame(entry: Path) -> bool:
    return entry.suffix.lower() in SUFFIXES and not entry.name.startswith(".") and entry.is_file()


def part_of(shots: tuple[Shot, ...], part: tuple[int, int]) -> tuple[Shot, ...]:
    """Every so-manieth shot: part (2, 3) is the second, the fifth, ..."""
    number, parts = part
    return shots[number - 1 :: parts]


def fingerprint(path: Path) -> str:
    """Changes when the content of a shot's file or folder does; not when it is copied or touched.

    Raises:
        InputError: it cannot be read.

    """
    digest = hashlib.sha256()
    try:
        for name, file in _files(path):
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
            with open(file, "rb") as opened:  # noqa: PTH123  a path takes longer than to read a frame
                while chunk := opened.read(_CHUNK):
                    digest.update(chunk)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()


def _files(path: Path) -> list[tuple[str, str]]:
    """Every file: what it is called from the path on, and its whole name; in order of folders and names."""
    if not path.is_dir():
        return [(".", str(path))]
    found = []
    for above, _, names in os.walk(path):
        inside = Path(above).relative_to(path).parts
        files = ((name, f"{above}{os.sep}{name}") for name in names)
        found += [((*inside, name), file) for name, file in files if os.path.isfile(file)]  # noqa: PTH113
    return [("/".join(parts), file) for parts, file in sorted(found)]
