"""Tables as text: rows of cells between commas, semicolons or tabs, in any Unicode encoding, perhaps cut off."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..errors import FormatError
from .json_text import decode
from .points import number
from .recording import LONGEST, Damage
from .source import Document

COLUMNS: Final = 20_000
"""Most cells of a row: a hundred people with whole hands and faces have fewer."""
_HEADER: Final = 1 << 22
"""Bytes that the first few rows have at most."""
_MISSING: Final = frozenset({"", "nan", "na", "n/a", "null", "none", "-nan", "#n/a", "inf", "-inf", "nan(ind)"})


@dataclass(frozen=True)
class Table:
    """The rows below a header.

    `labels` the leading cells of each row as text; `values` (rows, columns) the others as numbers, NaN = missing.
    """

    labels: tuple[tuple[str, ...], ...]
    values: np.ndarray
    damage: Damage | None = None
    warnings: tuple[str, ...] = ()


def head_of(document: Document, rows: int = 8) -> list[list[str]]:
    """The first few rows of a text, stripped; nothing where it is no text."""
    if not document.is_text:
        return []
    text = decode(document.data[:_HEADER])
    delimiter = _delimiter(text)
    lines = itertools.islice(text.splitlines(), rows)
    return [[cell.strip() for cell in _cells(line, delimiter)] for line in lines]


def read_table(document: Document, headers: int, labels: int, width: int, ragged: bool = False) -> Table:
    """The rows below `headers` lines; reading stops where a row is damaged.

    Args:
        document: the text.
        headers: lines of it that are no rows.
        labels: leading cells of each row that are text.
        width: cells of a row, with those.
        ragged: whether empty cells at the end of a row may be left out.

    Raises:
        FormatError: more columns or rows than any recording has.

    """
    if width > COLUMNS:
        raise FormatError(f"{document.name} has {width:,} columns; at most {COLUMNS:,} are read.")
    text = decode(document.data)
    lines = text.splitlines()
    whole = text.endswith(("\n", "\r"))
    delimiter = _delimiter(text)
    found: list[tuple[str, ...]] = []
    values: list[np.ndarray] = []
    for i, line in enumerate(lines[headers:], headers):
        if not line.strip():
            continue
        if len(found) >= LONGEST:
            raise FormatError(f"{document.name} has more than {LONGEST:,} rows, which is more than is read.")
        last = i == len(lines) - 1 and not whole
        row = _row(line, delimiter, labels, width, ragged and not last)
        if isinstance(row, str):
            where = f"at its end, line {i + 1}" if last else f"in line {i + 1}: {row}"
            return _table(found, values, width - labels, Damage(last, where))
        found.append(row[0])
        values.append(row[1])
    note = f"{document.name} ends without a line end: if it was cut off, its last number may be wrong."
    return _table(found, values, width - labels, None, () if whole or not found else (note,))


def _table(
    labels: Sequence[tuple[str, ...]],
    values: Sequence[np.ndarray],
    columns: int,
    damage: Damage | None,
    warnings: tuple[str, ...] = (),
) -> Table:
    return Table(tuple(labels), np.array(values, np.float64).reshape(len(labels), columns), damage, warnings)


def _delimiter(text: str) -> str:
    """What is between the cells: the most frequent of three in the first lines."""
    return max("\t;,", key=text[:4096].count)


def _cells(line: str, delimiter: str) -> list[str]:
    if line.count(delimiter) >= 4 * COLUMNS:
        raise FormatError(f"A line of the table has {line.count(delimiter) + 1:,} cells; at most {COLUMNS:,} are read.")
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(iter(csv.reader([line], delimiter=delimiter)), [])
    except csv.Error:
        return line.split(delimiter)


def _row(line: str, delimiter: str, labels: int, width: int, ragged: bool) -> tuple[tuple[str, ...], np.ndarray] | str:
    """Labels and numbers of a row, or what is wrong with it."""
    cells = _cells(line, delimiter)
    if len(cells) < width and ragged:
        cells += [""] * (width - len(cells))
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        return f"{len(cells)} cells, where {width} were expected"
    given = cells[labels:width]
    try:
        numbers = [float(cell) if cell else np.nan for cell in given]
    except ValueError:
        numbers = []
        for cell in given:
            read = _number(cell, delimiter)
            if read is None:
                return f"{cell[:20]!r}, where a number was expected"
            numbers.append(read)
    return tuple(cell.strip() for cell in cells[:labels]), np.array(numbers, np.float64)


def _number(cell: str, delimiter: str) -> float | None:
    plain = cell.strip()
    if plain.lower() in _MISSING:
        return np.nan
    if delimiter == ";":  # as spreadsheets write where the comma is in the numbers
        plain = plain.replace(",", ".")
    read = number(plain)
    return None if np.isnan(read) else read
