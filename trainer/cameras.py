"""Random cameras and bodies: windows of 3D motion become windows of the image (JUMPS, III-C).

World: metres, z up. Image: x right, y down, focal length 1, so image units are metres at distance 1; the normalisation
removes the scale. Ranges that the paper leaves open are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jumps_blender.core.normalise import HEAD_METRES
from jumps_blender.core.skeleton import INDEX, MIRROR, PARENTS

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
    bones: float = 0.06
    """Relative standard deviation of each bone's length (the same on both sides); 0 = as captured."""


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


def vary_bones(motion: np.ndarray, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Other bodies for windows (n, frames, 28, 3): each bone's length changes by a factor, equal on both sides."""
    return _embody(motion, _lengthened(bone_factors(len(motion), spread, rng)))


def bone_factors(n: int, spread: float, rng: np.random.Generator) -> np.ndarray:
    """(n, 28): by which the bone that ends at each joint is longer, within 0.8 to 1.25."""
    factors = np.exp(spread * rng.standard_normal((n, len(PARENTS)))).clip(0.8, 1.25)
    factors[:, INDEX["pelvis"]] = 1.0  # its place, no bone
    return factors[:, np.minimum(MIRROR, np.arange(len(MIRROR)))]  # the left side's factor for both


def _ancestry() -> np.ndarray:
    """(28, 28): 1 where the bone that ends at joint k is on the way from the root to joint j, itself included."""
    ways = np.eye(len(PARENTS))
    for joint in range(len(PARENTS)):
        above = PARENTS[joint]
        while above >= 0:
            ways[joint, above] = 1
            above = PARENTS[above]
    return ways


_BODY_FROM_BONES = _ancestry()
_BONES_FROM_BODY = np.linalg.inv(_BODY_FROM_BONES).round()
"""A joint is the sum of the bones on its way from the root (whose bone is its place), a bone a difference of two."""


def _lengthened(factors: np.ndarray) -> np.ndarray:
    """(n, 28, 28): joints as sums of joints of a body whose bones are `factors` (n, 28) times as long."""
    joints = len(PARENTS)
    ways = (_BODY_FROM_BONES * factors[:, None]).reshape(-1, joints)
    bodies: np.ndarray = (ways @ _BONES_FROM_BODY).reshape(-1, joints, joints)
    return bodies


def _embody(motion: np.ndarray, bodies: np.ndarray) -> np.ndarray:
    """Joints (n, frames, 28, 3) as the sums `bodies` (n, 28, 28) of the joints of `motion`.

    One product of matrices per window: a loop over bones takes ten times as long.
    """
    n, frames, joints, axes = motion.shape
    planes = np.moveaxis(motion, -1, -2).reshape(n, frames * axes, joints)
    summed = planes @ np.swapaxes(bodies, 1, 2).astype(motion.dtype)
    return np.moveaxis(summed.reshape(n, frames, axes, joints), -1, -2)


def mirror(positions: np.ndarray) -> np.ndarray:
    """The same motion in a mirror: x changes its sign, left and right exchange names."""
    out = positions[..., MIRROR, :].copy()
    out[..., 0] *= -1
    return out


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
    if cameras.bones:
        bodies = _lengthened(bone_factors(n, cameras.bones, rng))
    rotation = _rotations(n, cameras, rng)
    distance = rng.uniform(*cameras.distance, n)
    mirrored = rng.random(n) < cameras.mirror
    if mirrored.any():
        bodies = np.where(mirrored[:, None, None], bodies[:, MIRROR], bodies)
        rotation[mirrored, 0] *= -1
    if cameras.bones or mirrored.any():
        motion = _embody(motion, bodies)
    return _picture(motion, rotation, distance)


def _picture(motion: np.ndarray, rotation: np.ndarray, distance: np.ndarray) -> View:
    """Through cameras of axes (n, 3, 3), so far from the windows' mean pelvis that they look at."""
    pelvis = INDEX["pelvis"]
    turn = rotation.astype(motion.dtype)
    target = np.einsum("nij,nj->ni", turn, motion[:, :, pelvis].mean(1))
    target[:, 2] -= distance
    axes = np.moveaxis(motion, -1, 0)
    x, y, z = (
        sum(turn[:, row, axis, None, None] * axes[axis] for axis in range(3)) - target[:, row, None, None]
        for row in range(3)
    )
    beyond = z - z[:, :, pelvis, None]
    inverse = 1 / np.maximum(z, NEAREST)
    at_pelvis = inverse[:, :, pelvis]
    return View(np.stack([x * inverse, y * inverse], -1), beyond * at_pelvis[..., None], HEAD_METRES * at_pelvis)


def project(
    motion: np.ndarray, rng: np.random.Generator, cameras: Cameras | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Positions (n, frames, 28, 2) and head sizes (n, frames) of what `see` sees."""
    view = see(motion, rng, cameras)
    return view.positions, view.heads
