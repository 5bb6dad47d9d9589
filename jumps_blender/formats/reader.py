"""What every reader offers."""

from __future__ import annotations

from typing import Protocol

from .recording import Take
from .source import Source


class Reader(Protocol):
    """One file format: a module with a title and two functions."""

    @property
    def TITLE(self) -> str:  # noqa: N802
        """The format as its tool calls it."""

    def sniff(self, source: Source) -> bool:
        """Whether the content, whatever its name, has this format's shape."""

    def read(self, source: Source) -> Take:
        """All people of all frames.

        Raises:
            FormatError: the shape is right but an entry cannot be understood; the message names it.

        """
