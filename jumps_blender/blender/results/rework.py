"""What is done to a result becomes its keys and what is stored with it: in one go, once all of it is ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import bpy
import numpy as np

from ...core import Result
from ...core.body.skeleton import JOINTS
from ..records import RESULT, Packed, ResultRecord, pack_result, store
from ..scene.actions import SAME_FRAME
from ..scene.drafts import drafted
from ..scene.fcurves import Animated
from ..scene.rekeying import changing_keys, marking_keys, replacing_curves
from ..scene.slices import WHOLE, Slices, beside
from .between import Between
from .doubt import doubt_from, foretell_doubt
from .edits import Edit
from .joint_keys import Path, keying_again
from .locks import as_stored, pack_locks, store_locks
from .uncertainty import has_uncertainty, show_uncertainty, uncertainty_curves


@dataclass(frozen=True)
class Rework:
    """What an edit comes to: `edit` with locks as they will be; `record`, to be stored; where anything changes.

    `changed` bool (frames, 28).
    """

    edit: Edit
    record: ResultRecord
    changed: np.ndarray

    @classmethod
    def of(cls, edit: Edit, result: Result) -> Rework:
        """Of what was solved, all feet free. Touches nothing of Blender's."""
        record, locks, positions = edit.record, edit.locks, as_stored(result.positions)
        if locks:
            locks = replace(locks.carried(edit.pins, edit.moved), free=positions)
            positions = locks.applied(edit.pinned, record.timing.fps)
        assert record.positions is not None
        loose = edit.loose.flags(edit.loose.nearest(record.timing, len(positions)), edit.moved.shape)
        changed = (positions != record.positions).any(-1) | edit.moved | edit.released | loose
        std = None if result.std is None else result.std * record.placement.scale
        made = replace(
            record, observed=result.observed, rejected=result.rejected, swapped=result.swapped, std=std,
            positions=positions, depth=result.depth, depth_std=result.depth_std, pins=edit.own,
            between=edit.between.table, edits=record.edits + 1, report=asdict(result.report),
        )  # fmt: skip
        return cls(replace(edit, locks=locks), made, changed)

    @property
    def frames(self) -> int:
        """How many frames change."""
        return int(self.changed.any(1).sum())

    def packed(self) -> tuple[Packed, Packed | None]:
        """The record and the locks as they are stored."""
        return pack_result(self.record), pack_locks(self.edit.locks)


def reworking(find: Callable[[], bpy.types.Object], rework: Rework, seconds: float = WHOLE) -> Slices[None]:
    """Change the keys of the result's Action and what is stored with it, in slices of so many seconds.

    Raises:
        InputError: the result was changed meanwhile, or is gone; nothing was changed.

    """
    yield 0.5
    record, locks = yield from beside(rework.packed, seconds)
    yield 0.7
    doubt = yield from beside(lambda: doubt_from(rework.record, rework.edit.tracks), seconds)
    told = has_uncertainty(find()) and rework.record.std is not None
    with drafted(find, rework.edit.stamp, seconds) as draft:
        yield
        yield from _rekeying(draft, rework, seconds)
        if told:
            yield
            yield from replacing_curves(draft, uncertainty_curves(rework.record), seconds)
        yield 0.95  # to look whether all is as it was takes its time
    ob = find()
    foretell_doubt(record, doubt)
    store(ob, RESULT, record)
    store_locks(ob, locks)
    if told:
        show_uncertainty(ob, rework.record)


def _rekeying(draft: Animated, rework: Rework, seconds: float) -> Slices[None]:
    """Change keys where samples changed; mark pins and held feet."""
    edit, path = rework.edit, path_of(rework.record, rework.edit.between)
    timing, scale = rework.record.timing, rework.record.placement.scale
    if edit.tolerance:
        yield from keying_again(draft, path, edit.tolerance * scale, edit.exact, rework.changed, seconds)
    else:
        changed = _by_joint(path.frames, rework.changed)
        yield from changing_keys(draft, path.curves(), changed, timing.step / 2 + SAME_FRAME, seconds)
    yield
    yield from marking_keys(draft, marks(edit, path.frames), seconds)


def path_of(record: ResultRecord, between: Between) -> Path:
    """Where the joints of a result are."""
    assert record.positions is not None
    return Path(record.placement.to_armature(record.positions), record.timing, between)


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
