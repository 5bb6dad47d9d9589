"""Random cameras: windows of 3D motion become windows of the image (JUMPS, III-C).

World: metres, z up. Image: x right, y down, focal length 1, so image units are metres at distance 1. A longer focal
length only enlarges the picture, which the normalisation takes back; what lenses leave to see is how near the camera
stands (`distance`) and how far from the picture's middle the person is (`aside`). Ranges that the paper leaves open
are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.core.body.skeleton import INDEX, MIRROR, PARENTS
from jumps_blender.core.clips.clip import PRIOR_FPS

from .bodies import bone_factors, embody, lengthened

_PELVIS = INDEX["pelvis"]

NEAREST = 1.0
"""Metres: a person who runs towards the camera may reach it, but nobody films closer than this."""


@dataclass(frozen=True)
class Cameras:
    """What is drawn at random for each window."""

    pitch: tuple[float, float] = (-10.0, 35.0)
    """Degrees by which the camera looks down; yaw is uniform."""
    distance: tuple[float, float] = (2.5, 8.0)
    """Metres from the window's mean pelvis."""
    roll: float = 4.0
    """Standard deviation in degrees: a camera held by hand."""
    mirror: float = 0.5
    """Share of windows seen in a mirror, left and right exchanged."""
    bones: float = 0.08
    """Relative standard deviation of each bone's length (the same on both sides); 0 = as captured."""
    shape: float = 0.5
    """Variation of the body's proportions, in spreads between adults (`bodies.PROPORTIONS`): many sources share one
    body. 0 = as captured, 1 = as people differ."""
    aside: float = 0.0
    """Standard deviation in degrees, across and along the picture, of the direction in which the person stands off its
    middle. A lens of 50 degrees ends at 25."""
    sway: float = 0.0
    """Degrees (rms) by which a camera held by hand pans, tilts and rolls while it films, at 0.2 to 1.5 Hz."""
    follow: float = 0.0
    """Share of windows whose camera pans and tilts with the person, at an even speed."""


PLAIN = Cameras(roll=0.0, mirror=0.0, bones=0.0, shape=0.0, aside=0.0, sway=0.0, follow=0.0)
"""A camera on a tripod that shows the body as captured (JUMPS, III-C)."""

GROUND = replace(PLAIN, pitch=(0.0, 0.0))
"""Cameras in the ground plane: they look level, from the height of the pelvis."""


@dataclass(frozen=True)
class View:
    """What cameras see of windows, in image units: metres at distance 1, or normalised (see `scaled`).

    positions: (n, frames, 28, 2), x right, y down.
    depth: (n, frames, 28), how much farther than the pelvis a joint is from the image plane, in the unit that
    `positions` has at the pelvis: metres over the depth of the pelvis.
    heads: (n, frames), the head size: 0.225 m over the depth of the pelvis.
    """

    positions: np.ndarray
    depth: np.ndarray
    heads: np.ndarray

    def scaled(self, centre: np.ndarray, scale: np.ndarray) -> View:
        """The same in units of `scale` (n,) with the origin at `centre` (n, 2)."""
        dtype = self.positions.dtype
        factor = (1 / scale).astype(dtype)
        positions = self.positions - centre.astype(dtype)[:, None, None]
        positions *= factor[:, None, None, None]
        return View(positions, self.depth * factor[:, None, None], self.heads * factor[:, None])


def _rotations(n: int, cameras: Cameras, rng: np.random.Generator) -> np.ndarray:
    """(n, 3, 3): rows are the camera's right, down and forward axes in the world."""
    yaw = rng.uniform(0, 2 * np.pi, n)
    pitch = np.radians(rng.uniform(*cameras.pitch, n))
    roll = np.radians(cameras.roll * rng.standard_normal(n))
    forward = np.stack([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), -np.sin(pitch)], -1)
    right = np.stack([np.sin(yaw), -np.cos(yaw), np.zeros(n)], -1)
    down = np.cross(forward, right)
    c, s = np.cos(roll)[:, None], np.sin(roll)[:, None]
    return np.stack([c * right + s * down, c * down - s * right, forward], 1)


def see(motion: np.ndarray, rng: np.random.Generator, cameras: Cameras | None = None) -> View:
    """See windows of motion through random cameras, one for each window.

    Args:
        motion: (n, frames, 28, 3), metres, z up; its precision is that of the result.
        rng: the source of all randomness.
        cameras: the ranges.

    """
    cameras, n = cameras or Cameras(), len(motion)
    bodies = np.broadcast_to(np.eye(len(PARENTS)), (n, len(PARENTS), len(PARENTS)))
    if cameras.bones or cameras.shape:
        bodies = lengthened(bone_factors(n, cameras.bones, cameras.shape, rng))
    rotation = _rotations(n, cameras, rng)
    distance = rng.uniform(*cameras.distance, n)
    mirrored = rng.random(n) < cameras.mirror
    if mirrored.any():
        bodies = np.where(mirrored[:, None, None], bodies[:, MIRROR], bodies)
        rotation[mirrored, 0] *= -1
    if cameras.bones or cameras.shape or mirrored.any():
        motion = embody(motion, bodies)
    place = np.einsum("nij,nfj->nfi", rotation, motion[:, :, _PELVIS] - motion[:, :, _PELVIS].mean(1, keepdims=True))
    place[..., 2] += distance[:, None]
    turns = _turns(place, cameras, rng)
    if turns is None:
        return _picture(motion, rotation[:, None], place)
    return _picture(motion, turns @ rotation[:, None], np.einsum("nfij,nfj->nfi", turns, place))


def _turns(place: np.ndarray, cameras: Cameras, rng: np.random.Generator) -> np.ndarray | None:
    """(n, frames, 3, 3): turns of cameras that film a pelvis at `place` (n, frames, 3); None where they stand."""
    n, frames = place.shape[:2]
    angles = np.zeros((n, frames, 3))
    if cameras.follow:
        following = rng.random(n) < cameras.follow
        direction = np.arctan2(place[..., :2], np.maximum(place[..., 2:], NEAREST))
        angles[..., :2] -= following[:, None, None] * _even(direction)
    if cameras.sway:
        angles += np.radians(cameras.sway) * _wander(n, frames, rng)
    if cameras.aside:
        angles[..., :2] += np.radians(cameras.aside) * rng.standard_normal((n, 1, 2))
    return _small_turns(angles) if angles.any() else None


def _even(course: np.ndarray) -> np.ndarray:
    """The straight line over time through courses (n, frames, axes), by least squares."""
    time = np.arange(course.shape[1]) - (course.shape[1] - 1) / 2
    slope = np.einsum("f,nfa->na", time, course) / max((time**2).sum(), 1)
    return course.mean(1, keepdims=True) + slope[:, None] * time[:, None]


def _wander(n: int, frames: int, rng: np.random.Generator) -> np.ndarray:
    """(n, frames, 3): smooth courses of mean square 1, each the sum of three waves of 0.2 to 1.5 Hz."""
    speed = 2 * np.pi * rng.uniform(0.2, 1.5, (n, 1, 3, 3)) / PRIOR_FPS
    phase = rng.uniform(0, 2 * np.pi, (n, 1, 3, 3))
    waves: np.ndarray = np.sin(speed * np.arange(frames)[:, None, None] + phase).sum(-1)
    return waves * np.sqrt(2 / 3)


def _small_turns(angles: np.ndarray) -> np.ndarray:
    """Rotations (..., 3, 3) that move the picture right and down by angles (..., :2) and roll it by the third."""
    (a, b, c), (ca, cb, cc) = np.moveaxis(np.sin(angles), -1, 0), np.moveaxis(np.cos(angles), -1, 0)
    zero, one = np.zeros_like(a), np.ones_like(a)
    pan, tilt, roll = (
        np.stack(entries, -1).reshape(*a.shape, 3, 3)
        for entries in (
            (ca, zero, a, zero, one, zero, -a, zero, ca),
            (one, zero, zero, zero, cb, b, zero, -b, cb),
            (cc, -c, zero, c, cc, zero, zero, zero, one),
        )
    )
    turns: np.ndarray = roll @ tilt @ pan
    return turns


def _picture(motion: np.ndarray, rotation: np.ndarray, place: np.ndarray) -> View:
    """Through cameras of axes (n, frames or 1, 3, 3) that have the pelvis at `place` (n, frames, 3) in these axes."""
    turn = rotation.astype(motion.dtype)[..., None]
    place = place.astype(motion.dtype)
    axes = np.moveaxis(motion - motion[:, :, _PELVIS, None], -1, 0)
    x, y, beyond = (sum(turn[:, :, row, axis] * axes[axis] for axis in range(3)) for row in range(3))
    inverse = 1 / np.maximum(beyond + place[..., 2:], NEAREST)
    at_pelvis = inverse[:, :, _PELVIS]
    positions = np.stack([(x + place[..., :1]) * inverse, (y + place[..., 1:2]) * inverse], -1)
    return View(positions, beyond * at_pelvis[..., None], HEAD_METRES * at_pelvis)


def project(
    motion: np.ndarray, rng: np.random.Generator, cameras: Cameras | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Positions (n, frames, 28, 2) and head sizes (n, frames) of what `see` sees."""
    view = see(motion, rng, cameras)
    return view.positions, view.heads
