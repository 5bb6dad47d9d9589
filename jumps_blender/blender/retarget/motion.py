"""From joints over time to what each bone of a rig does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...core.body.skeleton import INDEX, JOINTS, MIRROR
from .layers import layer_order
from .options import Options
from .planar import facing, solve_planar, stretches
from .rest import Joints, Rest, Space, look_at, posed_heads
from .rotations import turn
from .spatial import solve_spatial
from .standing import Contacts, stand
from .steady import blurred, fill_gaps, over

YAWS: Final = {"front": 0.0, "right": np.pi / 2, "left": -np.pi / 2, "back": np.pi}

LEGS: Final = (("hip", "knee"), ("knee", "ankle"))
LOWEST: Final = 5.0
"""Percentile of the feet's heights over the clip that is taken for the ground: a single bad frame lifts nobody."""

EASE: Final = 0.07
"""Seconds, a standard deviation, over which the body rises where a foot would go below the ground."""


@dataclass(frozen=True)
class Performance:
    """Joints over time: `points` (frames, 28, 3), x to the right of the picture, y away from the viewer, z up.

    NaN = not known. `frames` (frames,) of the scene; `fps` of the performance; `spatial`, whether y is known.
    `contacts`: where its feet are held.
    """

    points: np.ndarray
    frames: np.ndarray
    fps: float
    spatial: bool
    contacts: Contacts | None = None


@dataclass(frozen=True)
class Path:
    """A curve to follow: points (n, 3) in armature space of the rig."""

    points: np.ndarray


@dataclass(frozen=True)
class Motion:
    """What the bones of a rig do, in armature space.

    `rotations` (frames, 3, 3) from the rest, of each mapped joint; `heads` (frames, 3) of the joints; `stretch` and
    `layers` (frames,) of those that have any. `spatial`: the depth of the performance was used; `flat`: a cut-out;
    `size`: the rig's over the person's.
    """

    frames: np.ndarray
    rotations: Mapping[str, np.ndarray]
    heads: Mapping[str, np.ndarray]
    stretch: Mapping[str, np.ndarray]
    layers: Mapping[str, np.ndarray]
    rest: Rest
    spatial: bool
    size: float

    @property
    def flat(self) -> bool:
        """Whether the rig is a cut-out."""
        return self.rest.flat


def retarget(
    performance: Performance, joints: Joints, options: Options, path: Path | None = None, rigid: Collection[str] = ()
) -> Motion:
    """What a rig with these joints does to show the performance; bones of `rigid` joints never stretch."""
    space: Space = "3d" if options.space == "3d" else "cutout" if options.space == "cutout" else "auto"
    rest = look_at(joints, space)
    points = _known(_mirrored(performance.points) if options.mirror else performance.points)
    deep = performance.spatial and options.depth
    spatial = deep and not rest.flat
    rotations = _rotations(rest, points, options, performance.fps, spatial)
    stretch = stretches(rest, points, deep, rigid) if options.stretch and rest.flat else {}
    size = options.scale or size_ratio(rest, points, spatial)
    middle = rest.middle + size * _travel(points["pelvis"], spatial)
    middle[:, 2] = size * points["pelvis"][:, 2]
    heads = posed_heads(rest, rotations, stretch, middle)
    lift = _lift(rest, heads, performance.fps) if options.ground else min(head[2] for head in rest.heads.values())
    middle[:, 2] += lift + options.ground_level
    if options.travel == "stay":
        middle[:, :2] = rest.middle[:2]
    if options.travel == "curve" and path is not None:
        middle, rotations = _follow(rest, path, size * points["pelvis"][:, 0], middle, rotations, performance.fps)
    if performance.contacts and options.travel != "stay":
        contacts = performance.contacts.mirrored() if options.mirror else performance.contacts
        rotations, middle = stand(rest, rotations, stretch, middle, contacts, performance.fps)
    heads = posed_heads(rest, rotations, stretch, middle)
    layers = layer_order(points, rest) if options.layers and deep and rest.flat else {}
    basis = rest.basis
    return Motion(
        performance.frames,
        {joint: basis @ rotation @ basis.T for joint, rotation in rotations.items()},
        {joint: head @ basis.T for joint, head in heads.items()},
        stretch, layers, rest, spatial, size,
    )  # fmt: skip


def _rotations(
    rest: Rest, points: dict[str, np.ndarray], options: Options, fps: float, spatial: bool
) -> dict[str, np.ndarray]:
    if spatial:
        return solve_spatial(rest, points, fps, options.roll)
    yaw = YAWS[options.facing] if options.facing in YAWS else facing(points)
    return solve_planar(rest, points, 0.0 if rest.flat else yaw)


def _mirrored(points: np.ndarray) -> np.ndarray:
    return points[:, MIRROR] * (-1.0, 1.0, 1.0)


def _known(points: np.ndarray) -> dict[str, np.ndarray]:
    """Joints (frames, 3) without gaps; pelvis and neck between hips and shoulders where they are not known."""
    filled = fill_gaps(points)
    known = {joint: filled[:, INDEX[joint]] for joint in JOINTS if np.isfinite(filled[:, INDEX[joint]]).all()}
    for joint, part in (("pelvis", "hip"), ("neck", "shoulder")):
        if joint not in known and f"left_{part}" in known and f"right_{part}" in known:
            known[joint] = (known[f"left_{part}"] + known[f"right_{part}"]) / 2
    if "pelvis" not in known:
        known["pelvis"] = np.mean(list(known.values()), axis=0)
    return known


def size_ratio(rest: Rest, points: dict[str, np.ndarray], spatial: bool) -> float:
    """The rig's size over the person's, by the legs, which carry both; else by all segments; 1 where none is known."""
    legs = [f"{side}_{part}" for side in ("left", "right") for part, _ in LEGS]
    of_rig = {part.joint: float(np.linalg.norm(rest.vectors[part.joint])) for part in rest.segments if part.next}
    of_person = {}
    for part in rest.segments:
        if part.joint in of_rig and part.joint in points and part.end in points:
            lengths = np.linalg.norm(
                (points[part.end] - points[part.joint])[:, [0, 1, 2] if spatial else [0, 2]], axis=-1
            )
            of_person[part.joint] = float(np.median(lengths) if spatial else np.percentile(lengths, 95))
    both = [joint for joint in legs if joint in of_person] or list(of_person)
    person = sum(of_person[joint] for joint in both)
    return sum(of_rig[joint] for joint in both) / person if person > 0 else 1.0


def _travel(pelvis: np.ndarray, spatial: bool) -> np.ndarray:
    """The pelvis' way across the picture (frames, 3), and along the line of sight where that is known."""
    return pelvis * (1.0, 1.0 if spatial else 0.0, 0.0)


def _lift(rest: Rest, heads: Mapping[str, np.ndarray], fps: float) -> float | np.ndarray:
    """How far the body goes up for its lowest foot to stand as high as at rest, and (frames,) for none to go below."""
    feet = [joint for joint in heads if joint.partition("_")[2] in {"ankle", "foot", "toe"}]
    if not feet:
        root = rest.segments[0].joint
        return float(rest.heads[root][2] - heads[root][:, 2].mean())
    # Each foot joint as high above its own height at rest as it comes; the lowest decides.
    above = np.min([heads[joint][:, 2] - rest.heads[joint][2] for joint in feet], axis=0)
    ground = np.percentile(above, LOWEST)
    return over(np.maximum(ground - above, 0.0), EASE * fps) - ground


def _follow(
    rest: Rest, path: Path, way: np.ndarray, middle: np.ndarray, rotations: Mapping[str, np.ndarray], fps: float
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Walk along a curve as far as the person walked across the picture; a 3D rig turns with it."""
    line = path.points @ rest.basis
    steps = np.linalg.norm(np.diff(line, axis=0), axis=-1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    sense = 1.0 if way[-1] >= way[0] else -1.0
    gone = np.clip(sense * (way - way[0]), 0.0, length[-1])
    at = np.stack([np.interp(gone, length, line[:, axis]) for axis in range(3)], -1)
    out = middle.copy()
    out[:, :2] = at[:, :2]
    out[:, 2] += at[:, 2] - line[0, 2] if not rest.flat else at[:, 2] - line[:, 2].min()
    if rest.flat:
        return out, dict(rotations)
    middles, slopes = length[:-1] + steps / 2, np.diff(line, axis=0) / np.maximum(steps, 1e-9)[:, None]
    tangent = blurred(np.stack([np.interp(gone, middles, slopes[:, axis]) for axis in range(2)], -1), 0.1 * fps)
    yaw = np.arctan2(sense * tangent[:, 1], sense * tangent[:, 0])
    turned = turn(np.array([0.0, 0.0, 1.0]), np.unwrap(yaw))
    return out, {joint: turned @ rotation for joint, rotation in rotations.items()}
