"""What the screen found in imported tracks, by a check or in a solve; stored with their armature.

That a point cannot be right was said of where it lay: once it is moved, nothing is known of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np

from ..records import (
    Packed,
    ResultRecord,
    TracksRecord,
    damage_named,
    digest_of,
    load,
    pack,
    store,
    tracks_header,
)
from .mends import aligned

FINDINGS: Final = "jumps_findings"


@dataclass(frozen=True)
class Findings:
    """Over frames of the clip from its frame `first` on.

    `rejected` (frames, joints, 2), pixels, where points lie that cannot be right, NaN elsewhere; `swapped` bool
    (frames, 2), arms and legs whose sides seem to be exchanged.
    """

    first: int
    rejected: np.ndarray
    swapped: np.ndarray

    @classmethod
    def of(cls, record: TracksRecord, rejected: np.ndarray, swapped: np.ndarray) -> Findings:
        """What was found of tracks, bool (frames, joints) and (frames, 2)."""
        tracks = record.tracks
        return cls(tracks.first_frame, np.where(rejected[..., None], tracks.positions, np.nan), swapped)

    def over(self, first: int, frames: int) -> Findings:
        """The same over other frames of the clip."""
        return Findings(
            first,
            aligned(self.rejected, self.first, first, frames, np.nan),
            aligned(self.swapped, self.first, first, frames, False),
        )


def store_findings(ob: bpy.types.Object, findings: Findings) -> None:
    """Store them with the armature."""
    store(ob, FINDINGS, pack_findings(findings))


def pack_findings(findings: Findings) -> Packed:
    """Findings as they are stored; touches nothing of Blender's."""
    arrays = {"rejected": findings.rejected.astype("<f4"), "swapped": findings.swapped.astype("u1")}
    return pack({"first": int(findings.first), "digest": digest_of(arrays)}, arrays)


def stored_findings(ob: bpy.types.Object, joints: int) -> Findings | None:
    """Those of imported tracks of so many joints; None where nobody looked, or what is there cannot be read."""
    if ob.get(FINDINGS) is None:
        return None
    with damage_named(ob, FINDINGS):
        header, arrays = load(ob, FINDINGS)
        findings = Findings(header["first"], arrays["rejected"].astype(np.float64), arrays["swapped"].astype(bool))
        if findings.rejected.shape != (len(findings.swapped), joints, 2):
            raise ValueError(f"shape {findings.rejected.shape}, expected {joints} joints")
    return findings


def learn_from(source: bpy.types.Object, tracks: TracksRecord, result: ResultRecord) -> None:
    """Let imported tracks know what a solve, of all or a part of them, found."""
    header = tracks_header(source)
    if header is None or result.swapped is None or tuple(header["joints"]) != tracks.tracks.joint_set.joints:
        return
    first = tracks.tracks.first_frame + result.first
    solved = aligned(tracks.tracks.positions, tracks.tracks.first_frame, first, len(result.rejected), np.nan)
    store_findings(source, Findings(first, np.where(result.rejected[..., None], solved, np.nan), result.swapped))
