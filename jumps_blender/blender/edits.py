"""What an animator moved on a result: those joints become pins, and what shows them is solved again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Final

import bpy
import numpy as np

from ..core import Estimates, Report, Result, Upsampler
from ..core.body.skeleton import JOINTS
from ..core.settings import find_settings
from ..errors import InputError
from .actions import SAME_FRAME, Change, Curve, change_keys, location_keys
from .records import SOURCE, ResultRecord, TracksRecord, store_result, stored_result, stored_tracks

MOVED: Final = 0.1
"""Pixels by which a key must leave the place that was solved to count as moved by hand."""


@dataclass(frozen=True)
class Edit:
    """A result with what was moved on it since it was solved.

    `pins` (frames, 28, 2), pixels, NaN where nothing is pinned; `moved` bool (frames, 28), the pins that are new or
    gone.
    """

    record: ResultRecord
    tracks: TracksRecord
    pins: np.ndarray
    moved: np.ndarray

    @property
    def pinned(self) -> np.ndarray:
        """Bool (frames, 28)."""
        return np.isfinite(self.pins).all(-1)


def read_edit(ob: bpy.types.Object) -> Edit:
    """What was moved on a result since it was solved; nothing in the scene changes.

    Raises:
        InputError: no result, one of an earlier version, or one whose Action is gone.

    """
    record, tracks = stored_result(ob), stored_tracks(ob, SOURCE)
    if record is None or tracks is None or record.positions is None or record.pins is None:
        raise InputError(
            f"{ob.name!r} does not hold what it takes to solve it again: select a result of this version of JUMPS, or "
            "upsample its source again."
        )
    frames = record.timing.frames(len(record.positions))
    solved = record.placement.to_armature(record.positions)
    shown = solved.copy()
    curves = location_keys(ob, JOINTS)
    if not curves:
        raise InputError(f"{ob.name!r} has no keys any more: undo, or assign its Action again.")
    moved = np.zeros(record.pins.shape, bool)
    for curve in curves:
        joint, channel = JOINTS.index(curve.bone), curve.axis // 2
        if curve.axis == 1:
            continue  # out of the picture
        at, offset = _moves(frames, curve, solved[:, joint, channel], record.timing.step)
        off = np.abs(offset) > MOVED * record.placement.scale
        shown[at[off], joint, channel] += offset[off]
        moved[at[off], joint] = True
    pinned = record.pins | moved
    return Edit(record, tracks, np.where(pinned[..., None], record.placement.to_image(shown), np.nan), moved)


def without_pins(edit: Edit, joints: np.ndarray, frames: np.ndarray) -> Edit:
    """The edit with joints (n,) let go at frames (m,), by their numbers."""
    loose = np.zeros(edit.moved.shape, bool)
    loose[np.ix_(frames, joints)] = True
    loose &= edit.pinned
    return replace(edit, pins=np.where(loose[..., None], np.nan, edit.pins), moved=edit.moved | loose)


def solve_edit(upsampler: Upsampler, edit: Edit) -> Result:
    """Solve again what shows a joint that was moved; the rest of the result stays. Touches nothing of Blender's."""
    record, tracks = edit.record, edit.tracks.tracks
    choices = record.choices
    # What counts as observed was decided when the tracks were read.
    settings = replace(find_settings(choices.settings, choices.smoothness), threshold=0.0)
    if settings.invert:
        raise InputError(
            "The published method takes minutes for an edit: upsample the source with Draft, Balanced or Best, and "
            "edit that result."
        )
    return upsampler.update(
        _as_result(record), edit.moved.any(1), tracks.positions, joint_set=tracks.joint_set,
        confidence=tracks.confidence, pins=edit.pins, fps=record.timing.fps, settings=settings,
        seed=choices.seed,
    )  # fmt: skip


def apply_edit(ob: bpy.types.Object, edit: Edit, result: Result) -> int:
    """Change the keys of the result's Action where it was solved again; returns how many frames that are."""
    record = edit.record
    assert record.positions is not None
    scale = record.placement.scale
    changed = (result.positions != record.positions).any((1, 2)) | edit.moved.any(1)
    frames = record.timing.frames(len(result.positions))
    points = record.placement.to_armature(result.positions)
    curves = [
        Curve(joint, axis, frames, points[:, i, channel])
        for i, joint in enumerate(JOINTS)
        for channel, axis in ((0, 0), (1, 2))
    ]
    marks = (_by_joint(frames, flags) for flags in (edit.pinned, edit.moved & ~edit.pinned))
    change_keys(ob, curves, Change(frames[changed], record.timing.step / 2 + SAME_FRAME, *marks))
    std = None if result.std is None else result.std * scale
    store_result(
        ob,
        replace(
            record, observed=result.observed, rejected=result.rejected, swapped=result.swapped, std=std,
            positions=result.positions, depth=result.depth, depth_std=result.depth_std, pins=edit.pinned,
            edits=record.edits + 1, report=asdict(result.report),
        ),
    )  # fmt: skip
    return int(changed.sum())


def _by_joint(frames: np.ndarray, flags: np.ndarray) -> dict[str, np.ndarray]:
    """The frames at which each joint is flagged, bool (frames, 28)."""
    return {joint: frames[flags[:, i]] for i, joint in enumerate(JOINTS)}


def _as_result(record: ResultRecord) -> Result:
    """What was solved last, as the upsampler told it."""
    assert record.positions is not None
    std = None if record.std is None else record.std / record.placement.scale
    nobody_swapped = np.zeros((len(record.positions), 2), bool)
    swapped = nobody_swapped if record.swapped is None else record.swapped
    report = {name: value for name, value in record.report.items() if name in Report.__dataclass_fields__}
    return Result(
        record.positions, record.observed, record.rejected, swapped, Report(**report), Estimates(**record.estimates),
        std=std, depth=record.depth, depth_std=record.depth_std,
    )  # fmt: skip


def _moves(frames: np.ndarray, curve: Curve, solved: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Samples that have a key, and how far that is from what was solved at its moment.

    A scene at another rate has its frames between the samples: a key that was set by hand lies there, and stands for
    the sample that is nearest. Of a sample's keys the one that was moved farthest counts.
    """
    offset = curve.values - np.interp(curve.frames, frames, solved)
    near = np.rint((curve.frames - frames[0]) / step).astype(int)
    inside = np.flatnonzero((near >= 0) & (near < len(frames)))
    order = inside[np.lexsort((np.abs(offset[inside]), near[inside]))]
    last = np.flatnonzero(np.diff(near[order], append=-1))
    return near[order][last], offset[order][last]
