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


def series(names: Sequence[str]) -> tuple[Series, ...]:
    """Group names by what is left without their number; the largest group first, then in order of names.

    Names without a number stand alone. Digits of the folder part and of the suffix do not count.
    """
    shapes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        shapes[_shape(name)].append(name)
    found = [one for shape, members in shapes.items() for one in _split(shape, members)]
    return tuple(sorted(found, key=lambda one: (-len(one.members), one.pattern)))


def _parts(name: str) -> tuple[str, list[str], str]:
    """Folder with slash, the stem cut at its runs of digits (odd places are digits), suffix."""
    folder, slash, base = name.rpartition("/")
    stem, dot, suffix = base.rpartition(".")
    if not stem or suffix.isdigit():
        stem, dot, suffix = base, "", ""
    return folder + slash, _DIGITS.split(stem), dot + suffix


def _shape(name: str) -> tuple[str, ...]:
    folder, pieces, suffix = _parts(name)
    return (folder, *pieces[::2], suffix)


def _split(shape: tuple[str, ...], names: list[str]) -> list[Series]:
    """Series within names of one shape: the number is the run with most different values, the last one of equals."""
    runs = len(shape) - 3
    if runs == 0:
        return [Series(name, ((0, name),)) for name in names]
    columns = [[_parts(name)[1][2 * run + 1] for name in names] for run in range(runs)]
    changing = max(range(runs), key=lambda run: (len(set(columns[run])), run))
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name, digits in zip(names, columns[changing], strict=True):
        folder, pieces, suffix = _parts(name)
        pieces[2 * changing + 1] = "#"
        groups[folder + "".join(pieces) + suffix].append((int(digits), name))
    return [Series(pattern, tuple(sorted(members))) for pattern, members in groups.items()]
