"""Feet of a result that are held where they stand, stored with its armature."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Final

import bpy
import numpy as np

from ...core.body.skeleton import JOINTS
from ...core.contacts import FEET, lock
from ..records import Holder, Packed, damage_named, load, pack, store

LOCKS: Final = "jumps_locks"


@dataclass(frozen=True)
class Locks:
    """Where feet are held.

    `free` (frames, 28, 2), pixels, all joints as they were solved, before any was held; `places` (frames, 28, 2), NaN
    where a joint is not held; `strength` 0..1, how much of the way there joints go.
    """

    free: np.ndarray
    places: np.ndarray
    strength: float = 1.0

    @property
    def held(self) -> np.ndarray:
        """Bool (frames, 28)."""
        return np.asarray(np.isfinite(self.places).all(-1))

    def applied(self, pinned: np.ndarray, fps: float) -> np.ndarray:
        """All joints (frames, 28, 2) with feet held; pins, bool (frames, 28), stay."""
        return as_stored(lock(self.free, self.places, fps, pinned, self.strength))

    def contacts_of(self, chosen: np.ndarray) -> np.ndarray:
        """The contacts that hold any of the chosen joints, bool (frames, 28) both: joints at all frames of theirs."""
        whole = np.zeros(chosen.shape, bool)
        for joint in np.flatnonzero((chosen & self.held).any(0)):
            contact = self._numbered(joint)
            whole[:, joint] = np.isin(contact, contact[chosen[:, joint] & self.held[:, joint]])
        return whole & self.held

    def without(self, released: np.ndarray) -> Locks:
        """The locks but for joints that are let go, bool (frames, 28)."""
        return replace(self, places=np.where(released[..., None], np.nan, self.places))

    def carried(self, pins: np.ndarray, moved: np.ndarray) -> Locks:
        """The locks with contacts moved along where an animator moved one of their joints.

        `pins` (frames, 28, 2), where they are; `moved` bool (frames, 28), which of them are new.
        """
        places = self.places.copy()
        new = moved & self.held & np.isfinite(pins).all(-1)
        for joint in np.flatnonzero(new.any(0)):
            contact = self._numbered(joint)
            for number in np.unique(contact[new[:, joint]]):
                whole = (contact == number) & self.held[:, joint]
                at = whole & new[:, joint]
                places[whole, joint] += (pins[at, joint] - self.places[at, joint]).mean(0)
        return replace(self, places=as_stored(places))

    def _numbered(self, joint: int) -> np.ndarray:
        """A number for each frame (frames,) that changes wherever the joint's place does."""
        there = np.nan_to_num(self.places[:, joint], nan=-1e9)
        return np.cumsum((np.diff(there, axis=0, prepend=there[:1]) != 0).any(-1))


def as_stored(positions: np.ndarray) -> np.ndarray:
    """Positions as they are when they were stored and read, so that what did not change compares equal."""
    return positions.astype(np.float32).astype(np.float64)


def store_locks(ob: bpy.types.Object, packed: Packed | None) -> None:
    """Store what was packed with the armature; None = nothing is held any more."""
    if packed:
        store(ob, LOCKS, packed)
    elif ob.get(LOCKS) is not None:
        del ob[LOCKS]


def pack_locks(locks: Locks | None) -> Packed | None:
    """Locks as they are stored; None without any held joint. Touches nothing of Blender's."""
    if locks is None or not locks.held.any():
        return None
    arrays = {"free": locks.free.astype("<f4"), "places": locks.places[:, FEET].astype("<f4")}
    digest = zlib.crc32(b"".join(array.tobytes() for array in arrays.values()))
    return pack({"strength": float(locks.strength), "digest": digest}, arrays)


def stored_locks(ob: Holder, frames: int) -> Locks | None:
    """The locks of a result of so many frames; None where nothing is held.

    Raises:
        InputError: they are damaged, or of a newer version.

    """
    if ob.get(LOCKS) is None:
        return None
    with damage_named(ob, LOCKS):
        header, arrays = load(ob, LOCKS)
        if arrays["free"].shape != (frames, len(JOINTS), 2):
            raise ValueError(f"shape {arrays['free'].shape}, expected {frames} frames")
        places = np.full((frames, len(JOINTS), 2), np.nan)
        places[:, FEET] = arrays["places"].astype(np.float64)
        return Locks(arrays["free"].astype(np.float64), places, header["strength"])
