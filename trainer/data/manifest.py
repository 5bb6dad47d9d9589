"""The manifest of a data folder: one entry per clip, saying where it lies and how to read it.

A data set is a folder with `manifest.json` and `skeletons.json`; clips are members of tar or npz archives in it, or
plain files (no `archive`).
"""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Final

from jumps_blender.errors import FormatError, InputError

SPLITS: Final = ("train", "val", "test")
UPS: Final = ("y", "z")

_RESTRICTED: Final = re.compile(r"(?<![a-z])(SA|NC|ND)(?![a-z])|share.?alike|non.?commercial|no.?deriv", re.IGNORECASE)
"""Clauses of terms, by short or full name: "CC BY-NC 4.0" is written in many ways."""


def is_shippable(licence: str) -> bool:
    """Whether weights trained on data of this licence may be released under CC0: not share-alike, NC or ND."""
    return not _RESTRICTED.search(licence)


@dataclass(frozen=True)
class ClipEntry:
    """One clip as the manifest describes it.

    member, archive, asf_member: where the motion (and an AMC's skeleton) lies; without archive, a path in the folder.
    frames, first_frame, glitches: 0-based frame numbers of the stored file; glitches are inclusive ranges; frames
    before first_frame are a rest pose. duplicate_of: id of the clip that this one is a worse conversion of.
    """

    id: str
    member: str
    source: str
    subject: str
    skeleton: str
    split: str
    licence: str
    fps: float
    unit_in_metres: float
    up: str
    frames: int
    first_frame: int = 0
    glitches: tuple[tuple[int, int], ...] = ()
    label: str = ""
    archive: str = ""
    asf_member: str = ""
    duplicate_of: str = ""


def read_manifest(folder: Path) -> list[ClipEntry]:
    """Entries of `folder/manifest.json`, duplicates included.

    Raises InputError for a folder without one, FormatError for an entry that cannot be used, naming it.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        raise InputError(f"{folder} has no manifest.json; expected a folder with a manifest and skeletons.json.")
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["clips"]
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: no list 'clips' in it ({error}); expected JSON with one entry per clip.") from error
    read = [_entry(raw, path) for raw in entries]
    require_one_split(read)
    return read


def require_one_split(entries: list[ClipEntry]) -> None:
    """Raise FormatError where a subject is in two splits or two clips have one id."""
    splits: dict[str, str] = {}
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise FormatError(f"The id {entry.id} is in the manifests twice; expected one for each clip. Rename one.")
        seen.add(entry.id)
        if splits.setdefault(entry.subject, entry.split) != entry.split:
            raise FormatError(
                f"Subject {entry.subject} is in splits {splits[entry.subject]!r} and {entry.split!r} "
                f"({entry.id}); what is measured on a person who was trained on proves nothing. Choose one."
            )


def _entry(raw: dict[str, Any], path: Path) -> ClipEntry:
    known = {field.name for field in fields(ClipEntry)}
    required = {field.name for field in fields(ClipEntry) if field.default is MISSING}
    name = raw.get("id", "an entry without id")
    if missing := sorted(required - raw.keys()):
        raise FormatError(f"{path}: {name} lacks {', '.join(missing)}. Add them.")
    glitches = tuple((int(first), int(last)) for first, last in raw.get("glitches", ()))
    entry = ClipEntry(**{key: raw[key] for key in raw.keys() & known} | {"glitches": glitches})
    _check(entry, path)
    return entry


def _check(entry: ClipEntry, path: Path) -> None:
    if entry.split not in SPLITS or entry.up not in UPS:
        raise FormatError(
            f"{path}: {entry.id} has split {entry.split!r} and up {entry.up!r}; expected one of {SPLITS} and of {UPS}."
        )
    if entry.fps <= 0 or entry.unit_in_metres <= 0:
        raise FormatError(
            f"{path}: {entry.id} has fps {entry.fps} and unit {entry.unit_in_metres}; expected both above 0."
        )
    if entry.split != "test" and not is_shippable(entry.licence):
        raise FormatError(
            f"{path}: {entry.id} ({entry.licence}) is in split {entry.split!r}; data under such terms is for "
            "testing only, since released weights may count as its adaptation. Set its split to 'test'."
        )
