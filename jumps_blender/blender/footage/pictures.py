"""What a file leads to: a movie, a numbered sequence of images, or one image."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import bpy

from ...errors import InputError
from ..scene.video import TURNS_VIDEO, Video, look_at, turned

_NUMBER: Final = re.compile(r"(?P<head>.*?)(?P<digits>\d+)(?P<tail>\D*)", re.ASCII)
"""A file's name with its last run of digits, which Blender takes for the number."""

LAST_NUMBER: Final = 1_000_000
"""Highest number of a file; Blender's own limit lies a little above."""


@dataclass(frozen=True)
class Pictures:
    """Footage as Blender counts and shows it.

    `numbers` from the first to the last: a movie's frames from 1 on, a sequence's files by their own; `missing`, how
    many of a sequence's there are not. `size`, pixels as Blender shows them; `fps` None of images. Of the quarter turns
    clockwise that the file asks for Blender makes `made`, and leaves `left`.
    """

    kind: Literal["MOVIE", "SEQUENCE", "FILE"]
    size: tuple[int, int]
    numbers: range
    missing: int = 0
    fps: float | None = None
    made: int = 0
    left: int = 0


def look_at_pictures(path: str) -> Pictures:
    """What a path leads to, without leaving it in the file.

    Args:
        path: a movie, an image, or one of a numbered sequence of images.

    Raises:
        InputError: no such file, or neither a movie nor an image that Blender can show.

    """
    absolute = Path(bpy.path.abspath(path))
    if not absolute.is_file():
        raise InputError(f"There is no file {str(absolute)!r}: choose a video, or one image of a sequence.")
    kind, size = _first_look(absolute)
    if kind == "MOVIE":
        return _movie(look_at(path))
    if min(size) <= 0:
        raise InputError(f"Blender cannot show {str(absolute)!r}: choose a video, or one image of a sequence.")
    numbers = _numbers_beside(absolute)
    if len(numbers) < 2:
        return Pictures("FILE", size, range(1, 2))
    if numbers[-1] > LAST_NUMBER:
        raise InputError(
            f"The images of {absolute.name!r} are numbered up to {numbers[-1]}, Blender counts to {LAST_NUMBER}: "
            "number them anew from 0."
        )
    whole = range(numbers[0], numbers[-1] + 1)
    return Pictures("SEQUENCE", size, whole, len(whole) - len(numbers))


def _movie(video: Video) -> Pictures:
    made, left = (video.turns, 0) if TURNS_VIDEO else (0, video.turns)
    numbers = range(1, video.frames + 1)
    return Pictures("MOVIE", turned(video.size, left), numbers, fps=video.fps, made=made, left=left)


def _first_look(path: Path) -> tuple[str, tuple[int, int]]:
    """Whether Blender takes it for a movie or an image, and the size of an image."""
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise InputError(f"Blender cannot open {str(path)!r} ({error}): choose a video or an image.") from error
    try:
        kind = str(image.source)
        return kind, (0, 0) if kind == "MOVIE" else (int(image.size[0]), int(image.size[1]))
    finally:
        bpy.data.images.remove(image)


def _numbers_beside(path: Path) -> Sequence[int]:
    """Sorted numbers of the files of the sequence that a file belongs to; none where its name has no number."""
    own = _NUMBER.fullmatch(path.name)
    if own is None:
        return ()
    width, numbers = len(own["digits"]), set()
    for name in (entry.name for entry in path.parent.iterdir()):
        other = _NUMBER.fullmatch(name)
        if other and (other["head"], other["tail"]) == (own["head"], own["tail"]):
            number = int(other["digits"])
            if other["digits"] == f"{number:0{width}d}":  # Blender looks for no others
                numbers.add(number)
    return sorted(numbers)
