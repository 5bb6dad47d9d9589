"""What Blender can tell of a video, without leaving it in the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import bpy

from ...errors import InputError
from .display_rotation import quarter_turns

TURNS_VIDEO: Final = bpy.app.version >= (4, 4)
"""Whether this Blender shows a video turned as it asks for; older ones show it as it is stored."""


@dataclass(frozen=True)
class Video:
    """Frame rate, width and height in pixels, and number of frames.

    `turns`, quarter turns clockwise that the file asks for; `size` is that of the picture turned so, as estimators
    see it.
    """

    fps: float
    size: tuple[int, int]
    frames: int
    turns: int


def look_at(path: str) -> Video:
    """Frame rate, size and length of a video.

    Raises:
        InputError: no such file, or none that Blender can play.

    """
    absolute = bpy.path.abspath(path)
    if not Path(absolute).is_file():
        raise InputError(f"There is no video {absolute!r}: choose another, or leave it out.")
    try:
        clip = bpy.data.movieclips.load(absolute)
    except RuntimeError as error:
        raise InputError(
            f"Blender cannot open the video {absolute!r} ({error}): convert it, or leave it out."
        ) from error
    try:
        fps, size, frames = float(clip.fps), (int(clip.size[0]), int(clip.size[1])), int(clip.frame_duration)
    finally:
        bpy.data.movieclips.remove(clip)
    if not (fps > 0 and min(size) > 0 and frames > 0):
        raise InputError(f"Blender cannot play {absolute!r}: convert it, or leave it out and give the fps by hand.")
    turns = quarter_turns(absolute)
    return Video(fps, size if TURNS_VIDEO else turned(size, turns), frames, turns)


def turned(size: tuple[int, int], turns: int) -> tuple[int, int]:
    """Width and height after so many quarter turns."""
    return size[::-1] if turns % 2 else size
