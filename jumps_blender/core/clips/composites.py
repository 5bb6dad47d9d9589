"""Composite points: what a detector's other points tell of joints that it has no point for.

No detector has the base of the skull, the knuckle of the middle finger or the ball of the foot, but most have ears, and
many have knuckles or heels. A recipe says of which points a joint is the weighted mean, and how far off that is:

    head 0.35 = 0.72 left_ear|right_ear + 0.28 left_shoulder&right_shoulder

reads: the joint `head` lies at 0.72 times the mean of those ears that are seen plus 0.28 times the middle of both
shoulders, with a standard deviation of 0.35 head. Weights add up to 1, so that a recipe means the same anywhere in any
image. `SIDE_` stands for left and right. Of several recipes for a joint the first one counts whose points are seen.

A composite point informs the solver and nothing else: it is no observation, and a joint that is seen has no need of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from ..body.skeleton import INDEX, JOINTS, exchange_sides
from ..direct.screening import Screening
from .observation import Observation
from .resample import moments, resample_observations
from .windows import cut

_RECIPES: Final = """
head_top 0.4 = 1.72 left_ear|right_ear - 0.72 left_shoulder&right_shoulder
head_top 0.9 = 1.35 nose - 0.35 left_shoulder&right_shoulder
head 0.35 = 0.72 left_ear|right_ear + 0.28 left_shoulder&right_shoulder
head 0.7 = 0.55 nose + 0.45 left_shoulder&right_shoulder
neck 0.5 = 0.6 upper_neck + 0.4 left_shoulder&right_shoulder
neck 0.5 = 1.06 neck - 0.06 left_hip&right_hip
SIDE_hand 0.35 = 1.05 SIDE_index|SIDE_pinky - 0.05 SIDE_wrist
SIDE_hand 0.7 = 1.3 SIDE_thumb - 0.3 SIDE_wrist
SIDE_foot 0.3 = 0.28 SIDE_heel + 0.72 SIDE_big_toe|SIDE_foot_index
SIDE_toe 0.6 = 1 SIDE_small_toe
SIDE_ankle 1 = 1 SIDE_heel
"""
# Shares by OpenPose, AlphaPose, RTMPose and MediaPipe on real people (ears and shoulders lead to their top of the head
# with 1.66 to 1.82 of the way), and by captures, in which head and neck lie at 0.42 and 0.12 of the way from shoulders
# to top. Deviations are those that serve best in windows of 24 frames, all of which are off in the same direction: some
# three times as large as a single frame is off.

_RESTS_ON: Final = {
    **dict.fromkeys(("neck", "head", "head_top"), ("left_shoulder", "right_shoulder")),
    **{
        f"{side}_{part}": (f"{side}_wrist",) if part == "hand" else (f"{side}_ankle", f"{side}_toe")
        for side in ("left", "right")
        for part in ("hand", "foot", "toe", "ankle")
    },
}
"""Joints that have to be where they seem to be for a clue to be believed: points of a limb go astray together."""

_TERM: Final = re.compile(r"(?P<sign>[+-]?) ?(?P<share>[\d.]+) (?P<points>\S+)")


@dataclass(frozen=True)
class Term:
    """A share of the mean of some points: of those that are seen, or, where all are `needed`, of all."""

    share: float
    points: tuple[str, ...]
    needed: bool


@dataclass(frozen=True)
class Recipe:
    """A joint (index in the 28) as the sum of terms; deviation in heads, per axis."""

    joint: int
    deviation: float
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Clues:
    """What composite points say: `positions` (..., 28, 2), NaN = nothing; `weight` (..., 28), 0 = nothing.

    `deviation` (..., 28): heads, per axis, by which a clue may be off beyond what its points are off.
    """

    positions: np.ndarray
    weight: np.ndarray
    deviation: np.ndarray

    def resampled(self, rate: float, other: float, origin: int = 0) -> Clues:
        """Those of a clip, (frames, 28), at another rate, as `resample_observations` has it."""
        positions, weight = resample_observations(self.positions, self.weight, rate, other, origin)
        nearest = np.round(moments(len(self.weight), rate, other, origin) / other * rate - origin).astype(int)
        return Clues(positions, weight, self.deviation[nearest.clip(0, len(self.weight) - 1)])

    def mended(self, screening: Screening) -> Clues:
        """Those of a clip with the sides that were put right, and without what rests on points not believed."""
        astray = np.zeros_like(screening.elsewhere)
        for joint, others in _RESTS_ON.items():
            astray[:, INDEX[joint]] = screening.elsewhere[:, [INDEX[each] for each in others]].any(1)
        weight = np.where(astray, 0.0, self.weight)
        lengths = exchange_sides(np.stack([weight, self.deviation], -1), screening.swapped)
        return Clues(exchange_sides(self.positions, screening.swapped), lengths[..., 0], lengths[..., 1])

    def cut(self, starts: np.ndarray) -> Clues:
        """Those of a clip in windows, (n, 24, 28)."""
        return Clues(
            cut(self.positions, starts, np.nan), cut(self.weight, starts, 0.0), cut(self.deviation, starts, 1.0)
        )

    def part(self, which: slice | np.ndarray) -> Clues:
        """Those of some windows."""
        return Clues(self.positions[which], self.weight[which], self.deviation[which])

    def added_to(self, seen: Observation, granted: float) -> Observation:
        """Windows with what the clues, in the same units, say of joints that are not seen in them.

        Args:
            seen: the windows.
            granted: standard deviation in heads that observations of confidence 1 are granted. A clue, which may be
                off by more, has so much less confidence.

        """
        used = (seen.weight == 0) & (self.weight > 0) & np.isfinite(self.positions).all(-1)
        if not used.any():
            return seen
        weight = self.weight / (1 + self.weight * (self.deviation / granted) ** 2)
        return Observation(
            np.where(used[..., None], self.positions, seen.positions), np.where(used, weight, seen.weight)
        )


def _term(match: re.Match[str]) -> Term:
    share = float(match["sign"] + match["share"])
    return Term(share, tuple(re.split(r"[|&]", match["points"])), "|" not in match["points"])


def _recipe(line: str) -> Recipe:
    head, _, sum_ = line.partition("=")
    joint, deviation = head.split()
    terms = tuple(_term(match) for match in _TERM.finditer(sum_))
    assert abs(sum(term.share for term in terms) - 1) < 1e-9, line
    return Recipe(INDEX[joint], float(deviation), terms)


RECIPES: Final = tuple(
    _recipe(line.replace("SIDE_", side))
    for line in _RECIPES.strip().splitlines()
    for side in (("left_", "right_") if "SIDE_" in line else ("",))
)
"""All recipes; of those for one joint the best comes first."""


@cache
def recipes_for(names: tuple[str, ...]) -> tuple[Recipe, ...]:
    """The recipes that a detector with these points can follow."""
    has = set(names)
    return tuple(
        recipe
        for recipe in RECIPES
        if all((all if term.needed else any)(point in has for point in term.points) for term in recipe.terms)
    )


def compose(names: tuple[str, ...], positions: np.ndarray, weight: np.ndarray) -> Clues:
    """Follow the recipes.

    Args:
        names: the detector's names of its points.
        positions: (frames, points, 2), NaN = not observed.
        weight: (frames, points), confidence, 0 where not observed.

    """
    shape = len(positions), len(JOINTS)
    clues = Clues(np.full((*shape, 2), np.nan), np.zeros(shape), np.ones(shape))
    for recipe in recipes_for(names):
        parts = [_mean(term, names, positions, weight) for term in recipe.terms]
        worst = np.minimum.reduce([each for _, each in parts])
        new = (worst > 0) & (clues.weight[:, recipe.joint] == 0)
        total = sum(term.share * point for term, (point, _) in zip(recipe.terms, parts, strict=True))
        clues.positions[new, recipe.joint] = np.asarray(total)[new]
        clues.weight[new, recipe.joint] = worst[new]
        clues.deviation[new, recipe.joint] = recipe.deviation
    return clues


def _mean(
    term: Term, names: tuple[str, ...], positions: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (frames, 2) of a term's points, and the least confidence among them, (frames,), 0 = cannot be said."""
    chosen = [names.index(point) for point in term.points if point in names]
    points, sure = positions[:, chosen], weight[:, chosen]
    seen = np.isfinite(points).all(-1) & (sure > 0)
    count = seen.sum(1)
    mean = np.where(seen[..., None], points, 0.0).sum(1) / np.maximum(count, 1)[:, None]
    enough = count == len(chosen) if term.needed else count > 0
    least = np.where(seen, sure, np.inf).min(1)
    return mean, np.where(enough, least, 0.0)
