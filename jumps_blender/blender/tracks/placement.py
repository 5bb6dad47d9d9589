"""Where the image lies in armature space, and when its frames lie in the scene.

Armature space is the picture plane, seen from the front: image x to +X, image y down to -Z, Y = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ...core.body.normalise import BODY_METRES, body_scale
from ...core.body.skeleton import INDEX
from ...core.body.tracks import Tracks
from ...errors import NotEnoughJoints

BODY_SCALE: Final = BODY_METRES / 1.7
"""Body scale B in heights of the person, whose height is 1.7 m in our captures."""

SEEN_HEIGHT: Final = 0.9
"""Extent of a detector's points of a standing person, nose to ankles and arms, in heights of the person."""

FEET: Final = ("ankle", "foot", "toe", "heel", "big_toe", "small_toe", "foot_index")
"""What a detector's points at a foot are called, without their side."""


@dataclass(frozen=True)
class Placement:
    """The map from the image to armature space; it can be undone.

    `scale` armature units per pixel; `origin_x` the image's column at X = 0; `ground_y` its row at Z = 0.
    """

    scale: float
    origin_x: float
    ground_y: float

    def to_armature(self, positions: np.ndarray) -> np.ndarray:
        """Pixels (..., 2), y down, as X and Z (..., 2); NaN stays NaN."""
        return (positions - (self.origin_x, self.ground_y)) * (self.scale, -self.scale)

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """X and Z (..., 2) as pixels (..., 2), y down; NaN stays NaN."""
        return points / (self.scale, -self.scale) + (self.origin_x, self.ground_y)


@dataclass(frozen=True)
class Timing:
    """When the samples of a track lie in a scene.

    `start` the scene frame of the first sample; `step` scene frames from one sample to the next; `fps` samples per
    second, `assumed` where they do not know it and were taken to be at the scene's.
    """

    start: float
    step: float
    fps: float
    assumed: bool = False

    @classmethod
    def by_time(cls, start: float, fps: float, scene_fps: float) -> Timing:
        """Scene frame = start + time x scene fps."""
        return cls(float(start), float(scene_fps / fps), float(fps))

    def frames(self, count: int) -> np.ndarray:
        """Scene frames (count,) of the samples."""
        return self.start + np.arange(count) * self.step


def place(tracks: Tracks, height: float, scale: float = 0.0) -> Placement:
    """The default placement: the person `height` armature units tall, on the ground, beginning at X = 0.

    Args:
        tracks: the person.
        height: of the standing person, in armature units.
        scale: armature units per pixel, which then wins over `height`; 0 = from the person's body scale.

    Raises:
        NotEnoughJoints: nothing is observed, or too little to tell the body's size.

    """
    if not tracks.observed.any():
        raise NotEnoughJoints(
            f"No joint of person {tracks.person} is observed in any of {len(tracks)} frames: lower the confidence "
            "threshold, or choose another person or file."
        )
    return Placement(scale or height * BODY_SCALE / measure_body(tracks), first_pelvis_x(tracks), lowest_foot_y(tracks))


def measure_body(tracks: Tracks) -> float:
    """Body scale B of the clip in pixels; where no frame shows both shoulders, as in a side view, from its extent.

    Raises:
        NotEnoughJoints: all that is observed lies on one spot.

    """
    scale = float(body_scale(tracks.joint_set.to_28(tracks.positions)))
    if scale > 0:
        return scale
    seen = tracks.positions[tracks.observed.any(1)]
    extent = np.linalg.norm(np.nanmax(seen, axis=1) - np.nanmin(seen, axis=1), axis=-1).max()
    if not extent > 0:
        raise NotEnoughJoints(
            f"The size of person {tracks.person} cannot be told: all that is observed lies on one spot. Lower the "
            "confidence threshold, or give the scale by hand."
        )
    return float(extent) * BODY_SCALE / SEEN_HEIGHT


def first_pelvis_x(tracks: Tracks) -> float:
    """Column of the pelvis, or the middle of the hips, in the first frame that shows it; without hips, of the body."""
    shown = tracks.joint_set.to_28(tracks.positions)[..., 0]
    pelvis = shown[:, INDEX["pelvis"]]
    pelvis = np.where(np.isfinite(pelvis), pelvis, (shown[:, INDEX["left_hip"]] + shown[:, INDEX["right_hip"]]) / 2)
    seen = pelvis[np.isfinite(pelvis)]
    if len(seen):
        return float(seen[0])
    first = tracks.positions[tracks.observed.any(1).argmax(), :, 0]
    return float(np.nanmean(first))


def lowest_foot_y(tracks: Tracks) -> float:
    """Row of the lowest foot of the clip; of the lowest joint where no foot is seen."""
    feet = [name.removeprefix("left_").removeprefix("right_") in FEET for name in tracks.joint_set.joints]
    rows = tracks.positions[..., 1]
    of_feet = rows[:, feet]
    return float(np.nanmax(of_feet if np.isfinite(of_feet).any() else rows))
