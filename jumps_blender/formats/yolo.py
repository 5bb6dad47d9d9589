"""YOLO-pose labels: a text file for each frame, a line for each person, everything in fractions of the image.

A line is `class cx cy w h`, then `x y confidence` (or `x y`) of each point, then perhaps the confidence of the box and
the id of a tracker. A run into a folder that was used before writes every line twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from ..errors import FormatError
from .ahead import Outcome, loaded
from .joint_vote import known_counts
from .json_text import decode
from .points import with_confidence
from .recording import Damage, Sighting, Take
from .source import Source, listed

FORMATS: Final = {"yolo": "YOLO-pose labels"}

_BOX: Final = 5
"""Numbers before the points: class and box."""
_EXTRA: Final = 2
"""Most numbers behind them: confidence of the box, id."""
_OUTSIDE: Final = 3.0
"""Fractions leave 0..1 a little; numbers beyond this are something else."""
_HIDDEN: Final = 0.5
"""Confidence of a point that a training label calls hidden (1), where a visible one (2) has 1."""


@dataclass(frozen=True)
class _Layout:
    points: int
    per_point: int
    extra: int


@cache
def _layout(count: int) -> _Layout | None:
    """How a line of so many numbers is divided; three per point where that fits, two where only that does."""
    for per_point in (3, 2):
        for extra in range(_EXTRA + 1):
            points, rest = divmod(count - _BOX - extra, per_point)
            if rest == 0 and points in known_counts():
                return _Layout(points, per_point, extra)
    return None


def sniff(source: Source) -> bool:
    """Text whose first line has the right number of numbers, all but the class and id fractions."""
    if not source.main.is_text:
        return False
    line = next((line for line in decode(source.main.data[: 1 << 16]).splitlines() if line.strip()), "")
    row = _numbers(line)
    layout = _layout(len(row)) if row is not None else None
    if row is None or layout is None:
        return False
    body = row[1 : len(row) - layout.extra]
    return bool(row[0] >= 0 and row[0] == int(row[0]) and (np.abs(body) <= _OUTSIDE).all())


def _numbers(line: str) -> np.ndarray | None:
    try:
        row = np.array(line.split(), np.float64)
    except ValueError:
        return None
    return row if np.isfinite(row).all() else None


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    main, *others = source.series
    warnings = [] if source.collection else ["This is a single frame: choose the folder (or a zip of it) to read all."]
    if others:
        shown = listed([f"{one.pattern} ({len(one.members)})" for one in others])
        warnings.append(f"Read were the {len(main.members)} files {main.pattern}, not: {shown}.")
    frames = main.frames(warnings)
    rows: list[tuple[int, np.ndarray]] = []
    broken: list[tuple[str, bool]] = []
    doubled = 0
    read_ahead = loaded([source.documents[name] for name in frames.values()])
    for (frame, name), data in zip(frames.items(), read_ahead, strict=True):
        lines, cut = _lines(data)
        if lines is None:
            broken.append((name, cut))
            continue
        once = list(dict.fromkeys(lines))
        doubled += len(lines) - len(once)
        rows += [(frame, row) for line in once if (row := _numbers(line)) is not None]
    if doubled:
        warnings.append(f"{doubled} lines are there twice, as after two runs into one folder: they count once.")
    rows = _one_class(rows, warnings)
    labels = _are_labels([row for _, row in rows])
    sightings = tuple(_sighting(frame, row, labels) for frame, row in rows)
    whole = f"{len(frames) - len(broken)} of {len(frames)} frame files" if broken else f"{len(frames)} frame files"
    damage = Damage(all(cut for _, cut in broken), f"in {listed([name for name, _ in broken])}") if broken else None
    span = (min(frames), max(frames))
    return Take("yolo", sightings, whole, span, normalised=True, damage=damage, warnings=tuple(warnings))


def _lines(data: Outcome) -> tuple[list[str] | None, bool]:
    """The lines of a frame, or None and whether it was cut off."""
    if isinstance(data, FormatError):
        return None, False
    text = decode(data)
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    for i, line in enumerate(lines):
        row = _numbers(line)
        if row is None or _layout(len(row)) is None:
            return None, i == len(lines) - 1 and not text.endswith("\n")
    return lines, False


def _one_class(rows: list[tuple[int, np.ndarray]], warnings: list[str]) -> list[tuple[int, np.ndarray]]:
    """Only those of the most frequent class: a model of several kinds sees other things than people too."""
    counts = Counter(int(row[0]) for _, row in rows)
    if len(counts) < 2:
        return rows
    most = counts.most_common(1)[0][0]
    warnings.append(f"{len(rows) - counts[most]} lines of other classes than {most} were left out.")
    return [(frame, row) for frame, row in rows if int(row[0]) == most]


def _points(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(joints, 2 or 3) of a line, and what comes behind."""
    layout = _layout(len(row))
    assert layout
    end = len(row) - layout.extra
    return row[_BOX:end].reshape(layout.points, layout.per_point), row[end:]


def _are_labels(rows: Sequence[np.ndarray]) -> bool:
    """Whether the third number of points is how visible they are, 0, 1 or 2, as in training labels."""
    third = [points[:, 2] for points, _ in map(_points, rows) if points.shape[1] == 3]
    values = np.unique(np.concatenate(third)) if third else np.zeros(0)
    return bool(len(values)) and set(values.tolist()) <= {0.0, 1.0, 2.0} and 2.0 in values


def _sighting(frame: int, row: np.ndarray, labels: bool) -> Sighting:
    points, extra = _points(row)
    if points.shape[1] == 2:
        points = with_confidence(points)
    elif labels:
        points = np.c_[points[:, :2], np.select([points[:, 2] == 2, points[:, 2] == 1], [1.0, _HIDDEN], 0.0)]
    score, which = float("nan"), None
    if len(extra) == 1 and (extra[0] > 1 or extra[0] != extra[0] % 1):
        which = str(int(extra[0]))  # a tracker's id without the confidence of the box
    elif len(extra):
        score = float(extra[0])
        which = str(int(extra[1])) if len(extra) > 1 else None
    return Sighting(frame, points, which, score)
