"""Operators that work in slices, driven by hand as a window drives them: Blender without one runs no modal operator."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from tests.blender.by_hand import TIMER, Manager

Begin = Callable[[], Any]
"""Begins an operator's work, and returns it."""


def event(kind: str, value: str = "PRESS") -> Any:
    return SimpleNamespace(type=kind, value=value)


class Window:
    """A context with a window."""

    def __init__(self) -> None:
        self.window_manager, self.window = Manager(), None

    def __getattr__(self, name: str) -> Any:
        return getattr(bpy.context, name)


class Driven:
    """An operator's methods on a plain object that keeps its reports."""

    def __init__(self, cls: Any, **options: Any) -> None:
        self.cls, self.options, self.longest = cls, options, 0.0
        self.said: list[tuple[str, ...]] = []
        self.window: Any = Window()
        self.__dict__.update(options)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.cls, name)
        return found.__get__(self) if callable(found) else found

    def report(self, kind: set[str], text: str) -> None:
        self.said.append((*kind, text))

    def tick(self, happens: Any = TIMER) -> Any:
        outcome = self.modal(self.window, happens)
        if outcome == {"FINISHED"}:
            bpy.ops.ed.undo_push(message=self.title)  # as Blender does then
        return outcome

    def at_once(self) -> Any:
        """What a script does instead."""
        return getattr(bpy.ops.jumps, self.bl_idname.partition(".")[2])(**self.options)

    def to_its_end(self) -> Any:
        while (outcome := self.tick()) == {"PASS_THROUGH"}:
            pass
        return outcome


def start(monkeypatch: pytest.MonkeyPatch, cls: Any, **options: Any) -> Any:
    """Begin in slices as short as can be, one at each tick."""
    monkeypatch.setattr("jumps_blender.ui.operators.in_slices.is_in_background", lambda: False)
    monkeypatch.setattr("jumps_blender.ui.operators.in_slices.SHORT", 0.0)
    driven: Any = Driven(cls, **options)
    assert driven.invoke(driven.window, None) == {"RUNNING_MODAL"}
    return driven


def begun(monkeypatch: pytest.MonkeyPatch, cls: Any, **options: Any) -> Begin:
    """What begins an operator's work; an undo goes back to before it."""
    bpy.ops.ed.undo_push(message="before")
    return lambda: start(monkeypatch, cls, **options)
