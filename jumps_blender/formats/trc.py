"""TRC: markers in three dimensions as text, of OpenSim, Pose2Sim, Sports2D, Caliscope and capture systems.

Line 1 begins with `PathFileType`, 2 and 3 are names and values of a head, 4 names the markers, 5 their coordinates.
Sports2D writes pixels, y down and Z = 0, in the same shape, and calls them metres.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..errors import FormatError, TruncatedFile
from .named import Bodies, take_of
from .points import rate_of, whole_number
from .recording import Damage, Take
from .solid import body_span
from .source import Source
from .table import Table, head_of, read_table

FORMATS: Final = {"trc": "TRC markers"}

_WORDS: Final = {"head": "head_top", "hip": "mid_hip", "chip": "mid_hip", "midhip": "mid_hip"}
"""What Pose2Sim calls the points of pose models."""
_HEADERS: Final = 5
_LABELS: Final = 2
"""Frame and time."""
_PIXELS_FROM: Final = 12.0
"""Units that a body spans, flat, from which on they are no metres."""


def sniff(source: Source) -> bool:
    """Text that begins with `PathFileType`."""
    rows = head_of(source.main, 1)
    return bool(rows) and rows[0][0].split()[:1] == ["PathFileType"]


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    name = source.main.name
    rows = head_of(source.main, _HEADERS)
    if len(rows) < _HEADERS:
        raise TruncatedFile(f"{name} was cut off in its head: five lines were expected, then a row for each frame.")
    head = dict(zip((cell.lower() for cell in rows[1]), rows[2], strict=False))
    markers = tuple(cell for cell in rows[3][_LABELS:] if cell)
    if not markers or rows[3][_LABELS::3][: len(markers)] != list(markers):
        raise FormatError(f"{name}: line 4 names the markers, one in three columns, with two columns before them.")
    table = read_table(source.main, _HEADERS, _LABELS, _LABELS + 3 * len(markers), ragged=True)
    told = [whole_number(labels[0]) for labels in table.labels]
    numbers = [i if frame is None else frame for i, frame in enumerate(told)]
    damage = table.damage or _missing(head, table)
    span = (min(numbers), max(numbers)) if numbers else None
    take = Take("trc", (), f"{len(table.values)} rows", span, fps=rate_of(head.get("datarate")), damage=damage,
                warnings=table.warnings)  # fmt: skip
    points = table.values.reshape(-1, len(markers), 3)
    if len(set(numbers)) < len(numbers):
        raise FormatError(f"{name} has two rows for one frame.")
    pixels = _are_pixels(points)
    if pixels:
        points[..., 2] = np.where(np.isfinite(points[..., 2]), 1.0, np.nan)
    bodies = Bodies(markers, numbers, points, ["0"] * len(numbers))
    return take_of(take, bodies, source, _WORDS, "" if pixels else head.get("units", "").strip().lower() or "?")


def _missing(head: dict[str, str], table: Table) -> Damage | None:
    """Where the file says that it has more rows; one more is a habit of some writers, unless it has no end either."""
    told, rows = whole_number(head.get("numframes")) or 0, len(table.values)
    if told - rows > 1 or (told > rows and table.warnings):
        return Damage(True, f"after {rows} of {told} frames")
    return None


def _are_pixels(points: np.ndarray) -> bool:
    """Whether everything lies in a picture: no depth at all, and bodies too large for metres."""
    depth = points[..., 2][np.isfinite(points[..., 2])]
    return bool(len(depth)) and not depth.any() and body_span(points) > _PIXELS_FROM
