"""Why a clip is hard, in a few words that are measured, not guessed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from jumps_blender.core.body.normalise import BODY_METRES, HEAD_METRES, body_scale
from jumps_blender.core.body.skeleton import INDEX, JOINTS

from .evidence import Answer
from .scores import UNSEEN

LEANING: Final = 60.0
"""Degrees from upright."""

SHORTENED: Final = 0.7
"""Share of its length to which the trunk is foreshortened when it points at the camera."""

FAST: Final = 2.0
"""Metres per second, the mean of all joints."""

MOST: Final = 2
"""Reasons that are told."""


def explain(answer: Answer, frame: int) -> str:
    """The joint that is farthest off over the clip, and what is unusual about the frame."""
    reasons = [*_reasons(answer, frame)][:MOST]
    return "; ".join([f"worst: {_worst_joint(answer)}", *reasons])


def _worst_joint(answer: Answer) -> str:
    means = np.nanmean(answer.errors, axis=0)
    worst = int(np.argmax(means))
    return f"{JOINTS[np.flatnonzero(~answer.observed)[worst]].replace('_', ' ')} ({means[worst]:.2f})"


def _reasons(answer: Answer, frame: int) -> Iterator[str]:
    scene = answer.scene
    pose = scene.positions[frame]
    trunk = (pose[INDEX["left_shoulder"]] + pose[INDEX["right_shoulder"]]) / 2 - pose[INDEX["pelvis"]]
    lean = float(np.degrees(np.arctan2(abs(trunk[0]), -trunk[1])))
    if lean > 180 - LEANING:
        yield "head down"
    elif lean > LEANING:
        yield "bent or lying"
    if _shortened(answer, frame):
        yield "trunk points at the camera"
    if body_scale(scene.positions) * HEAD_METRES / scene.head_size.mean() < SHORTENED * BODY_METRES:
        yield "never stands up, size unknown"
    if _speed(answer, frame) > FAST:
        yield "fast"
    if scene.source == UNSEEN:
        yield "another laboratory's joints"


def _shortened(answer: Answer, frame: int) -> bool:
    scene = answer.scene
    ends = [INDEX["neck"], INDEX["pelvis"]]
    flat = np.linalg.norm(np.diff(scene.positions[frame, ends], axis=0))
    deep = float(abs(np.diff(scene.depth[frame, ends])[0]))
    return bool(flat < SHORTENED * np.hypot(flat, deep))


def _speed(answer: Answer, frame: int) -> float:
    """Metres per second across the picture, the mean of all joints."""
    scene = answer.scene
    near = slice(max(frame - 2, 0), frame + 3)
    steps = np.linalg.norm(np.diff(scene.positions[near], axis=0), axis=-1).mean()
    return float(steps / scene.head_size[frame] * HEAD_METRES * scene.fps)
