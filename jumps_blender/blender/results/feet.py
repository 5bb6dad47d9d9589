"""Feet of a result that stand: found, held where they are, and let go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...core.body.normalise import BODY_METRES, body_scale
from ...core.contacts import FEET, Limits, find_contacts
from ...errors import InputError
from ..scene.slices import WHOLE, Slices, at_once, beside
from .edits import Edit, as_result, reading_edit, settled
from .locks import Locks, as_stored
from .rework import Rework, reworking


@dataclass(frozen=True)
class Held:
    """What was held: `contacts` of feet, over `frames` in all; how fast their points slid, in mm/s of an adult."""

    contacts: int
    frames: int
    before: float
    after: float


def hold_feet(ob: bpy.types.Object, speed: float = 1.0, strength: float = 1.0) -> Held:
    """Hold the feet of a result where they stand; see `holding_feet`."""
    return at_once(holding_feet(lambda: ob, speed, strength))


def holding_feet(
    find: Callable[[], bpy.types.Object], speed: float = 1.0, strength: float = 1.0, seconds: float = WHOLE
) -> Slices[Held]:
    """Hold the feet of a result where they stand; feet that were held before are judged anew.

    Args:
        find: finds the result, anew for each slice.
        speed: how many times as fast as usual a foot may be and still count as standing.
        strength: 0..1, how much of the way to their places they go.
        seconds: of a slice.

    Raises:
        InputError: no result, joints that wait to be solved again, or feet that never stand; and what `find` raises.

    """
    edit = settled((yield from reading_edit(find, seconds)))
    yield 0.3
    rework, held = yield from beside(lambda: _hold(edit, speed, strength), seconds)
    yield from reworking(find, rework, seconds)
    return held


def _hold(edit: Edit, speed: float, strength: float) -> tuple[Rework, Held]:
    """What changes, and what it comes to. Touches nothing of Blender's."""
    record, free = edit.record, edit.free
    std = None if record.std is None else record.std / record.placement.scale
    contacts = find_contacts(free, std, record.timing.fps, Limits().scaled(speed))
    if not contacts.feet.any():
        raise InputError(
            f"No foot of {edit.name!r} was found to stand: raise Speed, or leave the feet as they are where the camera "
            "moves or the person never stands still."
        )
    locks = Locks(as_stored(free), as_stored(contacts.on_28()), strength).carried(edit.pins, edit.pinned)
    released = edit.locks.held & ~locks.held if edit.locks else edit.released
    rework = Rework.of(replace(edit, locks=locks, released=released), as_result(edit))
    slides = [_slide(each.positions, locks, record.timing.fps) for each in (record, rework.record)]
    starts = np.diff(contacts.feet, axis=0, prepend=False) & contacts.feet
    return rework, Held(int(starts.sum()), int(contacts.feet.any(1).sum()), *slides)


def freeing_feet(find: Callable[[], bpy.types.Object], seconds: float = WHOLE) -> Slices[int]:
    """Let all feet of a result go, back to where they were solved, in slices; returns how many frames change.

    Raises:
        InputError: no result, joints that wait to be solved again, or no foot that is held; and what `find` raises.

    """
    edit = settled((yield from reading_edit(find, seconds)))
    if edit.locks is None:
        raise InputError(f"No foot of {edit.name!r} is held.")
    yield 0.3
    loose = replace(edit, locks=None, released=edit.locks.held)
    rework = yield from beside(lambda: Rework.of(loose, as_result(edit)), seconds)
    yield from reworking(find, rework, seconds)
    return rework.frames


def _slide(positions: np.ndarray | None, locks: Locks, fps: float) -> float:
    """How fast held points move while they are held, in mm/s."""
    assert positions is not None
    held = locks.held[:, FEET]
    steps = np.linalg.norm(np.diff(positions[:, FEET], axis=0), axis=-1)[held[1:] & held[:-1]]
    millimetre = 1000 * BODY_METRES / float(body_scale(positions))
    return float(steps.mean() * fps * millimetre) if len(steps) else 0.0
