"""Sheets of depth, of stated spreads, and of what can be known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jumps_blender.core.settings import NEUTRAL

from .borders import ALLOWED, BorderScore
from .calibration import GROUPS, LEVELS, QUANTITIES, TOLD, CalibrationScore
from .depth import APART, MIXED, DepthScore
from .knowable import KnowableScore
from .limits import LimitScore
from .other_points import OFF, PARTS, OtherPointsScore
from .report import Sheet, figure
from .results import Results
from .scores import MEAN
from .smoothness import SmoothnessScore


def inquiry_sheets(results: Results) -> Iterator[Sheet]:
    """Those for which something was found."""
    if results.depth:
        yield depth_sheet(results.depth)
        yield depth_source_sheet(results.depth)
    if results.calibration:
        yield from (calibration_sheet(results.calibration, quantity) for quantity in QUANTITIES)
        yield reliability_sheet(results.calibration)
    if results.knowable:
        yield knowable_sheet(results.knowable, results.neighbours)
    if results.limits:
        yield limit_sheet(results.limits)
    if results.other_points:
        yield other_points_sheet(results.other_points)
    if results.smoothness:
        yield smoothness_sheet(results.smoothness)
    if results.borders:
        yield border_sheet(results.borders)


def depth_sheet(scores: list[DepthScore]) -> Sheet:
    """People in space, a row for each condition and method."""
    heads = (
        "condition", "method", "MPJPE, mm", "PA-MPJPE, mm", "depth error, heads", "bones change, %", "truth's, %",
        "wrong order, %", "wrong pairs and frames a clip", "changes of order a second", "truth's",
    )  # fmt: skip
    rows = tuple(
        (
            each.condition, each.method, _sure(each, "mpjpe", 1), _sure(each, "pa_mpjpe", 1),
            _sure(each, "depth_error", 3), f"{100 * each.bone_change:.1f}", f"{100 * each.bone_change_of_truth:.1f}",
            f"{100 * each.wrong_order:.1f}", f"{each.wrong_per_clip:.1f}", f"{each.turns:.2f}",
            f"{each.turns_of_truth:.2f}",
        )
        for each in scores
        if each.source == MEAN
    )  # fmt: skip
    note = (
        "Joints in space from their place in the image and their depth, the distance from the camera to the pelvis "
        "known; errors relative to the pelvis. PA: each frame turned, shifted and scaled onto the truth. Bones: "
        "standard deviation of their length over a clip (at most 4 s) over its mean. Order: of a left and a right "
        f"joint that differ by {APART} m or more in depth, whether the nearer one is found (depth 0 finds none). Ridge "
        "lifting maps the observed joints of a window to depth, its penalty chosen under the condition's own noise; "
        f"with the places in the image of window ridge, and ({MIXED}) with ours."
    )
    return Sheet("Depth: people in space, mean over sources", heads, rows, 2, note)


def _sure(score: DepthScore, measure: str, digits: int) -> str:
    low, high = score.ci[measure]
    return f"{figure(getattr(score, measure), digits)} ±{figure((high - low) / 2, digits)}"


def depth_source_sheet(scores: list[DepthScore]) -> Sheet:
    """Every source."""
    sources = list(dict.fromkeys(each.source for each in scores))
    found = {(each.condition, each.method, each.source): each for each in scores}
    rows = tuple(
        (*key, *(f"{each.mpjpe:.0f} / {each.pa_mpjpe:.0f} / {each.depth_error:.2f}" for each in parts))
        for key in dict.fromkeys((each.condition, each.method) for each in scores)
        if (parts := [found[*key, source] for source in sources])
    )
    title = "Depth of each source: MPJPE, mm / PA-MPJPE, mm / depth error, heads"
    return Sheet(title, ("condition", "method", *sources), rows, 2)


def calibration_sheet(scores: list[CalibrationScore], quantity: str) -> Sheet:
    """Shares of errors within the stated spread."""
    kept = [each for each in scores if each.quantity == quantity]
    sources = [source for source in dict.fromkeys(each.source for each in kept) if source != MEAN]
    found = {(each.condition, each.group, each.source): each for each in kept}
    rows = tuple(
        (condition, group, *_shares(found, condition, group, [MEAN, *sources]), *_scales(found[condition, group, MEAN]))
        for condition in dict.fromkeys(each.condition for each in kept)
        for group in GROUPS
        if (condition, group, MEAN) in found
    )
    heads = ("condition", "joints", "mean over sources", *sources, "spread x, for 68 %", "spread x, for 95 %")
    note = (
        "68.0 / 95.0 is as stated. Hidden: seen in other frames of the clip; missing: never seen. The last columns: by "
        "which number the stated spread would have to be multiplied for that share."
    )
    if quantity == "depth":
        note += " The pelvis, whose depth is 0, is not judged."
    title = f"Stated spread of {quantity}: % of errors within what is stated for 68 and 95 %"
    return Sheet(title, heads, rows, 2, note)


def reliability_sheet(scores: list[CalibrationScore]) -> Sheet:
    """Shares of errors within what is stated for many levels, the mean over sources."""
    heads = ("condition", "", "joints", *(f"{100 * level:.0f} %" for level in TOLD))
    rows = tuple(
        (each.condition, each.quantity, each.group, *(f"{100 * np.interp(at, LEVELS, each.curve):.1f}" for at in TOLD))
        for each in scores
        if each.source == MEAN and (each.group != "all" or each.quantity == "depth")
    )
    note = "A column says which share of a normal distribution's errors lies within it: as stated is what stands above."
    return Sheet("Stated spread: % of errors within what is stated for so many of them", heads, rows, 3, note)


def _shares(
    found: dict[tuple[str, str, str], CalibrationScore], condition: str, group: str, sources: list[str]
) -> list[str]:
    parts = [found.get((condition, group, source)) for source in sources]
    return ["-" if each is None else f"{100 * each.within_68:.1f} / {100 * each.within_95:.1f}" for each in parts]


def _scales(score: CalibrationScore) -> tuple[str, str]:
    return f"{score.scale_68:.2f}", f"{score.scale_95:.2f}"


def knowable_sheet(scores: list[KnowableScore], neighbours: dict[str, float]) -> Sheet:
    """How far the prior is from what one frame tells."""
    heads = ("joint", "spread of neighbours", "JUMPS, default", "ratio", "nearest third: spread", "JUMPS, default")
    rows = tuple(
        (
            each.joint, figure(each.spread), figure(each.error), figure(each.error / max(each.spread, 1e-3), 2),
            figure(each.near_spread), figure(each.near_error),
        )
        for each in scores
    )  # fmt: skip
    note = (
        "Mean distance in heads, clean, mean over sources. For {queries:.0f} poses of held-out people, the nearest of "
        "{poses:.0f} training poses seen by random cameras, one from each of the 8 nearest of {recordings:.0f} "
        "recordings: how far a joint that is not shown lies from the middle of the 8, once what an affine map of the "
        "shown joints explains is taken out of all. It estimates the error of whoever knows the neighbours and one "
        "frame. Too high, because the shown joints agree within {agreement:.2f} heads only (in the third of the poses "
        "with the nearest neighbours {near_agreement:.2f}) and because neighbours come from several laboratories; too "
        "low, because they share skeletons and people with each other but not with those who are asked about, and "
        "because the size of the body in the image is given. The prior sees 24 frames, which can tell more than one."
    ).format(**neighbours)
    return Sheet("What the shown joints tell of the others, one frame at a time", heads, rows, 1, note)


def limit_sheet(scores: list[LimitScore]) -> Sheet:
    """What constant offsets cost."""
    found = {(each.condition, each.what, each.group): each for each in scores if each.source == MEAN}
    rows = tuple(
        (*key, *(_errors(found.get((*key, group))) for group in ("observed", "missing")))
        for key in dict.fromkeys((each.condition, each.what) for each in scores)
    )
    heads = ("condition", "", "shown joints", "others")
    note = (
        "PCKh@0.1 / AUC / MPJPE, mean over sources. A joint that is not shown is placed no better than those it hangs "
        "on. Oracles: the median offset of each joint over a clip, which no window tells from the person's build, "
        "taken out of what is shown before it is solved, or out of the answer. Estimated by the Gaussian over windows: "
        "taken out before, and put back where joints are shown."
    )
    return Sheet("What constant offsets cost", heads, rows, 2, note)


def other_points_sheet(scores: list[OtherPointsScore]) -> Sheet:
    """What nose, ears, heels and knuckles tell."""
    heads = ("condition", "shown", "AUC of the others", "MPJPE of the others", "of the shown", *PARTS)
    rows = tuple(
        (
            each.condition, each.what,
            *(figure(value) for value in (each.auc, each.mpjpe, each.shown, *each.parts.values())),
        )
        for each in scores
    )  # fmt: skip
    note = (
        "Settings `default`; mean over sources, MPJPE in heads. Nose, ears, heels and knuckles of a body model, "
        f"off by a constant {OFF:g} head per axis each: none is an observation of one of the 28."
    )
    return Sheet("What a detector's other points tell", heads, rows, 2, note)


def smoothness_sheet(scores: list[SmoothnessScore]) -> Sheet:
    """What the slider does."""
    heads = (
        "condition", "smoothness", "shown joints: error given", "error of the result", "fastest 5 %: given", "result",
        "other joints", "jitter of shown joints: given", "result", "truth",
    )  # fmt: skip
    rows = tuple(
        (
            each.condition, f"{each.smoothness:g}", figure(each.given), figure(each.seen), figure(each.given_fast),
            figure(each.fast), figure(each.missing), figure(each.jitter_given, 4), figure(each.jitter, 4),
            figure(each.jitter_of_truth, 4),
        )
        for each in scores
    )  # fmt: skip
    note = (
        "Settings `default`; mean distances in heads, mean over sources; jitter: mean third difference, heads per "
        f"frame cubed. {NEUTRAL:g} is where the slider stands. The fastest frames are those in which a shown joint is."
    )
    return Sheet("Smoothness: between the detector and the prior", heads, rows, 2, note)


def border_sheet(scores: list[BorderScore]) -> Sheet:
    """Whether windows show where they meet."""
    rows = tuple(
        (
            each.condition, each.settings, figure(each.ratio, 2), "{:.2f} to {:.2f}".format(*each.interval),
            f"{each.frames}", "pass" if each.ratio < ALLOWED else "FAIL",
        )
        for each in scores
    )  # fmt: skip
    heads = ("condition", "settings", "at borders / elsewhere", "95 %", "frames at borders", f"below {ALLOWED}")
    note = "Acceleration error of all joints in the two frames at each begin and end of a window, over that elsewhere."
    return Sheet("Seams", heads, rows, 2, note)


def _errors(score: LimitScore | None) -> str:
    return "-" if score is None else f"{score.pckh_01:.3f} / {score.auc:.3f} / {score.mpjpe:.3f}"
