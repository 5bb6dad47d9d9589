"""What Blender can tell of a video, without leaving it in the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy

from ..errors import InputError


@dataclass(frozen=True)
class Video:
    """Frame rate, and width and height in pixels."""

    fps: float
    size: tuple[int, int]


def look_at(path: str) -> Video:
    """Frame rate and size of a video.

    Raises:
        InputError: no such file, or none that Blender can play.

    """
    absolute = bpy.path.abspath(path)
    if not Path(absolute).is_file():
        raise InputError(f"There is no video {absolute!r}: choose another, or leave the field empty.")
    try:
        clip = bpy.data.movieclips.load(absolute)
    except RuntimeError as error:
        raise InputError(
            f"Blender cannot open the video {absolute!r} ({error}): convert it, or leave it out."
        ) from error
    try:
        fps, width, height = float(clip.fps), int(clip.size[0]), int(clip.size[1])
    finally:
        bpy.data.movieclips.remove(clip)
    if not (fps > 0 and width > 0 and height > 0):
        raise InputError(f"Blender cannot play {absolute!r}: convert it, or leave it out and give the fps by hand.")
    return Video(fps, (width, height))
