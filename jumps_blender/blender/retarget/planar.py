"""Bone rotations of a motion that lies in a plane: on a cut-out rig, and on any rig where no depth is known.

Bones turn about the line of sight only, from the angle at which they are drawn.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from .foreshortened import FULL
from .rest import Rest
from .rotations import apply, swing, turn, unit
from .steady import fill_gaps

SIGHT: Final = np.array([0.0, 1.0, 0.0])

VANISHING: Final = 0.12
"""A limb that is seen shorter than this, in parts of its length, points at the viewer: its angle is led over."""

SEEN: Final = 0.5
"""Part of a bone's length that must lie in the plane for its angle to be read there."""

LENGTHS: Final = (0.05, 1.5)
"""Least and greatest length of a stretched bone, in lengths of the drawing."""


def solve_planar(rest: Rest, points: dict[str, np.ndarray], yaw: float) -> dict[str, np.ndarray]:
    """Rotations (frames, 3, 3) of each segment from its rest, in the space of the performance.

    Args:
        rest: the rig.
        points: joints (frames, 3), without NaN; y is not looked at; a joint may be missing.
        yaw: radians by which a 3D rig is turned about its vertical to face as the person does.

    """
    turned = turn(np.array([0.0, 0.0, 1.0]), yaw)
    found: dict[str, np.ndarray] = {}
    count = len(next(iter(points.values())))
    for part in rest.segments:
        parent = found[part.parent] if part.parent else np.broadcast_to(turned, (count, 3, 3))
        start = apply(turned, rest.direction(part.joint))
        in_plane = np.hypot(start[0], start[2])
        foot = part.joint.endswith(("ankle", "foot"))
        if part.joint not in points or part.end not in points or (in_plane < SEEN and foot):
            found[part.joint] = parent
            continue
        angles, vectors = _angles(points[part.end] - points[part.joint])
        carried = apply(parent, rest.direction(part.joint))
        if in_plane < SEEN:
            found[part.joint] = swing(carried, vectors) @ parent
            continue
        # About +y, z turns to x: the angle runs from up to the right.
        found[part.joint] = turn(SIGHT, angles - np.arctan2(carried[:, 0], carried[:, 2])) @ parent
    return found


def _angles(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Angles (frames,) from up to the right, and the unit vectors in the plane (frames, 3)."""
    lengths = np.hypot(seen[:, 0], seen[:, 2])
    angles = np.arctan2(seen[:, 0], seen[:, 2])
    clear = lengths > VANISHING * np.percentile(lengths, FULL)
    if clear.any():
        unwrapped = np.full(len(angles), np.nan)
        unwrapped[clear] = np.unwrap(angles[clear])
        angles = fill_gaps(unwrapped)
    return angles, unit(np.stack([np.sin(angles), np.zeros_like(angles), np.cos(angles)], -1))


def stretches(
    rest: Rest, points: dict[str, np.ndarray], spatial: bool, rigid: Collection[str] = ()
) -> dict[str, np.ndarray]:
    """Seen length (frames,) of each segment that is not rigid, in lengths of the limb, for bones that lie in the plane.

    The limb's length is what depth says it is, else nearly the greatest that is seen in the clip.
    """
    found = {}
    for part in rest.segments:
        if part.joint in points and part.end in points and part.joint not in rigid:
            vectors = points[part.end] - points[part.joint]
            lengths = np.hypot(vectors[:, 0], vectors[:, 2])
            whole = np.median(np.linalg.norm(vectors, axis=-1)) if spatial else np.percentile(lengths, FULL)
            if whole > 0:
                found[part.joint] = np.clip(lengths / whole, *LENGTHS)
    return found


def facing(points: dict[str, np.ndarray]) -> float:
    """Yaw of the person in radians, as far as a flat picture tells: 0 to the viewer, pi away, +-pi/2 to a side."""
    pairs = [
        points[f"left_{part}"][:, 0] - points[f"right_{part}"][:, 0]
        for part in ("shoulder", "hip")
        if f"left_{part}" in points and f"right_{part}" in points
    ]
    if not pairs or "pelvis" not in points or "neck" not in points:
        return 0.0
    width = float(np.median(sum(pairs)))
    torso = float(np.median(np.linalg.norm((points["neck"] - points["pelvis"])[:, [0, 2]], axis=-1)))
    if abs(width) > 0.5 * torso:
        return 0.0 if width > 0 else np.pi
    ahead = [
        points[f"{side}_toe"][:, 0] - points[f"{side}_ankle"][:, 0]
        for side in ("left", "right")
        if f"{side}_toe" in points and f"{side}_ankle" in points
    ]
    forward = float(np.median(np.concatenate(ahead))) if ahead else 0.0
    return float(np.sign(forward) * np.pi / 2)
