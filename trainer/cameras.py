"""Random cameras and bodies: windows of 3D motion become windows of the image (JUMPS, III-C).

World: metres, z up. Image: x right, y down, focal length 1, so image units are metres at distance 1; the normalisation
removes the scale. Ranges that the paper leaves open are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jumps_blender.core.normalise import HEAD_METRES
from jumps_blender.core.skeleton import INDEX, MIRROR, PARENTS


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


def vary_bones(motion: np.ndarray, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Other bodies for windows (n, frames, 28, 3): each bone's length changes by a factor, equal on both sides."""
    factors = np.exp(spread * rng.standard_normal((len(motion), len(PARENTS)))).clip(0.8, 1.25)
    factors = factors[:, np.minimum(MIRROR, np.arange(len(MIRROR)))]  # the left side's factor for both
    out = motion.copy()
    order = [INDEX["pelvis"]]
    for parent in order:
        order += [j for j, p in enumerate(PARENTS) if p == parent]
    for joint in order[1:]:
        bone = motion[:, :, joint] - motion[:, :, PARENTS[joint]]
        out[:, :, joint] = out[:, :, PARENTS[joint]] + factors[:, None, joint, None] * bone
    return out


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


def project(
    motion: np.ndarray, rng: np.random.Generator, cameras: Cameras | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """See windows of motion through random cameras, one for each window.

    Args:
        motion: (n, frames, 28, 3), metres, z up.
        rng: the source of all randomness.
        cameras: the ranges.

    Returns:
        positions (n, frames, 28, 2) in image units, y down, and the head size (n, frames) in the same units: 0.225 m
        times focal length over the depth of the pelvis.

    """
    cameras = cameras or Cameras()
    motion = vary_bones(motion, cameras.bones, rng) if cameras.bones else motion
    rotation = _rotations(len(motion), cameras, rng)
    distance = rng.uniform(*cameras.distance, len(motion))
    pelvis = motion[:, :, INDEX["pelvis"]]
    seen = np.einsum("nij,nfkj->nfki", rotation, motion - pelvis.mean(1)[:, None, None])
    # A person who runs towards the camera may reach it: nobody films closer than 1 m.
    depth = np.maximum(seen[..., 2] + distance[:, None, None], 1.0)
    positions = seen[..., :2] / depth[..., None]
    positions = np.where(rng.random(len(motion))[:, None, None, None] < cameras.mirror, mirror(positions), positions)
    return positions, HEAD_METRES / depth[:, :, INDEX["pelvis"]]
