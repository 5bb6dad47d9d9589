"""The tables of the four-view shots, and what they can and cannot show."""

from __future__ import annotations

from typing import Final

from jumps_blender.core.body.skeleton import JOINTS

from .multiview_scores import OTHER, OWN, RAW, MultiviewScores, ViewScore
from .report import Sheet, markdown_table

_BALANCING: Final = """\
One man, 100 frames (1.7 s at 60 fps), four cameras, five estimators. Given are the 12 limb joints, without confidences;
`all points` is given everything that the estimator says, as in Blender. Judge is the leave-one-out consensus of the
other three views, smoothed at 6 Hz: that of the estimator itself, which shares its habits, and that of another one
(MediaPipe heavy for OpenPose, OpenPose for the rest), which does not: the honest column. Errors in heads of 0.225 m.

It shows whether a method moves real single-view estimates towards what other views agree on, and what becomes of real
outliers, swapped sides and jitter. It cannot show accuracy below about 0.13 head: estimators' definitions of a joint
differ by 2 to 6 cm, that difference is in every number of the honest column, no method can remove it, and the cameras
were fitted to the same points. MediaPipe smooths over time and so lags: against its consensus a filter that lags as
well, as 1 Euro does, looks better than it is. Nothing is said about joints that no estimator has (spine, clavicles,
hands), and little about other motions: he balances slowly on one leg. The frames follow each other, so n is no number
of independent samples; a difference that is not there in all four views is none.
"""

_SEATED: Final = """\
One person at a table, 267 frames (8.9 s at 30 fps), four webcams, one estimator, its own consensus only: the weaker
set. Legs are mostly hidden and guessed, points are whole pixels. It tells what becomes of long losses, not how accurate
anything is.
"""

LIMITS: Final = {"balancing": _BALANCING, "seated": _SEATED}
"""What one shot can and cannot show."""


def multiview_sheets(scores: MultiviewScores) -> list[Sheet]:
    """All views together, each view against the independent judge, gross errors, single joints."""
    title = f"Real estimates, {scores.views[0].shot}"
    return [
        Sheet(f"{title}: all views", _MAIN_HEADS, _main_rows(scores), 3),
        Sheet(f"{title}: each view, limb joints, PCKh@0.1 / AUC", *_each_view(scores)),
        Sheet(f"{title}: errors beyond half a head, swapped sides", _REPAIR_HEADS, _repair_rows(scores), 2),
        Sheet(f"{title}: median error of each joint in heads, raw and with each method", *_joints(scores)),
    ]


def multiview_markdown(shots: list[MultiviewScores]) -> str:
    """The sheets of all shots as Markdown, each shot below its limits."""
    lines: list[str] = []
    for scores in shots:
        shot = scores.views[0].shot
        lines += [f"# Table II, part one: {shot}", ""]
        lines += [LIMITS.get(shot, "")]
        for sheet in multiview_sheets(scores):
            lines += [f"## {sheet.title}", "", markdown_table(sheet), ""]
    return "\n".join(lines)


_SHARES: Final = ("PCKh@0.1", "PCKh@0.5", "PCKh@1.0", "AUC", "median", "n", "no answer")
_MAIN_HEADS: Final = (
    "estimator", "method", "joints", *(f"{head}, own" for head in _SHARES), *(f"{head}, another" for head in _SHARES),
    "acc. error",
)  # fmt: skip
_REPAIR_HEADS: Final = (
    "estimator", "method", "n", "outliers, raw", "mended", "made", "outliers, result", "pairs told apart",
    "swapped, raw", "swapped, result",
)  # fmt: skip


def _share_cells(score: ViewScore | None) -> tuple[str, ...]:
    if score is None:
        return ("-",) * len(_SHARES)
    values = (score.pckh_01, score.pckh_05, score.pckh_10, score.auc, score.median)
    return (*(f"{value:.3f}" for value in values), str(score.n), str(score.unanswered))


def _main_rows(scores: MultiviewScores) -> tuple[tuple[str, ...], ...]:
    found = {(each.estimator, each.method, each.group, each.judge): each for each in scores.views if each.view == 0}
    rows = []
    for estimator, method, group in dict.fromkeys(key[:3] for key in found):
        own, other = (found.get((estimator, method, group, judge)) for judge in (OWN, OTHER))
        judge = other or own
        assert judge
        last = f"{judge.acceleration_error:.3f}"
        rows.append((estimator, method, group, *_share_cells(own), *_share_cells(other), last))
    return tuple(rows)


def _each_view(scores: MultiviewScores) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], int]:
    judge = OTHER if any(each.judge == OTHER for each in scores.views) else OWN
    found = {
        (each.estimator, each.method, each.view): each
        for each in scores.views
        if each.judge == judge and each.group == "limbs" and each.view
    }
    views = sorted({view for *_, view in found})
    rows = tuple(
        (estimator, method, *(_pair(found.get((estimator, method, view))) for view in views))
        for estimator, method in dict.fromkeys(key[:2] for key in found)
    )
    return ("estimator", "method", *(f"view {view}" for view in views)), rows, 2


def _pair(score: ViewScore | None) -> str:
    return f"{score.pckh_01:.3f} / {score.auc:.3f}" if score else "-"


def _repair_rows(scores: MultiviewScores) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            each.estimator, each.method, *map(str, (
                each.n, each.outliers, each.mended, each.made, each.outliers - each.mended + each.made, each.pairs,
                each.swapped, each.still_swapped,
            )),
        )
        for each in scores.repairs
    )  # fmt: skip


def _joints(scores: MultiviewScores) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], int]:
    """A row for each estimator and joint: how many are judged, and every method's median."""
    found = {(each.estimator, each.joint, each.method): each for each in scores.joints}
    methods = list(dict.fromkeys(each.method for each in scores.joints))
    methods.sort(key=lambda method: method != RAW)
    keys = sorted({key[:2] for key in found}, key=lambda key: (key[0], JOINTS.index(key[1])))
    rows = []
    for estimator, joint in keys:
        of_joint = [found.get((estimator, joint, method)) for method in methods]
        judged = max(each.n for each in of_joint if each)
        rows.append((estimator, joint, str(judged), *(f"{each.median:.3f}" if each else "-" for each in of_joint)))
    return ("estimator", "joint", "n", *methods), tuple(rows), 2
