"""How good depth is: people in space from one camera, next to lifting by ridge regression.

Joints in space follow from their place in the image, their depth next to the pelvis, and the distance from the camera
to the pelvis, which all methods are given. Everything is judged relative to the pelvis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS, PARENTS

from .bars import CHAMPION, Bar
from .intervals import interval
from .scenes import CENTRE, Scene
from .scores import MEAN, Shown

DEPTHS: Final = ("clean", "white_15", "detector_good")
"""Conditions in which depth is judged."""

OURS: Final = CHAMPION
RIDGE: Final = "window ridge, ridge lifting"
MIXED: Final = "JUMPS, default, ridge lifting"
FLAT: Final = "JUMPS, default, depth 0"

NEEDED: Final = 0.1
"""Share by which the error has to be below that of ridge lifting."""

COMPARED: Final = {"mpjpe": "MPJPE, mm", "pa_mpjpe": "PA-MPJPE, mm", "depth_error": "depth error"}
"""Measures by which it is compared."""

APART: Final = 0.1
"""Metres by which a left and a right joint have to differ in depth for their order to be judged."""

MEASURES: Final = (
    "mpjpe", "pa_mpjpe", "depth_error", "bone_change", "bone_change_of_truth", "wrong_order", "wrong_per_clip",
    "turns", "turns_of_truth",
)  # fmt: skip
SURE: Final = ("mpjpe", "pa_mpjpe", "depth_error", "wrong_order")
"""Measures that have confidence intervals."""

_SHORTEST: Final = 0.02
"""Metres: bones below have no length to keep."""

_PELVIS: Final = INDEX["pelvis"]
_LEFT: Final = [joint for joint, name in enumerate(JOINTS) if name.startswith("left_")]
_RIGHT: Final = [INDEX[JOINTS[joint].replace("left_", "right_")] for joint in _LEFT]

Space = Callable[[str, int], tuple[np.ndarray, np.ndarray]]
"""From a source and the number of a scene in it to positions (frames, 28, 2) and depth (frames, 28), pixels."""


@dataclass(frozen=True)
class DepthScore:
    """How well a method places people in space.

    mpjpe, pa_mpjpe: mean error of the joints in mm, relative to the pelvis, and after the rotation, shift and scale of
    each frame that fit best; depth_error: mean error of depth alone, heads; bone_change: how a bone's length varies
    over a clip, standard deviation over mean; wrong_order: share of the pairs of left and right joints, at least APART
    in depth, of which the wrong one is nearer; wrong_per_clip: how many such pairs and frames a clip has; turns: how
    often in a second a pair changes its order. ci: 95 % intervals over clips of SURE.
    """

    method: str
    condition: str
    source: str
    mpjpe: float
    pa_mpjpe: float
    depth_error: float
    bone_change: float
    bone_change_of_truth: float
    wrong_order: float
    wrong_per_clip: float
    turns: float
    turns_of_truth: float
    ci: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class DepthTally:
    """Sums and counts of MEASURES for each scene of each source, both source -> (scenes, measures)."""

    method: str
    condition: str
    sums: dict[str, np.ndarray]
    counts: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]

    def values(self, source: str) -> np.ndarray:
        """MEASURES over all scenes, (measures,)."""
        return np.asarray(self.sums[source].sum(0) / self.counts[source].sum(0))

    def samples(self, source: str) -> np.ndarray:
        """MEASURES over bootstrap samples of clips, (samples, measures); of MEAN: the mean over sources."""
        if source == MEAN:
            return np.asarray(np.mean([self.samples(each) for each in self.sums], axis=0))
        weights = self.weights[source]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((weights @ self.sums[source]) / (weights @ self.counts[source]))

    def scores(self) -> list[DepthScore]:
        """A score for each source, and their mean."""
        found = {source: self.values(source) for source in self.sums}
        found[MEAN] = np.mean([*found.values()], axis=0)
        return [self._score(source, values) for source, values in found.items()]

    def _score(self, source: str, values: np.ndarray) -> DepthScore:
        samples = dict(zip(MEASURES, self.samples(source).T, strict=True))
        told: dict[str, Any] = dict(zip(MEASURES, map(float, values), strict=True))
        return DepthScore(self.method, self.condition, source, **told, ci={n: interval(samples[n]) for n in SURE})


def in_space(scene: Scene, positions: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Joints (frames, 28, 3) in metres relative to the pelvis, from pixels (frames, 28, 2) and depth (frames, 28)."""
    away = scene.distance[:, None] * (1 + depth / scene.focal)
    across = (positions - CENTRE) / scene.focal * away[..., None]
    joints = np.concatenate([across, away[..., None]], axis=-1)
    return np.asarray(joints - joints[:, [_PELVIS]])


def laid_over(joints: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Joints (frames, 28, 3) turned, shifted and scaled, frame by frame, to lie on the target's as well as they can."""
    middles = joints.mean(1, keepdims=True), target.mean(1, keepdims=True)
    own, other = joints - middles[0], target - middles[1]
    u, values, v = np.linalg.svd(own.transpose(0, 2, 1) @ other)
    sign = np.ones_like(values)
    sign[:, -1] = np.sign(np.linalg.det(u @ v))
    scale = (values * sign).sum(1) / np.maximum((own**2).sum((1, 2)), 1e-12)
    return np.asarray(scale[:, None, None] * own @ (u * sign[:, None]) @ v + middles[1])


def judge_depth(method: str, shown: Shown, space: Space) -> DepthTally:
    """Measure what a method makes of every scene of a condition."""
    sums, counts = {}, {}
    for source, scenes in shown.scenes.items():
        parts = [_tally(scene, *space(source, number)) for number, scene in enumerate(scenes)]
        sums[source], counts[source] = (np.array(each) for each in zip(*parts, strict=True))
    return DepthTally(method, shown.condition, sums, counts, shown.weights)


def _tally(scene: Scene, positions: np.ndarray, depth: np.ndarray) -> tuple[list[float], list[float]]:
    """Sums and counts of MEASURES."""
    true, found = in_space(scene, scene.positions, scene.depth), in_space(scene, positions, depth)
    joints = np.arange(len(JOINTS)) != _PELVIS
    errors = 1000 * np.linalg.norm(found - true, axis=-1)[:, joints]
    aligned = 1000 * np.linalg.norm(laid_over(found, true) - true, axis=-1)
    deep = (np.abs(depth - scene.depth) / scene.head_size[:, None])[:, joints]
    order, true_order = (each[:, _LEFT, 2] - each[:, _RIGHT, 2] for each in (found, true))
    apart = np.abs(true_order) > APART
    wrong = float((apart & (order * true_order <= 0)).sum())
    long = _lengths(true).mean(0) > _SHORTEST
    bones = _change(found)[long], _change(true)[long]
    seconds = len(true) / scene.fps * len(_LEFT)
    sums = [
        errors.sum(), aligned.sum(), deep.sum(), bones[0].sum(), bones[1].sum(), wrong, wrong, _turns(order),
        _turns(true_order),
    ]  # fmt: skip
    counts = [errors.size, aligned.size, deep.size, long.sum(), long.sum(), apart.sum(), 1, seconds, seconds]
    return [float(each) for each in sums], [float(each) for each in counts]


def _lengths(joints: np.ndarray) -> np.ndarray:
    """Of the bones that end at each joint, (frames, 28); 0 at the pelvis."""
    parents = np.where(np.array(PARENTS) < 0, _PELVIS, PARENTS)
    return np.asarray(np.linalg.norm(joints - joints[:, parents], axis=-1))


def _change(joints: np.ndarray) -> np.ndarray:
    """How the length of the bone that ends at each joint varies, standard deviation over mean, (28,)."""
    lengths = _lengths(joints)
    return np.asarray(lengths.std(0) / np.maximum(lengths.mean(0), 1e-9))


def _turns(order: np.ndarray) -> int:
    """How often pairs (frames, pairs) change their order."""
    return int((np.diff(np.sign(order), axis=0) != 0).sum())


def judge_leads(ours: DepthTally, ridge: DepthTally) -> Iterable[Bar]:
    """Whether the error is far enough below that of ridge lifting, the mean over sources."""
    for measure, name in COMPARED.items():
        at = MEASURES.index(measure)
        value, other = (float(np.mean([each.values(source)[at] for source in each.sums])) for each in (ours, ridge))
        samples = 1 - ours.samples(MEAN)[:, at] / ridge.samples(MEAN)[:, at]
        lead = 1 - value / other
        yield Bar(
            "depth: share below ridge", ours.condition, MEAN, ridge.method, name, value, other, lead, NEEDED,
            interval(samples), bool(lead >= NEEDED),
        )  # fmt: skip
