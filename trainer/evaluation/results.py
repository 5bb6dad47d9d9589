"""Everything that an evaluation found: `results.json`, and what tells of every clip and joint, `details.json`.

    version      2
    options, weights (fingerprint), seconds
    conditions   name -> title, observed (names of joints), fps
    methods      name -> kind, hop
    scenes       list: number, name, clip, start, source, stratum, subject, label, kind, stature, frames (at 25 fps)
    frames       stratum -> frames
    rows         list of `scores.Score`: method, condition, source (a stratum, "mean", "mean without
                 uiprmd", "hdm05, offsets removed"), group, the measures, ci {measure: [low, high]}
    curves       list of `scores.Curve`: method, condition, group, pckh (101 numbers, thresholds 0 to 1), mean
    joint_names  28; joints: list of `scores.JointScores`, lists over joint_names; source a stratum or "mean"
    places       list of `scores.PlaceScores`: mpjpe over the 24 places of a window
    slices       list of `scores.SliceScore`: by source, kind of motion, stature; missing joints
    clips        list of `scores.ClipScore`: error of each scene, missing joints
    bars         list of `bars.Bar`
    cells        list: method, condition, file (in the folder cells; read with `cells.Cells`), speed (seconds of
                 work for a second of motion)
    depth        list of `depth.DepthScore`
    calibration  list of `calibration.CalibrationScore`
    knowable     list of `knowable.KnowableScore`; neighbours: what they were found by
    limits       list of `limits.LimitScore`
    other_points list of `other_points.OtherPointsScore`
    smoothness   list of `smoothness.SmoothnessScore`
    borders      list of `borders.BorderScore`

`details.json` holds those named in DETAILS and joint_names, `results.json` the others. None stands for "nothing is
judged there"; errors are in heads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS

from .bars import Bar
from .borders import BorderScore
from .calibration import CalibrationScore
from .conditions import Condition
from .depth import DepthScore
from .knowable import KnowableScore
from .limits import LimitScore
from .methods import Entrant
from .motions import kind_of
from .multiview_scores import MultiviewScores
from .other_points import OtherPointsScore
from .runner import Runner
from .scenes import Scene
from .scores import ClipScore, Curve, JointScores, PlaceScores, Score, SliceScore, plain
from .smoothness import SmoothnessScore

VERSION: Final = 2

DETAILS: Final = ("scenes", "curves", "joints", "places", "slices", "clips")
"""What `details.json` holds."""


@dataclass(frozen=True)
class Results:
    """See the top of this module; lists hold what `results.json` tells as objects.

    multiview: real estimates, which have a file of their own.
    """

    options: dict[str, Any]
    weights: str | None
    seconds: float
    conditions: dict[str, dict[str, Any]]
    methods: dict[str, dict[str, Any]]
    scenes: list[dict[str, Any]]
    frames: dict[str, int]
    rows: list[Score]
    curves: list[Curve]
    joints: list[JointScores]
    places: list[PlaceScores]
    slices: list[SliceScore]
    clips: list[ClipScore]
    bars: list[Bar]
    cells: list[dict[str, Any]]
    depth: list[DepthScore] = field(default_factory=list)
    calibration: list[CalibrationScore] = field(default_factory=list)
    knowable: list[KnowableScore] = field(default_factory=list)
    neighbours: dict[str, float] = field(default_factory=dict)
    limits: list[LimitScore] = field(default_factory=list)
    other_points: list[OtherPointsScore] = field(default_factory=list)
    smoothness: list[SmoothnessScore] = field(default_factory=list)
    borders: list[BorderScore] = field(default_factory=list)
    multiview: list[MultiviewScores] = field(default_factory=list)

    @classmethod
    def of(
        cls, runner: Runner, bars: list[Bar], entrants: list[Entrant], conditions: list[Condition],
        options: dict[str, Any], weights: str | None, seconds: float,
    ) -> Results:  # fmt: skip
        """Gather what a runner measured."""
        cells = list(runner.board.values())
        scenes = [scene for found in runner.scenes.values() for scene in found]
        return cls(
            options, weights, seconds,
            {each.name: _condition(each) for each in conditions},
            {each.name: {"kind": each.kind, "hop": each.hop} for each in entrants},
            [_scene(number, scene) for number, scene in enumerate(scenes)],
            {source: sum(len(scene.positions) for scene in found) for source, found in runner.scenes.items()},
            [each for cell in cells for each in cell.scores],
            [each for cell in cells for each in cell.curves],
            [each for cell in cells for each in cell.joints],
            [each for cell in cells for each in cell.places],
            [each for cell in cells for each in cell.slices],
            [each for cell in cells for each in cell.clips],
            bars,
            [
                {"method": method, "condition": condition, "file": file, "speed": runner.seconds[method, condition]}
                for (method, condition), file in runner.files.items()
            ],
        )  # fmt: skip

    def to_json(self) -> str:
        """What tables and card are made of, one record a line."""
        parts: dict[str, Any] = {"version": VERSION, **vars(self)}
        return _json({name: part for name, part in parts.items() if name not in ("multiview", *DETAILS)})

    def details(self) -> str:
        """What tells of every clip, joint and threshold: megabytes, one record a line."""
        parts: dict[str, Any] = {"version": VERSION, "joint_names": list(JOINTS)}
        return _json(parts | {name: getattr(self, name) for name in DETAILS})


def _json(parts: dict[str, Any]) -> str:
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {_lines(part)}" for name, part in parts.items()) + "\n}\n"


def _lines(part: Any) -> str:
    if isinstance(part, list) and part and not isinstance(part[0], str):
        return "[\n" + ",\n".join(_dump(each if isinstance(each, dict) else plain(each)) for each in part) + "\n]"
    return _dump(part)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _condition(condition: Condition) -> dict[str, Any]:
    return {"title": condition.title, "observed": list(np.array(JOINTS)[condition.observed]), "fps": condition.fps}


def _scene(number: int, scene: Scene) -> dict[str, Any]:
    told = ("name", "clip", "source", "stratum", "subject", "label")
    return {"number": number, **{name: getattr(scene, name) for name in told}} | {
        "start": int(scene.start), "kind": kind_of(scene.label), "frames": len(scene.positions),
        "stature": round(scene.stature, 3) if np.isfinite(scene.stature) else None,
    }  # fmt: skip


def of_rows(rows: Iterable[Score], **wanted: str) -> list[Score]:
    """Rows with the given method, condition, source or group."""
    return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]
