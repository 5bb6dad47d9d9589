"""What an animator did to imported tracks beside moving keys: sides exchanged, points not to be used.

Stored with the armature, over frames of the clip. What was imported stays as it was stored, and keys stay where they
are, so that everything can be taken back. That a point is not to be used holds for where it lay: once it is moved by
hand, it counts again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import bpy
import numpy as np

from ..records import TracksRecord, damage_named, digest_of, load, pack, store

MENDS: Final = "jumps_mends"

STAYS: Final = 0.1
"""Pixels within which a point is still where it was judged."""

_SIDE: Final = re.compile(r"(?<![a-z])(left|right)(?![a-z])")


@dataclass(frozen=True)
class Mends:
    """Over frames of the clip from its frame `first` on.

    `exchanged` bool (frames, joints), joints that have the place of their partner on the other side; `ignored` (frames,
    joints, 2), pixels, where points lie that are not to be used, NaN elsewhere.
    """

    first: int
    exchanged: np.ndarray
    ignored: np.ndarray

    @classmethod
    def none(cls, first: int, frames: int, joints: int) -> Mends:
        """Nothing was mended."""
        return cls(first, np.zeros((frames, joints), bool), np.full((frames, joints, 2), np.nan))

    def over(self, first: int, frames: int) -> Mends:
        """The same over other frames of the clip."""
        return Mends(
            first,
            aligned(self.exchanged, self.first, first, frames, False),
            aligned(self.ignored, self.first, first, frames, np.nan),
        )


def aligned(values: np.ndarray, first: int, wanted: int, frames: int, fill: float) -> np.ndarray:
    """Values (n, ...) of a clip's frames from `first` on, as those of `frames` frames from `wanted` on."""
    out = np.full((frames, *values.shape[1:]), fill, values.dtype)
    begin, end = max(first, wanted), min(first + len(values), wanted + frames)
    if begin < end:
        out[begin - wanted : end - wanted] = values[begin - first : end - first]
    return out


def stays(points: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Bool (...): points (..., 2) that lie where they were judged, (..., 2), NaN = they were not."""
    return np.asarray(np.linalg.norm(points - judged, axis=-1) <= STAYS)


def partner_of(joint: str) -> str:
    """The joint on the other side; its own partner where it has no side."""
    return _SIDE.sub(lambda side: "right" if side[1] == "left" else "left", joint)


def partners(joints: tuple[str, ...]) -> np.ndarray:
    """Index of each joint's partner on the other side, its own where there is none among them."""
    return np.array([joints.index(other) if (other := partner_of(joint)) in joints else joints.index(joint)
                     for joint in joints])  # fmt: skip


def exchange(values: np.ndarray, joints: tuple[str, ...], chosen: np.ndarray) -> np.ndarray:
    """Values (frames, joints, ...) with the partner's where bool (frames, joints) says so."""
    where = chosen.reshape(*chosen.shape, *(1,) * (values.ndim - 2))
    return np.where(where, values[:, partners(joints)], values)


def with_sides(record: TracksRecord, mends: Mends) -> TracksRecord:
    """Imported tracks with sides exchanged."""
    tracks = record.tracks
    here, names = mends.over(tracks.first_frame, len(tracks)).exchanged, tracks.joint_set.joints
    if not here.any():
        return record
    mended = replace(
        tracks,
        positions=exchange(tracks.positions, names, here),
        confidence=exchange(tracks.confidence, names, here),
    )
    return replace(record, tracks=mended)


def store_mends(ob: bpy.types.Object, mends: Mends) -> None:
    """Store them with the armature."""
    arrays = {"exchanged": mends.exchanged.astype("u1"), "ignored": mends.ignored.astype("<f4")}
    header = {"first": int(mends.first), "digest": digest_of(arrays)}
    store(ob, MENDS, pack(header, arrays))


def stored_mends(ob: bpy.types.Object, record: TracksRecord) -> Mends:
    """Those of imported tracks, over the tracks' frames.

    Raises:
        InputError: they are damaged, or of a newer version.

    """
    first, shape = record.tracks.first_frame, record.tracks.positions.shape
    if ob.get(MENDS) is None:
        return Mends.none(first, *shape[:2])
    with damage_named(ob, MENDS):
        header, arrays = load(ob, MENDS)
        mends = Mends(header["first"], arrays["exchanged"].astype(bool), arrays["ignored"].astype(np.float64))
        if mends.exchanged.shape[1:] != shape[1:2] or mends.ignored.shape != (*mends.exchanged.shape, 2):
            raise ValueError(f"{mends.exchanged.shape[1:]} joints, expected {shape[1:2]}")
    return mends
