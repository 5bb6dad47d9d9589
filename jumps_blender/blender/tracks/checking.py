"""Find which points of imported tracks cannot be right, as the solver will, without solving."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ...core import Upsampler
from ...core.check import Check, check
from ..records import store
from ..scene.slices import WHOLE, Slices, beside
from ..scene.stamps import Stamp, unchanged
from .findings import FINDINGS, Findings, pack_findings
from .readback import Reading, reading
from .states import foretell_states, states_of


def checking(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], load: Callable[[], Upsampler],
    seconds: float = WHOLE,
) -> Slices[Check]:  # fmt: skip
    """Look through imported tracks, and keep with their armature what was found, in slices of so many seconds.

    Args:
        context: its mode, active object, selection and frame stay.
        find: finds the armature, anew for each slice.
        load: the prior.
        seconds: of a slice.

    Raises:
        InputError: what `reading` raises, and that the armature was changed meanwhile; nothing was stored.

    """
    stamp = Stamp.of(find())
    yield
    read = yield from reading(context, find, seconds=seconds)
    yield 0.2
    found = yield from beside(lambda: _look(read, load()), seconds)
    yield 0.8
    states = states_of(find())
    yield
    findings = Findings.of(read.record, found.rejected, found.swapped)
    packed = yield from beside(lambda: pack_findings(findings), seconds)
    judged = (yield from beside(lambda: states.standing.judged(findings), seconds)) if states else None
    ob = unchanged(find, stamp)
    if judged:
        foretell_states(ob, packed, judged)
    store(ob, FINDINGS, packed)
    return found


def _look(read: Reading, upsampler: Upsampler) -> Check:
    """What is found. Touches nothing of Blender's."""
    record, tracks = read.record, read.record.tracks
    return check(
        upsampler, tracks.positions, joint_set=tracks.joint_set, confidence=tracks.confidence, pinned=read.pinned,
        fps=record.timing.fps,
    )  # fmt: skip
