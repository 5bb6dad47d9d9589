"""How the points of imported tracks stand at a frame, as marks around them: outlines as line segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np

from ..results.doubt import circles, crosses
from ..scene.present import pose_bones_of
from .states import State, States

_AT_ORIGIN: Final = np.zeros((1, 3))
_RING: Final = circles(_AT_ORIGIN, np.ones(1))
_CROSS: Final = crosses(_AT_ORIGIN, 1.0, slanting=True)
_CORNERS: Final = np.array([[0.0, 0, 1], [1, 0, 0], [0, 0, -1], [-1, 0, 0]])
_DIAMOND: Final = np.stack([_CORNERS, np.roll(_CORNERS, -1, 0)], 1).reshape(-1, 3)


@dataclass(frozen=True)
class Mark:
    """An outline, ends of segments (n, 3) of size 1; its size in heads, and its colour."""

    outline: np.ndarray
    size: float
    colour: tuple[float, float, float, float]


MARKS: Final[dict[State, Mark]] = {
    State.UNSEEN: Mark(_RING, 0.09, (0.75, 0.75, 0.75, 0.5)),
    State.SURE: Mark(_RING, 0.09, (0.25, 0.85, 0.35, 0.8)),
    State.WEAK: Mark(_RING, 0.13, (0.95, 0.8, 0.2, 0.9)),
    State.BY_HAND: Mark(_DIAMOND, 0.15, (1.0, 1.0, 1.0, 0.95)),
    State.REJECTED: Mark(_CROSS, 0.24, (1.0, 0.35, 0.3, 1.0)),
    State.IGNORED: Mark(np.concatenate([_RING, _CROSS[:2]]), 0.15, (0.75, 0.75, 0.75, 0.9)),
}
SWAPPED: Final = Mark(_RING, 0.24, (0.75, 0.45, 1.0, 0.9))
"""Around joints of limbs whose sides seem to be exchanged, beside their own mark."""


def marks(ob: bpy.types.Object, states: States, frame: float) -> tuple[np.ndarray, np.ndarray]:
    """Marks around an evaluated armature's joints, in armature space.

    Returns:
        Ends of line segments (2 x segments, 3) and their colours (2 x segments, 4).

    """
    sample = states.at(frame)
    bones = pose_bones_of(ob)
    heads = np.empty((len(bones), 3), np.float32)
    bones.foreach_get("head", heads.ravel())
    place = {bone.name: i for i, bone in enumerate(bones)}
    shown = [i for i in states.ever_seen if states.joints[i] in place]
    centres = heads[[place[states.joints[i]] for i in shown]]
    codes, swapped = states.codes[sample, shown], states.swapped[sample, shown]
    drawn = [(mark, codes == state) for state, mark in MARKS.items()] + [(SWAPPED, swapped)]
    lines = [_around(centres[which], mark, states.head) for mark, which in drawn if which.any()]
    paint = [np.tile(mark.colour, (len(mark.outline) * int(which.sum()), 1)) for mark, which in drawn if which.any()]
    return np.concatenate([np.empty((0, 3)), *lines]), np.concatenate([np.empty((0, 4)), *paint])


def _around(centres: np.ndarray, mark: Mark, head: float) -> np.ndarray:
    return np.asarray((centres[:, None] + mark.size * head * mark.outline).reshape(-1, 3))
