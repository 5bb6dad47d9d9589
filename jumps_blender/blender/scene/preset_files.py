"""What a user saves under a name: one JSON file each in a folder of the extension's own."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...errors import InputError

LONGEST: Final = 60
"""Letters that a name may have."""


@dataclass(frozen=True)
class PresetFiles:
    """The presets of one kind; the folder need not exist before one is saved."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """The saved presets, sorted."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.json") if not path.name.startswith(".")))

    def save(self, name: str, content: dict[str, Any]) -> str:
        """Save JSON under a name; the name that its file got, which is either whole or as it was.

        Raises:
            InputError: the name has no letter or digit, or the folder cannot be written.

        """
        safe = re.sub(r"[^\w \-().]", "_", name).strip(" .")[:LONGEST]
        if not re.search(r"[^\W_]", safe):
            raise InputError(f"{name!r} is no name for a preset: type letters or digits.")
        try:
            self._write(self.folder / f"{safe}.json", json.dumps(content | {"name": safe}, indent=1) + "\n")
        except OSError as error:
            raise InputError(
                f"The preset {safe} cannot be written to {self.folder} ({error}): free the disk or its rights."
            ) from error
        return safe

    def load(self, name: str) -> Any:
        """The JSON of a preset.

        Raises:
            InputError: there is none of this name, or its file is damaged.

        """
        if name not in self.names():
            known = ", ".join(self.names()) or "none"
            raise InputError(f"There is no preset {name!r} (saved: {known}): save one first.")
        try:
            return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(f"The preset {name} cannot be read ({error}): choose another, or save it anew.") from error

    def remove(self, name: str) -> None:
        """Forget a preset; nothing happens where there is none.

        Raises:
            InputError: its file cannot be removed.

        """
        if name not in self.names():
            return
        try:
            (self.folder / f"{name}.json").unlink(missing_ok=True)
        except OSError as error:
            raise InputError(
                f"The preset {name} cannot be removed from {self.folder} ({error}): see its rights."
            ) from error

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
