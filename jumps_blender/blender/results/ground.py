"""Feet that are held where they stand, as the 3D view shows them: a bar below each of their points."""

from __future__ import annotations

from typing import Final

import bpy
import numpy as np

from ...core.body.skeleton import JOINTS
from ...errors import InputError
from ..scene.kept import Kept
from ..scene.present import pose_bones_of
from .doubt import Doubt
from .locks import LOCKS, stored_locks

BLUE: Final = (0.3, 0.7, 1.0, 0.9)

_WIDE, _BELOW = 0.15, 0.15
"""Heads: half the length of a bar, and how far it is below its point."""

_kept: Kept[np.ndarray | None] = Kept()


def held_joints(ob: bpy.types.Object, frames: int) -> np.ndarray | None:
    """Which joints of a result of so many frames are held, bool (frames, 28); None where none is or can be told."""
    try:
        header = str(ob[LOCKS]["header"])
    except (KeyError, TypeError):  # nothing is held, or somebody wrote over the property
        return None
    return _kept.get(header, lambda: _read(ob, frames))


def _read(ob: bpy.types.Object, frames: int) -> np.ndarray | None:
    try:
        locks = stored_locks(ob, frames)
    except InputError:
        return None
    return None if locks is None else locks.held


def bars(ob: bpy.types.Object, held: np.ndarray, doubt: Doubt, frame: float) -> tuple[np.ndarray, np.ndarray]:
    """Bars below the points of an evaluated armature that are held, bool (frames, 28), in armature space.

    Returns:
        Ends of line segments (2 x bars, 3) and their colours (2 x bars, 4).

    """
    bones = pose_bones_of(ob)
    shown = [bones[JOINTS[joint]].head for joint in np.flatnonzero(held[doubt.sample(frame)]) if JOINTS[joint] in bones]
    ends = np.reshape([tuple(head) for head in shown], (-1, 1, 3)) + doubt.head * _BAR
    return ends.reshape(-1, 3), np.tile(BLUE, (2 * len(shown), 1))


_BAR: Final = np.array([[-_WIDE, 0.0, -_BELOW], [_WIDE, 0.0, -_BELOW]])
