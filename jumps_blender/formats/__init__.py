"""Keypoint files in, tracks and results out. A reader per format; which one reads a file is decided by its content."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ..core.body.joint_sets import JointSet
from ..core.body.tracks import CONFIDENCE_THRESHOLD
from ..errors import FormatError, TruncatedFile
from . import (
    alphapose,
    alphapose_open,
    coco_annotations,
    deeplabcut,
    jumps,
    landmarks,
    mediapipe,
    mmpose,
    openpose,
    pose_file,
    sleap,
    tfjs,
    trc,
    yolo,
)
from .assemble import assemble
from .json_text import EXPECTED, decode
from .reader import Reader
from .recording import Damage, Person, Recording, Take
from .source import Source, listed, open_source
from .wishes import UPS, VIEWS, Wishes

__all__ = ["READERS", "TITLES", "UPS", "VIEWS", "Person", "Reader", "Recording", "read"]

READERS: Final[tuple[Reader, ...]] = (
    jumps, alphapose, openpose, alphapose_open, coco_annotations, mmpose, tfjs, mediapipe, trc, deeplabcut, sleap, yolo,
    landmarks, pose_file,
)  # fmt: skip
"""In the order in which they are asked; a new format is a new module here."""


TITLES: Final = {format_id: title for reader in READERS for format_id, title in reader.FORMATS.items()}
"""Every format's id, as `Recording.format` and `inspect --json` say it, and its name."""


def read(
    path: str | os.PathLike[str],
    joint_set: str | JointSet | Sequence[str] | None = None,
    salvage: bool = False,
    threshold: float = CONFIDENCE_THRESHOLD,
    names: Mapping[str, str] | None = None,
    view: str = "auto",
    up: str = "auto",
) -> Recording:
    """Read a keypoint file, a folder of frames, or a zip of either.

    Args:
        path: what the user chose; its name and suffix do not matter.
        joint_set: an id, a list of names or a `JointSet` that wins over what the file looks like.
        salvage: of a damaged or cut-off file, read the part that is whole.
        threshold: confidence below which `Recording.tracks` counts a point as not observed.
        names: where a file has its own names for points, which joints they are: `{"Snout": "nose", "Rope": ""}`. Names
            that are not told are guessed; `Recording.names` says how.
        view: the side from which a file of three dimensions is seen, one of `VIEWS`.
        up: the axis that points up in it, one of `UPS`.

    Raises:
        TruncatedFile: cut off, without `salvage`; the message says how much is whole.
        FormatError: no reader knows the content, or it is damaged.
        InputError: the joint set or a name is unknown or does not fit; no such view.

    """
    wishes = Wishes(joint_set, names or {}, view, up)
    with open_source(path, wishes) as whole:
        reader, source = _recognised(whole)
        take = _read(reader, source, salvage)
        notes = _unread(source, take)
    if take.damage:
        if not salvage or not take.sightings:
            raise _damaged(whole.name, take, take.damage)
        notes = (*notes, f"The file {_how(take.damage)}: only {take.whole} were read.")
    return assemble(replace(take, warnings=(*take.warnings, *notes)), whole.name, threshold, joint_set)


def _recognised(whole: Source) -> tuple[Reader, Source]:
    """The first reader that knows a part of what the user pointed at, and that part."""
    first = None
    for part in whole.parts():
        first = first or part
        for reader in READERS:
            if reader.sniff(part):
                return reader, part
    assert first
    raise _unknown(first)


def _read(reader: Reader, source: Source, salvage: bool) -> Take:
    try:
        return reader.read(source)
    except FormatError as error:
        damage = source.damage
        if damage is None or salvage:
            raise
        kind = TruncatedFile if damage.cut else FormatError
        raise kind(f"{source.name} {_how(damage)}. {error}") from None


def _unread(source: Source, take: Take) -> tuple[str, ...]:
    """Notes on the other files in a folder or zip: other recordings, and what is none."""
    notes = []
    if source.strays:
        suffix = source.main.name.rpartition(".")[2]
        notes.append(f"Not .{suffix}, so not read: {listed(list(source.strays))}.")
    if take.format not in SERIAL and len(source.documents) > 1:
        others = [name for name in source.documents if name != source.main.name]
        notes.append(f"Of {len(source.documents)} recordings {source.main.name} was read, not: {listed(others)}.")
    return tuple(notes)


SERIAL: Final = frozenset({"openpose", "yolo"})
"""Formats that have a file for each frame."""


def _how(damage: Damage) -> str:
    return f"{'was cut off' if damage.cut else 'is damaged'} {damage.where}"


def _damaged(name: str, take: Take, damage: Damage) -> FormatError:
    kind = TruncatedFile if damage.cut else FormatError
    if not take.sightings:
        return kind(f"{name} {_how(damage)}, and no person before that is whole. Copy or write it again.")
    error = kind(
        f"{name} {_how(damage)}: whole are {take.whole}. Copy or write it again, or read that part with --salvage "
        "(in the dialog: Read Whole Part)."
    )
    error.salvageable = True
    return error


def _unknown(source: Source) -> FormatError:
    main = source.main
    if not main.data.strip():
        return FormatError(f"{main.name} is empty: a keypoint file was expected.")
    if not main.is_json:
        begin = repr(decode(main.data[:64]).lstrip()[:16])
        what = "text" if main.is_text else "not text"
        return FormatError(
            f"{main.name} is {what}, but no keypoints that are known: it begins with {begin}. {EXPECTED}"
        )
    content = main.content
    if content.damage:
        kind = TruncatedFile if content.damage.cut else FormatError
        return kind(f"{source.name} {_how(content.damage)}, and nothing before that is whole. Copy or write it again.")
    value = content.value
    if not value:
        return FormatError(f"{source.name} is an empty {'list' if isinstance(value, list) else 'object'}. {EXPECTED}")
    return FormatError(f"{main.name} is JSON, but no keypoints that are known: {_described(value)}. {EXPECTED}")


def _described(value: object) -> str:
    if isinstance(value, dict):
        return f"an object with {listed([repr(key)[:30] for key in value], 4)}"
    if isinstance(value, list) and isinstance(value[0], dict):
        return f"a list of objects with {listed([repr(key)[:30] for key in value[0]], 4)}"
    return f"a list of {type(value[0]).__name__}" if isinstance(value, list) else type(value).__name__
