"""Which joints a file means that names its points in its own way: DeepLabCut, SLEAP, markers, any model's.

A name is taken apart into words: its side (`left`, `L`, `LHip`, `hip_r`, `Hip.L`) and the part of the body. What cannot
be told for sure, such as `head`, which may be its top or its middle, is left out and said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..core.body.joint_sets import JOINT_SETS, VOCABULARY, JointSet, find_joint_set
from ..errors import InputError, UnknownPoints
from .recording import Take
from .source import listed
from .wishes import Wishes

_SIDES: Final = {
    **dict.fromkeys(("l", "left", "lft", "lt"), "left_"),
    **dict.fromkeys(("r", "right", "rgt", "rt"), "right_"),
}
_SIDED: Final = {
    word: part
    for part, words in {
        "eye": "eye", "ear": "ear", "shoulder": "shoulder shldr sho acromion", "elbow": "elbow elb",
        "wrist": "wrist wri", "hand": "hand", "hip": "hip hipjoint", "knee": "knee", "ankle": "ankle ank",
        "heel": "heel calcaneus", "big_toe": "bigtoe toe toes toetip toeend hallux", "foot_index": "footindex",
        "small_toe": "smalltoe littletoe", "foot": "foot", "clavicle": "clavicle collar collarbone clav",
        "thumb": "thumb", "index": "index indexfinger", "pinky": "pinky little littlefinger pinkie",
    }.items()
    for word in words.split()
}  # fmt: skip
_AXIAL: Final = {
    word: part
    for part, words in {
        "nose": "nose nosetip tipofnose", "head_top": "headtop tophead topofhead vertex crown headvertex",
        "neck": "neck", "upper_neck": "upperneck", "mid_hip": "midhip hipcenter centerhip hipscenter hips root",
        "pelvis": "pelvis", "thorax": "thorax", "spine": "spine",
    }.items()
    for word in words.split()
}  # fmt: skip
_DOUBTFUL: Final = frozenset({"head", "spine", "chest", "thorax"})
"""Names whose place depends on who gave them: believed in a file that has the 28 joints' other names too."""
_FAMILIAR: Final = 20
"""Names of the 28 joints from which on a file means ours."""
_BREAKS: Final = re.compile(
    r"[^0-9A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])"
)
_SHOWN: Final = 40
"""Characters of a name that a message shows."""


@dataclass(frozen=True)
class Naming:
    """What a file's points are.

    `columns` the index in the file of each point of `joint_set`; `names` every name in the file and the point that it
    stands for, or "".
    """

    joint_set: JointSet
    columns: tuple[int, ...]
    names: tuple[tuple[str, str], ...]
    reason: str
    warnings: tuple[str, ...] = ()

    def applied(self, take: Take) -> Take:
        """The take, whose sightings have all the file's points, with those of the joint set only."""
        columns = list(self.columns)
        moved = tuple(replace(one, points=one.points[columns]) for one in take.sightings)
        return replace(
            take, sightings=moved, joint_set=self.joint_set, joint_set_reason=self.reason, names=self.names,
            warnings=(*take.warnings, *self.warnings),
        )  # fmt: skip


def name_points(names: Sequence[str], wishes: Wishes, source: str, known: Mapping[str, str] | None = None) -> Naming:
    """Match a file's names with joints.

    Args:
        names: in the file's order.
        wishes: a joint set chosen by the user takes the points in their order; chosen names win over guesses.
        source: the file's name, for messages.
        known: what some words, in lower case, mean in this format.

    Raises:
        UnknownPoints: none of the names is that of a joint.
        InputError: a chosen name does not occur, or what it should stand for is unknown; a set of another length.

    """
    if wishes.joint_set is not None:
        return _in_order(names, wishes, source)
    told = _told(names, wishes.names, source)
    guesses = _guesses(names, known or {})
    meant = _once([told.get(name, guess) for name, guess in zip(names, guesses, strict=True)], names, told)
    return _as_it_stands(names, meant) or _chosen(names, meant, source)


def _in_order(names: Sequence[str], wishes: Wishes, source: str) -> Naming:
    which = wishes.joint_set
    assert which is not None
    table = find_joint_set(which if isinstance(which, (str, JointSet)) else list(which))
    if len(table) != len(names):
        raise InputError(
            f"{source} has {len(names)} points, but {table.title} ({table.id}) has {len(table)}. Leave the joint set "
            f"to be found by the names ({_listed(names)})."
        )
    pairs = tuple(zip(names, table.joints, strict=True))
    return Naming(table, tuple(range(len(names))), pairs, "chosen by the user")


def _told(names: Sequence[str], wished: Mapping[str, str], source: str) -> dict[str, str]:
    """What the user says of some names, by the names as the file writes them."""
    plain = {name.casefold(): name for name in reversed(names)}
    told = {}
    for name, point in wished.items():
        if name not in names and name.casefold() not in plain:
            raise InputError(f"{source} has no point {name[:_SHOWN]!r}; its points are {_listed(names, 30)}.")
        if point and point not in VOCABULARY:
            known = ", ".join(name for name in VOCABULARY if not re.search(r"face_|\d$", name))
            raise InputError(f"There is no joint {point[:_SHOWN]!r}; known: {known}.")
        told[name if name in names else plain[name.casefold()]] = point
    return told


def _guesses(names: Sequence[str], known: Mapping[str, str]) -> list[str]:
    familiar = len({_snake(name) for name in names} & set(JOINT_SETS["mpi28"].joints)) >= _FAMILIAR
    numbered = _numbered(names)
    guesses = []
    for name in names:
        snake = _snake(name)
        if name in numbered:
            guesses.append(numbered[name])
        elif snake in known:
            guesses.append(known[snake])
        elif snake in VOCABULARY and (familiar or snake not in _DOUBTFUL):
            guesses.append(snake)
        else:
            guesses.append(_guess(name))
    return [_limb_end(guess, guesses) for guess in guesses]


def _snake(name: str) -> str:
    return "_".join(_words(name))


def _words(name: str) -> list[str]:
    """`RBigToe` as r, big, toe; what stands before a colon is somebody's name for the whole rig."""
    return [word.lower() for word in _BREAKS.split(name.rpartition(":")[2][:200]) if word]


def _guess(name: str) -> str:
    """The point that a name means, or ""."""
    words = _words(name)
    sides = {_SIDES[word] for word in words if word in _SIDES}
    part = "".join(word for word in words if word not in _SIDES)
    if not sides:
        part, side = _split_side(part)
        sides = {side} if side else set()
    if len(sides) == 1 and part in _SIDED:
        return sides.pop() + _SIDED[part]
    if sides or part not in _AXIAL or part in _DOUBTFUL:
        return ""
    return _AXIAL[part]


def _split_side(part: str) -> tuple[str, str]:
    """`lhip`, `lefthip` or `hipleft` as part and side; without one where it has none."""
    for word, side in _SIDES.items():
        if part.startswith(word) and part[len(word) :] in _SIDED:
            return part[len(word) :], side
        if len(word) > 1 and part.endswith(word) and part[: -len(word)] in _SIDED:
            return part[: -len(word)], side
    return part, ""


def _numbered(names: Sequence[str]) -> dict[str, str]:
    """Names such as `knee1` and `knee2`, of which DeepLabCut's human model calls the right one 1."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        words = _words(name)
        if len(words) > 1 and words[-1] in ("1", "2") and "".join(words[:-1]) in _SIDED:
            found.setdefault("".join(words[:-1]), {})[words[-1]] = name
    pairs = {part: pair for part, pair in found.items() if len(pair) == 2}
    if len(pairs) < 3 or any(_SIDES.keys() & set(_words(name)) for name in names):
        return {}
    sides = {"1": "right_", "2": "left_"}
    return {name: sides[number] + _SIDED[part] for part, pair in pairs.items() for number, name in pair.items()}


def _limb_end(guess: str, guesses: Sequence[str]) -> str:
    """A foot or hand is the ankle or wrist where the file has no point of that name."""
    side, _, part = guess.partition("_")
    joint = {"foot": "ankle", "hand": "wrist"}.get(part)
    return f"{side}_{joint}" if joint and f"{side}_{joint}" not in guesses else guess


def _once(meant: Sequence[str], names: Sequence[str], told: Mapping[str, str]) -> list[str]:
    """Each point once: as the user says, else where the file has that very name, else the first."""
    best: dict[str, int] = {}
    for i, point in enumerate(meant):
        rank = (names[i] in told, _snake(names[i]) == point)
        if point and (point not in best or rank > (names[best[point]] in told, _snake(names[best[point]]) == point)):
            best[point] = i
    return [point if point and best[point] == i else "" for i, point in enumerate(meant)]


def _as_it_stands(names: Sequence[str], meant: Sequence[str]) -> Naming | None:
    """A known set with all its points in their order, though those that show no joint may be called otherwise."""
    for table in JOINT_SETS.values():
        shown = [source for source, _, _ in table.shows]
        if len(table) == len(names) and all(meant[i] == table.joints[i] for i in shown):
            strange = {meant[i] for i in range(len(names)) if meant[i] not in ("", table.joints[i])}
            if not strange:
                pairs = tuple(zip(names, table.joints, strict=True))
                return Naming(table, tuple(range(len(names))), pairs, "the file names its joints")
    return None


def _chosen(names: Sequence[str], meant: Sequence[str], source: str) -> Naming:
    """The points that are known: a known set in another order, or a set of their own."""
    columns = [i for i, point in enumerate(meant) if point]
    points = [meant[i] for i in columns]
    if not any(VOCABULARY[point][0] is not None for point in points):
        raise UnknownPoints(
            f"{source} names its points {_listed(names)}, and none of them is known as a joint of a person. Say which "
            "is which with --name THEIRS=JOINT, such as --name Hand=left_wrist (in the dialog: Names).",
            tuple(names),
        )
    pairs = tuple(zip(names, meant, strict=True))
    table = next((one for one in JOINT_SETS.values() if set(one.joints) == set(points)), None)
    if table is not None:
        columns.sort(key=lambda i: table.index(meant[i]))
    missed = [name for name, point in pairs if not point]
    notes = (f"Points that are no known joint were left out: {_listed(missed)}.",) if missed else ()
    reason = f"{len(points)} of {len(names)} points by their names"
    return Naming(table or find_joint_set(points), tuple(columns), pairs, reason, notes)


def _listed(names: Sequence[str], most: int = 6) -> str:
    return listed([" ".join(name.split())[:_SHOWN] for name in names], most)
