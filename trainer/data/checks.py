"""What is wrong with many circulated captures, told of a clip after it was harmonised.

Sizes that no body has are refused: a wrong unit spoils everything. The rest is told, so that people can correct their
manifest or `skeletons.json`: bones that conversions lost, a pose for calibration before the motion, a rate that is not
the capture's, one body for everybody.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS, PARENTS
from jumps_blender.errors import FormatError

from .dataset import Clip
from .manifest import ClipEntry

THIGH: Final = (0.15, 0.65)
"""Metres, from children to giants."""
LOST: Final = 0.01
"""Metres: a bone as short as this was lost in a conversion."""
FASTEST: Final = 9.0
"""Metres per second, the 95th percentile of feet in a clip: runners, kicks and flips reach 7."""
CMU_AT_60: Final = frozenset({33, 34, 42, 60, 61, 62, 74, 75, 77, 79, 80, 87, 88, 89, 136})
"""CMU's subjects that were recorded at 60 frames per second, by its list; their BVH conversions say 120."""
SAME: Final = 0.0005
"""Metres by which the bones of two people differ who are one body of a conversion."""

_BONES: Final = [joint for joint, parent in enumerate(PARENTS) if parent >= 0]
_RIGID: Final = [INDEX[f"{side}_{part}"] for side in ("left", "right") for part in ("elbow", "knee", "ankle")]


@dataclass(frozen=True)
class Finding:
    """Something to know about a clip or a source; `kind` is the same for all findings of the same kind."""

    where: str
    kind: str


def bone_lengths(clip: Clip) -> np.ndarray:
    """(28,) metres from each joint to its parent, medians over valid frames; 0 at the root."""
    positions = clip.positions[clip.valid]
    bones = np.linalg.norm(positions - positions[:, np.maximum(PARENTS, 0)], axis=-1)
    lengths: np.ndarray = np.median(bones, axis=0)
    lengths[np.array(PARENTS) < 0] = 0
    return lengths


def refuse_wrong_units(clip: Clip) -> None:
    """Raise FormatError where the thighs are not a human's, as they are in a wrong unit."""
    thigh = float(bone_lengths(clip)[[INDEX["left_knee"], INDEX["right_knee"]]].mean())
    if not THIGH[0] < thigh < THIGH[1]:
        raise FormatError(
            f"{clip.id} has thighs of {thigh:.3g} m, expected {THIGH[0]} to {THIGH[1]}. "
            "Correct unit_in_metres in the manifest."
        )


def findings(clip: Clip, entry: ClipEntry, rate_in_file: float) -> list[Finding]:
    """What is remarkable about one clip that was harmonised from a manifest's entry."""
    kinds = []
    known = entry.first_frame > 0 or any(first == 0 for first, _ in entry.glitches)
    if not (clip.valid[0] or known):
        kinds.append("begins with a pose for calibration or a lost marker: the first frame was left out")
    lengths = bone_lengths(clip)
    if lost := [JOINTS[joint] for joint in _BONES if lengths[joint] < LOST]:
        kinds.append(f"lies on its parent: {', '.join(lost)} (an offset or End Site of length 0; see skeletons.json)")
    if abs(rate_in_file / entry.fps - 1) > 0.02:
        kinds.append(f"the file says {rate_in_file:.4g} frames per second, the manifest {entry.fps:.4g}: believed")
    if _cmu_subject(entry) in CMU_AT_60 and entry.fps > 61:
        kinds.append(f"CMU recorded this subject at 60 frames per second, the manifest says {entry.fps:g}")
    if _speed_of_feet(clip) > FASTEST:
        kinds.append(f"feet are faster than {FASTEST:g} m/s in 5 % of the frames: is the rate too high?")
    return [Finding(clip.id, kind) for kind in kinds]


def _cmu_subject(entry: ClipEntry) -> int | None:
    """The subject's number, where names tell that the clip is of CMU."""
    number = re.search(r"(\d+)_\d+", Path(entry.member).stem)
    return int(number[1]) if number and "cmu" in f"{entry.source} {entry.subject} {entry.licence}".lower() else None


def _speed_of_feet(clip: Clip) -> float:
    feet = clip.positions[:, [INDEX["left_ankle"], INDEX["right_ankle"]]]
    both = clip.valid[1:] & clip.valid[:-1]
    steps = np.linalg.norm(np.diff(feet, axis=0), axis=-1)[both] * clip.fps
    return float(np.percentile(steps, 95)) if len(steps) else 0.0


def one_body(clips: Iterable[Clip]) -> list[Finding]:
    """Sources whose subjects, several, all have the limbs of one body."""
    limbs: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    for clip in clips:
        limbs[clip.source].setdefault(clip.subject, bone_lengths(clip)[_RIGID])
    return [
        Finding(source, f"{len(of_subjects)} subjects share one body: learn motion from it, not the shape of bodies")
        for source, of_subjects in limbs.items()
        if len(of_subjects) > 1 and np.ptp(list(of_subjects.values()), axis=0).max() < SAME
    ]


def begins_with_rest_pose(positions: np.ndarray) -> bool:
    """Whether the first frame of (frames, 28, 3) metres is a pose for calibration: the second is elsewhere at once.

    Some joint, seen from the pelvis, then jumps by more than 0.3 m and three times as far as in any of the next steps:
    true of 150 of the 151 conversions of CMU that begin with such a pose, and of none of 339 other captures.
    """
    seen = positions[:12] - positions[:12, INDEX["pelvis"], None]
    steps = np.linalg.norm(np.diff(seen, axis=0), axis=-1).max(1)
    return bool(len(steps) > 3 and steps[0] > 0.3 and steps[0] > 3 * steps[1:].max())
