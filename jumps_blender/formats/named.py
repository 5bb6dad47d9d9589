"""From a table of named points to a take: what readers of DeepLabCut, SLEAP and TRC have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .joint_names import name_points
from .points import are_fractions
from .recording import Sighting, Take
from .solid import look_at
from .source import Source


@dataclass(frozen=True, eq=False)
class Bodies:
    """People in frames, one row for each.

    `points` (rows, points, 3): x, y, confidence; or (rows, points, 3) in space where the file has three dimensions.
    """

    names: tuple[str, ...]
    frames: Sequence[int]
    points: np.ndarray
    people: Sequence[str | None]
    scores: Sequence[float] | None = None


def take_of(take: Take, bodies: Bodies, source: Source, known: Mapping[str, str] | None = None, unit: str = "") -> Take:
    """The take with these bodies in it.

    Args:
        take: what the format says besides.
        bodies: as the file has them.
        source: for the user's wishes.
        known: see `name_points`.
        unit: of three dimensions, "m" or "mm" or "?"; "" where there are two.

    Raises:
        UnknownPoints: none of the names is that of a joint.

    """
    naming = name_points(bodies.names, source.wishes, source.name, known)
    points, view = bodies.points[:, list(naming.columns)], ""
    warnings = (*take.warnings, *naming.warnings)
    size = take.image_size
    if unit and np.isfinite(points).all(-1).any():
        seen = look_at(points, naming.joint_set.joints, source.wishes, unit)
        points = np.concatenate([seen.positions, np.isfinite(seen.positions).all(-1)[..., None]], -1)
        size, view, warnings = seen.image_size, seen.view, (*warnings, *seen.warnings)
    scores = bodies.scores or [float("nan")] * len(points)
    sightings = tuple(
        Sighting(frame, one, person, score)
        for frame, one, person, score in zip(bodies.frames, points, bodies.people, scores, strict=True)
        if np.isfinite(one[:, :2]).all(-1).any()
    )
    return replace(
        take, sightings=sightings, image_size=size, joint_set=naming.joint_set, joint_set_reason=naming.reason,
        warnings=warnings, names=naming.names, view=view,
        normalised=not unit and are_fractions([sighting.points for sighting in sightings]),
    )  # fmt: skip
