"""Which limb lies in front of which: a whole number for each, from back to front."""

from __future__ import annotations

from itertools import combinations
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
    depths = {chain: depth for chain in CHAINS if (depth := _depth(points, chain)) is not None}
    depths.setdefault(AXIAL, points["pelvis"][:, 1])
    order = _ranks(depths, HOLD * _torso_length(points))
    level = np.zeros(len(points["pelvis"]))
    return {
        part.joint: order[chain] - order[AXIAL] if chain in order else level
        for chain in CHAINS
        for part in rest.segments
        if part.joint in chain
    }


def _depth(points: dict[str, np.ndarray], chain: tuple[str, ...]) -> np.ndarray | None:
    """Mean depth (frames,) of a limb without the joint at which it hangs on the torso; None where nothing is known."""
    known = [points[joint][:, 1] for joint in (chain if chain is AXIAL else chain[1:]) if joint in points]
    return np.asarray(np.mean(known, axis=0)) if known else None


def _ranks(depths: dict[tuple[str, ...], np.ndarray], hold: float) -> dict[tuple[str, ...], np.ndarray]:
    """How many of the others each lies in front of (frames,)."""
    ranks = {chain: np.zeros(len(depth)) for chain, depth in depths.items()}
    for one, other in combinations(depths, 2):
        in_front = _held((depths[other] - depths[one]) / hold)
        ranks[one] += in_front
        ranks[other] += ~in_front
    return ranks


def _torso_length(points: dict[str, np.ndarray]) -> float:
    if "neck" not in points:
        return 0.5
    return float(np.median(np.linalg.norm(points["neck"] - points["pelvis"], axis=-1))) or 0.5


def _held(nearer: np.ndarray) -> np.ndarray:
    """Whether one is in front of another (frames,): beyond +-1/2 as it is, between, as it was last."""
    sides = np.sign(np.where(np.abs(nearer) > 0.5, nearer, 0.0))
    told = np.flatnonzero(sides)
    if not len(told):
        return np.asarray(nearer >= 0)
    last = np.maximum.accumulate(np.where(sides != 0, np.arange(len(sides)), told[0]))
    return np.asarray(sides[last] > 0)
