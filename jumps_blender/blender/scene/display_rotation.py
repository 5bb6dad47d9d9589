"""How a video asks to be turned before it is shown: phones film as they are held, and write beside it how that was.

Read from the track header of MP4 and QuickTime files (ISO/IEC 14496-12, 8.3.2); other containers ask for nothing here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

_BOXES: Final = 10_000
"""Boxes that are looked at on one level; more are no video of this world."""

_QUARTERS: Final = {(1, 0): 0, (0, 1): 1, (-1, 0): 2, (0, -1): 3}
"""Signs of the matrix's first row, a and b, and the quarter turns clockwise that they mean."""


def quarter_turns(path: str | Path) -> int:
    """Quarter turns clockwise, 0 to 3, that a video asks for; 0 where it asks for none, or for another angle."""
    with Path(path).open("rb") as file:
        end = file.seek(0, 2)
        for start, stop in _boxes(file, 0, end, b"moov"):
            for track in _boxes(file, start, stop, b"trak"):
                for header in _boxes(file, *track, b"tkhd"):
                    turns = _turns_of(file, *header)
                    if turns is not None:
                        return turns
    return 0


def _boxes(file: BinaryIO, start: int, end: int, kind: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of the content of each box of this kind between two places of the file."""
    for _ in range(_BOXES):
        if end - start < 8:
            return
        file.seek(start)
        size, found = struct.unpack(">I4s", file.read(8))
        content = start + 8
        if size == 1 and end - content >= 8:
            size, content = struct.unpack(">Q", file.read(8))[0], content + 8
        stop = end if size == 0 else start + size
        if not content <= stop <= end:
            return
        if found == kind:
            yield content, stop
        start = stop


def _turns_of(file: BinaryIO, start: int, end: int) -> int | None:
    """Quarter turns of a track header; None of a track without pictures, such as sound."""
    file.seek(start)
    content = file.read(min(end - start, 128))
    matrix = 52 if content[:1] == b"\x01" else 40
    if len(content) < matrix + 44:
        return None
    a, b, *_, width, height = struct.unpack_from(">9i2I", content, matrix)
    if not (width and height):
        return None
    return _QUARTERS.get((_sign(a), _sign(b)), 0)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
