"""Chains of the body: which bone of a rig shows which of the 28 joints, and where it ends.

A bone is mapped to the joint at its head. It reaches to the next mapped joint of its chain, so that a rig of three
spine bones follows the same curve of the back as one of five.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

SIDES: Final = ("left", "right")

TORSO: Final = ("pelvis", "spine", "spine2", "spine3", "spine4")
AXIAL: Final = (*TORSO, "neck", "head", "head_top")
ARM: Final = ("clavicle", "shoulder", "elbow", "wrist", "hand")
LEG: Final = ("hip", "knee", "ankle", "foot", "toe")

CHAINS: Final[tuple[tuple[str, ...], ...]] = (
    AXIAL,
    *(tuple(f"{side}_{part}" for part in limb) for limb in (ARM, LEG) for side in SIDES),
)
"""Every joint is in one of them, from the body outwards."""

LAST: Final = frozenset({"head_top", "left_hand", "right_hand", "left_toe", "right_toe"})
"""Joints at the end of a chain: a bone mapped to one only tells how long the bone before it is."""

_ENDS: Final[dict[str, str]] = {
    **dict.fromkeys(TORSO, "neck"), "neck": "head", "head": "head_top",
    **{f"{side}_{part}": f"{side}_{end}" for side in SIDES for part, end in (
        ("clavicle", "shoulder"), ("shoulder", "wrist"), ("elbow", "wrist"), ("wrist", "hand"), ("hip", "ankle"),
        ("knee", "ankle"), ("ankle", "toe"), ("foot", "toe"),
    )},
}  # fmt: skip
"""Where a bone ends that is the last mapped one of its chain."""


@dataclass(frozen=True)
class Segment:
    """A stretch of the body that one bone shows.

    `joint` at its head and `end`, the joint it points to; `next`, the same where a bone is mapped to it; `parent`, the
    joint of the segment that carries it, None at the root.
    """

    joint: str
    end: str
    next: str | None
    parent: str | None


def segments(mapped: Collection[str]) -> tuple[Segment, ...]:
    """The segments of a rig that has bones for these joints; parents come before their children."""
    found: list[Segment] = []
    for chain in CHAINS:
        known = [joint for joint in chain if joint in mapped]
        parent = _carrier(chain, mapped)
        for i, joint in enumerate(known):
            if joint in LAST:
                continue
            following = known[i + 1] if i + 1 < len(known) else None
            found.append(Segment(joint, following or _ENDS[joint], following, parent))
            parent = joint
    return tuple(found)


def _carrier(chain: tuple[str, ...], mapped: Collection[str]) -> str | None:
    """The joint whose segment carries a chain: arms hang on the top of the torso, legs on its bottom."""
    torso = [joint for joint in TORSO if joint in mapped]
    if chain is AXIAL or not torso:
        return None
    return torso[-1] if chain[0].endswith("clavicle") else torso[0]
