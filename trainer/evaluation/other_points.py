"""What a detector's points that are none of the 28 joints tell: nose, ears, heels and knuckles, put on captured bodies.

Captures have no such points, so they follow from a body model: a head that turns by some 25 degrees against the trunk,
ears 75 mm to both sides of a place 0.3 of the way from the base of the skull to the crown, the nose 10 cm before it;
heels 15 cm behind the ball of the foot; knuckles 3 cm to both sides of the middle one. Each is off by a constant and,
under a detector's errors, wanders as much as that detector's joints. A real detector may be off otherwise: see the
sheets of real estimates, given all points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.body.joint_sets import JointSet
from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.core.metrics import auc, errors_in_heads
from jumps_blender.core.upsampler import Upsampler

from ..noise import wandering
from .scenes import Scene
from .scores import Shown

WANDER: Final = {"clean": 0.0, "detector_good": 0.13, "detector_weak": 0.25}
"""Conditions that are asked about, and by how many heads per axis points wander in them."""

OFF: Final = 0.12
"""Heads per axis by which each point is off for a whole clip."""

PARTS: Final = ("neck", "head", "head_top", "hand", "foot")
"""Parts whose errors are told apart."""

_YAW: Final = np.radians(25)

_SIDES: Final = ("left", "right")
_TOES: Final = ("left_big_toe", "right_big_toe")
_POINTS: Final = (*_TOES, "nose", *(f"{side}_{part}" for part in ("ear", "heel", "index", "pinky") for side in _SIDES))
_LIMBS: Final = [INDEX[name] for name in LIMB_JOINTS]
_SHOWN: Final = [*_LIMBS, INDEX["left_toe"], INDEX["right_toe"]]

WITH_POINTS: Final = JointSet(
    "other_points",
    "12 limb joints, toes and other points",
    (*LIMB_JOINTS, *_POINTS),
    tuple((number, joint, "~") for number, joint in enumerate(_SHOWN)),
)


@dataclass(frozen=True)
class OtherPointsScore:
    """Means over sources, errors in heads: of the joints that are not shown, of those that are, and of some parts."""

    condition: str
    what: str
    auc: float
    mpjpe: float
    shown: float
    parts: dict[str, float]


def judge_other_points(upsampler: Upsampler, shown: Shown) -> list[OtherPointsScore]:
    """Solve what is shown without and with the other points."""
    return [
        _score(upsampler, shown, what, told) for what, told in (("12 joints, toes", False), ("and other points", True))
    ]


def _score(upsampler: Upsampler, shown: Shown, what: str, told: bool) -> OtherPointsScore:
    means = []
    for source, scenes in shown.scenes.items():
        errors = []
        for number, (tracks, scene) in enumerate(zip(shown.tracks[source], scenes, strict=True)):
            rng = np.random.default_rng([number, len(scene.positions)])
            points = _spoilt(other_points(scene, rng), scene, WANDER[shown.condition], rng)
            seen = np.concatenate([tracks[:, _LIMBS], points], axis=1)
            seen[:, len(_SHOWN) :] = seen[:, len(_SHOWN) :] if told else np.nan
            result = upsampler.upsample(seen, WITH_POINTS, fps=scene.fps)
            errors.append(errors_in_heads(result.positions, scene.positions, scene.head_size))
        means.append(_means(np.concatenate(errors)))
    area, error, limbs, *parts = (float(value) for value in np.mean(means, axis=0))
    return OtherPointsScore(shown.condition, what, area, error, limbs, dict(zip(PARTS, parts, strict=True)))


def _means(errors: np.ndarray) -> list[float]:
    observed = np.isin(np.arange(len(JOINTS)), _SHOWN)
    missing = errors[:, ~observed]
    parts = [errors[:, [name.endswith(part) for name in JOINTS]].mean() for part in PARTS]
    return [auc(missing), float(missing.mean()), float(errors[:, observed].mean()), *map(float, parts)]


def other_points(scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """Where the points are in the image, (frames, 11, 2)."""
    space = np.concatenate([scene.positions, scene.depth[..., None]], -1)
    metre = scene.head_size[:, None] / HEAD_METRES

    def at(name: str) -> np.ndarray:
        return np.asarray(space[:, INDEX[name]])

    ahead, left = _face(space, rng)
    skull = at("head") + 0.3 * (at("head_top") - at("head")) + 0.015 * metre * ahead
    points = {"nose": skull + 0.1 * metre * ahead}
    for side, sign in zip(_SIDES, (1.0, -1.0), strict=True):
        ball, toe, hand = at(f"{side}_foot"), at(f"{side}_toe"), at(f"{side}_hand")
        across = _unit(np.cross(hand - at(f"{side}_wrist"), rng.standard_normal(3)))
        points |= {
            f"{side}_ear": skull + sign * 0.075 * metre * left,
            f"{side}_heel": ball + 0.15 * metre * _unit(ball - toe),
            f"{side}_big_toe": toe,
            f"{side}_index": hand + 0.03 * metre * across,
            f"{side}_pinky": hand - 0.03 * metre * across,
        }
    return np.stack([points[name][:, :2] for name in _POINTS], axis=1)


def _face(space: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Where a head looks and where its left is, (frames, 3) each, for joints in space (frames, 28, 3)."""
    up = _unit(space[:, INDEX["head_top"]] - space[:, INDEX["head"]])
    shoulders = space[:, INDEX["left_shoulder"]] - space[:, INDEX["right_shoulder"]]
    left = _unit(shoulders - (shoulders * up).sum(-1, keepdims=True) * up)
    ahead = np.cross(left, up)  # or behind: the toes tell
    feet = sum(space[:, INDEX[f"{side}_toe"]] - space[:, INDEX[f"{side}_ankle"]] for side in _SIDES)
    if np.median((ahead * feet).sum(-1)) < 0:
        ahead = -ahead
    slow, turns = rng.standard_normal(), wandering((1, len(space), 1), rng)[0]
    yaw = _YAW * (0.6 * slow + 0.8 * turns)
    return np.cos(yaw) * ahead + np.sin(yaw) * left, np.cos(yaw) * left - np.sin(yaw) * ahead


def _spoilt(points: np.ndarray, scene: Scene, wander: float, rng: np.random.Generator) -> np.ndarray:
    off = OFF * rng.standard_normal(points.shape[1:]) + wander * wandering((1, *points.shape), rng)[0]
    return np.asarray(points + scene.head_size[:, None, None] * off)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
