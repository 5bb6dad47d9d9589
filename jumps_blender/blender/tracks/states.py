"""How each point of imported tracks stands, frame by frame: what the overlay, the panel and bone colours show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Final

import bpy
import numpy as np

from ...core.body.normalise import BODY_METRES, HEAD, body_scale
from ...core.body.skeleton import ARMS_AND_LEGS
from ...errors import InputError
from ..records import TRACKS, Packed, TracksRecord
from ..scene.actions import PLACE, key_frames, location_keys, places_digest
from ..scene.kept import Kept
from ..scene.present import bones_of
from .counting import Counted, Imported
from .findings import FINDINGS, Findings, stored_findings
from .mends import MENDS, stays, stored_mends
from .readback import standing_import

WEAK: Final = 0.5
"""Confidence below which a point is shown as weak."""


class State(IntEnum):
    """How a point stands; of several that apply the last."""

    UNSEEN = 0
    SURE = 1
    WEAK = 2
    BY_HAND = 3
    REJECTED = 4
    IGNORED = 5


@dataclass(frozen=True, eq=False)
class States:
    """Over all frames of imported tracks; sample i lies at the scene frame `start` + i `step`.

    `codes` (frames, joints), of `State`; `swapped` bool (frames, joints), limbs whose sides seem to be exchanged;
    `halves` the same for arms and legs, bool (frames, 2); `observed` bool (frames, 28); `head`, its size in armature
    units; `fps` samples per second; `checked`, whether the screen has looked; `standing`, without what it found.
    """

    codes: np.ndarray
    swapped: np.ndarray
    halves: np.ndarray
    observed: np.ndarray
    joints: tuple[str, ...]
    head: float
    start: float
    step: float
    fps: float
    checked: bool
    standing: Standing

    def at(self, frame: float) -> int:
        """The sample nearest to a scene frame; beyond the ends those of the ends."""
        return int(np.clip(np.rint((frame - self.start) / self.step), 0, len(self.codes) - 1))

    @cached_property
    def trouble(self) -> np.ndarray:
        """Share of its frames in which each joint, (joints,), is anything but sure or placed by hand."""
        return np.asarray(1 - np.isin(self.codes, (State.SURE, State.BY_HAND)).mean(0))

    @cached_property
    def ever_seen(self) -> list[int]:
        """The joints that have a point in any frame, by number; the others' bones are hidden."""
        return np.flatnonzero((self.codes != State.UNSEEN).any(0)).tolist()


@dataclass(frozen=True, eq=False)
class Standing:
    """How points stand but for what the screen found of them.

    `codes` (frames, joints), of `State`; `points` (frames, joints, 2), pixels, where those lie that count, NaN
    elsewhere; `ignored` (frames, joints, 2), pixels, as in `Mends`; `head`, its size in armature units.
    """

    record: TracksRecord
    codes: np.ndarray
    points: np.ndarray
    ignored: np.ndarray
    head: float

    def judged(self, findings: Findings | None) -> States:
        """With what the screen found; None where it has not looked. Touches nothing of Blender's."""
        tracks, timing, codes = self.record.tracks, self.record.timing, self.codes.copy()
        halves = np.zeros((len(tracks), len(ARMS_AND_LEGS)), bool)
        if findings:
            here = findings.over(tracks.first_frame, len(tracks))
            codes[stays(self.points, here.rejected)] = State.REJECTED
            halves = here.swapped
        codes[stays(self.points, self.ignored)] = State.IGNORED
        swapped = tracks.joint_set.from_28((halves[..., None] & ARMS_AND_LEGS).any(1))
        observed = tracks.joint_set.to_28(~np.isin(codes, (State.UNSEEN, State.IGNORED)), False)
        return States(
            codes, swapped, halves, observed, tracks.joint_set.joints, self.head, float(timing.frames(len(tracks))[0]),
            timing.step, timing.fps, findings is not None, self,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Answer:
    """How points stand, and the number of the keys that tell it."""

    keys: int
    states: States | None


_kept: Kept[_Answer] = Kept()
_keys: Kept[int] = Kept()
recheck_keys = _keys.forget
"""For whoever knows that keys may have changed: that is looked at once, and what they tell only where they did."""

_Question = tuple[str, tuple[str, ...], str]


def forget_states() -> None:
    """For whoever knows that armatures are others now: all is worked out anew."""
    _kept.forget()
    _keys.forget()


def states_of(ob: bpy.types.Object) -> States | None:
    """How an armature's points stand; None where it holds no imported tracks, or they cannot be read."""
    try:
        question = _question(ob, {})
    except (KeyError, TypeError):  # a property that somebody wrote over
        return None
    if not question[1][0]:
        return None
    keys = _number(ob)
    answer = _kept.get(question, lambda: _Answer(keys, _read(ob)))
    if answer.keys != keys:
        answer = _Answer(keys, _read(ob))
        _kept.keep(question, answer)
    return answer.states


def foretell_states(ob: bpy.types.Object, packed: Packed, states: States) -> None:
    """Have the answer ready for once these findings are stored: the redraw that then asks shall not wait."""
    _kept.keep(_question(ob, {FINDINGS: packed}), _Answer(_number(ob), states))


def _number(ob: bpy.types.Object) -> int:
    """A number that changes with the keys, known until somebody says that they may have changed."""
    action = ob.animation_data.action if ob.animation_data else None
    return _keys.get((ob.name_full, action.name if action else ""), lambda: places_digest(ob))


def _question(ob: bpy.types.Object, packed: dict[str, Packed]) -> _Question:
    """By what an answer is known: the headers of what is stored, or will be, and the Action with the keys."""
    records = ((packed[key] if key in packed else ob.get(key)) for key in (TRACKS, MENDS, FINDINGS))
    headers = tuple("" if record is None else str(record["header"]) for record in records)
    animation = ob.animation_data
    return ob.name_full, headers, animation.action.name if animation and animation.action else ""


def _read(ob: bpy.types.Object) -> States | None:
    try:
        keys = key_frames(ob, PLACE)
        record = standing_import(ob, keys)
        return _stand(ob, record, keys).judged(stored_findings(ob, len(record.tracks.joint_set))) if record else None
    except InputError:
        return None


def _stand(ob: bpy.types.Object, record: TracksRecord, keys: dict[str, np.ndarray]) -> Standing:
    tracks, joint_set = record.tracks, record.tracks.joint_set
    present, found = _counted(ob, record, keys)
    codes = np.full(tracks.observed.shape, State.UNSEEN, np.uint8)
    points = np.full_like(tracks.positions, np.nan)
    points[:, present] = np.where(found.observed[..., None], found.points, np.nan)
    stated = np.where(tracks.confidence[:, present] < WEAK, State.WEAK, State.SURE)
    codes[:, present] = np.where(found.as_stored, stated, np.where(found.by_hand, State.BY_HAND, State.UNSEEN))
    ignored = stored_mends(ob, record).over(tracks.first_frame, len(tracks)).ignored
    head = HEAD * float(body_scale(joint_set.to_28(tracks.positions))) * record.placement.scale
    return Standing(record, codes, points, ignored, head or HEAD * BODY_METRES)


def _counted(ob: bpy.types.Object, record: TracksRecord, keys: dict[str, np.ndarray]) -> tuple[list[int], Counted]:
    """Which joints of the tracks have a bone, and which of their points count.

    Nothing is evaluated but keys, so that a redraw may ask: where constraints lead a bone is not seen, and one whose
    keys lie in NLA strips is where it was stored.
    """
    tracks, there = record.tracks, bones_of(ob)
    present = [i for i, joint in enumerate(tracks.joint_set.joints) if joint in there]
    bones = tuple(tracks.joint_set.joints[i] for i in present)
    known = Imported.of(ob, record, keys, bones, np.ones(len(tracks), bool))
    looks = known.looks
    places = np.empty((len(looks), len(bones), 2))
    for bone in range(len(bones)):
        for axis in range(2):
            places[:, bone, axis] = np.interp(looks, known.frames, known.gapless[:, bone, axis])
    places = record.placement.to_armature(places)
    for curve in location_keys(ob, bones):
        if curve.axis != 1:
            places[:, bones.index(curve.bone), curve.axis // 2] = np.interp(looks, curve.frames, curve.values)
    return present, known.counted(record.placement.to_image(places))
