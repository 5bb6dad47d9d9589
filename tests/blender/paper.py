"""A layout that writes down what is drawn on it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class Paper:
    """A layout; `words` are all texts, operators and properties drawn, in order."""

    def __init__(self, words: list[str] | None = None) -> None:
        self.words: list[str] = [] if words is None else words

    def _part(self, **_options: Any) -> Paper:
        return Paper(self.words)

    box = column = row = split = _part

    def separator(self) -> None:
        pass

    def label(self, text: str, **_options: Any) -> None:
        self.words.append(text)

    def progress(self, factor: float, text: str) -> None:
        self.words.append(f"[{factor:.2f}] {text}")

    def prop(self, owner: Any, name: str, text: str = "", **_options: Any) -> None:
        assert hasattr(owner, name)
        self.words += [name, text] if text else [name]

    def operator(self, idname: str, **_options: Any) -> Any:
        self.words.append(idname)
        return SimpleNamespace()

    def menu(self, idname: str, text: str, **_options: Any) -> None:
        self.words += [idname, text]

    @property
    def text(self) -> str:
        return " ".join(self.words)
