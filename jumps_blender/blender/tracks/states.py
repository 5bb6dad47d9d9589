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
from ..records import TRACKS, TracksRecord
from ..scene.actions import PLACE, key_frames, location_keys
from ..scene.kept import Kept
from ..scene.present import bones_of
from .counting import Counted, Imported
from .findings import FINDINGS, stored_findings
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
    units; `fps` samples per second; `checked`, whether the screen has looked.
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


_kept: Kept[States | None] = Kept()
forget_states = _kept.forget
"""For whoever knows that keys changed: those are looked at once."""


def states_of(ob: bpy.types.Object) -> States | None:
    """How an armature's points stand; None where it holds no imported tracks, or they cannot be read."""
    try:
        headers = tuple(str(ob[key]["header"]) if ob.get(key) is not None else "" for key in (TRACKS, MENDS, FINDINGS))
    except (KeyError, TypeError):  # a property that somebody wrote over
        return None
    if not headers[0]:
        return None
    animation = ob.animation_data
    action = animation.action.name if animation and animation.action else ""
    return _kept.get((ob.name_full, headers, action), lambda: _read(ob))


def _read(ob: bpy.types.Object) -> States | None:
    try:
        keys = key_frames(ob, PLACE)
        record = standing_import(ob, keys)
        return _judge(ob, record, keys) if record else None
    except InputError:
        return None


def _judge(ob: bpy.types.Object, record: TracksRecord, keys: dict[str, np.ndarray]) -> States:
    tracks, timing = record.tracks, record.timing
    first, frames = tracks.first_frame, timing.frames(len(tracks))
    joint_set = tracks.joint_set
    present, found = _counted(ob, record, keys)
    codes = np.full(tracks.observed.shape, State.UNSEEN, np.uint8)
    points = np.full_like(tracks.positions, np.nan)
    points[:, present] = np.where(found.observed[..., None], found.points, np.nan)
    stated = np.where(tracks.confidence[:, present] < WEAK, State.WEAK, State.SURE)
    codes[:, present] = np.where(found.as_stored, stated, np.where(found.by_hand, State.BY_HAND, State.UNSEEN))
    findings = stored_findings(ob, len(joint_set))
    halves = np.zeros((len(tracks), len(ARMS_AND_LEGS)), bool)
    if findings:
        findings = findings.over(first, len(tracks))
        codes[stays(points, findings.rejected)] = State.REJECTED
        halves = findings.swapped
    ignored = stored_mends(ob, record).over(first, len(tracks)).ignored
    codes[stays(points, ignored)] = State.IGNORED
    swapped = joint_set.from_28((halves[..., None] & ARMS_AND_LEGS).any(1))
    observed = joint_set.to_28(~np.isin(codes, (State.UNSEEN, State.IGNORED)), False)
    head = HEAD * float(body_scale(joint_set.to_28(tracks.positions))) * record.placement.scale
    return States(
        codes, swapped, halves, observed, joint_set.joints, head or HEAD * BODY_METRES, float(frames[0]), timing.step,
        timing.fps, findings is not None,
    )  # fmt: skip


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
