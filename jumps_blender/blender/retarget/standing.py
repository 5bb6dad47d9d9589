"""Feet that are held in the performance are held on the rig, too.

A rig's bones point as the person's limbs do, but are of other lengths, and the depth of feet is estimated: where the
person's foot stands still the rig's would slide. So legs are bent a little, for the foot to stay in the middle of where
it would have gone, and the body goes down a little where a leg is too short for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ...core.body.skeleton import INDEX, MIRROR
from ...core.clips.pins import REACH, hold
from .parts import SIDES
from .rest import Rest, posed_heads
from .rotations import across, swing, unit
from .steady import over

REFERENCES: Final = ("foot", "ankle", "toe")
"""Joints of a foot, those first that tell best how it stands: its ball does until the foot leaves the ground."""

STRETCHED: Final = 0.999
"""How long a leg gets, in parts of its length: its knee keeps to its side."""

LOWERED: Final = 0.1
"""How far the body goes down at most, in lengths of a leg."""

STRAIGHT: Final = 0.05
"""How much the toes tell of the side to which a knee bends, beside its bend in lengths of the thigh."""

EASE: Final = 0.1
"""Seconds, a standard deviation, over which the body goes down and up again."""


@dataclass(frozen=True)
class Contacts:
    """Where joints are held: `places` (frames, 28, k), NaN elsewhere; `strength` 0..1, how much of the way there."""

    places: np.ndarray
    strength: float = 1.0

    def mirrored(self) -> Contacts:
        """The same with left for right."""
        return Contacts(self.places[:, MIRROR], self.strength)

    def still(self, joint: str) -> np.ndarray:
        """Bool (frames - 1,): whether a joint is held in one place from a frame to the next."""
        places = self.places[:, INDEX[joint]]
        return np.asarray((places[1:] == places[:-1]).all(-1))


@dataclass(frozen=True)
class _Leg:
    """A leg over time: its joints (frames, 3) as they are posed, its toes' direction, and where its ankle is to be."""

    hip: np.ndarray
    knee: np.ndarray
    ankle: np.ndarray
    toes: np.ndarray
    wanted: np.ndarray

    @property
    def thigh(self) -> np.ndarray:
        """Length (frames,) of the thigh."""
        return np.asarray(np.linalg.norm(self.knee - self.hip, axis=-1))

    @property
    def shin(self) -> np.ndarray:
        """Length (frames,) of the shin."""
        return np.asarray(np.linalg.norm(self.ankle - self.knee, axis=-1))


def stand(
    rest: Rest,
    rotations: Mapping[str, np.ndarray],
    stretch: Mapping[str, np.ndarray],
    middle: np.ndarray,
    contacts: Contacts,
    fps: float,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Rotations (frames, 3, 3) and the pelvis' place (frames, 3) with feet held; arguments as of `posed_heads`."""
    heads = posed_heads(rest, rotations, stretch, middle)
    legs = {side: leg for side in SIDES if (leg := _leg(side, heads, contacts, fps)) is not None}
    lowered = middle.copy()
    if legs:
        lowered[:, 2] -= over(np.max([_too_far(leg) for leg in legs.values()], axis=0), EASE * fps)
    found = dict(rotations)
    for side, leg in legs.items():
        knee, ankle = _bent(leg, leg.hip + lowered - middle)
        for joint, start, end, was in (
            ("hip", leg.hip + lowered - middle, knee, leg.knee - leg.hip),
            ("knee", knee, ankle, leg.ankle - leg.knee),
        ):
            found[f"{side}_{joint}"] = swing(unit(was), unit(end - start)) @ rotations[f"{side}_{joint}"]
    return found, lowered


def _leg(side: str, heads: Mapping[str, np.ndarray], contacts: Contacts, fps: float) -> _Leg | None:
    """A leg whose foot is held somewhere; None for any other, and where the rig lacks a joint of it."""
    if any(f"{side}_{joint}" not in heads for joint in ("hip", "knee", "ankle")):
        return None
    held, change = _kept(side, heads, contacts)
    if not held.any():
        return None
    hip, knee, ankle = (heads[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
    way = hold(np.zeros((len(held), 1, 3)), change[:, None], held[:, None], REACH * fps, slice(0, len(held)))[:, 0]
    toes = unit(heads.get(f"{side}_foot", ankle) - ankle)
    return _Leg(hip, knee, ankle, toes, ankle + contacts.strength * way)


def _kept(side: str, heads: Mapping[str, np.ndarray], contacts: Contacts) -> tuple[np.ndarray, np.ndarray]:
    """Whether a foot stands (frames,), and by how much it is to move (frames, 3) to stay in the middle of its way."""
    joints = [f"{side}_{part}" for part in REFERENCES if f"{side}_{part}" in heads]
    steps, stands = np.zeros((len(contacts.places) - 1, 3)), np.zeros(len(contacts.places) - 1, bool)
    for joint in joints:
        told = contacts.still(joint) & ~stands
        steps[told], stands = -np.diff(heads[joint], axis=0)[told], stands | told
    change = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
    held = np.concatenate([stands, [False]]) | np.concatenate([[False], stands])
    spell = np.cumsum(np.concatenate([[True], ~stands]))
    for number in np.unique(spell[held]):
        change[spell == number] -= change[spell == number].mean(0)
    return held, change


def _too_far(leg: _Leg) -> np.ndarray:
    """How far (frames,) the hip has to go down for its foot to come to its place."""
    away = leg.hip - leg.wanted
    reach = STRETCHED * (leg.thigh + leg.shin)
    high = np.sqrt(np.maximum(reach**2 - (away[:, :2] ** 2).sum(-1), 0.0))
    moved = np.linalg.norm(leg.wanted - leg.ankle, axis=-1) > 0
    return np.where(moved, np.clip(away[:, 2] - high, 0.0, LOWERED * reach), 0.0)


def _bent(leg: _Leg, hip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where knee and ankle come to lie, (frames, 3) each, with the hip there and the ankle as near as it can be."""
    line = unit(leg.wanted - hip)
    longest, shortest = STRETCHED * (leg.thigh + leg.shin), 1.01 * np.abs(leg.thigh - leg.shin)
    far = np.clip(np.linalg.norm(leg.wanted - hip, axis=-1), np.minimum(shortest, longest), longest)
    along = (far**2 + leg.thigh**2 - leg.shin**2) / (2 * np.maximum(far, 1e-9))
    aside = np.sqrt(np.maximum(leg.thigh**2 - along**2, 0.0))
    bend = across((leg.knee - leg.hip) / np.maximum(leg.thigh, 1e-9)[:, None] + STRAIGHT * leg.toes, line)
    return hip + along[:, None] * line + aside[:, None] * unit(bend), hip + far[:, None] * line
