"""A rig at rest, as far as it shows the 28 joints: where they are, where bones point, which way it faces.

Two spaces: armature space, the rig's own, with axes of any meaning; and the space of the performance, x to the right of
the picture, y away from who looks at it, z up. A `Rest` is turned into the latter, about the same origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from .parts import Segment, segments
from .rotations import apply, unit

FLAT: Final = 0.03
"""A rig is a cut-out if it is thinner than this, in parts of its size; the feet of any other reach out."""

ALONG: Final = 0.8
"""Cosine up to which a bone may point away from the next one before its own tail is not believed."""

Space = Literal["auto", "3d", "cutout"]


@dataclass(frozen=True)
class Joints:
    """Heads and tails (3,) in armature space of the bones that show each joint; `all_ends` (n, 3) of all bones."""

    heads: Mapping[str, np.ndarray]
    tails: Mapping[str, np.ndarray]
    all_ends: np.ndarray


@dataclass(frozen=True)
class Rest:
    """The rig at rest in the space of the performance.

    `basis` (3, 3) has the performance's axes, in armature space, as columns; `vectors` from the head to the end of
    each segment, with its length.
    """

    basis: np.ndarray
    flat: bool
    heads: Mapping[str, np.ndarray]
    segments: tuple[Segment, ...]
    vectors: Mapping[str, np.ndarray]

    def direction(self, joint: str) -> np.ndarray:
        """Unit vector (3,) of a segment."""
        return unit(self.vectors[joint])

    def across(self, part: str) -> np.ndarray:
        """From the right joint of a pair to the left, (3,); 0 where one is not mapped."""
        left, right = self.heads.get(f"left_{part}"), self.heads.get(f"right_{part}")
        return np.zeros(3) if left is None or right is None else left - right

    @property
    def middle(self) -> np.ndarray:
        """Where the pelvis is (3,): between the hips, else the root's head."""
        left, right = self.heads.get("left_hip"), self.heads.get("right_hip")
        if left is None or right is None:
            return self.heads[self.segments[0].joint]
        return (left + right) / 2


def look_at(joints: Joints, space: Space = "auto") -> Rest:
    """Tell which way the rig faces, and turn it into the space of the performance."""
    flat = is_flat(joints) if space == "auto" else space == "cutout"
    basis = _drawing_plane(joints) if flat else _facing(joints)
    heads = {joint: head @ basis for joint, head in joints.heads.items()}
    tails = {joint: tail @ basis for joint, tail in joints.tails.items()}
    parts = segments(heads)
    return Rest(basis, flat, heads, parts, _vectors(parts, heads, tails))


def is_flat(joints: Joints) -> bool:
    """Whether the mapped bones lie in a plane; where none of them is a foot, whether all bones do."""
    has_feet = any(joint.endswith(("ankle", "foot")) for joint in joints.heads)
    points = _points(joints) if has_feet else joints.all_ends
    size, thickness = np.linalg.svd(points - points.mean(0))[1][[0, -1]] if len(points) > 2 else (1.0, 1.0)
    return bool(thickness < FLAT * size)


def _points(joints: Joints) -> np.ndarray:
    return np.array([*joints.heads.values(), *joints.tails.values()])


def _upwards(joints: Joints) -> np.ndarray:
    """Roughly from the feet to the head (3,), in armature space."""
    heads = joints.heads
    low = [heads[name] for name in heads if name.endswith(("ankle", "knee", "foot"))]
    middle = [heads[name] for name in heads if name == "pelvis" or name.endswith("hip")]
    high = [heads[name] for name in heads if name in {"neck", "head", "spine4", "spine3"} or name.endswith("shoulder")]
    tops = [joints.tails[name] for name in ("head", "neck", "spine", "pelvis") if name in heads]
    rows = [np.mean(points, axis=0) for points in (low, middle, high) if points]
    if len(rows) < 2:
        return rows[0] * 0 + tops[0] - heads[next(iter(heads))] if rows and tops else np.array([0.0, 0.0, 1.0])
    return rows[-1] - rows[0]


def _axis_along(vector: np.ndarray) -> np.ndarray:
    """The axis of armature space, either way, that a vector is nearest to."""
    axis = np.zeros(3)
    longest = int(np.abs(vector).argmax())
    axis[longest] = 1.0 if vector[longest] >= 0 else -1.0
    return axis


def _facing(joints: Joints) -> np.ndarray:
    """Columns: the rig's left, its back, up. Who looks at it from the front sees its left to the right."""
    up = _axis_along(_upwards(joints))
    pairs = [name for name in joints.heads if name.startswith("left_") and f"right_{name[5:]}" in joints.heads]
    aside = sum((joints.heads[name] - joints.heads[f"right_{name[5:]}"] for name in pairs), np.zeros(3))
    aside = aside - (aside @ up) * up
    left = _axis_along(aside) if np.linalg.norm(aside) > 0 else _axis_along(np.cross(up, np.array([0.3, -0.2, 0.9])))
    return np.stack([left, np.cross(up, left), up], axis=1)


def _drawing_plane(joints: Joints) -> np.ndarray:
    """Columns: to the right of the drawing, away from who looks at it, its top.

    It is looked at as Blender looks at its planes: from the front (-Y), from above (+Z) or from the right (+X).
    """
    points = _points(joints)
    normal = np.linalg.svd(points - points.mean(0))[2][-1]
    longest = int(np.abs(normal).argmax())
    away = normal * np.sign(normal[longest]) * (-1.0, 1.0, -1.0)[longest]
    if abs(normal[longest]) > 1 - FLAT**2:
        away = _axis_along(away)
    upwards = _axis_along(_upwards(joints) - (_upwards(joints) @ away) * away)
    up = unit(upwards - (upwards @ away) * away)
    return np.stack([np.cross(away, up), away, up], axis=1)


def _vectors(
    parts: tuple[Segment, ...], heads: Mapping[str, np.ndarray], tails: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Where each segment points at rest: to the next bone; the last of a chain by its tail.

    Some files bring bones whose tails stick out sideways (those of Unreal do): then the last of a chain follows the
    one before it, the head points up, toes forward.
    """
    known = {part.joint: heads[part.next] - heads[part.joint] for part in parts if part.next}
    known = {joint: vector for joint, vector in known.items() if np.linalg.norm(vector) > 1e-6}
    honest = [unit(tails[joint] - heads[joint]) @ unit(vector) for joint, vector in known.items()]
    believed = not honest or np.median(honest) > ALONG
    found = dict(known)
    for part in parts:
        tail = tails[part.joint] - heads[part.joint]
        if part.joint not in found:
            found[part.joint] = tail if believed else _by_anatomy(part, found, float(np.linalg.norm(tail)))
    return found


def _by_anatomy(part: Segment, found: Mapping[str, np.ndarray], length: float) -> np.ndarray:
    if part.joint in {"head", "neck"}:
        return np.array([0.0, 0.0, length])
    if part.joint.endswith(("ankle", "foot")):
        return np.array([0.0, -length, 0.0])
    return unit(found[part.parent]) * length if part.parent in found else np.array([0.0, 0.0, length])


def posed_heads(
    rest: Rest, rotations: Mapping[str, np.ndarray], stretch: Mapping[str, np.ndarray], middle: np.ndarray
) -> dict[str, np.ndarray]:
    """Where the joints come to lie (frames, 3) when the pelvis is at `middle` (frames, 3)."""
    root = rest.segments[0].joint
    posed = {root: middle - apply(rotations[root], rest.middle - rest.heads[root])}
    carriers = {part.joint: part.parent for part in rest.segments}
    for part in rest.segments:
        if part.next is not None and part.next not in carriers:
            carriers[part.next] = part.joint
    for joint, parent in carriers.items():
        if joint in posed:
            continue
        carrier = parent or root
        offset = rest.heads[joint] - rest.heads[carrier]
        axis = rest.direction(carrier)
        grown = offset + np.multiply.outer(stretch.get(carrier, np.ones(1)) - 1, (offset @ axis) * axis)
        posed[joint] = posed[carrier] + apply(rotations[carrier], grown)
    return posed
