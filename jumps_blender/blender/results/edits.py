"""What an animator moved on a result: those joints become pins, and what shows them is solved again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Final

import bpy
import numpy as np

from ...core import Estimates, Report, Result, Upsampler
from ...core.body.skeleton import JOINTS
from ...core.excerpt import among, excerpt, placed
from ...core.settings import find_settings
from ...errors import InputError
from ..records import SOURCE, ResultRecord, TracksRecord, store_result, stored_result, stored_tracks
from ..scene.actions import SAME_FRAME, change_keys, location_curves, mark_keys
from ..scene.shared_actions import own_action
from .between import Between
from .joint_keys import Path, key_again, tolerance_of
from .locks import Locks, as_stored, store_locks, stored_locks
from .moves import read_moves
from .nla import strip_of
from .uncertainty import has_uncertainty, key_uncertainty

MOST: Final = 0.5
"""Share of all poses of joints from which on nobody moved them one by one."""


@dataclass(frozen=True)
class Edit:
    """A result with what was moved on it since it was solved.

    `own` bool (frames, 28), samples that are pinned, and `between`, keys between samples; `pins` (frames, 28, 2),
    pixels, where those are and the samples beside these, NaN elsewhere; `moved` bool (frames, 28), those of them that
    are new or gone; `locks`, the feet that are held, and `released` bool (frames, 28), those that no longer are;
    `loose`, keys between samples that are no pins any more.
    """

    record: ResultRecord
    tracks: TracksRecord
    own: np.ndarray
    between: Between
    pins: np.ndarray
    moved: np.ndarray
    locks: Locks | None
    released: np.ndarray
    loose: Between

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
        return bool(self.moved.any() or self.released.any() or len(self.loose))

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
    _check_keys(ob)
    # A simplified result is off by its tolerance anyway: what is within it was not moved.
    moves = read_moves(ob, record, tolerance_of(ob))
    moved = moves.samples | moves.follows
    if moved.mean() > MOST:
        raise InputError(
            f"{moved.sum()} of {moved.size} poses of joints of {ob.name!r} are not where they were solved: its Action "
            "is that of another result, or was moved as a whole. Assign its own Action, or undo."
        )
    shown = record.placement.to_image(record.placement.to_armature(record.positions) + moves.offsets)
    own, between = record.pins | moves.samples, Between.of(record.between).joined(moves.between)
    pinned = own | between.beside(record.timing, own.shape)
    pins, nothing = np.where(pinned[..., None], shown, np.nan), np.zeros_like(own)
    return Edit(record, tracks, own, between, pins, moved, stored_locks(ob, len(pins)), nothing, Between.of(None))


def _check_keys(ob: bpy.types.Object) -> None:
    """Raise InputError where the object's Action does not hold the result."""
    keyed, strip = {bone for bone, _ in location_curves(ob)}, strip_of(ob)
    if strip and len(keyed & set(JOINTS)) < len(JOINTS) // 2:
        raise InputError(
            f"The motion of {ob.name!r} is in the NLA: select its strip {strip!r} there and press Tab to edit it, then "
            "run this again. Keys that were set beside the strip are in an Action of their own and count for nothing."
        )
    if not keyed:
        raise InputError(f"{ob.name!r} has no keys any more: undo, or assign its Action again.")


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


def solve_edit(upsampler: Upsampler, edit: Edit) -> Result:
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
        first_frame=record.before,
    )  # fmt: skip
    return excerpt(solved, slice(first, first + len(edit.pins)))


def apply_edit(ob: bpy.types.Object, edit: Edit, result: Result) -> int:
    """Change the keys of the result's Action where it was solved again; returns how many frames that are.

    Args:
        ob: the result.
        edit: what was moved on it, and which feet are held.
        result: what was solved of that, all feet free.

    """
    own_action(ob)
    record, locks, positions = edit.record, edit.locks, as_stored(result.positions)
    if locks:
        locks = replace(locks.carried(edit.pins, edit.moved), free=positions)
        positions = locks.applied(edit.pinned, record.timing.fps)
    assert record.positions is not None
    loose = edit.loose.flags(edit.loose.nearest(record.timing, len(positions)), edit.moved.shape)
    changed = (positions != record.positions).any(-1) | edit.moved | edit.released | loose
    _write(ob, replace(edit, locks=locks), positions, changed)
    store_locks(ob, locks)
    std = None if result.std is None else result.std * record.placement.scale
    store_result(
        ob,
        replace(
            record, observed=result.observed, rejected=result.rejected, swapped=result.swapped, std=std,
            positions=positions, depth=result.depth, depth_std=result.depth_std, pins=edit.own,
            between=edit.between.table, edits=record.edits + 1, report=asdict(result.report),
        ),
    )  # fmt: skip
    if has_uncertainty(ob):
        key_uncertainty(ob)
    return int(changed.any(1).sum())


def _write(ob: bpy.types.Object, edit: Edit, positions: np.ndarray, changed: np.ndarray) -> None:
    """Change keys to positions (frames, 28, 2) where they changed, bool (frames, 28); mark pins and held feet."""
    timing, placement = edit.record.timing, edit.record.placement
    path = Path(placement.to_armature(positions), timing, edit.between)
    if tolerance := tolerance_of(ob):
        key_again(ob, path, tolerance * placement.scale, edit.exact, changed)
    else:
        change_keys(ob, path.curves(), _by_joint(path.frames, changed), timing.step / 2 + SAME_FRAME)
    mark_keys(ob, marks(edit, path.frames))


def marks(edit: Edit, frames: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """What the dope sheet shows of an edit: by kind of key and joint the scene frames, of (frames,), of such keys."""
    loose = (edit.moved | edit.released) & ~edit.own & ~edit.held
    nowhere = Between.of(None)
    kinds = {
        "KEYFRAME": (loose, edit.loose), "EXTREME": (edit.own, edit.between), "MOVING_HOLD": (edit.held, nowhere),
    }  # fmt: skip
    return {
        kind: {
            joint: np.sort(np.concatenate([at, between.frames[between.joints == JOINTS.index(joint)]]))
            for joint, at in _by_joint(frames, flags).items()
        }
        for kind, (flags, between) in kinds.items()
    }


def _by_joint(frames: np.ndarray, flags: np.ndarray) -> dict[str, np.ndarray]:
    """The frames at which each joint is flagged, bool (frames, 28)."""
    return {joint: frames[flags[:, i]] for i, joint in enumerate(JOINTS)}


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
