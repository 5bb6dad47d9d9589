"""Feet of a result that stand: found, held where they are, and let go."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...core.body.normalise import BODY_METRES, body_scale
from ...core.contacts import FEET, Limits, find_contacts
from ...errors import InputError
from ..records import stored_result
from .edits import Edit, apply_edit, as_result, read_edit
from .locks import Locks, as_stored


@dataclass(frozen=True)
class Held:
    """What was held: `contacts` of feet, over `frames` in all; how fast their points slid, in mm/s of an adult."""

    contacts: int
    frames: int
    before: float
    after: float


def hold_feet(ob: bpy.types.Object, speed: float = 1.0, strength: float = 1.0) -> Held:
    """Hold the feet of a result where they stand; feet that were held before are judged anew.

    Args:
        ob: the result.
        speed: how many times as fast as usual a foot may be and still count as standing.
        strength: 0..1, how much of the way to their places they go.

    Raises:
        InputError: no result, joints that wait to be solved again, or feet that never stand.

    """
    edit = settled(ob)
    record, free = edit.record, edit.free
    std = None if record.std is None else record.std / record.placement.scale
    contacts = find_contacts(free, std, record.timing.fps, Limits().scaled(speed))
    if not contacts.feet.any():
        raise InputError(
            f"No foot of {ob.name!r} was found to stand: raise Speed, or leave the feet as they are where the camera "
            "moves or the person never stands still."
        )
    locks = Locks(as_stored(free), as_stored(contacts.on_28()), strength).carried(edit.pins, edit.pinned)
    released = edit.locks.held & ~locks.held if edit.locks else edit.released
    before = record.positions
    apply_edit(ob, replace(edit, locks=locks, released=released), as_result(edit))
    after = stored_result(ob)
    assert before is not None
    assert after
    assert after.positions is not None
    slides = (_slide(each, locks, record.timing.fps) for each in (before, after.positions))
    starts = np.diff(contacts.feet, axis=0, prepend=False) & contacts.feet
    return Held(int(starts.sum()), int(contacts.feet.any(1).sum()), *slides)


def free_feet(ob: bpy.types.Object) -> int:
    """Let all feet of a result go, back to where they were solved; returns how many frames change.

    Raises:
        InputError: no result, joints that wait to be solved again, or no foot that is held.

    """
    edit = settled(ob)
    if edit.locks is None:
        raise InputError(f"No foot of {ob.name!r} is held.")
    return apply_edit(ob, replace(edit, locks=None, released=edit.locks.held), as_result(edit))


def settled(ob: bpy.types.Object) -> Edit:
    """A result on which nothing was moved since it was solved; raises InputError where something was."""
    edit = read_edit(ob)
    if edit.moved.any():
        raise InputError(
            f"{int(edit.moved.sum())} joints of {ob.name!r} were moved since it was solved: press Solve Again first."
        )
    return edit


def _slide(positions: np.ndarray, locks: Locks, fps: float) -> float:
    """How fast held points move while they are held, in mm/s."""
    held = locks.held[:, FEET]
    steps = np.linalg.norm(np.diff(positions[:, FEET], axis=0), axis=-1)[held[1:] & held[:-1]]
    millimetre = 1000 * BODY_METRES / float(body_scale(positions))
    return float(steps.mean() * fps * millimetre) if len(steps) else 0.0
