"""Where footage lies, so that each keypoint is over its pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...core.body.tracks import Tracks
from ...errors import InputError
from ..scene.video import turned
from ..tracks.placement import Placement
from .pictures import Pictures

SAME_ASPECT: Final = 0.01
"""Relative difference of width by height that rounding to whole, or even, pixels makes."""

OUTSIDE: Final = 0.1
"""Share of the picture's size by which, and of the keypoints of which, points may lie outside it."""


@dataclass(frozen=True)
class Rectangle:
    """The picture, upright, in armature space: its centre's X and Z, its width and height.

    `turns`, quarter turns clockwise that bring what Blender shows to that.
    """

    x: float
    z: float
    width: float
    height: float
    turns: int


def fit(tracks: Tracks, placement: Placement, pictures: Pictures, extra_turns: int = 0) -> Rectangle:
    """Lay footage under keypoints; both may have been scaled, but not cropped.

    Args:
        tracks: the keypoints. Where they do not know the size of their image, it is that of the footage.
        placement: of their image.
        pictures: the footage.
        extra_turns: quarter turns clockwise beyond what the file asks for.

    Raises:
        InputError: the image of the keypoints has another shape.

    """
    width, height = found = turned(pictures.size, pictures.left + extra_turns)
    size = tracks.image_size or found
    for turns in _possible_turns(pictures, extra_turns):
        if _have_one_aspect(size, turned(pictures.size, turns)):
            # Whole numbers are the middle of pixels: the image begins half a pixel before the first.
            x, z = placement.to_armature(np.subtract(size, 1) / 2)
            return Rectangle(float(x), float(z), size[0] * placement.scale, size[1] * placement.scale, turns % 4)
    raise InputError(
        f"The footage is {width} x {height} pixels, the keypoints were made in an image of {size[0]} x {size[1]}: "
        "choose the video that they were made of, not cropped, or turn it."
    )


def _have_one_aspect(size: tuple[int, int], other: tuple[int, int]) -> bool:
    return abs(size[0] * other[1] / (size[1] * other[0]) - 1) <= SAME_ASPECT


def _possible_turns(pictures: Pictures, extra_turns: int) -> Iterator[int]:
    yield pictures.left + extra_turns
    if not extra_turns:
        yield -pictures.made  # the estimator saw it as it is stored


def misfit(tracks: Tracks, pictures: Pictures, turns: int) -> str:
    """What to tell where keypoints that do not know their image hardly lie in the picture; else empty."""
    size = turned(pictures.size, turns)
    seen = tracks.positions[tracks.observed]
    if tracks.image_size is not None or not len(seen):
        return ""
    outside = ((seen < -OUTSIDE * np.array(size)) | (seen > (1 + OUTSIDE) * np.array(size))).any(-1)
    if outside.mean() <= OUTSIDE:
        return ""
    x, y = seen.max(0)
    return (
        f"The keypoints reach to ({x:.0f}, {y:.0f}), the footage is {size[0]} x {size[1]} pixels: was it scaled since? "
        "Import them again with the Image Size that they were made in"
    )
