"""What an animator moved on a result: those joints become pins, and what shows them is solved again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import bpy
import numpy as np

from ...core import Estimates, Report, Result, Upsampler
from ...core.body.skeleton import JOINTS
from ...core.excerpt import among, excerpt, placed
from ...core.inversion.descent import Cancel, Progress
from ...core.settings import find_settings
from ...errors import InputError
from ..records import RESULT, SOURCE, Copied, ResultRecord, TracksRecord, stored_result, stored_tracks
from ..scene.actions import Curve, location_curves, location_keys
from ..scene.rekeying import why_locked
from ..scene.slices import WHOLE, Slices, beside
from ..scene.stamps import Stamp
from .between import Between
from .joint_keys import TOLERANCE, tolerance_of
from .locks import LOCKS, Locks, stored_locks
from .moves import find_moves
from .nla import strip_of
from .slid import in_time

MOST: Final = 0.5
"""Share of all poses of joints from which on nobody moved them one by one."""


@dataclass(frozen=True)
class Edit:
    """A result with what was moved on it since it was solved.

    `own` bool (frames, 28), samples that are pinned, and `between`, keys between samples; `pins` (frames, 28, 2),
    pixels, where those are and the samples beside these, NaN elsewhere; `moved` bool (frames, 28), those of them that
    are new or gone; `locks`, the feet that are held, and `released` bool (frames, 28), those that no longer are;
    `loose`, keys between samples that are no pins any more. `name` is that of the result, `tolerance` that of its keys
    in pixels, 0 where there is one at every sample, and `stamp` tells whether it is still as it was read; `slid`,
    whether all keys were slid or stretched in time, as `record` has it then.
    """

    name: str
    record: ResultRecord
    tracks: TracksRecord
    own: np.ndarray
    between: Between
    pins: np.ndarray
    moved: np.ndarray
    locks: Locks | None
    released: np.ndarray
    loose: Between
    tolerance: float
    stamp: Stamp
    slid: bool

    @property
    def pinned(self) -> np.ndarray:
        """Bool (frames, 28)."""
        return np.isfinite(self.pins).all(-1)

    @property
    def count(self) -> int:
        """Pins that an animator set."""
        return int(self.own.sum()) + len(self.between)

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.moved.any() or self.released.any() or len(self.loose) or self.slid)

    @property
    def held(self) -> np.ndarray:
        """Bool (frames, 28): joints of feet that are held, and no pins."""
        return self.locks.held & ~self.pinned if self.locks else np.zeros_like(self.pinned)

    @property
    def exact(self) -> np.ndarray:
        """Bool (frames, 28): joints whose curves meet their samples: pins, and feet but for softly held ones."""
        return self.pinned | self.held if self.locks and self.locks.strength == 1 else self.pinned

    @property
    def free(self) -> np.ndarray:
        """Where joints were solved, before feet were held: (frames, 28, 2), pixels."""
        assert self.record.positions is not None
        return self.locks.free if self.locks else self.record.positions


def reading_edit(find: Callable[[], bpy.types.Object], seconds: float = WHOLE) -> Slices[Edit]:
    """What was moved on a result since it was solved, in slices of so many seconds; nothing in the scene changes.

    Raises:
        InputError: no result, one of an earlier version, or one whose Action is gone; and what `find` raises.

    """
    stamp = Stamp.of(find())
    yield
    ob = find()
    held = Copied.of(ob, RESULT, SOURCE, LOCKS, TOLERANCE)
    yield
    trouble, curves = _key_trouble(find()), location_keys(find(), JOINTS)
    yield
    return (yield from beside(lambda: _find_edit(held, curves, trouble, stamp), seconds))


def _find_edit(held: Copied, curves: Sequence[Curve], trouble: str, stamp: Stamp) -> Edit:
    """What `reading_edit` reads. Touches nothing of Blender's."""
    record, tracks = stored_result(held), stored_tracks(held, SOURCE)
    if record is None or tracks is None or record.positions is None or record.pins is None:
        raise InputError(
            f"{held.name!r} does not hold what it takes to solve it again: select a result of this version of JUMPS, "
            "or upsample its source again."
        )
    if trouble:
        raise InputError(trouble)
    # A simplified result is off by its tolerance anyway: what is within it was not moved.
    tolerance = tolerance_of(held)
    stored, record = record, in_time(curves, record, tolerance)
    moves = find_moves(curves, record, tolerance)
    moved = moves.samples | moves.follows
    if moved.mean() > MOST:
        raise InputError(
            f"{moved.sum()} of {moved.size} poses of joints of {held.name!r} are not where they were solved: its "
            "Action is that of another result, or was moved as a whole. Assign its own Action, or undo."
        )
    shown = record.placement.to_image(record.placement.to_armature(record.positions) + moves.offsets)
    own, between = record.pins | moves.samples, Between.of(record.between).joined(moves.between)
    pinned = own | between.beside(record.timing, own.shape)
    pins, nothing = np.where(pinned[..., None], shown, np.nan), np.zeros_like(own)
    locks = stored_locks(held, len(pins))
    return Edit(
        held.name,
        record,
        tracks,
        own,
        between,
        pins,
        moved,
        locks,
        nothing,
        Between.of(None),
        tolerance,
        stamp,
        record is not stored,
    )


def _key_trouble(ob: bpy.types.Object) -> str:
    """Why the object's Action does not hold the result; empty where it does."""
    keyed, strip = {bone for bone, _ in location_curves(ob)}, strip_of(ob)
    if strip and len(keyed & set(JOINTS)) < len(JOINTS) // 2:
        return (
            f"The motion of {ob.name!r} is in the NLA: select its strip {strip!r} there and press Tab to edit it, then "
            "run this again. Keys that were set beside the strip are in an Action of their own and count for nothing."
        )
    if not keyed:
        return f"{ob.name!r} has no keys any more: undo, or assign its Action again."
    return _renamed(ob.name, keyed) or why_locked(ob, JOINTS)


def _renamed(name: str, keyed: set[str]) -> str:
    """What to do where keys of a joint are those of a bone with another name now; empty where there are none such."""
    gone, strange = sorted(set(JOINTS) - keyed), sorted(keyed - set(JOINTS))
    if not gone or not strange:
        return ""
    return (
        f"{name!r} has keys of {strange[0]!r} and none of {gone[0]!r}: was the bone renamed? Give it the joint's name "
        "again, and run this again."
    )


def settled(edit: Edit) -> Edit:
    """An edit of a result on which nothing was moved since it was solved; raises InputError where something was."""
    if edit.moved.any():
        raise InputError(
            f"{int(edit.moved.sum())} joints of {edit.name!r} were moved since it was solved: press Solve Again first."
        )
    return edit


def without_pins(edit: Edit, joints: np.ndarray, frames: np.ndarray) -> Edit:
    """The edit with joints (n,) let go at frames (m,), by their numbers: pins there, and contacts that are there."""
    chosen = np.zeros(edit.moved.shape, bool)
    chosen[np.ix_(frames, joints)] = True
    timing, between = edit.record.timing, edit.between
    gone = chosen[between.nearest(timing, len(chosen)), between.joints]
    own, stay = edit.own & ~chosen, between.some(~gone)
    loose = edit.pinned & ~(own | stay.beside(timing, chosen.shape))
    pins, moved = np.where(loose[..., None], np.nan, edit.pins), edit.moved | loose
    edit = replace(edit, own=own, between=stay, pins=pins, moved=moved, loose=between.some(gone))
    if edit.locks is None:
        return edit
    released = edit.locks.contacts_of(chosen)
    return replace(edit, locks=edit.locks.without(released), released=released)


def solve_edit(
    upsampler: Upsampler, edit: Edit, progress: Progress | None = None, cancel: Cancel | None = None
) -> Result:
    """Solve again what shows a joint that was moved; the rest of the result stays. Touches nothing of Blender's.

    Returns:
        The result with all feet free.

    """
    record, tracks = edit.record, edit.tracks.tracks
    if not edit.moved.any():
        return as_result(edit)
    choices = record.choices
    # What counts as observed was decided when the tracks were read.
    settings = replace(find_settings(choices.settings, choices.smoothness), threshold=0.0)
    if settings.invert:
        raise InputError(
            "The published method takes minutes for an edit: upsample the source with Draft, Balanced or Best, and "
            "edit that result."
        )
    # A result may show some of its tracks: the others have a say in it.
    first, frames = record.first, len(tracks)
    moved, pins = among(edit.moved, first, frames, False), among(edit.pins, first, frames, np.nan)
    solved = upsampler.update(
        placed(as_result(edit), first, frames), moved.any(1), tracks.positions, joint_set=tracks.joint_set,
        confidence=tracks.confidence, pins=pins, fps=record.timing.fps, settings=settings, seed=choices.seed,
        first_frame=record.before, progress=progress, cancel=cancel,
    )  # fmt: skip
    return excerpt(solved, slice(first, first + len(edit.pins)))


def as_result(edit: Edit) -> Result:
    """What was solved last, all feet free, as the upsampler told it."""
    record = edit.record
    std = None if record.std is None else record.std / record.placement.scale
    nobody_swapped = np.zeros((len(edit.free), 2), bool)
    swapped = nobody_swapped if record.swapped is None else record.swapped
    report = {name: value for name, value in record.report.items() if name in Report.__dataclass_fields__}
    return Result(
        edit.free, record.observed, record.rejected, swapped, Report(**report), Estimates(**record.estimates),
        std=std, depth=record.depth, depth_std=record.depth_std,
    )  # fmt: skip
