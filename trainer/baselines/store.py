"""Keeping what was fitted, so that an evaluation that is begun again fits nothing twice."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Store:
    """Named arrays under keys, in memory and, where a folder is given, on disk: one npz each, written atomically."""

    folder: Path | None = None
    memory: dict[str, Arrays] = field(default_factory=dict)

    def get(self, name: str, key: tuple[object, ...], make: Callable[[], Arrays]) -> Arrays:
        """What was kept under a name and a key, whose text tells all that the arrays depend on; else make it."""
        label = f"{name}-{hashlib.sha256(repr(key).encode()).hexdigest()[:12]}".replace(" ", "-")
        if label not in self.memory:
            path = None if self.folder is None else self.folder / f"{label}.npz"
            self.memory[label] = _read(path) if path and path.is_file() else make()
            if path and not path.is_file():
                _write(path, self.memory[label])
        return self.memory[label]


def _read(path: Path) -> Arrays:
    with np.load(path) as stored:
        return dict(stored)


def _write(path: Path, arrays: Arrays) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:  # given a name, numpy would append its own suffix
        np.savez(file, **arrays)
    os.replace(partial, path)
