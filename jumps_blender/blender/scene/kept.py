"""What was worked out of stored data, kept for the next redraw."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST: Final = 8
"""Answers that are kept: those of the armatures that a user looks at by turns."""


class Kept(Generic[T]):
    """Answers by what they are the answer to; never holds Blender's data."""

    def __init__(self) -> None:
        self._known: dict[Hashable, T] = {}

    def get(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """The answer that is known, or that is worked out now."""
        if key not in self._known:
            self.keep(key, work_out())
        return self._known[key]

    def keep(self, key: Hashable, answer: T) -> None:
        """Know an answer from now on, before somebody asks."""
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = answer

    def forget(self) -> None:
        """Let all go."""
        self._known.clear()
