"""Ctrl+Z and ctrl+shift+Z, and whether the file holds then what it held."""

from __future__ import annotations

from typing import Any

from tests.blender.whole_file import differences, whole_file
from tests.window.hand import VIEW, Waits, middle, press


def same(when: str, expected: dict[str, Any]) -> None:
    """Assert that nothing in the file differs."""
    found = differences(expected, whole_file())
    assert not found, f"{when}, {len(found)} values differ: {found[:8]}"


def back_and_forth(before: dict[str, Any]) -> Waits:
    """What was done is taken back whole, and brought again whole."""
    after = whole_file()
    assert differences(before, after), "nothing was done"
    yield from press("Z", middle(VIEW), ctrl=True)
    yield 1.0
    same("undone", before)
    yield from press("Z", middle(VIEW), ctrl=True, shift=True)
    yield 1.0
    same("redone", after)
