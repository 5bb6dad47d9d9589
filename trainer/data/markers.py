"""The 28 joints from the 39 Vicon markers of the Plug-in Gait set (type `pig39` of `skeletons.json`).

Markers sit on the skin, joints inside: hips by Bell's regression from the pelvis markers, knees and ankles moved
inwards from their lateral markers, the spine along a path through the trunk.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.errors import InputError

from .motion import Motion

PELVIS: Final = ("LASI", "RASI", "LPSI", "RPSI")
HEAD: Final = ("LFHD", "RFHD", "LBHD", "RBHD")
LIMB: Final = ("SHO", "ELB", "WRA", "WRB", "FIN", "KNE", "ANK", "HEE", "TOE")
MARKERS: Final = (*PELVIS, *HEAD, "C7", "CLAV", "T10", "STRN", *(side + name for side in "LR" for name in LIMB))

MAX_PELVIS_WIDTH: Final = 0.27
KNEE_DEPTH: Final = 0.055
ANKLE_DEPTH: Final = 0.042
SHOULDER_DEPTH: Final = 0.045

Joints = dict[str, np.ndarray]


def joints_from_markers(motion: Motion, source: str) -> np.ndarray:
    """Positions (frames, 28, 3) from a motion in METRES, z up; NaN where a marker was lost (it lies at the origin).

    Raises InputError naming markers that the file does not have.
    """
    missing = [name for name in MARKERS if name not in motion.names]
    if missing:
        raise InputError(f"{source}: no marker {', '.join(missing)}; expected the 39 of Plug-in Gait.")
    lost = (motion.positions == 0).all(axis=-1, keepdims=True)
    seen = np.where(lost, np.nan, motion.positions)
    marker = {name: seen[:, index] for index, name in enumerate(motion.names)}
    joints: Joints = {}
    _pelvis_and_legs(marker, joints)
    _trunk_and_head(marker, joints)
    _arms(marker, joints)
    _spine(marker, joints)
    positions = np.empty((motion.frames, len(JOINTS), 3))
    for name, values in joints.items():
        positions[:, INDEX[name]] = values
    return positions


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


def _orthogonal(vectors: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Unit vectors of what is left of `vectors` after removing their part along `axis`."""
    axis = _unit(axis)
    return _unit(vectors - (vectors * axis).sum(-1, keepdims=True) * axis)


def _mean(marker: Joints, names: tuple[str, ...]) -> np.ndarray:
    mean: np.ndarray = np.mean([marker[name] for name in names], axis=0)
    return mean


def _pelvis_and_legs(marker: Joints, joints: Joints) -> None:
    front = _mean(marker, PELVIS[:2])
    left = _unit(marker["LASI"] - marker["RASI"])
    ahead = _orthogonal(front - _mean(marker, PELVIS[2:]), left)
    up = np.cross(ahead, left)
    width = min(float(np.nanmedian(np.linalg.norm(marker["LASI"] - marker["RASI"], axis=-1))), MAX_PELVIS_WIDTH)
    for side, prefix, sign in (("left", "L", 1.0), ("right", "R", -1.0)):
        knee, ankle, toe, heel = (marker[prefix + name] for name in ("KNE", "ANK", "TOE", "HEE"))
        inwards = -sign * _orthogonal(left, ankle - knee)
        joints[f"{side}_hip"] = front + width * (-0.19 * ahead - 0.30 * up + sign * 0.36 * left)
        joints[f"{side}_knee"] = knee + KNEE_DEPTH * inwards
        joints[f"{side}_ankle"] = ankle + ANKLE_DEPTH * inwards
        joints[f"{side}_foot"] = toe - 0.08 * (toe - heel)
        joints[f"{side}_toe"] = toe + 0.22 * (toe - heel)
    joints["pelvis"] = (joints["left_hip"] + joints["right_hip"]) / 2


def _trunk_and_head(marker: Joints, joints: Joints) -> None:
    neck, skull = _mean(marker, ("C7", "CLAV")), _mean(marker, HEAD)
    joints["neck"] = neck
    joints["head"] = (neck + skull) / 2
    joints["head_top"] = neck + 1.5 * (skull - neck)


def _arms(marker: Joints, joints: Joints) -> None:
    trunk = _unit(joints["neck"] - _mean(marker, ("T10", "STRN")))
    for side, prefix, other in (("left", "L", "R"), ("right", "R", "L")):
        outwards = marker[prefix + "SHO"] - marker[other + "SHO"]
        shoulder = marker[prefix + "SHO"] - SHOULDER_DEPTH * trunk + 0.08 * outwards
        wrist = _mean(marker, (prefix + "WRA", prefix + "WRB"))
        joints[f"{side}_clavicle"] = 0.8 * joints["neck"] + 0.2 * shoulder
        joints[f"{side}_shoulder"] = shoulder
        joints[f"{side}_elbow"] = marker[prefix + "ELB"]
        joints[f"{side}_wrist"] = wrist
        joints[f"{side}_hand"] = wrist + 1.1 * (marker[prefix + "FIN"] - wrist)


def _spine(marker: Joints, joints: Joints) -> None:
    """Four joints at fixed shares of the path's length; segment lengths are the clip's medians."""
    chest = 0.6 * marker["T10"] + 0.4 * marker["STRN"]
    path = [joints["pelvis"], _mean(marker, PELVIS), chest, joints["neck"]]
    lengths = [float(np.nanmedian(np.linalg.norm(b - a, axis=-1))) for a, b in pairwise(path)]
    stations = np.concatenate([[0.0], np.cumsum(lengths)])
    for name, share in (("spine", 0.2), ("spine2", 0.4), ("spine3", 0.6), ("spine4", 0.8)):
        at = share * stations[-1]
        segment = min(int(np.searchsorted(stations, at, side="right")) - 1, len(lengths) - 1)
        fraction = (at - stations[segment]) / lengths[segment]
        joints[name] = (1 - fraction) * path[segment] + fraction * path[segment + 1]
