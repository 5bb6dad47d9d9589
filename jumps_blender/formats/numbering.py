"""Frame numbers out of file and image names: the run of digits that changes, whatever else is in the name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_DIGITS: Final = re.compile(r"(?<!\d)([0-9]{1,15})(?!\d)")


@dataclass(frozen=True)
class Series:
    """Names that differ in one number only."""

    pattern: str
    """The name with `#` for the number."""
    members: tuple[tuple[int, str], ...]
    """(number, name), in order of numbers."""

    def frames(self, warnings: list[str]) -> dict[int, str]:
        """One name for each number; a second one is told, and left out."""
        found: dict[int, str] = {}
        for frame, name in self.members:
            if frame in found:
                warnings.append(f"Frame {frame} has two files: {found[frame]} was read, {name} not.")
            found.setdefault(frame, name)
        return found


def series(names: Sequence[str]) -> tuple[Series, ...]:
    """Group names by what is left without their number; the largest group first, then in order of names.

    Names without a number stand alone. Digits of the folder part and of the suffix do not count.
    """
    shapes: dict[tuple[str, ...], list[_Name]] = defaultdict(list)
    for name in names:
        taken_apart = _Name.of(name)
        shapes[taken_apart.shape].append(taken_apart)
    found = [one for members in shapes.values() for one in _split(members)]
    return tuple(sorted(found, key=lambda one: (-len(one.members), one.pattern)))


@dataclass(frozen=True)
class _Name:
    """A name taken apart: folder with its slash, the stem cut at its runs of digits (odd places), the suffix."""

    whole: str
    folder: str
    pieces: tuple[str, ...]
    suffix: str

    @classmethod
    def of(cls, name: str) -> _Name:
        folder, slash, base = name.rpartition("/")
        stem, dot, suffix = base.rpartition(".")
        if not stem or suffix.isdigit():
            stem, dot, suffix = base, "", ""
        return cls(name, folder + slash, tuple(_DIGITS.split(stem)), dot + suffix)

    @property
    def shape(self) -> tuple[str, ...]:
        """What is left without the numbers."""
        return (self.folder, *self.pieces[::2], self.suffix)

    def without(self, place: int) -> str:
        """The name with `#` for the run of digits in one place."""
        return f"{self.folder}{''.join(self.pieces[:place])}#{''.join(self.pieces[place + 1 :])}{self.suffix}"


def _split(names: list[_Name]) -> list[Series]:
    """Series within names of one shape: the number is the run with most different values, the last one of equals."""
    places = range(1, len(names[0].pieces), 2)
    if not places:
        return [Series(name.whole, ((0, name.whole),)) for name in names]
    changing = max(places, key=lambda place: (len({name.pieces[place] for name in names}), place))
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in names:
        groups[name.without(changing)].append((int(name.pieces[changing]), name.whole))
    return [Series(pattern, tuple(sorted(members))) for pattern, members in groups.items()]
