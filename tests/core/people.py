"""A person made of formulas, who walks on the spot and turns: smooth tracks of 28 joints for the core's tests."""

from __future__ import annotations

import numpy as np

from jumps_blender.core.body.joint_sets import JointSet
from jumps_blender.core.body.skeleton import INDEX, JOINTS

_AXIAL = {
    "spine3": 0.23, "spine4": 0.31, "spine2": 0.16, "spine": 0.08, "pelvis": 0.0, "neck": 0.39, "head": 0.46,
    "head_top": 0.6,
}  # fmt: skip
_PAIRED = {
    "clavicle": (0.02, 0.39), "shoulder": (0.13, 0.36), "elbow": (0.15, 0.14), "wrist": (0.16, -0.05),
    "hand": (0.16, -0.1), "hip": (0.07, 0.0), "knee": (0.08, -0.3), "ankle": (0.08, -0.6), "foot": (0.09, -0.63),
    "toe": (0.1, -0.64),
}  # fmt: skip
_SWING = {"elbow": 0.05, "wrist": 0.12, "hand": 0.15, "knee": -0.06, "ankle": -0.15, "foot": -0.13, "toe": -0.08}


def walker(frames: int, fps: float = 25.0, height: float = 300.0) -> np.ndarray:
    """Positions (frames, 28, 2) in pixels around (640, 400), the trunk and leg about `height` long."""
    time = np.arange(frames) / fps
    stride = np.sin(2 * np.pi * 0.8 * time)
    heading = 0.6 + 0.4 * np.sin(0.7 * time)
    body = np.zeros((frames, len(JOINTS), 3))  # to the person's left, up, ahead
    for name, up in _AXIAL.items():
        body[:, INDEX[name]] = (0, up, 0)
    for part, (out, up) in _PAIRED.items():
        for side, sign in (("left", 1), ("right", -1)):
            body[:, INDEX[f"{side}_{part}"]] = (sign * out, up, 0)
            body[:, INDEX[f"{side}_{part}"], 2] = sign * _SWING.get(part, 0.0) * stride
    across = np.cos(heading)[:, None] * body[..., 0] + np.sin(heading)[:, None] * body[..., 2]
    return np.stack([640 + height * across + 20 * time[:, None], 400 - height * body[..., 1]], axis=-1)


def as_seen(truth: np.ndarray, joint_set: JointSet) -> np.ndarray:
    """What a detector of this joint set would say of a person: points that show no joint are noses."""
    seen = truth[:, [INDEX["head"]] * len(joint_set)].copy()
    for source, joint in joint_set.observes:
        seen[:, source] = truth[:, joint]
    return seen
