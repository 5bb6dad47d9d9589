"""How far each joint of a result may be off, at the current frame: rings around the joints, as line segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np

from ..core.body.normalise import BODY_METRES, HEAD, body_scale
from ..core.body.skeleton import JOINTS
from ..errors import InputError
from .present import pose_bones_of
from .records import RESULT, stored_result

SEGMENTS: Final = 24

SURE: Final = 0.05
UNSURE: Final = 0.35
"""Heads: up to the one a ring is green, from the other on red."""

LEAST: Final = 0.02
"""Heads; a joint that is surer has no ring."""

_GREEN, _YELLOW, _RED = (0.25, 0.85, 0.35), (0.95, 0.8, 0.2), (0.95, 0.25, 0.2)
_PIN: Final = (1.0, 1.0, 1.0, 0.9)


@dataclass(frozen=True)
class Doubt:
    """What a result says of itself, sample by sample.

    `std` (frames, 28) in armature units, `head`, the head's size in them; `pins` bool (frames, 28); sample i lies at
    the scene frame `start` + i `step`.
    """

    std: np.ndarray
    pins: np.ndarray
    head: float
    start: float
    step: float

    def at(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        """Standard deviations (28,) and pins, bool (28,), at a scene frame; beyond the ends those of the ends."""
        sample = float(np.clip((frame - self.start) / self.step, 0, len(self.std) - 1))
        below = min(int(sample), max(len(self.std) - 2, 0))
        share = sample - below
        after = self.std[min(below + 1, len(self.std) - 1)]
        return (1 - share) * self.std[below] + share * after, self.pins[round(sample)]


def doubt_of(ob: bpy.types.Object) -> Doubt | None:
    """What a result says of itself; None where the settings estimated nothing or it cannot be read."""
    try:
        header = str(ob[RESULT]["header"])
    except (KeyError, TypeError):  # no result, or a property that somebody wrote over
        return None
    if header not in _known:
        if len(_known) >= _MOST:
            _known.clear()
        _known[header] = _read(ob)
    return _known[header]


_MOST: Final = 8
_known: dict[str, Doubt | None] = {}
"""What was unpacked, by its header, which names what it is the header of."""


def _read(ob: bpy.types.Object) -> Doubt | None:
    try:
        record = stored_result(ob)
    except InputError:
        return None
    if record is None or record.std is None or record.positions is None:
        return None
    pins = np.zeros(record.std.shape, bool) if record.pins is None else record.pins
    head = HEAD * float(body_scale(record.positions)) * record.placement.scale
    return Doubt(record.std, pins, head or HEAD * BODY_METRES, record.timing.start, record.timing.step)


def rings(ob: bpy.types.Object, doubt: Doubt, frame: float) -> tuple[np.ndarray, np.ndarray]:
    """Rings around an evaluated armature's joints, and crosses on pins, in armature space.

    Returns:
        Ends of line segments (2 x segments, 3) and their colours (2 x segments, 4).

    """
    std, pins = doubt.at(frame)
    bones = pose_bones_of(ob)
    heads = np.empty((len(bones), 3), np.float32)
    bones.foreach_get("head", heads.ravel())
    place = {bone.name: i for i, bone in enumerate(bones)}
    shown = [i for i, joint in enumerate(JOINTS) if joint in place]
    centres = heads[[place[JOINTS[i]] for i in shown]]
    off, pinned = std[shown] / doubt.head, pins[shown]
    wide = (off > LEAST) & ~pinned
    lines = [circles(centres[wide], std[shown][wide]), crosses(centres[pinned], 0.12 * doubt.head)]
    paint = [np.repeat(colours(off[wide]), 2 * SEGMENTS, 0), np.tile(_PIN, (4 * int(pinned.sum()), 1))]
    return np.concatenate(lines), np.concatenate(paint)


def circles(centres: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Circles in the picture plane, X and Z, as ends of segments: (n x SEGMENTS x 2, 3)."""
    angle = 2 * np.pi * np.arange(SEGMENTS + 1) / SEGMENTS
    unit = np.stack([np.cos(angle), np.zeros(SEGMENTS + 1), np.sin(angle)], -1)
    points = centres[:, None] + radii[:, None, None] * unit
    return np.stack([points[:, :-1], points[:, 1:]], 2).reshape(-1, 3)


def crosses(centres: np.ndarray, size: float) -> np.ndarray:
    """Upright crosses in the picture plane as ends of segments: (n x 4, 3)."""
    arms = size * np.array([[-1.0, 0, 0], [1, 0, 0], [0, 0, -1], [0, 0, 1]])
    return np.asarray((centres[:, None] + arms).reshape(-1, 3))


def colours(off: np.ndarray) -> np.ndarray:
    """From green over yellow to red for standard deviations (n,) in heads: (n, 4)."""
    share = ((off - SURE) / (UNSURE - SURE)).clip(0, 1)
    channels = [np.interp(share, [0, 0.5, 1], hues) for hues in zip(_GREEN, _YELLOW, _RED, strict=True)]
    return np.stack([*channels, np.full(len(share), 0.8)], -1)
