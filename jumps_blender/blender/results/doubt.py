"""What a result says of itself at the current frame, as line segments.

Rings tell how far joints may be off, upright crosses pins, slanting ones where a point was that cannot be right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np

from ...core.body.normalise import BODY_METRES, HEAD, body_scale
from ...core.body.skeleton import JOINTS
from ...errors import InputError
from ..records import RESULT, SOURCE, Packed, ResultRecord, TracksRecord, stored_result, stored_tracks
from ..scene.kept import Kept
from ..scene.present import pose_bones_of
from .between import Between

SEGMENTS: Final = 32

SURE: Final = 0.05
UNSURE: Final = 0.35
"""Heads: up to the one a ring is green, from the other on red."""

LEAST: Final = 0.02
"""Heads; a joint that is surer has no ring."""

PIN: Final = 0.12
ASTRAY: Final = 0.14
"""Heads; half the size of crosses."""

_GREEN, _YELLOW, _RED = (0.25, 0.85, 0.35), (0.95, 0.8, 0.2), (0.95, 0.25, 0.2)
_PIN: Final = (1.0, 1.0, 1.0, 0.9)


@dataclass(frozen=True)
class Doubt:
    """What a result says of itself, sample by sample.

    `std` (frames, 28) in armature units, 0 where the settings estimated nothing, `head`, the head's size in them;
    `pins` bool (frames, 28), and `between`, pins between samples; `astray` (frames, joints of the input, 2), X and Z of
    points that were not believed, NaN elsewhere; sample i lies at the scene frame `start` + i `step`.
    """

    std: np.ndarray
    pins: np.ndarray
    between: Between
    astray: np.ndarray
    head: float
    start: float
    step: float

    @property
    def count(self) -> int:
        """Pins in all."""
        return int(self.pins.sum()) + len(self.between)

    def at(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        """Standard deviations (28,) and pins, bool (28,), at a scene frame; beyond the ends those of the ends."""
        sample = self._sample(frame)
        below = min(int(sample), max(len(self.std) - 2, 0))
        share = sample - below
        after = self.std[min(below + 1, len(self.std) - 1)]
        pins = self.pins[self.sample(frame)].copy()
        pins[self.between.joints[np.abs(self.between.frames - frame) <= self.step / 2]] = True
        return (1 - share) * self.std[below] + share * after, pins

    def astray_at(self, frame: float) -> np.ndarray:
        """X and Z (n, 2) of the points that were not believed at a scene frame."""
        points = self.astray[self.sample(frame)]
        return points[np.isfinite(points).all(-1)]

    def pin_frames(self, joints: Sequence[int] = range(len(JOINTS))) -> np.ndarray:
        """Sorted whole scene frames with a pin of any of these joints."""
        pinned = np.flatnonzero(self.pins[:, list(joints)].any(1))
        between = self.between.frames[np.isin(self.between.joints, list(joints))]
        return np.unique(np.rint(np.concatenate([self.start + pinned * self.step, between])).astype(int))

    def sample(self, frame: float) -> int:
        """The sample nearest to a scene frame; beyond the ends that of the end."""
        return round(self._sample(frame))

    def _sample(self, frame: float) -> float:
        return float(np.clip((frame - self.start) / self.step, 0, len(self.std) - 1))


_kept: Kept[Doubt | None] = Kept()


def doubt_of(ob: bpy.types.Object) -> Doubt | None:
    """What a result says of itself; None where there is none, or it cannot be read."""
    try:
        header = str(ob[RESULT]["header"])
    except (KeyError, TypeError):  # no result, or a property that somebody wrote over
        return None
    return _kept.get(header, lambda: _read(ob))


def foretell_doubt(packed: Packed, doubt: Doubt) -> None:
    """Have the answer ready for once this result is stored: the redraw that then asks shall not wait."""
    _kept.keep(str(packed["header"]), doubt)


def _read(ob: bpy.types.Object) -> Doubt | None:
    try:
        record = stored_result(ob)
        return None if record is None or record.positions is None else doubt_from(record, stored_tracks(ob, SOURCE))
    except InputError:
        return None


def doubt_from(record: ResultRecord, tracks: TracksRecord | None) -> Doubt:
    """What a result says of itself, of these tracks. Touches nothing of Blender's."""
    assert record.positions is not None
    astray, shape = _astray(record, tracks), record.observed.shape
    pins = np.zeros(shape, bool) if record.pins is None else record.pins
    std = np.zeros(shape) if record.std is None else record.std
    head = HEAD * float(body_scale(record.positions)) * record.placement.scale
    between, timing = Between.of(record.between), record.timing
    return Doubt(std, pins, between, astray, head or HEAD * BODY_METRES, timing.start, timing.step)


def _astray(record: ResultRecord, tracks: TracksRecord | None) -> np.ndarray:
    if tracks is None:
        return np.full((*record.rejected.shape, 2), np.nan)
    here = tracks.tracks.positions[record.first : record.first + len(record.rejected)]
    return record.placement.to_armature(np.where(record.rejected[..., None], here, np.nan))


def rings(ob: bpy.types.Object, doubt: Doubt, frame: float) -> tuple[np.ndarray, np.ndarray]:
    """Rings around an evaluated armature's joints, crosses on pins, and points not believed, in armature space.

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
    astray = np.insert(doubt.astray_at(frame), 1, 0.0, axis=-1)
    lines = [
        circles(centres[wide], std[shown][wide]),
        crosses(astray, ASTRAY * doubt.head, slanting=True),
        crosses(centres[pinned], PIN * doubt.head),
    ]
    paint = [
        np.repeat(colours(off[wide]), 2 * SEGMENTS, 0),
        np.tile((*_RED, 0.9), (4 * len(astray), 1)),
        np.tile(_PIN, (4 * int(pinned.sum()), 1)),
    ]
    return np.concatenate(lines), np.concatenate(paint)


def circles(centres: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Circles in the picture plane, X and Z, as ends of segments: (n x SEGMENTS x 2, 3)."""
    angle = 2 * np.pi * np.arange(SEGMENTS + 1) / SEGMENTS
    unit = np.stack([np.cos(angle), np.zeros(SEGMENTS + 1), np.sin(angle)], -1)
    points = centres[:, None] + radii[:, None, None] * unit
    return np.stack([points[:, :-1], points[:, 1:]], 2).reshape(-1, 3)


def crosses(centres: np.ndarray, size: float, slanting: bool = False) -> np.ndarray:
    """Crosses in the picture plane, upright or slanting, as ends of segments: (n x 4, 3)."""
    arms = size * np.array([[-1.0, 0, 0], [1, 0, 0], [0, 0, -1], [0, 0, 1]])
    if slanting:
        arms = size * np.array([[-1.0, 0, -1], [1, 0, 1], [-1, 0, 1], [1, 0, -1]]) * np.sqrt(0.5)
    return np.asarray((centres[:, None] + arms).reshape(-1, 3))


def colours(off: np.ndarray, sure: float = SURE, unsure: float = UNSURE) -> np.ndarray:
    """From green over yellow to red for standard deviations (n,) in heads, or for anything else: (n, 4)."""
    share = ((off - sure) / (unsure - sure)).clip(0, 1)
    channels = [np.interp(share, [0, 0.5, 1], hues) for hues in zip(_GREEN, _YELLOW, _RED, strict=True)]
    return np.stack([*channels, np.full(len(share), 0.8)], -1)
