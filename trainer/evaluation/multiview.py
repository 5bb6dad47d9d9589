"""Real estimates of people who were filmed by four cameras: what one view says, and what the other three agree on.

Two shots: a man who balances on one leg, 100 frames at 60 fps, by five estimators; and a seated person, 267 frames at
30 fps, by one. For every view the points of the other three views were triangulated, smoothed and projected into it:
the leave-one-out consensus, against which a single-view estimate can be scored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.body.joint_sets import JOINT_SETS, JointSet, find_joint_set
from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.errors import FormatError

BALANCING, SEATED = "balancing_4view.npz", "seated_4view_holistic.npz"

ESTIMATORS: Final = {
    "openpose_body25b": "body25b",
    "mediapipe_heavy": "mediapipe33",
    "mediapipe_full": "mediapipe33",
    "mediapipe_lite": "mediapipe33",
    "movenet_multipose": "coco17",
}
"""The estimators of the first shot, and their joint sets."""

HOLISTIC: Final = "mediapipe_holistic"
OPENPOSE: Final = "openpose_body25b"
OTHER: Final = dict.fromkeys(ESTIMATORS, OPENPOSE) | {OPENPOSE: "mediapipe_heavy"}
"""Whose consensus judges each estimator without sharing its habits."""


@dataclass(frozen=True)
class Estimate:
    """What one estimator says of each view by itself, and what it agrees on over the other three.

    points: (views, frames, points of its joint set, 2), pixels, NaN = none; scores: (views, frames, points);
    consensus: (views, frames, 28, 2).
    """

    joint_set: JointSet
    points: np.ndarray
    scores: np.ndarray
    consensus: np.ndarray

    @property
    def positions(self) -> np.ndarray:
        """What it says of the 28 joints, (views, frames, 28, 2), NaN = nothing."""
        return np.stack([self.joint_set.to_28(view) for view in self.points])


@dataclass(frozen=True)
class Shot:
    """One person in several calibrated views.

    head_size: (views, frames), pixels of 0.225 m at the person's depth; `judges`: estimator -> whose consensus is the
    independent one, empty where there is only one estimator.
    """

    name: str
    fps: float
    head_size: np.ndarray
    estimates: dict[str, Estimate]
    judges: dict[str, str]


def load_balancing(path: Path) -> Shot:
    """The man on one leg; raises FormatError where the file is another one."""
    with _open(path) as file:
        try:
            head_size = file["head_px"] * HEAD_METRES / float(file["head_neck_length_m"])
            estimates = {
                name: _estimate(
                    find_joint_set(joint_set), file[f"{name}_xy"], file[f"{name}_conf"], file[f"{name}_loo"]
                )
                for name, joint_set in ESTIMATORS.items()
            }
            return Shot("balancing", float(file["fps"]), head_size.astype(np.float64), estimates, dict(OTHER))
        except KeyError as error:
            raise FormatError(f"{path} holds no array {error}; expected the four views of a balancing man.") from error


def load_seated(path: Path) -> Shot:
    """The person at a table, turned upright; raises FormatError where the file is another one."""
    with _open(path) as file:
        try:
            turns = file["rotation_quarter_turns"]
            points, consensus = (_upright(file[name].astype(np.float64), turns) for name in ("xy", "loo"))
            confidence = np.isfinite(points).all(-1).astype(float)
            joint_set = _set_of(tuple(map(str, file["joints"])))
            estimate = _estimate(joint_set, points, confidence, consensus)
            return Shot("seated", float(file["fps"]), _head_size(file), {HOLISTIC: estimate}, {})
        except KeyError as error:
            raise FormatError(f"{path} holds no array {error}; expected the four views of a seated person.") from error


def _open(path: Path) -> np.lib.npyio.NpzFile:
    try:
        return np.load(path)
    except (ValueError, EOFError) as error:
        raise FormatError(f"{path} is no npz archive ({error}); expected one of estimates in four views.") from error


def _estimate(joint_set: JointSet, points: np.ndarray, confidence: np.ndarray, consensus: np.ndarray) -> Estimate:
    agreed = np.stack([joint_set.to_28(view.astype(np.float64)) for view in consensus])
    return Estimate(joint_set, points.astype(np.float64), confidence.astype(np.float64), agreed)


def _set_of(names: tuple[str, ...]) -> JointSet:
    """Those of MediaPipe's points that the file has, in its order."""
    full = JOINT_SETS["mediapipe33"]
    shows = {full.joints[source]: (joint, quality) for source, joint, quality in full.shows}
    chosen = tuple((place, *shows[name]) for place, name in enumerate(names) if name in shows)
    return JointSet(HOLISTIC, "MediaPipe Holistic", names, chosen)


def _upright(points: np.ndarray, quarter_turns: np.ndarray) -> np.ndarray:
    """Points (views, ..., 2) of cameras that lay on their side, as if the pictures were turned."""
    return np.stack([_turn(view, int(turns) % 4) for view, turns in zip(points, quarter_turns, strict=True)])


def _turn(points: np.ndarray, turns: int) -> np.ndarray:
    for _ in range(turns):
        points = np.stack([-points[..., 1], points[..., 0]], -1)
    return points


def _head_size(file: np.lib.npyio.NpzFile) -> np.ndarray:
    """Pixels of a head at the depth of the shoulders, (views, frames)."""
    names = list(map(str, file["joints"]))
    shoulders = [names.index("left_shoulder"), names.index("right_shoulder")]
    body = file["X"][:, shoulders].astype(np.float64).mean(1)
    body = np.where(np.isfinite(body), body, np.nanmedian(body, 0))
    forward = np.stack([_forward(turn) for turn in file["rvec"]])
    depth = forward @ body.T + file["t"].reshape(-1, 3)[:, 2:]
    return np.asarray(file["K"][:, 0, 0, None] * HEAD_METRES / depth)


def _forward(turn: np.ndarray) -> np.ndarray:
    """The third row of the rotation matrix of a rotation vector: the camera's viewing direction in the world."""
    angle = float(np.linalg.norm(turn))
    x, y, z = turn.ravel() / max(angle, 1e-12)
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([z * x * (1 - cosine) - y * sine, z * y * (1 - cosine) + x * sine, cosine + z * z * (1 - cosine)])
