"""Fewer keys for a result, and back to a key at every frame of its clip."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..scene.actions import mark_keys
from ..scene.shared_actions import own_action
from .edits import Edit, marks
from .feet import settled
from .joint_keys import Path, key_everywhere, key_sparsely, set_tolerance


@dataclass(frozen=True)
class Simplified:
    """Poses of joints that are keyed before and after, and how far curves are off at most: pixels, armature units."""

    before: int
    after: int
    off: float
    off_in_scene: float


def simplify(ob: bpy.types.Object, tolerance: float) -> Simplified:
    """Keep of a result's keys what it takes to stay within a tolerance of what was solved; pins stay exactly.

    Args:
        ob: the result.
        tolerance: pixels.

    Raises:
        InputError: no result, or joints that wait to be solved again.

    """
    edit = settled(ob)
    own_action(ob)
    path = _path(edit)
    kept = key_sparsely(ob, path, tolerance * edit.record.placement.scale, edit.exact)
    mark_keys(ob, marks(edit, path.frames))
    set_tolerance(ob, tolerance)
    off = float(kept.off.max())
    return Simplified(kept.kept.size, int(kept.kept.sum()), off / edit.record.placement.scale, off)


def pixels_of(ob: bpy.types.Object, distance: float) -> float:
    """A distance in armature units as pixels of the result's video; raises what `simplify` does."""
    return distance / settled(ob).record.placement.scale


def restore_keys(ob: bpy.types.Object) -> None:
    """Give a result a key at every frame of its clip again; raises what `simplify` does."""
    edit = settled(ob)
    own_action(ob)
    path = _path(edit)
    key_everywhere(ob, path)
    mark_keys(ob, marks(edit, path.frames))
    set_tolerance(ob, 0.0)


def _path(edit: Edit) -> Path:
    record = edit.record
    assert record.positions is not None
    return Path(record.placement.to_armature(record.positions), record.timing, edit.between)
