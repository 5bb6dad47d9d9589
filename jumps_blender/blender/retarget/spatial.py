"""Bone rotations of a motion that has depth."""

from __future__ import annotations

from typing import Final

import numpy as np

from .foreshortened import as_carried, limb, swings
from .parts import TORSO
from .rest import Rest
from .rotations import IDENTITY, across, angle_about, apply, swing, turn, unit
from .steady import steady_roll, within, without_flips

BENT: Final = (np.sin(np.radians(8)), np.sin(np.radians(30)))
"""Sine of a bend: below the first an elbow's plane tells nothing of the limb's roll, above the second all."""

HINGES: Final = {"shoulder": ("elbow", "wrist", -1.0), "hip": ("knee", "ankle", 1.0)}
"""Joint whose bone the bend rolls: the hinge, the joint beyond it, and which way along y it bends (elbows forward)."""

FARTHEST: Final = {"shoulder": np.radians(135), "hip": np.radians(75)}
"""Radians that a limb twists about itself from its rest: beyond, an estimate is wrong. On motion capture thighs stay
within 32 degrees, upper arms within 120 but for one man's. Rigs that share a twist along a limb turn round at 180."""

TOES: Final = 0.25
"""How much the foot tells of a leg's roll, beside a knee bent by a right angle."""


def solve_spatial(rest: Rest, points: dict[str, np.ndarray], fps: float, roll: bool) -> dict[str, np.ndarray]:
    """Rotations (frames, 3, 3) of each segment from its rest, in the space of the performance.

    Args:
        rest: the rig.
        points: joints (frames, 3), without NaN; a joint may be missing.
        fps: frames a second.
        roll: whether elbows and knees tell how limbs roll; else limbs keep the roll that they have at rest.

    """
    found: dict[str, np.ndarray] = {}
    count = len(next(iter(points.values())))
    for part in rest.segments:
        parent = found[part.parent] if part.parent else np.broadcast_to(IDENTITY, (count, 3, 3))
        if part.joint not in points or part.end not in points:
            found[part.joint] = parent
            continue
        direction = rest.direction(part.joint)
        carried = apply(parent, direction)
        seen = limb(points, part.joint, part.end)
        aim = unit(seen) if part.parent is None or swings(part.joint) else as_carried(seen, carried)
        aim = np.where(np.linalg.norm(aim, axis=-1, keepdims=True) > 0.5, aim, carried)
        rotation = swing(carried, aim) @ parent
        if part.joint in TORSO:
            rotation = turn(aim, _torso_roll(rest, points, part.joint, rotation, aim)) @ rotation
        elif roll and part.joint.partition("_")[2] in HINGES:
            rotation = turn(aim, _limb_roll(rest, points, part.joint, rotation, aim, fps)) @ rotation
        found[part.joint] = without_flips(parent, rotation, direction, fps, around=part.parent is None)
    return found


def _torso_roll(
    rest: Rest, points: dict[str, np.ndarray], joint: str, rotation: np.ndarray, aim: np.ndarray
) -> np.ndarray:
    """The pelvis turns with the hips, the chest with the shoulders, the spine between them by little and little."""
    torso = [part.joint for part in rest.segments if part.joint in TORSO]
    share = torso.index(joint) / max(1, len(torso) - 1)
    at_rest, seen = np.zeros(3), np.zeros_like(aim)
    for part, weight in (("hip", 1 - share), ("shoulder", share)):
        if rest.across(part).any() and f"left_{part}" in points and f"right_{part}" in points:
            line = points[f"left_{part}"] - points[f"right_{part}"]
            at_rest = at_rest + (weight + 1e-3) * unit(rest.across(part))
            seen = seen + (weight + 1e-3) * unit(line)
    if not at_rest.any():
        return np.zeros(len(aim))
    return angle_about(aim, apply(rotation, at_rest), seen)


def _limb_roll(
    rest: Rest, points: dict[str, np.ndarray], joint: str, rotation: np.ndarray, aim: np.ndarray, fps: float
) -> np.ndarray:
    """Roll (frames,) that brings the hinge of the rig's elbow or knee into line with that of the performance."""
    side, _, part = joint.partition("_")
    hinge, beyond, way = HINGES[part]
    if f"{side}_{hinge}" not in points or f"{side}_{beyond}" not in points:
        return np.zeros(len(aim))
    upper = unit(limb(points, joint, f"{side}_{hinge}"))
    lower = unit(limb(points, f"{side}_{hinge}", f"{side}_{beyond}"))
    axis = np.cross(upper, lower)
    bend = np.linalg.norm(axis, axis=-1)
    told = unit(axis) * np.clip((bend - BENT[0]) / (BENT[1] - BENT[0]), 0, 1)[:, None]
    if part == "hip" and f"{side}_ankle" in points and f"{side}_toe" in points:
        told = told + TOES * np.cross(unit(limb(points, f"{side}_ankle", f"{side}_toe")), aim)
    at_rest = hinge_at_rest(rest, joint, way)
    weights = np.minimum(1.0, np.linalg.norm(across(told, aim), axis=-1))
    return within(steady_roll(angle_about(aim, apply(rotation, at_rest), told), weights, fps), FARTHEST[part])


def hinge_at_rest(rest: Rest, joint: str, way: float) -> np.ndarray:
    """The hinge's axis (3,) at rest: of the plane as it is bent there, else as the body bends."""
    upper = rest.direction(joint)
    hinge = f"{joint.partition('_')[0]}_{HINGES[joint.partition('_')[2]][0]}"
    bent = np.cross(upper, rest.direction(hinge)) if hinge in rest.vectors else np.zeros(3)
    anatomy = np.cross(upper, np.array([0.0, way, 0.0]))
    return bent if np.linalg.norm(bent) > BENT[1] / 2 else anatomy
