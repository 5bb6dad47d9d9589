"""Which picture of the footage belongs to a scene frame.

A sample of the keypoints lies at a scene frame and has a number in their file. Footage of the keypoints' own frame rate
shows one picture for each sample; of another rate, the picture of the same time. Where the rate of the keypoints is not
known but was taken from the scene, or where there are as many samples as pictures, each picture has its sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ...core.body.tracks import Tracks
from ..tracks.placement import Timing
from .pictures import Pictures

SAME_RATE: Final = 0.005
"""Relative difference of frame rates that are one: 29.97 is often written as 30."""

SAME_COUNT: Final = 0.02
"""Relative difference of numbers of frames that are one: estimators skip some at the ends."""

Pace = Literal["AUTO", "FRAME", "TIME"]


@dataclass(frozen=True)
class Clock:
    """The picture `first`, a number that Blender knows, lies at the scene frame `start`, `rate` pictures a frame on."""

    start: float
    first: float
    rate: float
    numbers: range

    @property
    def expression(self) -> str:
        """The picture's number, of those there are, as a driver's expression that Blender works out without Python."""
        picture = f"floor((frame - {self.start:.9g}) * {self.rate:.12g} + {self.first + 0.5:.9g})"
        return f"clamp({picture}, {self.numbers[0]}, {self.numbers[-1]})"


def clock_of(tracks: Tracks, timing: Timing, pictures: Pictures, pace: Pace = "AUTO", shift: int = 0) -> Clock:
    """Put footage in step with keypoints.

    Args:
        tracks: the keypoints.
        timing: when they lie in the scene now.
        pictures: the footage.
        pace: a picture for each sample, the picture of the same time, or whichever fits.
        shift: pictures by which the footage runs ahead.

    """
    ratio = _pictures_per_sample(tracks, timing, pictures, pace)
    first = _first_number(tracks, pictures) + tracks.first_frame * ratio + shift
    return Clock(timing.start, first, ratio / timing.step, pictures.numbers)


def _pictures_per_sample(tracks: Tracks, timing: Timing, pictures: Pictures, pace: Pace) -> float:
    if pictures.fps is None or pace == "FRAME":
        return 1.0
    ratio = pictures.fps / timing.fps
    if abs(ratio - 1) < SAME_RATE:
        return 1.0
    count = len(pictures.numbers)
    as_many = abs(tracks.first_frame + len(tracks) - count) <= SAME_COUNT * count
    return 1.0 if pace == "AUTO" and (timing.assumed or as_many) else ratio


def _first_number(tracks: Tracks, pictures: Pictures) -> int:
    """Number of the picture that the keypoints' file calls frame 0."""
    first, last = tracks.first_frame, tracks.first_frame + len(tracks) - 1
    numbers = pictures.numbers
    if pictures.kind == "SEQUENCE":
        # Files are often named in the keypoints by their own numbers.
        return 0 if first in numbers and last in numbers else numbers[0]
    counted_from_one = last == numbers[-1] and first > 0
    return numbers[0] - counted_from_one
