"""What is asked for when a performance goes onto a rig."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Settings of a retargeting.

    `space`        "auto", "3d" or "cutout"
    `facing`       of a 3D rig without depth: "auto", "front", "left", "right" (of the picture) or "back"
    `travel`       where the root goes: "travel" as the person does, "stay", or "curve", along one
    `ground`       put the lowest foot of the clip on the rig's own ground, moved by `ground_level` armature units
    `scale`        rig's size over the person's; 0 = from their legs
    `mirror`       the performance as in a mirror
    `depth`        use it where the result has it
    `roll`         roll limbs by the plane of elbows and knees; else they keep their rest roll
    `stretch`      cut-out: bones are as long as their limb is seen
    `layers`       cut-out: key the order of limbs, back to front, as a custom property
    `limbs`        "fk", "ik" or "legs", which is IK for legs only, on rigs that have both
    """

    space: str = "auto"
    facing: str = "auto"
    travel: str = "travel"
    ground: bool = True
    ground_level: float = 0.0
    scale: float = 0.0
    mirror: bool = False
    depth: bool = True
    roll: bool = True
    stretch: bool = False
    layers: bool = False
    limbs: str = "fk"
