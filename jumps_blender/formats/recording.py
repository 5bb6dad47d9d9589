"""What a reader finds in a file (`Take`) and what the rest of the product works with (`Recording`)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from ..core.body.joint_sets import JointSet
from ..core.body.tracks import CONFIDENCE_THRESHOLD, Tracks, judge
from ..core.clips.clip import ENOUGH_JOINTS
from ..errors import InputError, PersonNotFound

LONGEST: Final = 500_000
"""Frames: more than four hours at 30 per second. Larger frame numbers are time stamps or damage."""
LISTED_PEOPLE: Final = 10
"""People that an error message names before it says "and so on"."""


@dataclass(frozen=True)
class Sighting:
    """One person in one frame, as written in the file.

    `points` (joints, 3): x, y in the file's unit, confidence in the detector's own scale; NaN = not given.
    """

    frame: int
    points: np.ndarray
    person: str | None = None
    """The file's own id; None where it has none."""
    score: float = float("nan")
    """The detector's score of the whole person; NaN where it gives none. Never a probability."""

    @property
    def weight(self) -> float:
        """What decides between two sightings of one person in one frame: the score, else the mean confidence."""
        return self.score if math.isfinite(self.score) else self.certainty

    @property
    def certainty(self) -> float:
        """Mean confidence of all joints, a missing one counted 0."""
        confidence = self.points[:, 2]
        return float(confidence[np.isfinite(confidence)].sum()) / len(confidence)


@dataclass(frozen=True)
class Damage:
    """Where a file stops being readable."""

    cut: bool
    """True where the end is missing, False where something in the middle cannot be read."""
    where: str


@dataclass(frozen=True)
class Take:
    """All that one reader found, before people are told apart."""

    format: str
    sightings: tuple[Sighting, ...]
    whole: str
    """How much was read, in the format's own units: "230 entries"."""
    frames: tuple[int, int] | None = None
    """First and last frame where the file says so itself; else those of the sightings."""
    fps: float | None = None
    image_size: tuple[int, int] | None = None
    normalised: bool = False
    joint_set: JointSet | None = None
    """Where the format itself fixes it."""
    joint_set_reason: str = ""
    damage: Damage | None = None
    warnings: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    """Of a file that names its points: each name, and the point of the joint set that it stands for, or ""."""
    view: str = ""
    """From which side three dimensions were seen, and how."""


@dataclass(frozen=True, eq=False)
class Person:
    """One person of a recording."""

    id: str
    sightings: tuple[Sighting, ...] = field(repr=False)
    """At most one per frame, in order of frames."""
    first_frame: int
    last_frame: int
    frames: int
    """Frames in which at least one point of this person is given."""
    mean_confidence: float
    """Mean over these frames and all joints, clipped to 0..1; a missing joint counts 0."""

    @cached_property
    def _dense(self) -> np.ndarray:
        joints = len(self.sightings[0].points)
        dense = np.full((self.last_frame - self.first_frame + 1, joints, 3), np.nan)
        for sighting in self.sightings:
            dense[sighting.frame - self.first_frame] = sighting.points
        return dense

    @property
    def positions(self) -> np.ndarray:
        """(frames, joints, 2) over the recording's frames, as written in the file; NaN where the person is absent."""
        return self._dense[..., :2]

    @property
    def confidence(self) -> np.ndarray:
        """(frames, joints), as written in the file; NaN where the person is absent."""
        return self._dense[..., 2]


@dataclass(frozen=True, eq=False)
class Recording:
    """A keypoint file, recognised and read; nothing in it is judged or dropped yet."""

    format: str
    joint_set: JointSet
    joint_set_reason: str
    """Why this joint set was chosen, for the user to agree or override."""
    image_size: tuple[int, int] | None
    """Width and height in pixels; None where the file does not know."""
    fps: float | None
    first_frame: int
    last_frame: int
    people: tuple[Person, ...]
    """The default person first: largest sum of confidences over frames."""
    warnings: tuple[str, ...]
    normalised: bool = False
    """Coordinates are fractions of the image's width and height, not pixels."""
    threshold: float = CONFIDENCE_THRESHOLD
    source: str = ""
    names: tuple[tuple[str, str], ...] = ()
    """Of a file that names its points: each name, and the point of the joint set that it was taken for, or ""."""
    view: str = ""
    """Of a file of three dimensions: from which side it was seen, and how."""

    def person(self, which: str | int | None = None) -> Person:
        """One person by id; None = the default one.

        Raises:
            PersonNotFound: no person of that id; the message lists those there are.

        """
        if which is None:
            return self.people[0]
        for person in self.people:
            if person.id == str(which):
                return person
        known = ", ".join(f"{person.id} ({person.frames} frames)" for person in self.people[:LISTED_PEOPLE])
        more = ", and so on" if len(self.people) > LISTED_PEOPLE else ""
        raise PersonNotFound(f"{self.source} holds no person {str(which)!r}; it holds {known}{more}.")

    def tracks(
        self,
        person: str | int | None = None,
        image_size: tuple[int, int] | None = None,
        fps: float | None = None,
    ) -> Tracks:
        """One person's keypoints in pixels, judged by `core.tracks.judge`, from the first sight to the last.

        A sight is a frame that shows enough joints to place a person: a detector that loses or finds someone begins and
        ends with stray points.

        Args:
            person: an id out of `people`; None = the default person.
            image_size: width and height, which wins over the file's; needed where coordinates are normalised and
                the file does not know its size.
            fps: frames per second, which wins over the file's.

        Raises:
            PersonNotFound: no such person.
            InputError: normalised coordinates without an image size, or damaged coordinates.

        """
        chosen = self.person(person)
        size = image_size or self.image_size
        positions = chosen.positions
        if self.normalised:
            if size is None:
                raise InputError(
                    f"{self.source} gives coordinates as fractions of the image and does not know its size: "
                    "give the image's width and height in pixels with "
                    "--image-size 1920x1080 (in the dialog: Image Size, or the Video)."
                )
            positions = positions * np.asarray(size, np.float64)
        judged, confidence = judge(positions, chosen.confidence, self.threshold)
        points = np.isfinite(judged).all(-1).sum(1)
        seen = np.flatnonzero(points >= min(ENOUGH_JOINTS, max(points.max(initial=0), 1)))
        sight = slice(seen[0], seen[-1] + 1) if len(seen) else slice(None)
        first = self.first_frame + (int(seen[0]) if len(seen) else 0)
        rate = fps or self.fps
        return Tracks(judged[sight], confidence[sight], self.joint_set, first, rate, size, chosen.id, self.source)
