"""A mapping guessed from what bones are called, in any of the usual ways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PREFIX: Final = re.compile(r"^.*[:|]")

_LEFT: Final = {"l", "left", "lft", "lf"}
_RIGHT: Final = {"r", "right", "rgt", "rt"}
_NOISE: Final = {"bip", "bip01", "bone", "def", "jnt", "joint", "ctrl", "j", "bn", "fk", "cc", "base", "b"}
_HELPERS: Final = {"ik", "org", "mch", "twist", "roll", "pole", "target", "tweak", "vis", "helper", "end", "nub", "wgt"}

_LIMBS: Final[dict[str, tuple[str, ...]]] = {
    "clavicle": ("clavicle", "collar", "collarbone", "clav", "shoulderblade"),
    "shoulder": ("upperarm", "uparm", "armupper", "bicep", "arm", "shoulder", "uparms", "armup", "shldr"),
    "elbow": ("forearm", "lowerarm", "lowarm", "armlower", "elbow", "armlow", "armdown"),
    "wrist": ("hand", "wrist"),
    "hip": ("thigh", "upperleg", "upleg", "legupper", "hip", "femur", "legup"),
    "knee": ("shin", "calf", "lowerleg", "lowleg", "leglower", "knee", "tibia", "leg", "leglow", "legdown", "crus"),
    "ankle": ("foot", "ankle"),
    "foot": ("toe", "toes", "ball", "toebase", "toe0"),
}
"""What each limb's bone is called, surest first."""

_HIPS: Final = ("hips", "hip", "pelvis", "waist", "root", "cog")
_SPINE: Final = (
    "spine",
    "chest",
    "upperchest",
    "torso",
    "abdomen",
    "body",
    "thorax",
    "trunk",
    "ribs",
    "belly",
    "stomach",
)
_NECK: Final = ("neck",)
_HEAD: Final = ("head", "skull")

_SPREAD: Final[dict[int, tuple[str, ...]]] = {
    1: ("spine",), 2: ("spine", "spine3"), 3: ("spine", "spine2", "spine3"),
    4: ("spine", "spine2", "spine3", "spine4"),
}  # fmt: skip
"""Which joints so many bones of a spine show."""


def guess(names: tuple[str, ...], parents: Mapping[str, str | None]) -> dict[str, str]:
    """Bones for joints, as far as names tell; `parents` of every bone."""
    read = {name: _read(name) for name in names}
    bare = {name: word for name, (side, word) in read.items() if word}
    found: dict[str, str] = {}
    for side in ("left", "right"):
        own = {name: word for name, word in bare.items() if read[name][0] == side}
        found.update({f"{side}_{part}": bone for part, bone in _limbs(own).items()})
    middle = {name: word for name, word in bare.items() if not read[name][0]}
    return {**_torso(middle, parents), **found}


def _read(name: str) -> tuple[str, str]:
    """Side ("" = neither) and the rest of a name without decoration; the rest of a helper's is empty."""
    words = [word.lower() for word in _WORDS.findall(_PREFIX.sub("", name).replace("_", " ").replace(".", " "))]
    if any(word in _HELPERS for word in words):
        return "", ""
    side = "left" if any(w in _LEFT for w in words) else "right" if any(w in _RIGHT for w in words) else ""
    rest = [word for word in words if word not in _LEFT | _RIGHT | _NOISE and not word.isdigit()]
    joined = "".join(rest)
    if not side and joined.startswith(("left", "right")):
        side = "left" if joined.startswith("left") else "right"
        joined = joined[len(side) :]
    return side, joined


def _limbs(bare: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part, words in _LIMBS.items():
        for word in words:
            bone = next((name for name, said in bare.items() if said == word and name not in found.values()), None)
            if bone is not None:
                found[part] = bone
                break
    # A "shoulder" beside an upper arm is the collar bone, a "leg" without a thigh is the thigh.
    if "clavicle" not in found:
        spare = [name for name, said in bare.items() if said in {"shoulder", "shldr"} and name not in found.values()]
        found.update({"clavicle": spare[0]} if spare else {})
    if "hip" not in found and bare.get(found.get("knee", "")) == "leg":
        found["hip"] = found.pop("knee")
    return {part: found[part] for part in _LIMBS if part in found}


def _torso(bare: Mapping[str, str], parents: Mapping[str, str | None]) -> dict[str, str]:
    def of(words: tuple[str, ...]) -> list[str]:
        named = [name for word in words for name, said in bare.items() if said == word]
        return sorted(named, key=lambda name: (_depth(name, parents), name))

    found: dict[str, str] = {}
    spine = of(_SPINE)
    hips = [name for word in _HIPS for name, said in bare.items() if said == word]
    if hips:
        found["pelvis"] = hips[0]
    elif spine:
        found["pelvis"] = spine.pop(0)
    spine = [name for name in spine if name not in found.values()]
    found.update(zip(_SPREAD[min(len(spine), 4)] if spine else (), spine, strict=False))
    for joint, words in (("neck", _NECK), ("head", _HEAD)):
        if bones := of(words):
            found[joint] = bones[0]
    return found


def _depth(name: str, parents: Mapping[str, str | None]) -> int:
    depth, parent = 0, parents.get(name)
    while parent is not None and depth < len(parents):
        depth, parent = depth + 1, parents.get(parent)
    return depth
