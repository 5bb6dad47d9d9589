"""A file, a folder of frames, or a zip of either, as named documents. Nothing is ever unpacked to disk."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from ..errors import FormatError, TruncatedFile
from .json_text import EXPECTED, Content, begins_as_json, parse
from .numbering import Series, series
from .recording import Damage

MAX_BYTES: Final = 1 << 29
"""Bytes of text that one document, or all of a zip together, may hold."""
MAX_DOCUMENTS: Final = 500_000
HEAD_BYTES: Final = 1 << 16
AGAIN: Final = "Copy, pack or download it again."


@dataclass(frozen=True)
class Document:
    """One JSON text."""

    name: str
    load: Callable[[], bytes]

    @cached_property
    def content(self) -> Content:
        """The parsed text, or the whole part of it; see `json_text.parse`."""
        return self.read()

    def read(self) -> Content:
        """Parse anew, without keeping it: for the many documents of a folder."""
        return parse(self.load(), self.name)


@dataclass(frozen=True)
class Source:
    """What the user pointed at."""

    name: str
    documents: dict[str, Document]
    """By name; a folder's and a zip's are the `.json` files in them."""
    collection: bool = False
    warnings: tuple[str, ...] = ()

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """The documents in numbered series, the largest first."""
        return series(list(self.documents))

    @property
    def main(self) -> Document:
        """The document to look at first: the first one of the largest series."""
        return self.documents[self.series[0].members[0][1]]

    @property
    def value(self) -> Any:
        """What the main document holds; None where it cannot be parsed but is one of many."""
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


@contextmanager
def open_source(path: str | os.PathLike[str]) -> Iterator[Source]:
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
        yield source
        return
    try:
        archive = zipfile.ZipFile(where)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise FormatError(f"{where.name} is a damaged zip ({error}). {AGAIN}") from None
    with archive:
        yield _zip(where.name, archive)


def _file(where: Path) -> Source:
    with where.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        raise TruncatedFile(
            f"{where.name} is a zip without the table of contents at its end: it was cut off, and none of it can be "
            f"read. {AGAIN}"
        )
    if head.strip() and not begins_as_json(head):
        begin = repr(head.lstrip()[:16].decode("latin-1"))
        raise FormatError(f"{where.name} is not JSON: it begins with {begin}. {EXPECTED}")
    _check_size(where.name, where.stat().st_size)
    return Source(where.name, {where.name: Document(where.name, where.read_bytes)})


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise FormatError(f"{name} holds {size:,} bytes; at most {MAX_BYTES:,} are read. Cut the recording in parts.")


def _folder(where: Path) -> Source:
    files = [entry for entry in sorted(where.iterdir()) if entry.is_file()]
    wanted = [entry for entry in files if _is_wanted(entry.name)]
    if not wanted:  # the folder above the frames' own: as good as a zip of it
        wanted = [entry for entry in sorted(where.glob("*/*")) if _is_wanted(entry.name) and entry.is_file()]
    for entry in wanted:
        _check_size(entry.name, entry.stat().st_size)
    documents = {
        name: Document(name, entry.read_bytes) for entry in wanted for name in (entry.relative_to(where).as_posix(),)
    }
    return _collection(where.name, documents, [entry.name for entry in files if not _is_wanted(entry.name)], "folder")


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


def _is_wanted(name: str) -> bool:
    base = name.rpartition("/")[2]
    return base.lower().endswith(".json") and not base.startswith(".") and not name.startswith("__MACOSX/")


def _collection(name: str, documents: dict[str, Document], strays: list[str], kind: str) -> Source:
    if not documents:
        found = f"found are {', '.join(strays[:3])}" if strays else "it is empty"
        raise FormatError(f"No keypoint files in the {kind} {name}: no .json in it ({found}). {EXPECTED}")
    if len(documents) > MAX_DOCUMENTS:
        raise FormatError(f"{len(documents):,} files in {name}; at most {MAX_DOCUMENTS:,} are read.")
    warnings = (f"Not .json, so not read: {listed(strays)}.",) if strays else ()
    return Source(name, documents, collection=True, warnings=warnings)


def listed(names: list[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
