"""Who is imported, told in one text: empty for the person seen best, `all`, or ids with commas between them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

EVERYBODY: Final = "all"


def chosen(ids: Sequence[str], text: str) -> tuple[str, ...]:
    """The ids that a text names, those seen best first; whoever it names besides comes last.

    Args:
        ids: of everybody, the one seen best first.
        text: what was typed. Among others, an id with a comma in it stands in double quotes.

    """
    if text.strip() == EVERYBODY:
        return tuple(ids)
    if text in ids:
        return (text,)
    named = _split(text)
    known = tuple(one for one in ids if one in named)
    return known + tuple(one for one in named if one not in known) or tuple(ids[:1])


def with_person(ids: Sequence[str], text: str, person: str, wanted: bool) -> str:
    """The text with a person in it or not; the shortest that says so."""
    left = [one for one in chosen(ids, text) if one != person] + [person] * wanted
    if len(ids) > 1 and set(left) == set(ids):
        return EVERYBODY
    return _joined([one for one in ids if one in left] + [one for one in left if one not in ids])


def completions(ids: Sequence[str], text: str) -> list[str]:
    """What may be meant by a text that is being typed."""
    before = _split(text.rpartition(",")[0]) if "," in text else []
    return [*([] if before else [EVERYBODY]), *(_joined([*before, one]) for one in ids if one not in before)]


def _split(text: str) -> list[str]:
    (cells,) = csv.reader([" ".join(text.splitlines())], skipinitialspace=True) if text.strip() else ([],)
    return list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))


def _joined(ids: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(ids)
    return line.getvalue()
