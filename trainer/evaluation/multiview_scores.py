"""Table II on real estimates: each estimator's single views and what methods make of them, against the other views."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS, MIRROR
from jumps_blender.core.metrics import acceleration_error, auc, errors_in_heads, pckh

from .multiview import Shot

RAW: Final = "raw"
GIVEN: Final = np.isin(JOINTS, LIMB_JOINTS)
GROUPS: Final = {"limbs": GIVEN, "ends": ~GIVEN}
"""The 12 joints that are given; and head top and toes, which some consensus has and no method but `all points` sees."""
OWN, OTHER = "own", "another"
"""The two columns: consensus of the estimator itself, which shares its habits, and of another one."""

OUTLIER: Final = 0.5
"""Heads beyond which an estimate is no noise any more."""

NOWHERE: Final = 1e3
"""Error in heads of a joint without an answer: it counts as wrong under every threshold."""


@dataclass(frozen=True)
class ViewScore:
    """How close one method comes, from one estimator's points in one view, to what the other views agree on.

    view: 1.. or 0 for all together; n: judged joints over the frames, unanswered: those without an answer, which count
    as wrong; median in heads; acceleration error in heads per frame squared at the shot's own rate.
    """

    shot: str
    estimator: str
    method: str
    judge: str
    group: str
    view: int
    n: int
    unanswered: int
    pckh_01: float
    pckh_05: float
    pckh_10: float
    auc: float
    median: float
    acceleration_error: float


@dataclass(frozen=True)
class JointScore:
    """One joint over all views, against the independent consensus: how many are judged, and the median in heads."""

    shot: str
    estimator: str
    method: str
    joint: str
    n: int
    median: float


@dataclass(frozen=True)
class Repairs:
    """Gross errors and swapped sides of one estimator before and after a method.

    Counted are given joints whose independent consensus exists: errors beyond half a head in the raw points, of these
    mended by the method, and such that the method made; then pairs of joints whose sides are exchanged, before and
    after, out of `pairs` that are far enough apart to tell.
    """

    shot: str
    estimator: str
    method: str
    n: int
    outliers: int
    mended: int
    made: int
    pairs: int
    swapped: int
    still_swapped: int


@dataclass(frozen=True)
class MultiviewScores:
    """Everything about one shot."""

    views: tuple[ViewScore, ...]
    joints: tuple[JointScore, ...]
    repairs: tuple[Repairs, ...]


def shown(shot: Shot, estimator: str) -> list[np.ndarray]:
    """Tracks (frames, 28, 2) of each view as methods are given them: the 12 joints, without confidences.

    So nobody gets a hint.
    """
    return [*np.where(GIVEN[:, None], shot.estimates[estimator].positions, np.nan)]


def judges(shot: Shot, estimator: str) -> dict[str, np.ndarray]:
    """The consensus (views, frames, 28, 2) of the estimator itself and, where there is one, of another."""
    found = {OWN: shot.estimates[estimator].consensus}
    if estimator in shot.judges:
        found[OTHER] = shot.estimates[shot.judges[estimator]].consensus
    return found


def score_shot(shot: Shot, results: dict[tuple[str, str], np.ndarray]) -> MultiviewScores:
    """Score results (views, frames, 28, 2) by (estimator, method); the raw points among them as method `raw`."""
    views, joints, repairs = [], [], []
    for (estimator, method), result in results.items():
        names = (shot.name, estimator, method)
        found = judges(shot, estimator)
        for judge, truth in found.items():
            views += list(_view_scores((*names, judge), result, truth, shot.head_size))
        truth = found.get(OTHER, found[OWN])
        joints += list(_joint_scores(names, result, truth, shot.head_size))
        if method != RAW:
            repairs.append(_repairs(names, shot.estimates[estimator].positions, result, truth, shot.head_size))
    return MultiviewScores(tuple(views), tuple(joints), tuple(repairs))


def _errors(result: np.ndarray, truth: np.ndarray, head_size: np.ndarray) -> np.ndarray:
    """(views, frames, 28) heads: NaN where nothing judges, NOWHERE where nothing is answered."""
    errors = errors_in_heads(result, truth, head_size)
    unanswered = np.isfinite(truth).all(-1) & ~np.isfinite(errors)
    return np.where(unanswered, NOWHERE, errors)


def _view_scores(
    names: tuple[str, str, str, str], result: np.ndarray, truth: np.ndarray, head_size: np.ndarray
) -> Iterator[ViewScore]:
    for group, chosen in GROUPS.items():
        errors = _errors(result, truth, head_size)[..., chosen]
        for view in range(len(result) + 1):
            picked = slice(None) if view == 0 else slice(view - 1, view)
            judged = errors[picked][np.isfinite(errors[picked])]
            if not judged.size or (judged == NOWHERE).all():
                continue
            pair = (result[picked][..., chosen, :], truth[picked][..., chosen, :], head_size[picked])
            close, near, far = map(float, pckh(judged, np.array([0.1, 0.5, 1.0])))
            yield ViewScore(
                *names, group, view, judged.size, int((judged == NOWHERE).sum()),
                close, near, far, auc(judged), float(np.median(judged)), acceleration_error(*pair),
            )  # fmt: skip


def _joint_scores(
    names: tuple[str, str, str], result: np.ndarray, truth: np.ndarray, head_size: np.ndarray
) -> Iterator[JointScore]:
    errors = _errors(result, truth, head_size)
    for index, joint in enumerate(JOINTS):
        judged = errors[..., index][np.isfinite(errors[..., index])]
        if judged.size and not (judged == NOWHERE).all():
            yield JointScore(*names, joint, judged.size, float(np.median(judged)))


def _repairs(
    names: tuple[str, str, str], before: np.ndarray, after: np.ndarray, truth: np.ndarray, head_size: np.ndarray
) -> Repairs:
    pair = [_errors(points, truth, head_size)[..., GIVEN] for points in (before, after)]
    judged = np.isfinite(pair[0])
    bad = [judged & (errors > OUTLIER) for errors in pair]
    tellable, *swapped = (_swapped(points, truth, head_size) for points in (truth[..., MIRROR, :], before, after))
    return Repairs(
        *names, int(judged.sum()), int(bad[0].sum()), int((bad[0] & ~bad[1]).sum()), int((bad[1] & ~bad[0]).sum()),
        int(tellable.sum()), *(int((tellable & each).sum()) for each in swapped),
    )  # fmt: skip


def _swapped(points: np.ndarray, truth: np.ndarray, head_size: np.ndarray) -> np.ndarray:
    """Bool (views, frames, pairs): the pair fits the truth far better with its sides exchanged.

    The exchange must halve the pair's error and gain half a head a joint: joints that lie on each other tell nothing.
    """
    left = np.array([index for index in np.flatnonzero(GIVEN) if JOINTS[index].startswith("left_")])
    sides = np.stack([left, MIRROR[left]])
    straight, crossed = (
        np.linalg.norm(points[..., sides, :] - truth[..., other, :], axis=-1).sum(-2) for other in (sides, sides[::-1])
    )
    with np.errstate(invalid="ignore"):
        return np.asarray((crossed < straight / 2) & (straight - crossed > 2 * OUTLIER * head_size[..., None]))
