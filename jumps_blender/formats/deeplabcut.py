"""DeepLabCut's CSV and HDF5: a table with header rows `scorer`, perhaps `individuals`, `bodyparts` and `coords`.

Estimates have `x, y, likelihood` for each point and the frame's number before them; labels have `x, y` and the image's
path; three dimensions `x, y, z`. Points are named by the user.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ..errors import FormatError, TruncatedFile
from . import hdf5
from .alphapose import numbered
from .named import Bodies, take_of
from .points import whole_number
from .recording import Take
from .source import Source
from .table import Table, head_of, read_table

FORMATS: Final = {"deeplabcut": "DeepLabCut"}

_LEVELS: Final = ("scorer", "individuals", "bodyparts", "coords")
_COORDS: Final = frozenset({"x", "y", "z", "likelihood"})
_SINGLE: Final = "0"
"""Id of the person in a file that knows of one only."""


def sniff(source: Source) -> bool:
    """Text whose first cell is `scorer`, or a pandas table in HDF5."""
    rows = head_of(source.main, 1)
    if rows:
        return rows[0][0].lower() == "scorer"
    return hdf5.is_hdf5(source.main) and hdf5.is_pandas(source.main)


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    columns, table = _from_hdf5(source) if hdf5.is_hdf5(source.main) else _from_text(source)
    frames, warnings = _frames(table.labels)
    keep = [i for i, frame in enumerate(frames) if frame is not None]
    numbers = [frame for frame in frames if frame is not None]
    if len(set(numbers)) < len(numbers):
        raise FormatError(f"{source.name} has two rows for one frame.")
    span = (min(numbers), max(numbers)) if numbers else None
    take = Take("deeplabcut", (), f"{len(table.values)} rows", span, damage=table.damage,
                warnings=(*table.warnings, *warnings))  # fmt: skip
    bodies, solid = _bodies(columns, table.values[keep], numbers, source.name)
    return take_of(take, bodies, source, unit="?" if solid else "")


def _from_text(source: Source) -> tuple[list[tuple[str, str, str]], Table]:
    """(individual, point, coordinate) of each column, and the rows."""
    rows = head_of(source.main, len(_LEVELS))
    levels = {row[0].lower(): row for row in rows if row[0].lower() in _LEVELS}
    if "bodyparts" not in levels or "coords" not in levels:
        raise TruncatedFile(f"{source.name} was cut off in its head: rows named bodyparts and coords were expected.")
    labels = next((i for i, cell in enumerate(levels["coords"]) if cell.lower() in _COORDS), 1)
    width = max((i + 1 for i, cell in enumerate(levels["coords"]) if cell), default=0)
    levels = {name: row[:width] if not any(row[width:]) else row for name, row in levels.items()}
    if any(len(row) != width for row in levels.values()):
        raise FormatError(f"{source.name}: its header rows have not as many cells as each other.")
    people = levels.get("individuals", [""] * width)
    columns = list(zip(people[labels:], levels["bodyparts"][labels:], levels["coords"][labels:], strict=True))
    return columns, read_table(source.main, len(levels), labels, width)


def _from_hdf5(source: Source) -> tuple[list[tuple[str, str, str]], Table]:
    names, labels, values = hdf5.read_pandas(source.main)
    if any(len(one) not in (3, 4) for one in names):
        raise FormatError(f"{source.name}: columns named by scorer, body part and coordinate were expected.")
    return [(one[1] if len(one) == 4 else "", one[-2], one[-1]) for one in names], Table(labels, values)


def _frames(labels: Sequence[tuple[str, ...]]) -> tuple[list[int | None], list[str]]:
    """Frame number of each row: the number before it, or out of the image's name."""
    plain = [whole_number(label[-1]) if label else None for label in labels]
    if all(frame is not None for frame in plain):
        return plain, []
    images = ["/".join(label) for label in labels]
    found, notes = numbered(images)
    return [found.get(image) for image in images], notes


def _bodies(
    columns: list[tuple[str, str, str]], values: np.ndarray, frames: list[int], name: str
) -> tuple[Bodies, bool]:
    """Everybody, and whether in three dimensions."""
    places = {(one, point, coord.lower()): i for i, (one, point, coord) in enumerate(columns)}
    if len(places) != len(columns):
        raise FormatError(f"{name}: two of its columns have the same name.")
    if not {coord for _, _, coord in places} >= {"x", "y"}:
        raise FormatError(f"{name}: columns x and y of each body part were expected.")
    solid = any(coord == "z" for _, _, coord in places)
    people = list(dict.fromkeys(one for one, _, _ in columns))
    points = tuple(dict.fromkeys(point for _, point, _ in columns))
    filled = np.c_[values, np.full(len(values), np.nan), np.ones(len(values))]
    missing, sure = -2, -1
    clouds = []
    for one in people:
        wanted = []
        for point in points:
            there = (one, point, "x") in places
            third = places.get((one, point, "z" if solid else "likelihood"), missing if solid or not there else sure)
            wanted += [places.get((one, point, "x"), missing), places.get((one, point, "y"), missing), third]
        clouds.append(filled[:, wanted].reshape(len(values), len(points), 3))
    rows = np.stack(clouds, 1).reshape(-1, len(points), 3)
    ids = [one or _SINGLE for one in people]
    return Bodies(points, list(np.repeat(frames, len(people)).tolist()), rows, ids * len(frames)), solid
