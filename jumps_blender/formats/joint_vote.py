"""Which joint set a file uses: by the number of points, and by geometry where several sets share one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from ..core.body.joint_sets import JOINT_SETS, JointSet, find_joint_set
from ..core.body.tracks import is_observed
from ..errors import FormatError, InputError
from .recording import Sighting

VOTERS: Final = 2000
"""People looked at, evenly over the file: more change nothing."""
BELIEVED_FROM: Final = 0.2
"""Confidence below which a point does not vote."""
BETWEEN: Final = 0.15
"""Farthest distance of a middle point from the middle of its pair, in distances of the pair: 0.01 is the median on real
BODY_25 files, 0.40 what the same three points give on a real BODY_25B file."""
FACE_SPAN: Final = 0.35
"""Points 0..4 of COCO-17 are the face; those of Human3.6M are the legs, which span more of the body than this."""


@dataclass(frozen=True)
class Choice:
    """A joint set and why it was taken."""

    joint_set: JointSet
    reason: str
    warnings: tuple[str, ...] = ()


@cache
def known_counts() -> frozenset[int]:
    """Numbers of points that some joint set has."""
    return frozenset(len(table) for table in JOINT_SETS.values())


def choose(
    sightings: Sequence[Sighting], count: int, name: str, wanted: str | JointSet | Sequence[str] | None = None
) -> Choice:
    """The joint set of a file whose people have `count` points, or the `wanted` one.

    Raises:
        InputError: the wanted set is unknown or has another number of points.
        FormatError: no known set has that many points.

    """
    fitting = [table for table in JOINT_SETS.values() if len(table) == count]
    if wanted is not None:
        return _checked(_found(wanted), count, name, fitting)
    if not fitting:
        known = ", ".join(map(str, sorted(known_counts())))
        raise FormatError(
            f"{name} has {count} points per person, and no known joint set has that many (known: {known}). "
            "Export a body-only set from the estimator."
        )
    points = _sample(sightings)
    if count in _VOTES:
        return _VOTES[count](points)
    return Choice(fitting[0], f"{count} points per person")


def _found(wanted: str | JointSet | Sequence[str]) -> JointSet:
    return find_joint_set(wanted if isinstance(wanted, (str, JointSet)) else list(wanted))


def _checked(wanted: JointSet, count: int, name: str, fitting: Sequence[JointSet]) -> Choice:
    if len(wanted) != count:
        others = " or ".join(table.id for table in fitting) or "the list of its joints"
        raise InputError(
            f"{name} has {count} points per person, but {wanted.title} ({wanted.id}) has {len(wanted)}: "
            f"choose {others}."
        )
    return Choice(wanted, "chosen by the user")


def _sample(sightings: Sequence[Sighting]) -> np.ndarray:
    """(people, joints, 2) of some people, NaN where a point cannot vote."""
    step = max(1, len(sightings) // VOTERS)
    points = np.stack([sighting.points for sighting in sightings[::step]])
    seen = is_observed(points[..., :2], points[..., 2], BELIEVED_FROM)
    return np.where(seen[..., None], points[..., :2], np.nan)


def _median(values: np.ndarray) -> float:
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else float("nan")


def _off_middle(points: np.ndarray, point: int, left: int, right: int) -> float:
    """Median distance of a point from the middle of two others, in distances of the two."""
    apart = np.linalg.norm(points[:, left] - points[:, right], axis=-1)
    away = np.linalg.norm(points[:, point] - (points[:, left] + points[:, right]) / 2, axis=-1)
    return _median(away / np.where(apart > 0, apart, np.nan))


def _span(points: np.ndarray) -> np.ndarray:
    """Diagonal of the box around each person's points; NaN where there are none."""
    low = np.where(np.isfinite(points), points, np.inf).min(1)
    high = np.where(np.isfinite(points), points, -np.inf).max(1)
    with np.errstate(invalid="ignore"):
        span = np.linalg.norm(high - low, axis=-1)
    return np.where(np.isfinite(span) & (span > 0), span, np.nan)


def _vote_17(points: np.ndarray) -> Choice:
    off, face = _off_middle(points, 0, 1, 4), _median(_span(points[:, :5]) / _span(points))
    if off < BETWEEN and face > FACE_SPAN:
        return Choice(JOINT_SETS["h36m17"], "17 points per person, and point 0 lies between the hips 1 and 4")
    seen = ", and points 0 to 4 lie within the face" if face <= FACE_SPAN else ", COCO's unless they lie as Human3.6M's"
    return Choice(JOINT_SETS["coco17"], f"17 points per person{seen}")


def _vote_18(points: np.ndarray) -> Choice:
    coco18 = JOINT_SETS["coco18"]
    neck = _off_middle(points, 1, 2, 5)
    if neck > BETWEEN:
        return Choice(
            coco18,
            "18 points per person",
            ("Point 1 does not lie between the shoulders 2 and 5: it is no neck here, perhaps the top of the head.",),
        )
    seen = ", and point 1 lies between the shoulders 2 and 5" if neck <= BETWEEN else ""
    return Choice(coco18, f"18 points per person{seen}")


def _vote_25(points: np.ndarray) -> Choice:
    for point, left, right, what in ((1, 2, 5, "a neck between shoulders"), (8, 9, 12, "a mid-hip between hips")):
        off = _off_middle(points, point, left, right)
        if np.isfinite(off):
            measured = f"point {point} is {off:.2f} of the distance of {left} and {right} away from their middle"
            which, verdict = ("body25", what) if off < BETWEEN else ("body25b", f"not {what}")
            return Choice(JOINT_SETS[which], f"25 points per person, and {measured}: {verdict}")
    return Choice(
        JOINT_SETS["body25"],
        "25 points per person, OpenPose's default",
        ("BODY_25 and BODY_25B both have 25 points and too few are seen to tell them apart: BODY_25 is taken.",),
    )


def _vote_14(points: np.ndarray) -> Choice:
    crowdpose, aic = _off_middle(points, 13, 0, 1), _off_middle(points, 13, 0, 3)
    if aic < crowdpose:
        return Choice(JOINT_SETS["aic14"], "14 points per person, and the neck 13 lies between the shoulders 0 and 3")
    seen = ", and the neck 13 lies between the shoulders 0 and 1" if crowdpose <= aic else ", CrowdPose's by default"
    return Choice(JOINT_SETS["crowdpose14"], f"14 points per person{seen}")


_VOTES: Final[dict[int, Callable[[np.ndarray], Choice]]] = {14: _vote_14, 17: _vote_17, 18: _vote_18, 25: _vote_25}
