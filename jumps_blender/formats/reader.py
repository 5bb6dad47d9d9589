"""What every reader offers."""

from __future__ import annotations

from typing import Protocol

from .recording import Take
from .source import Source


class Reader(Protocol):
    """One file layout: a module with a table and two functions."""

    @property
    def FORMATS(self) -> dict[str, str]:  # noqa: N802
        """Ids of the formats that come in this layout, and their names."""

    def sniff(self, source: Source) -> bool:
        """Whether the content, whatever its name, has this format's shape."""

    def read(self, source: Source) -> Take:
        """All people of all frames.

        Raises:
            FormatError: the shape is right but an entry cannot be understood; the message names it.

        """
