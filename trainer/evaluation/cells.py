"""Cells: the raw results of one method in one condition, kept on disk, so that a run that was broken off goes on."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

FOLDER: Final = "cells"
_SECONDS: Final = "seconds"


@dataclass(frozen=True)
class Cell:
    """results: (frames, 28, 2) of each scene, pixels; seconds: that the method took for all."""

    results: list[np.ndarray]
    seconds: float


@dataclass(frozen=True)
class Cells:
    """A folder of cells; a file's name tells method and condition, and a hash what they depend on."""

    folder: Path

    def path(self, method: str, condition: str, identity: str, tracks: list[np.ndarray]) -> Path:
        """Where a method's results on these tracks lie; `identity` tells the rest of what they depend on."""
        digest = hashlib.sha256(identity.encode())
        for each in tracks:
            digest.update(np.ascontiguousarray(each, np.float64).tobytes())
        return self.folder / f"{_plain(method)}-{condition}-{digest.hexdigest()[:12]}.npz"

    def read(self, path: Path) -> Cell | None:
        """What was kept, None where nothing or a damaged file is."""
        try:
            with path.open("rb") as file, np.load(file) as stored:
                results = [stored[name].astype(np.float64) for name in stored.files if name != _SECONDS]
                return Cell(results, float(stored[_SECONDS]))
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
            return None

    def write(self, path: Path, cell: Cell) -> None:
        """Keep a cell; an earlier one of the same name is replaced once all is written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = {f"{number:04d}": result.astype(np.float32) for number, result in enumerate(cell.results)}
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".writing-") as temporary:
            written = Path(temporary, path.name)
            np.savez_compressed(written, **{_SECONDS: np.array(cell.seconds)}, **arrays)
            os.replace(written, path)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
