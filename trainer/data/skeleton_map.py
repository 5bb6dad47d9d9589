"""From a source skeleton to the 28 joints, by the tables of a data folder's `skeletons.json`.

A 28-joint position is the sum over its terms of weight * (global position + global rotation * offset). The tables
belong to the data, not to this code: a new kind of skeleton is a new table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.errors import InputError

from .motion import Motion


@dataclass(frozen=True)
class Term:
    """weight * (position of the point + its rotation * offset); offset in file units, in the point's local frame."""

    point: str
    weight: float
    offset: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class SkeletonMap:
    """How one skeleton type becomes the 28 joints; terms: one tuple per joint, in the order of JOINTS."""

    name: str
    terms: tuple[tuple[Term, ...], ...]


def read_skeleton_maps(path: Path) -> dict[str, SkeletonMap]:
    """Read the maps of a `skeletons.json`; types that give rules instead of a map are left out (see markers).

    Raises InputError where a joint is missing or the weights of one do not sum to 1.
    """
    types = json.loads(path.read_text(encoding="utf-8"))["types"]
    return {name: _parse(name, entry["map"], path) for name, entry in types.items() if "map" in entry}


def _parse(name: str, table: dict[str, list[list[Any]]], path: Path) -> SkeletonMap:
    missing = [joint for joint in JOINTS if joint not in table]
    if missing:
        raise InputError(f"{path}: type {name} has no entry for {', '.join(missing)}; expected all 28 joints.")
    terms = tuple(tuple(_term(entry) for entry in table[joint]) for joint in JOINTS)
    for joint, of_joint in zip(JOINTS, terms, strict=True):
        total = sum(term.weight for term in of_joint)
        if abs(total - 1.0) > 1e-3:
            raise InputError(f"{path}: the weights of {joint} in type {name} sum to {total:g}; expected 1.")
    return SkeletonMap(name, terms)


def _term(entry: list[Any]) -> Term:
    point, weight, *offset = entry
    return Term(point, float(weight), tuple(offset[0]) if offset else None)


def apply_map(motion: Motion, skeleton: SkeletonMap, source: str) -> np.ndarray:
    """Positions (frames, 28, 3) of the 28 joints, in the file's units and axes.

    Point names are compared after dropping a prefix up to the last colon. Raises InputError naming what is missing.
    """
    columns = {name.rsplit(":", 1)[-1]: index for index, name in enumerate(motion.names)}
    missing = {term.point for terms in skeleton.terms for term in terms} - columns.keys()
    if missing:
        raise InputError(
            f"{source}: no joint {', '.join(sorted(missing))}; expected a skeleton of type {skeleton.name}."
        )
    joints = np.zeros((motion.frames, len(JOINTS), 3))
    for joint, terms in enumerate(skeleton.terms):
        for term in terms:
            joints[:, joint] += term.weight * _point(motion, columns[term.point], term)
    return joints


def _point(motion: Motion, column: int, term: Term) -> np.ndarray:
    position: np.ndarray = motion.positions[:, column]
    if term.offset is None:
        return position
    if motion.rotations is None:
        raise InputError(f"{term.point} has an offset in its own frame, but bare markers have no rotation.")
    return position + motion.rotations[:, column] @ np.array(term.offset)
