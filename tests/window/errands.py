"""What whoever started Blender does when Blender prints that it should: photographs of the screen, and dropped files.

An errand is a line: a word, and what belongs to it. Blender waits for the file that comes of it, and must not see half
of one.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.window import dragging
from tests.window.x11 import DisplayError

LARGEST: Final = 95
"""Kilobytes of a photograph, for which its quality is lowered: a repository keeps each for ever."""

FILM_WIDTH, FILM_COLOURS, FILM_NOISE, FILM_DELAY = 400, 24, "3%", 13
"""Of a film: pixels, colours, what counts as the same colour, and hundredths of a second from picture to picture."""


@dataclass(frozen=True)
class Errands:
    """The display, and where photographs go."""

    shown: str
    folder: Path

    def run(self, line: str) -> None:
        """Do what a line of Blender's asks for, if anything."""
        word, _, rest = line.partition(" ")
        errand = ERRANDS.get(word)
        if errand:
            errand(self, rest.strip())

    def picture(self, order: str) -> None:
        """Photograph the screen, or a part of it: `NAME` or `NAME 300x200+0+0`."""
        name, _, part = order.partition(" ")
        shape = ["-crop", part, "+repage"] if part else ["-resize", "80%"]
        self._make(name, ["import", "-display", self.shown, "-window", "root", *shape])

    def join(self, order: str) -> None:
        """Put photographs side by side; they themselves go: `NAME PART PART...`."""
        name, *parts = order.split()
        self._make(name, ["convert", *map(self._file, parts), "-bordercolor", "white", "-border", "2x0", "+append"])
        self._remove(parts)

    def film(self, order: str) -> None:
        """Make an animated GIF of photographs; they themselves go: `NAME PART PART...`."""
        name, *parts = order.split()
        taken = self.folder / f".{name}.gif"
        shape = ["-resize", str(FILM_WIDTH), "+dither", "-fuzz", FILM_NOISE, "-colors", str(FILM_COLOURS)]
        command = [
            "convert",
            "-delay",
            str(FILM_DELAY),
            "-loop",
            "0",
            *map(self._file, parts),
            *shape,
            "-layers",
            "optimize",
        ]
        subprocess.run([*command, str(taken)], check=True)
        os.replace(taken, self.folder / f"{name}.gif")
        self._remove(parts)

    def drop(self, order: str) -> None:
        """Drag files over Blender's window and let them go; the file `.dropped` tells what came of it."""
        told = json.loads(order)
        try:
            taken = dragging.drop(self.shown, told["process"], list(map(Path, told["files"])), tuple(told["at"]))
            came_of_it = "taken" if taken else "not taken"
        except (DisplayError, OSError) as error:
            came_of_it = str(error)
        (self.folder / ".came").write_text(came_of_it, encoding="utf-8")
        os.replace(self.folder / ".came", self.folder / ".dropped")

    def _file(self, name: str) -> str:
        return str(self.folder / f"{name}.jpg")

    def _make(self, name: str, command: Sequence[str]) -> None:
        taken = self.folder / f".{name}.jpg"
        subprocess.run([*command, "-define", f"jpeg:extent={LARGEST}kb", str(taken)], check=True)
        os.replace(taken, self._file(name))

    def _remove(self, names: Sequence[str]) -> None:
        for name in names:
            Path(self._file(name)).unlink()


ERRANDS: Final[dict[str, Callable[[Errands, str], None]]] = {
    "picture": Errands.picture,
    "join": Errands.join,
    "film": Errands.film,
    "drop": Errands.drop,
}
"""By the word that their line begins with."""
