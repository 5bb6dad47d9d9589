"""The registry of target rigs: what each calls its bones. A new rig is a table.

A name stands for both sides where it holds {side}; what {side} becomes is told beside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from .mapping import RigMap
from .names import guess

_PREFIX: Final = re.compile(r"^(?:.*[:|])")


FK: Final[dict[str, float]] = {"IK_FK": 1.0}
IK: Final[dict[str, float]] = {"IK_FK": 0.0, "pole_vector": 1.0}
"""Custom properties of a switch, and what they are set to."""


@dataclass(frozen=True)
class Limb:
    """Controls of a limb with IK: `joints` that it replaces, upper, hinge and end; `end` and `pole`, its controls.

    `switch`: the bone with the custom properties that choose between FK and IK. `beyond` and `tip`: the joint after the
    end, and its control, where that is another than with FK.
    """

    joints: tuple[str, str, str]
    switch: str
    end: str
    pole: str
    tip: str = ""
    beyond: str = ""

    def on(self, side: str, said: str) -> Limb:
        """The limb of one side."""
        upper, hinge, end = (f"{side}_{joint}" for joint in self.joints)
        switch, control, pole, tip = (name.format(side=said) for name in (self.switch, self.end, self.pole, self.tip))
        return Limb((upper, hinge, end), switch, control, pole, tip, self.beyond and f"{side}_{self.beyond}")

    @property
    def is_leg(self) -> bool:
        """Whether it is a leg."""
        return self.joints[0].endswith("hip")


@dataclass(frozen=True)
class RigKind:
    """A kind of rig.

    `bones` joint (without side) -> bone; `sides` left and right in its names; `places`, `root` and `carried` as in
    `RigMap`. `limbs`: what shows them with IK. `known_by`: names that make a rig one of this kind.
    """

    id: str
    title: str
    sides: tuple[str, str]
    bones: dict[str, str]
    known_by: tuple[str, ...]
    places: dict[str, str] = field(default_factory=dict)
    root: str = ""
    carried: str = ""
    limbs: tuple[Limb, ...] = ()

    def mapping(self, names: Iterable[str]) -> RigMap:
        """The bones of a rig with these names, whatever prefix an exporter gave them."""
        actual = {_bare(name): name for name in names}
        bones, places = (
            {joint: actual[name.lower()] for joint, name in self._both(table).items() if name.lower() in actual}
            for table in (self.bones, self.places)
        )
        return RigMap(bones, self.id, places, actual.get(self.root.lower(), ""), self.carried)

    def ik_limbs(self) -> tuple[Limb, ...]:
        """The limbs of both sides."""
        return tuple(
            limb.on(side, said) for limb in self.limbs for side, said in zip(("left", "right"), self.sides, strict=True)
        )

    def recognises(self, names: Iterable[str]) -> bool:
        """Whether a rig with these bones is of this kind."""
        actual = {_bare(name) for name in names}
        return all(name.lower() in actual for name in self.known_by)

    def _both(self, table: dict[str, str]) -> dict[str, str]:
        found = {}
        for joint, name in table.items():
            if "{side}" not in name:
                found[joint] = name
                continue
            for side, said in zip(("left", "right"), self.sides, strict=True):
                found[f"{side}_{joint}"] = name.format(side=said)
        return found


def _bare(name: str) -> str:
    return _PREFIX.sub("", name).lower()


RIGIFY = RigKind(
    "rigify", "Rigify (generated)", (".L", ".R"),
    {
        "pelvis": "spine_fk", "spine": "spine_fk.001", "spine2": "spine_fk.002", "spine3": "spine_fk.003",
        "neck": "neck", "head": "head", "clavicle": "shoulder{side}", "shoulder": "upper_arm_fk{side}",
        "elbow": "forearm_fk{side}", "wrist": "hand_fk{side}", "hip": "thigh_fk{side}", "knee": "shin_fk{side}",
        "ankle": "foot_fk{side}", "foot": "toe_fk{side}",
    },
    known_by=("torso", "spine_fk", "ORG-spine", "upper_arm_fk.L", "thigh_fk.L"),
    places={
        "pelvis": "ORG-spine", "spine": "ORG-spine.001", "spine2": "ORG-spine.002", "spine3": "ORG-spine.003",
    },
    root="torso", carried="spine2",
    limbs=(
        Limb(("shoulder", "elbow", "wrist"), "upper_arm_parent{side}", "hand_ik{side}", "upper_arm_ik_target{side}"),
        Limb(
            ("hip", "knee", "ankle"), "thigh_parent{side}", "foot_ik{side}", "thigh_ik_target{side}", "toe_ik{side}",
            "foot",
        ),
    ),
)  # fmt: skip

METARIG = RigKind(
    "metarig", "Rigify (meta-rig)", (".L", ".R"),
    {
        "pelvis": "spine", "spine": "spine.001", "spine2": "spine.002", "spine3": "spine.003", "neck": "spine.004",
        "head": "spine.006", "clavicle": "shoulder{side}", "shoulder": "upper_arm{side}", "elbow": "forearm{side}",
        "wrist": "hand{side}", "hip": "thigh{side}", "knee": "shin{side}", "ankle": "foot{side}", "foot": "toe{side}",
    },
    known_by=("spine", "spine.001", "spine.006", "upper_arm.L", "thigh.L", "shin.L"),
)  # fmt: skip

MIXAMO = RigKind(
    "mixamo", "Mixamo", ("Left", "Right"),
    {
        "pelvis": "Hips", "spine": "Spine", "spine2": "Spine1", "spine3": "Spine2", "neck": "Neck", "head": "Head",
        "head_top": "HeadTop_End", "clavicle": "{side}Shoulder", "shoulder": "{side}Arm", "elbow": "{side}ForeArm",
        "wrist": "{side}Hand", "hand": "{side}HandMiddle1", "hip": "{side}UpLeg", "knee": "{side}Leg",
        "ankle": "{side}Foot", "foot": "{side}ToeBase", "toe": "{side}Toe_End",
    },
    known_by=("Hips", "Spine1", "LeftUpLeg", "LeftForeArm"),
)  # fmt: skip

UE5 = RigKind(
    "ue5", "UE5 mannequin", ("_l", "_r"),
    {
        "pelvis": "pelvis", "spine": "spine_01", "spine2": "spine_02", "spine3": "spine_03", "spine4": "spine_04",
        "neck": "neck_01", "head": "head", "clavicle": "clavicle{side}", "shoulder": "upperarm{side}",
        "elbow": "lowerarm{side}", "wrist": "hand{side}", "hand": "middle_01{side}", "hip": "thigh{side}",
        "knee": "calf{side}", "ankle": "foot{side}", "foot": "ball{side}",
    },
    known_by=("pelvis", "spine_01", "upperarm_l", "lowerarm_l", "calf_l"),
)  # fmt: skip

RIGS: Final[dict[str, RigKind]] = {kind.id: kind for kind in (RIGIFY, METARIG, MIXAMO, UE5)}
"""By id, the most particular first."""


def recognise(names: tuple[str, ...], parents: dict[str, str | None]) -> RigMap:
    """The mapping of the first kind that knows the rig; else one guessed from its names."""
    for kind in RIGS.values():
        if kind.recognises(names):
            return kind.mapping(names)
    return RigMap(guess(names, parents))
