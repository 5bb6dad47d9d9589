"""Which limb lies in front of which: a whole number for each, from back to front."""

from __future__ import annotations

from typing import Final

import numpy as np

from .parts import AXIAL, CHAINS
from .rest import Rest

HOLD: Final = 0.15
"""Torso lengths by which one limb must pass another before they change places: no flicker where they lie level."""


def layer_order(points: dict[str, np.ndarray], rest: Rest) -> dict[str, np.ndarray]:
    """Layer (frames,) of each segment: 0 the torso, greater = nearer to the viewer.

    Args:
        points: joints (frames, 3), y away from the viewer.
        rest: the rig.

    """
    torso = np.mean([points[joint][:, 1] for joint in AXIAL if joint in points] or [points["pelvis"][:, 1]], axis=0)
    unit = _torso_length(points)
    found = {}
    for chain in CHAINS:
        mapped = [part.joint for part in rest.segments if part.joint in chain]
        known = [joint for joint in chain[1:] if joint in points]
        if not mapped or not known or chain is AXIAL:
            found.update({joint: np.zeros(len(torso)) for joint in mapped})
            continue
        nearer = torso - np.mean([points[joint][:, 1] for joint in known], axis=0)
        order: np.ndarray = _held(nearer / unit) * (2.0 if chain[0].endswith("clavicle") else 1.0)
        found |= dict.fromkeys(mapped, order)
    return found


def _torso_length(points: dict[str, np.ndarray]) -> float:
    if "neck" not in points:
        return 0.5
    return float(np.median(np.linalg.norm(points["neck"] - points["pelvis"], axis=-1))) or 0.5


def _held(nearer: np.ndarray) -> np.ndarray:
    """1 in front, -1 behind; between, as it was last."""
    sides = np.where(nearer > HOLD / 2, 1.0, np.where(nearer < -HOLD / 2, -1.0, 0.0))
    told = np.flatnonzero(sides)
    if not len(told):
        return np.where(nearer >= 0, 1.0, -1.0)
    last = np.maximum.accumulate(np.where(sides != 0, np.arange(len(sides)), told[0]))
    return sides[last]
