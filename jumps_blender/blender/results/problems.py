"""Where an animator has to look: stretches with points that cannot be right, swapped sides, or hardly anything seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np

from ...core.clips.clip import gaps
from ...core.clips.spans import spans
from ...errors import InputError
from ..records import RESULT, source_header, stored_result
from ..scene.kept import Kept
from ..tracks.states import State, States, states_of

TOGETHER: Final = 0.2
"""Seconds between two bad frames up to which they are one problem."""

NAMED: Final = 3
"""Joints that a problem names."""

HALVES: Final = ("arms", "legs")


@dataclass(frozen=True)
class Problem:
    """A stretch of scene frames, and what is wrong there: joints not believed, limbs swapped, and a gap or none."""

    first: float
    last: float
    rejected: tuple[str, ...]
    swapped: tuple[str, ...]
    gap: bool

    @property
    def frames(self) -> str:
        """Its scene frames, for people to read."""
        first, last = f"{self.first:.0f}", f"{self.last:.0f}"
        return f"Frame {first}" if first == last else f"Frames {first} to {last}"

    @property
    def words(self) -> str:
        """What is wrong, for people to read."""
        said = []
        if self.rejected:
            named = ", ".join(joint.replace("_", " ") for joint in self.rejected[:NAMED])
            said.append(f"rejected: {named}" + (" and others" if len(self.rejected) > NAMED else ""))
        said.extend(f"{limbs} swapped" for limbs in self.swapped)
        if self.gap:
            said.append("hardly anything seen")
        return "; ".join(said)


@dataclass(frozen=True)
class Faults:
    """What is wrong with a clip, sample by sample.

    `rejected` bool (frames, joints); `swapped` bool (frames, 2); `observed` bool (frames, 28); sample i at the scene
    frame `start` + i `step`, `fps` samples per second.
    """

    joints: tuple[str, ...]
    rejected: np.ndarray
    swapped: np.ndarray
    observed: np.ndarray
    start: float
    step: float
    fps: float

    def problems(self) -> tuple[Problem, ...]:
        """Stretches, in order of time."""
        gap = np.zeros(len(self.rejected), bool)
        for first, last in gaps(self.observed, self.fps):
            gap[first : last + 1] = True
        bad = self.rejected.any(1) | self.swapped.any(1) | gap
        return tuple(self._problem(first, last, gap) for first, last in _joined(spans(bad), TOGETHER * self.fps))

    def _problem(self, first: int, last: int, gap: np.ndarray) -> Problem:
        here = slice(first, last + 1)
        often = self.rejected[here].sum(0)
        worst = [self.joints[i] for i in np.argsort(-often, kind="stable") if often[i]]
        swapped = tuple(name for name, any_ in zip(HALVES, self.swapped[here].any(0), strict=True) if any_)
        begin, end = self.start + self.step * first, self.start + self.step * last
        return Problem(begin, end, tuple(worst), swapped, bool(gap[here].any()))


_of_tracks: Kept[tuple[Problem, ...]] = Kept()
_of_results: Kept[tuple[Problem, ...] | None] = Kept()


def problems_of(ob: bpy.types.Object) -> tuple[Problem, ...] | None:
    """Those of a result, or of imported tracks that the screen looked at; None where nobody looked."""
    if ob.get(RESULT) is not None:
        try:
            return _of_results.get(str(ob[RESULT]["header"]), lambda: _of_result(ob))
        except (KeyError, TypeError):  # a property that somebody wrote over
            return None
    states = states_of(ob)
    if states is None or not states.checked:
        return None
    return _of_tracks.get(states, lambda: _of_states(states))


def _of_states(states: States) -> tuple[Problem, ...]:
    return Faults(
        states.joints, states.codes == State.REJECTED, states.halves, states.observed,
        states.start, states.step, states.fps,
    ).problems()  # fmt: skip


def _of_result(ob: bpy.types.Object) -> tuple[Problem, ...] | None:
    try:
        record, tracks = stored_result(ob, numbers=False), source_header(ob)
    except InputError:
        return None
    if record is None or tracks is None or record.swapped is None:
        return None
    timing = record.timing
    return Faults(
        tuple(tracks["joints"]), record.rejected, record.swapped, record.observed,
        timing.start, timing.step, timing.fps,
    ).problems()  # fmt: skip


def _joined(stretches: tuple[tuple[int, int], ...], apart: float) -> list[tuple[int, int]]:
    """Stretches, those together that follow within so many frames."""
    joined: list[tuple[int, int]] = []
    for first, last in stretches:
        if joined and first - joined[-1][1] - 1 <= apart:
            joined[-1] = joined[-1][0], last
        else:
            joined.append((first, last))
    return joined


def next_problem(problems: tuple[Problem, ...], frame: int, forward: bool) -> Problem | None:
    """The first that begins after a scene frame, or the last that begins before it; None where there is none."""
    begins = np.rint([problem.first for problem in problems])
    later = np.flatnonzero(begins > frame if forward else begins < frame)
    return problems[later[0 if forward else -1]] if len(later) else None
