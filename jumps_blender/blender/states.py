"""How each point of imported tracks stands, frame by frame: what the overlay, the panel and bone colours show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Final

import bpy
import numpy as np

from ..core.body.normalise import BODY_METRES, HEAD, body_scale
from ..core.body.skeleton import ARMS_AND_LEGS
from ..errors import InputError
from .actions import driven_bones, key_frames, location_keys
from .findings import FINDINGS, stored_findings
from .kept import Kept
from .mends import MENDS, stays, stored_mends
from .present import bones_of, pose_bones_of
from .readback import count, fill_gaps, is_led, near_keys, standing_import
from .records import TRACKS, TracksRecord

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
        keys = key_frames(ob)
        record = standing_import(ob, keys)
        return _judge(ob, record, keys) if record else None
    except InputError:
        return None


def _judge(ob: bpy.types.Object, record: TracksRecord, keys: dict[str, np.ndarray]) -> States:
    tracks, timing = record.tracks, record.timing
    first, frames = tracks.first_frame, timing.frames(len(tracks))
    joint_set = tracks.joint_set
    as_stored, by_hand, points = _counted(ob, record, keys)
    codes = np.full(as_stored.shape, State.UNSEEN, np.uint8)
    codes[as_stored] = State.SURE
    codes[as_stored & (tracks.confidence < WEAK)] = State.WEAK
    codes[by_hand] = State.BY_HAND
    findings = stored_findings(ob, len(joint_set))
    halves = np.zeros((len(tracks), len(ARMS_AND_LEGS)), bool)
    if findings:
        findings = findings.over(first, len(tracks))
        codes[(as_stored | by_hand) & stays(points, findings.rejected)] = State.REJECTED
        halves = findings.swapped
    ignored = stored_mends(ob, record).over(first, len(tracks)).ignored
    codes[(as_stored | by_hand) & stays(points, ignored)] = State.IGNORED
    swapped = joint_set.from_28((halves[..., None] & ARMS_AND_LEGS).any(1))
    observed = joint_set.to_28((as_stored | by_hand) & (codes != State.IGNORED), False)
    head = HEAD * float(body_scale(joint_set.to_28(tracks.positions))) * record.placement.scale
    return States(
        codes, swapped, halves, observed, joint_set.joints, head or HEAD * BODY_METRES, float(frames[0]), timing.step,
        timing.fps, findings is not None,
    )  # fmt: skip


def _counted(
    ob: bpy.types.Object, record: TracksRecord, keys: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What counts as stored and by hand, bool (frames, joints), and where (frames, joints, 2) in pixels, by the keys.

    Nothing is evaluated, so that a redraw may ask: a bone that constraints lead counts as placed by hand, and one whose
    keys lie in NLA strips is where it was stored.
    """
    tracks, joints = record.tracks, record.tracks.joint_set.joints
    frames = record.timing.frames(len(tracks))
    gapless = fill_gaps(tracks.positions)
    here = record.placement.to_armature(gapless)
    for curve in location_keys(ob, joints):
        if curve.axis != 1:
            here[:, joints.index(curve.bone), curve.axis // 2] = np.interp(frames, curve.frames, curve.values)
    points = record.placement.to_image(here)
    none = np.empty(0)
    keyed = np.stack([near_keys(frames, keys.get(joint, none), record.timing.step / 2) for joint in joints], 1)
    there = np.isin(joints, [bone.name for bone in bones_of(ob)])
    led = np.isin(joints, [bone.name for bone in pose_bones_of(ob) if is_led(bone)] + list(driven_bones(ob)))
    as_stored, by_hand = count(tracks.positions, gapless, points, keyed, led)
    return as_stored & there & ~led, (by_hand | led) & there, points
