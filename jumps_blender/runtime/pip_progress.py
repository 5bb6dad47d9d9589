"""How far pip is, told from what it prints and from the files that grow meanwhile.

pip of Blender 4.2 draws no bar where nobody watches, so the file that it downloads is measured.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_FETCHING: Final = re.compile(
    r"^\s*(?P<how>Downloading|Using cached) (?:\S*/)?(?P<file>[^/\s]+\.whl) \((?P<size>[\d.]+) (?P<unit>\w+)\)"
)
_INSTALLING: Final = re.compile(r"^Installing collected packages: (?P<names>.+)$")
_UNITS: Final = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}

_DOWNLOADED: Final = 0.75
"""Share of pip's work that is done when all is downloaded."""


class PipProgress:
    """Hears what pip prints, and tells a fraction in 0..1 and a short text.

    `scratch` is pip's temporary folder, `site` the one it installs into, `expected` the bytes that all files together
    have, as far as that is known beforehand.
    """

    def __init__(self, scratch: Path, site: Path, expected: int) -> None:
        self._scratch, self._site, self._expected = scratch, site, expected
        self._file, self._size, self._done = "", 0, 0
        self._packages: set[str] = set()
        self._unpacked = 0

    def hear(self, line: str) -> None:
        """Take in a line of pip."""
        if found := _INSTALLING.match(line):
            self._packages = {name.replace("-", "_").lower() for name in found["names"].split(", ")}
        elif found := _FETCHING.match(line):
            self._done += self._size
            self._file = found["file"]
            self._size = int(float(found["size"]) * _UNITS.get(found["unit"], 1))

    def tell(self) -> tuple[float, str]:
        """How far it is."""
        if self._packages:
            there = {path.name.partition("-")[0].lower() for path in self._site.glob("*.dist-info")}
            # pip takes an older version away before it puts the new one there: no reason to step back.
            self._unpacked = max(self._unpacked, len(there & self._packages))
            share = self._unpacked / len(self._packages)
            text = f"Unpacking: {self._unpacked} of {len(self._packages)} packages"
            return _DOWNLOADED + (1 - _DOWNLOADED) * share, text
        if not self._file:
            return 0.0, "Looking for the packages"
        here = min(_grown(self._scratch, self._file), self._size)
        done = self._done + here
        share = done / max(self._expected, self._done + self._size)
        return _DOWNLOADED * share, f"Downloading {self._file.partition('-')[0]}: {done / 1e6:.0f} MB so far"


def _grown(scratch: Path, name: str) -> int:
    """Bytes of the file that pip is downloading; 0 where it is not to be seen."""
    try:
        return max((path.stat().st_size for path in scratch.glob(f"*/{name}")), default=0)
    except OSError:  # it was moved just now
        return 0
