"""From a manifest entry to a Motion: archives are read in place, readers are chosen by the file's suffix."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
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


def read_motions(folder: Path, entries: list[ClipEntry]) -> Iterator[tuple[ClipEntry, Motion]]:
    """Motions of all entries, archive by archive, so that each is unpacked once and in memory.

    Raises InputError where an archive or a member is missing, FormatError where a file is damaged.
    """
    for archive, group in groupby(sorted(entries, key=lambda entry: entry.archive), lambda entry: entry.archive):
        of_archive = list(group)
        if archive.endswith(".npz"):
            yield from _read_npz(folder / archive, of_archive)
        else:
            texts = _archive_texts(folder / archive, of_archive) if archive else _plain_texts(folder, of_archive)
            for entry in of_archive:
                yield entry, _reader(entry)(entry, texts, archive)


def _members(entries: list[ClipEntry]) -> set[str]:
    return {name for entry in entries for name in (entry.member, entry.asf_member) if name}


def _archive_texts(path: Path, entries: list[ClipEntry]) -> Texts:
    if not path.is_file():
        raise InputError(f"{path} is missing; the manifest names it for {len(entries)} clips. Fetch it.")
    wanted, texts = _members(entries), {}
    with tarfile.open(path) as archive:
        for info in archive:
            name = info.name.removeprefix("./")
            stream = archive.extractfile(info) if name in wanted else None
            if stream is not None:
                texts[name] = _decode(stream.read())
    _require(wanted - texts.keys(), path)
    return texts


def _plain_texts(folder: Path, entries: list[ClipEntry]) -> Texts:
    wanted = _members(entries)
    _require({name for name in wanted if not (folder / name).is_file()}, folder)
    return {name: _decode((folder / name).read_bytes()) for name in wanted}


def _require(missing: set[str], where: Path) -> None:
    if missing:
        names = ", ".join(sorted(missing)[:5])
        raise InputError(f"{where}: {len(missing)} files of the manifest are not in it: {names}. Get a whole copy.")


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


def _read_npz(path: Path, entries: list[ClipEntry]) -> Iterator[tuple[ClipEntry, Motion]]:
    """Marker arrays: `pos` (all frames, markers, 3) and, per clip, `name` and `length`."""
    if not path.is_file():
        raise InputError(f"{path} is missing; the manifest names it for {len(entries)} clips. Fetch it.")
    with np.load(path) as arrays:
        positions, markers = arrays["pos"], tuple(str(name) for name in arrays["markers"])
        ends = np.cumsum(arrays["length"])
        spans = {
            str(name): (end - length, end)
            for name, length, end in zip(arrays["name"], arrays["length"], ends, strict=True)
        }
    _require({entry.member for entry in entries} - spans.keys(), path)
    for entry in entries:
        first, end = spans[entry.member]
        yield entry, Motion(markers, positions[first:end].astype(np.float64), None, entry.fps)
