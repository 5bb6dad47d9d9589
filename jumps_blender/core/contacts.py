"""When feet stand on the ground, and where; and how they are held there, so that they do not slide.

A camera that stands still shows a planted foot as a point that stands still. So ankle, ball and tip of each foot are
judged by themselves, by their speed in the picture, in body scales per second (see `normalise.body_scale`): a point
that slows down below one speed is planted until it is faster than another, if that lasts and it stays on one spot. A
foot rolls: its ball may stand while its ankle already rises.

How far an ankle may be off (its standard deviation) shakes its path, so both speeds and the spot grow with it; where
it is a mere guess nothing is found. A foot that is held still in the air cannot be told from one that stands; locked,
it is held still. Where the camera moves, planted feet move in the picture: few contacts are found then, and those are
to be released, or the feet left as they are.

Locking corrects the result and asks the solver for nothing: measured, the feet come nearer to the truth that way than
as pins that lead the motion around them, which drag knees along (`python -m trainer contacts`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .body.normalise import body_scale
from .body.skeleton import INDEX
from .clips.pins import hold
from .clips.spans import spans

SIDES: Final = ("left", "right")
PARTS: Final = ("ankle", "foot", "toe")
FEET: Final = np.array([[INDEX[f"{side}_{part}"] for part in PARTS] for side in SIDES])
"""Joints (2, 3) of both feet: where the heel, the ball and the tip are."""


EASE: Final = 0.16
"""Seconds before and after a contact in which a foot is led to its place and back."""


@dataclass(frozen=True)
class Limits:
    """What counts as planted."""

    speed: float = 0.12
    """Body scales per second in the picture below which a point counts as planted; 0.16 m/s of an adult."""
    shake: float = 4.0
    """Standard deviations of the ankle, per second, by which it may be faster."""
    leave: float = 1.2
    """How many times as fast a planted point has to be to count as gone."""
    room: float = 0.03
    """Body scales that a planted point may be away from its place; 4 cm of an adult."""
    wander: float = 2.0
    """Standard deviations of the ankle that it may be farther away."""
    guess: float = 0.06
    """Standard deviation of the ankle, body scales, from which on nobody knows where the foot is; a third of a head."""
    rest: float = 0.16
    """Seconds that a contact lasts at least."""
    window: float = 0.2
    """Seconds over which the path is smoothed before its speed is taken."""

    def scaled(self, factor: float) -> Limits:
        """The same, but planted feet may be that many times as fast."""
        return replace(self, speed=self.speed * factor, shake=self.shake * factor)


@dataclass(frozen=True)
class Contacts:
    """Planted points of a clip; axes are frames, left and right foot, and `PARTS`.

    `planted` bool (frames, 2, 3); `places` (frames, 2, 3, 2), where each is while it is planted, NaN elsewhere.
    """

    planted: np.ndarray
    places: np.ndarray

    @property
    def feet(self) -> np.ndarray:
        """Bool (frames, 2): whether any point of the foot is planted."""
        return np.asarray(self.planted.any(-1))

    def on_28(self) -> np.ndarray:
        """The places of all joints, (frames, 28, 2); NaN where a joint is not planted."""
        places = np.full((len(self.planted), len(INDEX), 2), np.nan)
        places[:, FEET] = self.places
        return places


def find_contacts(positions: np.ndarray, std: np.ndarray | None, fps: float, limits: Limits | None = None) -> Contacts:
    """Contacts of the feet of a result.

    Args:
        positions: (frames, 28, 2), pixels, all known.
        std: (frames, 28), pixels, how far they may be off; None where nobody knows.
        fps: frames per second.
        limits: what counts as planted.

    A body all of whose limbs are in one point is planted nowhere.

    """
    limits = limits or Limits()
    scale = float(body_scale(positions))
    if not scale:
        return Contacts(
            np.zeros((len(positions), *FEET.shape), bool), np.full((len(positions), *FEET.shape, 2), np.nan)
        )
    feet = positions[:, FEET] / scale
    off = np.zeros(feet.shape[:2]) if std is None else std[:, FEET[:, 0]] / scale  # (frames, 2)
    speed = speeds(smoothed(feet, limits.window * fps)) * fps
    limit = np.where(off < limits.guess, limits.speed + limits.shake * off, 0.0)
    planted = np.zeros(speed.shape, bool)
    places = np.full(feet.shape, np.nan)
    for foot, part in np.ndindex(planted.shape[1:]):
        path, room = feet[:, foot, part], limits.room + limits.wander * off[:, foot]
        for first, last in spans(held(speed[:, foot, part], limit[:, foot], limits.leave)):
            for begin, end in still_parts(path, room, first, last + 1):
                if end - begin >= limits.rest * fps:
                    planted[begin:end, foot, part] = True
                    places[begin:end, foot, part] = path[begin:end].mean(0)
    return Contacts(planted, places * scale)


def lock(
    positions: np.ndarray, places: np.ndarray, fps: float, pinned: np.ndarray | None = None, strength: float = 1.0
) -> np.ndarray:
    """A result with joints held in their places, and a smooth way there and back.

    Args:
        positions: (frames, 28, 2), all known.
        places: (frames, 28, 2), NaN where a joint is not held.
        fps: frames per second.
        pinned: bool (frames, 28), joints that stay where they are.
        strength: 0 (as it was) to 1 (exactly there), how much of the way joints go.

    """
    kept = np.zeros(positions.shape[:2], bool) if pinned is None else pinned
    locked = np.isfinite(places).all(-1) & ~kept
    goals = np.where(locked[..., None], positions + strength * (places - positions), positions)
    return hold(positions, goals, locked | kept, EASE * fps, slice(0, len(positions)))


def held(speed: np.ndarray, limit: np.ndarray, leave: float) -> np.ndarray:
    """Bool (frames,): stretches below `leave` x limit that come below the limit (frames,) somewhere."""
    slow = np.zeros(len(speed), bool)
    for first, last in spans(speed < leave * limit):
        slow[first : last + 1] = (speed < limit)[first : last + 1].any()
    return slow


def still_parts(path: np.ndarray, room: np.ndarray, first: int, end: int) -> list[tuple[int, int]]:
    """Parts [first, end) of a path (frames, 2), halved until its points are within `room` (frames,) of their mean."""
    part = path[first:end]
    if (np.linalg.norm(part - part.mean(0), axis=-1) <= room[first:end]).all():
        return [(first, end)]
    middle = (first + end) // 2
    return [*still_parts(path, room, first, middle), *still_parts(path, room, middle, end)]


def speeds(path: np.ndarray) -> np.ndarray:
    """Distance per frame (frames, ...) along paths (frames, ..., 2), from the frame before to the one after."""
    if len(path) < 2:
        return np.zeros(path.shape[:-1])
    return np.asarray(np.linalg.norm(np.gradient(path, axis=0), axis=-1))


def smoothed(values: np.ndarray, width: float) -> np.ndarray:
    """Values (frames, ...) averaged over `width` frames by a raised cosine."""
    half = max(round(width / 2), 0)
    weights = 1 + np.cos(np.pi * np.arange(-half, half + 1) / (half + 1))
    padded = np.pad(values, [(half, half)] + [(0, 0)] * (values.ndim - 1), mode="edge")
    return np.asarray(sum(w * padded[i : i + len(values)] for i, w in enumerate(weights / weights.sum())))
