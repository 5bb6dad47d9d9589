"""Poses drawn over pictures: the body's left side in one colour, its right side in another, its middle in white."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from jumps_blender.core.body.joint_sets import child_of
from jumps_blender.core.body.skeleton import JOINTS, PARENTS

COLOURS = {"left": (255, 148, 20), "right": (30, 214, 255), "middle": (255, 255, 255)}
OUTLINE = (12, 12, 14)
TORSO = (
    ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
    ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip"),
)  # fmt: skip
"""Lines that make a body of a detector's points, which know no spine."""

LARGEST: Final = 97_000
"""Bytes of a picture of the documentation: a repository keeps each for ever."""


@dataclass(frozen=True)
class Motion:
    """One armature as pictures need it.

    `positions` (frames, joints, 2): bone heads in pixels of the video, y down; `shown`: bool (frames, joints).
    """

    names: tuple[str, ...]
    positions: np.ndarray
    shown: np.ndarray

    @property
    def lines(self) -> tuple[tuple[int, int], ...]:
        """Pairs of joints to connect."""
        if self.names == JOINTS:
            return tuple((parent, joint) for joint, parent in enumerate(PARENTS) if parent >= 0)
        pairs = [(name, child_of(name, self.names)) for name in self.names] + list(TORSO)
        index = {name: i for i, name in enumerate(self.names)}
        return tuple((index[a], index[b]) for a, b in pairs if a in index and b in index)


def colour_of(*names: str) -> tuple[int, int, int]:
    """The colour of a joint, or of a line between two."""
    for side in ("left", "right"):
        if any(name.startswith(f"{side}_") for name in names) and not _crosses(names):
            return COLOURS[side]
    return COLOURS["middle"]


def _crosses(names: tuple[str, ...]) -> bool:
    return {name.partition("_")[0] for name in names} >= {"left", "right"}


def draw_pose(picture: Image.Image, motion: Motion, frame: int, width: float) -> None:
    """Draw one frame of a motion into `picture`, lines `width` pixels wide. Joints that are not shown are left out."""
    draw = ImageDraw.Draw(picture)
    points, shown = motion.positions[frame], motion.shown[frame]
    lines = [(a, b) for a, b in motion.lines if shown[a] and shown[b]]
    for extra in (0.8 * width, 0):  # the outline of everything first, or it would cut through other lines
        for a, b in lines:
            colour = OUTLINE if extra else colour_of(motion.names[a], motion.names[b])
            draw.line([tuple(points[a]), tuple(points[b])], fill=colour, width=round(width + extra))
        for joint in np.flatnonzero(shown):
            colour = OUTLINE if extra else colour_of(motion.names[joint])
            draw.circle(tuple(points[joint]), width + extra / 2, fill=colour)


def write_text(picture: Image.Image, at: tuple[float, float], text: str, size: int) -> None:
    """Write readable text whose upper left corner is `at`."""
    font = ImageFont.load_default(size)
    ImageDraw.Draw(picture).text(
        at, text, font=font, fill=(255, 255, 255), stroke_width=max(1, size // 8), stroke_fill=OUTLINE
    )


def legend(width: int, height: int, words: str) -> Image.Image:
    """A strip that tells the colours, with `words` at its left."""
    strip = Image.new("RGB", (width, height), (24, 25, 28))
    draw, font = ImageDraw.Draw(strip), ImageFont.load_default(round(height * 0.52))
    draw.text((height * 0.4, height * 0.18), words, font=font, fill=(235, 235, 235))
    right = float(width - height * 0.4)
    for side, meaning in reversed((("left", "left side"), ("right", "right side"), ("middle", "middle"))):
        right -= draw.textlength(meaning, font=font)
        draw.text((right, height * 0.18), meaning, font=font, fill=(235, 235, 235))
        right -= height * 0.5
        draw.circle((right, height * 0.5), height * 0.22, fill=COLOURS[side])
        right -= height * 0.7
    return strip


def save_jpeg(picture: Image.Image, path: Path) -> None:
    """Write a picture for the documentation, at the best quality that is small enough."""
    for quality in range(85, 25, -5):
        picture.save(path, quality=quality, optimize=True, progressive=True)
        if path.stat().st_size <= LARGEST:
            return
