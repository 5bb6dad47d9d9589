"""What an animator can do to imported tracks beside moving keys: exchange sides, ignore points, use them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import bpy
import numpy as np

from ...errors import InputError
from ..records import TracksRecord
from ..scene.actions import PLACE, exchange_keys, key_frames, selected_key_frames
from ..scene.present import bones_of, scene_of
from ..scene.rekeying import why_locked
from ..scene.sampling import sample_points
from ..scene.shared_actions import own_action
from .armature import join_bones_anew
from .counting import Imported
from .findings import Findings, store_findings, stored_findings
from .mends import Mends, exchange, partner_of, store_mends, stored_mends
from .placement import Timing
from .readback import standing_import

LIMBS: Final = {
    "LEGS": ("hip", "knee", "ankle", "foot", "toe", "heel"),
    "ARMS": ("shoulder", "elbow", "wrist", "hand", "thumb", "index", "middle", "ring", "little", "pinky"),
}
"""What the joints of a limb are called; legs first, since a foot has an index too."""


@dataclass(frozen=True)
class Part:
    """A part of imported tracks: `record` as they stand, its samples `chosen`, bool (frames,), and `joints` by name."""

    record: TracksRecord
    chosen: np.ndarray
    joints: tuple[str, ...]

    @property
    def mask(self) -> np.ndarray:
        """Bool (frames, joints of the set)."""
        return self.chosen[:, None] & np.isin(self.record.tracks.joint_set.joints, self.joints)


def part_of(context: bpy.types.Context, ob: bpy.types.Object, joints: Sequence[str], frames: str) -> Part:
    """The part of imported tracks that is meant.

    Args:
        context: for the scene's frames.
        ob: the armature.
        joints: names of bones; those that are no joints of the tracks are left out.
        frames: "CURRENT", "KEYS" (the joints' selected keys), "RANGE" (the preview range, else the scene's) or "ALL".

    Raises:
        InputError: the tracks have no keys, or cannot be read.

    """
    record = standing(ob)
    known = tuple(joint for joint in record.tracks.joint_set.joints if joint in joints and joint in bones_of(ob))
    chosen = np.ones(len(record.tracks), bool)
    if frames != "ALL":
        chosen = samples_at(record.timing, len(record.tracks), _scene_frames(context, ob, known, frames))
    return Part(record, chosen, known)


def standing(ob: bpy.types.Object) -> TracksRecord:
    """Imported tracks at the moments of their keys; raises InputError where there are none."""
    keys = key_frames(ob, PLACE)
    record = standing_import(ob, keys) if keys else None
    if record is None:
        raise InputError(f"{ob.name!r} has no imported tracks with keys: undo, or import the keypoint file again.")
    return record


def samples_at(timing: Timing, count: int, frames: np.ndarray) -> np.ndarray:
    """The samples that scene frames (n,) show, bool (count,): each frame's nearest, and all whose nearest it is."""
    at = timing.frames(count)
    chosen = np.isin(np.rint(at), frames)
    nearest = np.rint((frames - timing.start) / timing.step).astype(int)
    chosen[nearest[(nearest >= 0) & (nearest < count)]] = True
    return chosen


def limb_joints(joints: Sequence[str], which: str) -> tuple[str, ...]:
    """Of the joints with a side those of both "ARMS", of both "LEGS", or of the whole body ("ALL")."""
    return tuple(joint for joint in joints if partner_of(joint) in joints and joint != partner_of(joint)
                 and which in ("ALL", _limb_of(joint)))  # fmt: skip


def swap_sides(ob: bpy.types.Object, part: Part) -> int:
    """Exchange left and right, keys and confidences, of joints and their partners; returns how many samples changed.

    Raises:
        InputError: none of the joints has a partner, or the keys lie in NLA strips or are locked.

    """
    pairs = sorted({tuple(sorted((joint, partner_of(joint)))) for joint in part.joints})
    pairs = [pair for pair in pairs if pair[0] != pair[1] and all(joint in bones_of(ob) for joint in pair)]
    if not pairs:
        raise InputError("None of the joints has a partner on the other side: select arms or legs.")
    if ob.animation_data is None or ob.animation_data.action is None:
        raise InputError(f"The keys of {ob.name!r} lie in NLA strips: tweak the strip (Tab in the NLA editor) first.")
    part = replace(part, joints=tuple(joint for pair in pairs for joint in pair))
    timing, judged = part.record.timing, _exchanged(ob, part.record, part.mask)

    def chosen(frames: np.ndarray) -> np.ndarray:
        samples = np.rint((frames - timing.start) / timing.step).astype(int)
        inside = (samples >= 0) & (samples < len(part.chosen))
        return inside & part.chosen[samples.clip(0, len(part.chosen) - 1)]

    if locked := why_locked(ob, part.joints):
        raise InputError(locked)
    before = key_frames(ob, PLACE)
    if not any(chosen(before[joint]).any() for joint in part.joints if joint in before):
        return 0
    own_action(ob)
    exchange_keys(ob, [(left, right) for left, right in pairs], chosen)
    store_mends(ob, judged[0])
    if judged[1]:
        store_findings(ob, judged[1])
    if (now := set(key_frames(ob, PLACE))) != set(before):
        join_bones_anew(ob, part.record.tracks.joint_set.joints, now)
    return int(part.chosen.sum())


def ignore(context: bpy.types.Context, ob: bpy.types.Object, part: Part) -> int:
    """Let points count as not observed as long as they stay where they are; returns how many those are."""
    there = _counting(context, ob, part)
    mends = _mends_of(ob, part.record)
    new = np.isfinite(there).all(-1) & ~np.isfinite(mends.ignored).all(-1)
    if new.any():
        store_mends(ob, replace(mends, ignored=np.where(np.isfinite(there), there, mends.ignored)))
    return int(new.sum())


def use_again(ob: bpy.types.Object, part: Part) -> int:
    """Let points count again that were to be ignored; returns how many those were."""
    mends = _mends_of(ob, part.record)
    back = part.mask & np.isfinite(mends.ignored).all(-1)
    if back.any():
        store_mends(ob, replace(mends, ignored=np.where(back[..., None], np.nan, mends.ignored)))
    return int(back.sum())


def _limb_of(joint: str) -> str:
    return next((limb for limb, words in LIMBS.items() if any(word in joint for word in words)), "")


def _scene_frames(context: bpy.types.Context, ob: bpy.types.Object, joints: Sequence[str], which: str) -> np.ndarray:
    scene = scene_of(context)
    if which == "CURRENT":
        return np.array([scene.frame_current], float)
    if which == "KEYS":
        return selected_key_frames(ob, joints)
    if scene.use_preview_range:
        return np.arange(scene.frame_preview_start, scene.frame_preview_end + 1.0)
    return np.arange(scene.frame_start, scene.frame_end + 1.0)


def _mends_of(ob: bpy.types.Object, record: TracksRecord) -> Mends:
    tracks = record.tracks
    return stored_mends(ob, record).over(tracks.first_frame, len(tracks))


def _exchanged(ob: bpy.types.Object, record: TracksRecord, mask: np.ndarray) -> tuple[Mends, Findings | None]:
    """What is said of points, once those in bool (frames, joints) have changed sides; nothing is stored."""
    joints, mends = record.tracks.joint_set.joints, _mends_of(ob, record)
    mends = replace(mends, exchanged=mends.exchanged ^ mask, ignored=exchange(mends.ignored, joints, mask))
    findings = stored_findings(ob, len(joints))
    if findings is None:
        return mends, None
    findings = findings.over(record.tracks.first_frame, len(mask))
    halves = [np.isin(joints, limb_joints(joints, limb)) for limb in ("ARMS", "LEGS")]
    right = np.stack([(mask | ~half).all(1) & half.any() for half in halves], -1)
    rejected = exchange(findings.rejected, joints, mask)
    return mends, replace(findings, rejected=rejected, swapped=findings.swapped & ~right)


def _counting(context: bpy.types.Context, ob: bpy.types.Object, part: Part) -> np.ndarray:
    """Where the part's points lie that count as observed, (frames, joints of the set, 2), pixels, NaN elsewhere."""
    record = part.record
    there = np.full_like(record.tracks.positions, np.nan)
    if not part.joints or not part.chosen.any():
        return there
    known = Imported.of(ob, record, key_frames(ob, PLACE), part.joints, part.chosen)
    sampled = sample_points(context, ob, part.joints, known.looks)
    found = known.counted(record.placement.to_image(sampled[..., [0, 2]]))
    columns = np.array([record.tracks.joint_set.index(joint) for joint in part.joints])
    there[np.ix_(np.flatnonzero(part.chosen), columns)] = np.where(found.observed[..., None], found.points, np.nan)
    return there
