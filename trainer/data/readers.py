"""From a manifest entry to a Motion: archives are read in place, readers are chosen by the file's suffix."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.errors import InputError

from .asf_amc import Skeleton, read_amc, read_asf
from .bvh import read_bvh
from .manifest import ClipEntry
from .motion import Motion

Texts = Mapping[str, str]

Load = Callable[[], Motion]
"""Reads one clip: raises InputError where its file is missing, FormatError where it is damaged."""


def open_motions(folder: Path, entries: list[ClipEntry]) -> Iterator[tuple[ClipEntry, Load]]:
    """Loaders of all entries, archive by archive, so that each is unpacked once and in memory; call them as they come.

    What cannot be read is told by the loader of the clip that it concerns.
    """
    for archive, group in groupby(sorted(entries, key=lambda entry: entry.archive), lambda entry: entry.archive):
        of_archive = list(group)
        if archive.endswith(".npz"):
            yield from _open_npz(folder / archive, of_archive)
            continue
        where = folder / archive
        texts = _archive_texts(where, of_archive) if archive else _plain_texts(folder, of_archive)
        for entry in of_archive:
            yield entry, partial(_load, entry, texts, where)


def read_motions(folder: Path, entries: list[ClipEntry]) -> Iterator[tuple[ClipEntry, Motion]]:
    """Motions of all entries, in the order of `open_motions`; the first that cannot be read raises."""
    for entry, load in open_motions(folder, entries):
        yield entry, load()


def _load(entry: ClipEntry, texts: Texts, where: Path) -> Motion:
    reader = _reader(entry)
    missing = [name for name in (entry.member, entry.asf_member) if name and name not in texts]
    if not where.exists():
        raise InputError(f"{where} is missing; the manifest names it for {entry.id}. Fetch it.")
    if missing:
        raise InputError(f"{where}: no {' and no '.join(missing)}, which {entry.id} needs. Get a whole copy.")
    return reader(entry, texts, entry.archive)


def _members(entries: list[ClipEntry]) -> set[str]:
    return {name for entry in entries for name in (entry.member, entry.asf_member) if name}


def _archive_texts(path: Path, entries: list[ClipEntry]) -> Texts:
    """The members that entries name, as far as they are there; an archive that ends early gives what it has."""
    wanted = _members(entries)
    texts: dict[str, str] = {}
    if not path.is_file():
        return texts
    try:
        with tarfile.open(path) as archive:
            for info in archive:
                name = info.name.removeprefix("./")
                stream = archive.extractfile(info) if name in wanted else None
                if stream is not None:
                    texts[name] = _decode(stream.read())
    except (tarfile.TarError, lzma.LZMAError, EOFError, OSError, zlib.error):
        return texts
    return texts


def _plain_texts(folder: Path, entries: list[ClipEntry]) -> Texts:
    return {name: _decode((folder / name).read_bytes()) for name in _members(entries) if (folder / name).is_file()}


def _decode(content: bytes) -> str:
    # AMC headers of HDM05 hold Latin-1 names; nothing that is read depends on them.
    return content.decode("utf-8", errors="replace")


def _read_bvh_entry(entry: ClipEntry, texts: Texts, archive: str) -> Motion:
    return read_bvh(texts[entry.member], f"{archive}:{entry.member}")


def _read_amc_entry(entry: ClipEntry, texts: Texts, archive: str) -> Motion:
    if not entry.asf_member:
        raise InputError(f"{entry.id} is an AMC file without asf_member; expected the ASF file of its skeleton.")
    skeleton = _skeleton(texts[entry.asf_member], f"{archive}:{entry.asf_member}")
    return read_amc(texts[entry.member], f"{archive}:{entry.member}", skeleton, entry.fps)


@lru_cache(maxsize=64)
def _skeleton(text: str, source: str) -> Skeleton:
    return read_asf(text, source)


READERS: Final[dict[str, Callable[[ClipEntry, Texts, str], Motion]]] = {
    ".bvh": _read_bvh_entry,
    ".amc": _read_amc_entry,
}


def _reader(entry: ClipEntry) -> Callable[[ClipEntry, Texts, str], Motion]:
    suffix = Path(entry.member).suffix.lower()
    if suffix not in READERS:
        raise InputError(f"{entry.id}: no reader for {entry.member!r}; expected a file ending in {', '.join(READERS)}.")
    return READERS[suffix]


def _open_npz(path: Path, entries: list[ClipEntry]) -> Iterator[tuple[ClipEntry, Load]]:
    """Marker arrays: `pos` (all frames, markers, 3) and, per clip, `name` and `length`."""
    try:
        with np.load(path) as arrays:
            positions, markers = arrays["pos"], tuple(str(name) for name in arrays["markers"])
            ends = np.cumsum(arrays["length"])
            spans = {
                str(name): (end - length, end)
                for name, length, end in zip(arrays["name"], arrays["length"], ends, strict=True)
            }
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        positions, markers, spans = np.empty((0, 0, 3)), (), {}
    for entry in entries:
        yield entry, partial(_cut, entry, path, positions, markers, spans.get(entry.member))


def _cut(
    entry: ClipEntry, path: Path, positions: np.ndarray, markers: tuple[str, ...], span: tuple[int, int] | None
) -> Motion:
    if span is None or span[1] > len(positions):
        raise InputError(f"{path}: no {entry.member}, which {entry.id} needs. Get a whole copy.")
    return Motion(markers, positions[slice(*span)].astype(np.float64), None, entry.fps)
