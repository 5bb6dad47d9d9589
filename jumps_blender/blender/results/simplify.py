"""Fewer keys for a result, and back to a key at every frame of its clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import bpy

from ...core.simplify import Keys
from ..scene.drafts import drafted
from ..scene.fcurves import Animated
from ..scene.rekeying import marking_keys
from ..scene.slices import WHOLE, Slices, at_once
from .edits import Edit, reading_edit, settled
from .joint_keys import Path, keying_everywhere, keying_sparsely, set_tolerance
from .rework import marks, path_of

T = TypeVar("T")


@dataclass(frozen=True)
class Simplified:
    """Poses of joints that are keyed before and after, and how far curves are off at most: pixels, armature units."""

    before: int
    after: int
    off: float
    off_in_scene: float


def simplify(ob: bpy.types.Object, tolerance: float) -> Simplified:
    """Keep of a result's keys what it takes to stay within a tolerance in pixels; see `simplifying`."""
    return at_once(simplifying(lambda: ob, lambda _edit: tolerance))


def simplifying(
    find: Callable[[], bpy.types.Object], tolerance: Callable[[Edit], float], seconds: float = WHOLE
) -> Slices[Simplified]:
    """Keep of a result's keys what it takes to stay within a tolerance of what was solved; pins stay exactly.

    Args:
        find: finds the result, anew for each slice.
        tolerance: of an edit, in pixels.
        seconds: of a slice.

    Raises:
        InputError: no result, or joints that wait to be solved again; and what `find` raises.

    """
    edit = settled((yield from reading_edit(find, seconds)))
    pixels, scale, path = tolerance(edit), edit.record.placement.scale, path_of(edit.record, edit.between)

    def keying(draft: Animated) -> Slices[Keys]:
        return keying_sparsely(draft, path, pixels * scale, edit.exact, seconds)

    kept = yield from _rekeying(find, edit, path, pixels, keying, seconds)
    off = float(kept.off.max())
    return Simplified(kept.kept.size, int(kept.kept.sum()), off / scale, off)


def pixels_of(edit: Edit, distance: float) -> float:
    """A distance in armature units as pixels of a result's video."""
    return distance / edit.record.placement.scale


def restoring_keys(find: Callable[[], bpy.types.Object], seconds: float = WHOLE) -> Slices[None]:
    """Give a result a key at every frame of its clip again, in slices; raises what `simplifying` does."""
    edit = settled((yield from reading_edit(find, seconds)))
    path = path_of(edit.record, edit.between)
    yield from _rekeying(find, edit, path, 0.0, lambda draft: keying_everywhere(draft, path, seconds), seconds)


def _rekeying(
    find: Callable[[], bpy.types.Object], edit: Edit, path: Path, tolerance: float,
    keying: Callable[[Animated], Slices[T]], seconds: float,
) -> Slices[T]:  # fmt: skip
    """Key a result anew, within a tolerance in pixels, and mark pins and held feet; what the keying says."""
    yield 0.3
    with drafted(find, edit.stamp, seconds) as draft:
        yield
        said = yield from keying(draft)
        yield
        yield from marking_keys(draft, marks(edit, path.frames), seconds)
        yield 0.95  # to look whether all is as it was takes its time
    set_tolerance(find(), tolerance)
    return said
