"""Scores of one method in one condition: by source and group of joints, by joint, by kind of motion, clip by clip."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from .body_frame import without_offsets
from .intervals import interval
from .motions import SLICES
from .scenes import Scene
from .tally import GROUPS, Tally, tally

MEAN: Final = "mean"
"""The source of scores that are means over sources, each counted once."""

NARROW: Final = "uiprmd"
MEAN_VARIED: Final = "mean without uiprmd"
"""Ten rehabilitation exercises: the mean is told without them too."""

UNSEEN: Final = "hdm05"
UNSEEN_LEVELLED: Final = "hdm05, offsets removed"
"""The source that training never sees, and the same without constant differences of definition (see `body_frame`)."""

SURE: Final = ("pckh_01", "auc", "mpjpe", "acceleration_error")
"""Measures with a confidence interval."""


@dataclass(frozen=True)
class Score:
    """How close a method comes on one source and group of joints, pooled over frames, with intervals over clips.

    Shares below 0.1, 0.5 and 1 head and their area; mean errors of position, velocity and acceleration in heads, rates
    per frame of the condition; bone angles in degrees of the image; jitter of the result and of the truth; position
    error on the fastest 5 % of the source's frames; acceleration error at the borders of windows over that elsewhere.
    ci: measure -> its 95 % interval.
    """

    method: str
    condition: str
    source: str
    group: str
    pckh_01: float
    pckh_05: float
    pckh_10: float
    auc: float
    mpjpe: float
    mpjve: float
    bone_angle: float
    acceleration_error: float
    jitter: float
    jitter_of_truth: float
    fast_mpjpe: float
    seam_ratio: float
    ci: dict[str, tuple[float, float]]


MEASURES: Final = tuple(field.name for field in fields(Score) if field.type == "float")


@dataclass(frozen=True)
class Curve:
    """PCKh over the thresholds 0, 0.01 ... 1 head, the mean over sources."""

    method: str
    condition: str
    group: str
    pckh: list[float]


@dataclass(frozen=True)
class JointScores:
    """Lists over the 28 joints, observed or not."""

    method: str
    condition: str
    source: str
    pckh_01: list[float]
    auc: list[float]
    mpjpe: list[float]


@dataclass(frozen=True)
class PlaceScores:
    """Mean error in heads at each of the 24 places of consecutive windows, the mean over sources."""

    method: str
    condition: str
    group: str
    mpjpe: list[float]


@dataclass(frozen=True)
class SliceScore:
    """Scores of part of the scenes of all sources: one kind of motion, or one stature; missing joints."""

    method: str
    condition: str
    by: str
    name: str
    clips: int
    frames: int
    pckh_01: float
    auc: float
    mpjpe: float
    acceleration_error: float


@dataclass(frozen=True)
class ClipScore:
    """Mean error in heads on the missing joints of one scene; `number` is its place in the list of scenes."""

    method: str
    condition: str
    source: str
    number: int
    scene: str
    label: str
    mpjpe: float


@dataclass(frozen=True)
class CellScores:
    """All that is told of one method in one condition; replicates: (source, measure) -> samples, missing joints."""

    scores: list[Score]
    curves: list[Curve]
    joints: list[JointScores]
    places: list[PlaceScores]
    slices: list[SliceScore]
    clips: list[ClipScore]
    replicates: dict[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class Shown:
    """A condition as it was shown: scenes and tracks of each source, and how often clips are in bootstrap samples.

    observed: bool (28,); weights: (replicates, scenes) of each source.
    """

    condition: str
    observed: np.ndarray
    scenes: dict[str, list[Scene]]
    tracks: dict[str, list[np.ndarray]]
    weights: dict[str, np.ndarray]


def score(method: str, results: dict[str, list[np.ndarray]], shown: Shown, hop: int) -> CellScores:
    """Score results (frames, 28, 2) of every scene of each source; `hop`: frames between the method's windows."""
    tallies = {
        source: tally(found, shown.tracks[source], shown.scenes[source], shown.observed, hop)
        for source, found in results.items()
    }
    extra = {}
    if UNSEEN in results:
        levelled = without_offsets(results[UNSEEN], shown.scenes[UNSEEN])
        extra[UNSEEN_LEVELLED] = tally(levelled, shown.tracks[UNSEEN], shown.scenes[UNSEEN], shown.observed, hop)
    named: dict[str, Any] = {"method": method, "condition": shown.condition}
    replicates: dict[tuple[str, str], np.ndarray] = {}
    scores = [each for group in GROUPS for each in _scores(named, group, tallies, extra, shown, replicates)]
    groups = [group for group in GROUPS if any(each.group == group for each in scores)]
    return CellScores(
        scores,
        [Curve(**named, group=group, pckh=_mean_list(tallies, group, "curve")) for group in groups],
        _joints(named, tallies),
        [PlaceScores(**named, group=group, mpjpe=_mean_list(tallies, group, "places")) for group in groups],
        _slices(named, tallies, shown),
        _clips(named, tallies, shown),
        replicates,
    )


def _scores(
    named: dict[str, Any], group: str, tallies: dict[str, Tally], extra: dict[str, Tally], shown: Shown,
    replicates: dict[tuple[str, str], np.ndarray],
) -> list[Score]:  # fmt: skip
    """Of each source, of the source without offsets, and the mean over sources; none where nothing is judged."""
    values: dict[str, dict[str, Any]] = {}
    samples: dict[str, dict[str, np.ndarray]] = {}
    for source, found in (tallies | extra).items():
        pooled = found.of(group)
        weights = shown.weights[UNSEEN if source in extra else source]
        values[source] = {
            name: float(value) for name, value in pooled.pooled(np.ones(len(pooled.sums))).measures().items()
        }
        samples[source] = pooled.pooled(weights).measures()
    varied = [source for source in tallies if source != NARROW]
    means = {MEAN: [*tallies]} | ({MEAN_VARIED: varied} if 0 < len(varied) < len(tallies) else {})
    for mean, sources in means.items():
        values[mean] = {name: float(np.mean([values[source][name] for source in sources])) for name in MEASURES}
        samples[mean] = {name: np.mean([samples[source][name] for source in sources], axis=0) for name in MEASURES}
    if group == "missing":
        replicates |= {(source, name): found[name] for source, found in samples.items() for name in SURE}
    return [
        Score(**named, source=source, group=group, **found, ci={name: interval(samples[source][name]) for name in SURE})
        for source, found in values.items()
        if np.isfinite(found["auc"])
    ]


def _mean_list(tallies: dict[str, Tally], group: str, what: str) -> list[float]:
    """The mean over sources of a tally's curve or places."""
    found = [getattr(each.of(group).pooled(np.ones(len(each.sums))), what)() for each in tallies.values()]
    return [float(value) for value in np.mean(found, axis=0)]


def _joints(named: dict[str, Any], tallies: dict[str, Tally]) -> list[JointScores]:
    of_source = {}
    for source, found in tallies.items():
        measures = found.joint_by_joint("all").pooled(np.ones(len(found.sums))).measures()
        of_source[source] = {name: measures[name] for name in ("pckh_01", "auc", "mpjpe")}
    of_source[MEAN] = {
        name: np.mean([each[name] for each in of_source.values()], 0) for name in ("pckh_01", "auc", "mpjpe")
    }
    lists: dict[str, dict[str, Any]] = {
        source: {name: [float(value) for value in values] for name, values in found.items()}
        for source, found in of_source.items()
    }
    return [JointScores(**named, source=source, **found) for source, found in lists.items()]


def _slices(named: dict[str, Any], tallies: dict[str, Tally], shown: Shown) -> list[SliceScore]:
    pooled = {source: found.of("missing") for source, found in tallies.items()}
    whole = Tally(
        *(np.concatenate([getattr(pooled[source], name) for source in tallies]) for name in ("sums", "counts"))
    )
    scenes = [scene for source in tallies for scene in shown.scenes[source]]
    out = []
    for by, name_of in SLICES.items():
        names = np.array([name_of(scene) for scene in scenes])
        for name in sorted(set(names)):
            chosen = names == name
            measures = whole.pooled(chosen.astype(float)).measures()
            inside = [scene for scene, here in zip(scenes, chosen, strict=True) if here]
            clips, frames = len({scene.clip for scene in inside}), sum(len(scene.positions) for scene in inside)
            told: dict[str, Any] = {key: float(measures[key]) for key in SURE}
            if np.isfinite(told["auc"]):
                out.append(SliceScore(**named, by=by, name=str(name), clips=clips, frames=frames, **told))
    return out


def _clips(named: dict[str, Any], tallies: dict[str, Tally], shown: Shown) -> list[ClipScore]:
    numbered = enumerate((source, index) for source in tallies for index in range(len(shown.scenes[source])))
    out = []
    for number, (source, index) in numbered:
        scene = shown.scenes[source][index]
        error = float(tallies[source].of("missing").measures()["mpjpe"][index])
        if np.isfinite(error):
            out.append(
                ClipScore(**named, source=source, number=number, scene=scene.name, label=scene.label, mpjpe=error)
            )
    return out


def plain(scores: Any) -> dict[str, Any]:
    """A score as JSON can say it: rounded, None where nothing is judged."""
    return {name: _plain(value) for name, value in vars(scores).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 5) if np.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


def read_score(entry: dict[str, Any]) -> Score:
    """A score as `plain` wrote it; raises TypeError where it is another thing."""
    numbers = {name: float("nan") if entry[name] is None else entry[name] for name in MEASURES}
    return Score(**{**entry, **numbers, "ci": {name: tuple(ends) for name, ends in entry["ci"].items()}})
