"""What comes out: 28 joints over time, and how they came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ..errors import InputError
from .body.skeleton import JOINTS
from .clips.spans import describe_spans, spans
from .estimates import Estimates

_NAMED: Final = 3
"""Joints that a warning names."""

_OPTIONAL: Final = ("std", "depth", "depth_std")
ARRAYS: Final = ("positions", "observed", "rejected", "swapped", *_OPTIONAL)


@dataclass(frozen=True)
class Report:
    """How a result came about: what to name where it is to be made again.

    `weights` is the digest of the prior; `gaps` are the first and last input frames of stretches that are invented.
    """

    engine: str
    device: str
    settings: str
    seconds: float
    windows: int
    versions: dict[str, str]
    gaps: tuple[tuple[int, int], ...] = ()
    warnings: tuple[str, ...] = ()
    smoothness: float | None = None
    threshold: float | None = None
    seed: int = 0
    weights: str = ""


@dataclass(frozen=True)
class Result:
    """28 joints over time; `frames` is that of the input, or of the stretch from its frame `first` on.

    `positions` (frames, 28, 2) in the units of the input, never NaN; `observed` (frames, 28), those that came from an
    observation, and lie where the detector saw them but for smoothing (under `paper`: where the generator can reach).
    `rejected` (frames, joints of the input), observations not believed; `swapped` (frames, 2), arms and legs whose
    sides were put right. `std`, the standard deviation per axis, `depth`, how much farther than the pelvis from the
    camera, and `depth_std`, (frames, 28) in the units of the input: None under `paper` and `draft`, which do not
    estimate them. `estimates` is what was found of the clip as a whole.
    """

    positions: np.ndarray
    observed: np.ndarray
    rejected: np.ndarray
    swapped: np.ndarray
    report: Report
    estimates: Estimates
    joints: tuple[str, ...] = JOINTS
    first: int = 0
    std: np.ndarray | None = None
    depth: np.ndarray | None = None
    depth_std: np.ndarray | None = None

    @classmethod
    def joined(cls, parts: Sequence[Result]) -> Result:
        """Stretches that follow one another, with the report of the last."""
        arrays = {name: [getattr(part, name) for part in parts] for name in ARRAYS}
        whole: dict[str, Any] = {
            name: None if values[0] is None else np.concatenate(values) for name, values in arrays.items()
        }
        return replace(parts[-1], first=parts[0].first, **whole)

    def mended(self, part: Result) -> Result:
        """This result with a stretch of it in the place of what was there; raises InputError for other settings'."""
        here = slice(part.first - self.first, part.first - self.first + len(part.positions))
        arrays: dict[str, Any] = {}
        for name in ARRAYS:
            old, new = getattr(self, name), getattr(part, name)
            if (old is None) != (new is None):
                raise InputError(f"The result was solved with settings that differ in {name!r}: solve anew.")
            if old is not None:
                arrays[name] = old.copy()
                arrays[name][here] = new
        return replace(self, **arrays)


def doubts(rejected: np.ndarray, swapped: np.ndarray, called: np.ndarray | None = None) -> tuple[str, ...]:
    """What was found wrong with the observations, in words.

    Args:
        rejected: bool (frames, 28).
        swapped: bool (frames, 2).
        called: (frames,), whole numbers by which a person knows the frames; None = those of the input.

    """

    def tell(flags: np.ndarray) -> str:
        found = spans(flags)
        return describe_spans(found if called is None else [(int(called[a]), int(called[b])) for a, b in found])

    said = []
    for number, limbs in enumerate(("arms", "legs")):
        if swapped[:, number].any():
            said.append(f"Left and right {limbs} were swapped in frames {tell(swapped[:, number])}: put right.")
    worst = [joint for joint in np.argsort(-rejected.sum(0), kind="stable") if rejected[:, joint].any()]
    if worst:
        named = "; ".join(f"{JOINTS[joint]} in {tell(rejected[:, joint])}" for joint in worst[:_NAMED])
        said.append(f"{rejected.sum()} points cannot be right and were not followed, most of them of {named}.")
    return tuple(said)
