"""A person's poses over the clip, drawn small: what a thumbnail strip shows. numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..core.body.joint_sets import child_of
from ..core.body.tracks import is_observed
from ..formats import Person, Recording

POSES: Final = 6
"""Of a strip."""

SIZE: Final = 64
"""Width and height of a picture in pixels."""

WIDTH: Final = 1.4
"""Half the width of a line in pixels."""

MARGIN: Final = 0.08
"""Of a picture's size, free on each side."""

ASPECT: Final = 16 / 9
"""Of an image whose size is not known, for coordinates that are fractions of it."""

SIDE_COLOURS: Final = {"left": (0.30, 0.55, 0.95), "right": (0.92, 0.36, 0.33)}
"""As of the bones of an imported armature: left blue, right red."""

MIDDLE_COLOUR: Final = (0.75, 0.75, 0.75)

_TRUNK: Final = (
    ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
    ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Strip:
    """Poses of one person.

    `poses` (poses, joints, 2) in units of a picture, 0..1, y down, NaN = not seen, all at one scale; `bones` pairs of
    joints; `colours` (bones, 3).
    """

    poses: np.ndarray
    bones: np.ndarray
    colours: np.ndarray


def strip_of(recording: Recording, person: Person) -> Strip:
    """Poses evenly spread over the frames in which a person was sighted."""
    sightings = person.sightings
    chosen = np.unique(np.linspace(0, len(sightings) - 1, POSES).round().astype(int))
    points = np.stack([sightings[i].points for i in chosen])
    seen = is_observed(points[..., :2], points[..., 2], recording.threshold)
    positions = np.where(seen[..., None], points[..., :2], np.nan)
    if recording.normalised:
        width, height = recording.image_size or (ASPECT, 1.0)
        positions = positions * (width, height)
    bones = _bones(recording.joint_set.joints)
    colours = np.array([_colour(recording.joint_set.joints[b]) for _, b in bones]).reshape(-1, 3)
    return Strip(_fitted(positions), np.array(bones, int).reshape(-1, 2), colours)


def picture(strip: Strip, number: int) -> np.ndarray:
    """One pose as RGBA (SIZE, SIZE, 4), float32, the first row at the bottom.

    Around the lines it is transparent; colours are multiplied by their alpha, as Blender draws icons.
    """
    ends = strip.poses[number][strip.bones] * SIZE  # (bones, 2, 2)
    shown = np.isfinite(ends).all((1, 2))
    ends, colours = ends[shown], strip.colours[shown]
    pixels = np.zeros((SIZE, SIZE, 4), np.float32)
    if not len(ends):
        return pixels
    cover = np.clip(WIDTH + 0.5 - _distances(ends), 0, 1)  # (bones, rows, columns)
    nearest = cover.argmax(0)
    pixels[..., 3] = cover.max(0)
    pixels[..., :3] = colours[nearest] * pixels[..., 3:]
    return pixels[::-1]


def _distances(ends: np.ndarray) -> np.ndarray:
    """Of every pixel's middle from line segments (lines, 2, 2): (lines, SIZE, SIZE)."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    begin, along = ends[:, 0], ends[:, 1] - ends[:, 0]
    x, y = columns[None] - begin[:, 0, None, None], rows[None] - begin[:, 1, None, None]
    dx, dy = along[:, 0, None, None], along[:, 1, None, None]
    part = np.clip((x * dx + y * dy) / np.maximum(dx**2 + dy**2, 1e-9), 0, 1)
    return np.asarray(np.hypot(x - part * dx, y - part * dy))


def _fitted(positions: np.ndarray) -> np.ndarray:
    """Poses (poses, joints, 2), each in the middle of its picture, at the scale at which the largest fits."""
    seen = np.isfinite(positions)
    low = np.where(seen, positions, np.inf).min(1, keepdims=True)
    high = np.where(seen, positions, -np.inf).max(1, keepdims=True)
    with np.errstate(invalid="ignore"):
        extent, middle = high - low, (high + low) / 2
    largest = extent[np.isfinite(extent)].max(initial=0.0)
    return np.asarray(0.5 + (positions - middle) * ((1 - 2 * MARGIN) / largest if largest > 0 else 0.0))


def _bones(joints: tuple[str, ...]) -> list[tuple[int, int]]:
    names = frozenset(joints)
    pairs = [(name, child) for name in joints if (child := child_of(name, names))]
    pairs += [pair for pair in _TRUNK if names.issuperset(pair)]
    return [(joints.index(a), joints.index(b)) for a, b in pairs]


def _colour(joint: str) -> tuple[float, float, float]:
    return SIDE_COLOURS.get(joint.partition("_")[0], MIDDLE_COLOUR)
