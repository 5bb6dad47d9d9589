"""A file, a folder of frames, or a zip of either, as named documents. Nothing is ever unpacked to disk.

A folder or zip often holds more than keypoints, and not always in the file that comes first: `Source.parts` are the
ways to look at it, one after the other, until a reader recognises one.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from ..errors import FormatError, TruncatedFile
from .json_text import EXPECTED, Content, begins_as_json, parse
from .numbering import Series, series
from .recording import Damage
from .wishes import NONE, Wishes

MAX_BYTES: Final = 1 << 29
"""Bytes of text that one document, or all of a zip together, may hold."""
MAX_DOCUMENTS: Final = 500_000
HEAD_BYTES: Final = 1 << 16
AGAIN: Final = "Copy, pack or download it again."

SUFFIXES: Final = (".json", ".csv", ".trc", ".txt", ".h5", ".hdf5", ".slp", ".pose", ".tsv")
"""Of files in a folder or zip that may hold keypoints, those that are looked at first before the others."""
TRIED: Final = 8
"""Series of one suffix that are looked at."""


@dataclass(frozen=True)
class Document:
    """One file, or one member of a zip.

    `load` gives its bytes and raises FormatError; `size` is how many these are, as far as is known; `apart` whether
    others may be loaded at the same time.
    """

    name: str
    load: Callable[[], bytes]
    size: int = 0
    apart: bool = False

    @cached_property
    def data(self) -> bytes:
        """All bytes, kept."""
        return self.load()

    @cached_property
    def is_json(self) -> bool:
        """Whether it begins as JSON does."""
        return begins_as_json(self.data[:HEAD_BYTES])

    @cached_property
    def is_text(self) -> bool:
        """Whether it is text of another kind."""
        head = self.data[:HEAD_BYTES]
        wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
        return bool(head.strip()) and not self.is_json and (wide or b"\0" not in head)

    @cached_property
    def content(self) -> Content:
        """The parsed JSON, or the whole part of it; see `json_text.parse`."""
        return parse(self.data, self.name)


@dataclass(frozen=True)
class Source:
    """What the user pointed at."""

    name: str
    documents: dict[str, Document]
    """By name."""
    collection: bool = False
    strays: tuple[str, ...] = ()
    """Names of files that cannot be keypoints."""
    main_series: int = 0
    wishes: Wishes = NONE

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """The documents in numbered series: the one that is looked at, then the largest first."""
        found = list(series(list(self.documents)))
        return (found.pop(self.main_series), *found)

    @property
    def main(self) -> Document:
        """The document to look at first: the first one of the main series."""
        return self.documents[self.series[0].members[0][1]]

    @property
    def value(self) -> Any:
        """What the main document holds; None where it is not JSON, or cannot be parsed but is one of many."""
        if not self.main.is_json:
            return None
        try:
            return self.main.content.value
        except FormatError:
            if len(self.documents) > 1:
                return None
            raise

    @property
    def damage(self) -> Damage | None:
        """Of the main document."""
        return self.main.content.damage if self.value is not None else None

    def parts(self) -> Iterator[Source]:
        """Documents of one suffix, a series of them in front of the others."""
        if not self.collection:
            yield self
            return
        groups: dict[str, dict[str, Document]] = {}
        for name, document in self.documents.items():
            groups.setdefault(_suffix(name), {})[name] = document
        for group in sorted(groups.values(), key=_rank):
            part = replace(self, documents=group, strays=self._besides(group))
            yield part
            for number in range(1, min(TRIED, len(part.series))):
                yield replace(part, main_series=number)

    def _besides(self, documents: dict[str, Document]) -> tuple[str, ...]:
        return (*(name for name in self.documents if name not in documents), *self.strays)


def _rank(documents: dict[str, Document]) -> tuple[int, int]:
    """Files at the top before those in folders, then by suffix."""
    return min(name.count("/") for name in documents), SUFFIXES.index(_suffix(next(iter(documents))))


@contextmanager
def open_source(path: str | os.PathLike[str], wishes: Wishes = NONE) -> Iterator[Source]:
    """Find the documents behind a path; they can be loaded until the context ends.

    Raises:
        FormatError: no such path, nothing readable in it, or larger than any recording.

    """
    where = Path(path)
    try:
        if where.exists() and not (where.is_file() or where.is_dir()):
            raise FormatError(f"{where} is neither a file nor a folder. {EXPECTED}")
        packed = not where.is_dir() and zipfile.is_zipfile(where)
        source = None if packed else _folder(where) if where.is_dir() else _file(where)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FormatError(f"{where} cannot be read: {reason}.") from None
    if source:
        yield replace(source, wishes=wishes)
        return
    try:
        archive = zipfile.ZipFile(where)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise FormatError(f"{where.name} is a damaged zip ({error}). {AGAIN}") from None
    with archive:
        yield replace(_zip(where.name, archive), wishes=wishes)


def _file(where: Path) -> Source:
    with where.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        raise TruncatedFile(
            f"{where.name} is a zip without the table of contents at its end: it was cut off, and none of it can be "
            f"read. {AGAIN}"
        )
    _check_size(where.name, where.stat().st_size)
    return Source(where.name, {where.name: Document(where.name, partial(_bytes, str(where)))})


def _bytes(where: str) -> bytes:
    """The whole file, if it is still there and nobody writes to it."""
    try:
        with open(where, "rb") as file:  # noqa: PTH123  a path takes longer than to read a frame
            before = os.fstat(file.fileno())
            data = file.read(min(before.st_size, MAX_BYTES) + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise FormatError(f"{Path(where).name} cannot be read: {error.strerror}.") from None
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or len(data) != after.st_size:
        raise FormatError(
            f"{Path(where).name} changed while it was read: wait until its writer has finished, and try again."
        )
    return data


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise FormatError(f"{name} holds {size:,} bytes; at most {MAX_BYTES:,} are read. Cut the recording in parts.")


def _folder(where: Path) -> Source:
    entries = _entries(where)
    strays = [entry.name for entry in entries if entry.is_file() and not _is_wanted(entry.name)]
    wanted = {entry.name: entry for entry in entries if _is_wanted(entry.name) and entry.is_file()}
    if not any(_suffix(name) == SUFFIXES[0] for name in wanted):  # the folder above the frames' own
        below = ((one.name, entry) for one in entries if one.is_dir() for entry in _entries(one))
        wanted |= {f"{up}/{one.name}": one for up, one in below if _is_wanted(one.name) and one.is_file()}
    documents = {}
    for name, entry in wanted.items():
        size = entry.stat().st_size
        _check_size(entry.name, size)
        documents[name] = Document(name, partial(_bytes, entry.path), size, apart=True)
    return _collection(where.name, documents, strays, "folder")


def _entries(folder: Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
    """What lies in a folder, by name: ten thousand frames in a tenth of the time that paths take."""
    with os.scandir(folder) as found:
        return sorted(found, key=lambda entry: entry.name)


def _zip(name: str, archive: zipfile.ZipFile) -> Source:
    members = [info for info in archive.infolist() if not info.is_dir()]
    wanted = [info for info in members if _is_wanted(info.filename)]
    _check_size(name, sum(info.file_size for info in wanted))
    documents = {info.filename: Document(info.filename, partial(_member, archive, info)) for info in wanted}
    strays = [info.filename for info in members if not _is_wanted(info.filename) and "__MACOSX/" not in info.filename]
    return _collection(name, documents, strays, "zip")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            data = file.read(info.file_size + 1)  # the table of contents may lie: never read more than it claims
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise FormatError(f"{info.filename} in the zip cannot be read ({error}). {AGAIN}") from None
    if len(data) > info.file_size:
        raise FormatError(f"{info.filename} is larger than its zip says. {AGAIN}")
    return data


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition("/")[2].rpartition(".")
    return f".{suffix}".lower() if stem and dot else ""


def _is_wanted(name: str) -> bool:
    hidden = name.rpartition("/")[2].startswith(".") or name.startswith("__MACOSX/")
    return _suffix(name) in SUFFIXES and not hidden


def _collection(name: str, documents: dict[str, Document], strays: list[str], kind: str) -> Source:
    if not documents:
        found = f"found are {', '.join(strays[:3])}" if strays else "it is empty"
        kinds = f"no {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        raise FormatError(f"No keypoint files in the {kind} {name}: {kinds} in it ({found}). {EXPECTED}")
    if len(documents) > MAX_DOCUMENTS:
        raise FormatError(f"{len(documents):,} files in {name}; at most {MAX_DOCUMENTS:,} are read.")
    return Source(name, documents, collection=True, strays=tuple(strays))


def listed(names: list[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
