"""Names that Blender can hold: of 63 bytes at most, which it would cut off itself, suffix and all."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 63
"""Bytes of UTF-8 in a name, in 4.2 to 4.5; later versions hold more."""


def fitted(stem: str, suffix: str = "", room: int = 0) -> str:
    """A name that ends in the suffix whatever happens: where both are too long, the stem is cut.

    `room` bytes are left free, for what others append. What is no text, as in damaged names of files, becomes "?".
    """
    tail = _whole(suffix)
    head = _whole(stem)[: max(LONGEST - room - len(tail), 0)].decode(errors="ignore")
    return (head.encode() + tail)[:LONGEST].decode(errors="ignore") or "_"


def _whole(text: str) -> bytes:
    return text.replace("\0", "?").encode(errors="replace")
