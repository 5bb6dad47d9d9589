"""What is to be measured, from the command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.settings import PRESETS
from jumps_blender.errors import InputError

from .machine import cores

ENGINES: Final = ("numpy", "torch")
DIRECT: Final = tuple(name for name, settings in PRESETS.items() if not settings.invert)

LONGEST_REFERENCE: Final = 240
"""Frames beyond which the published inference is extrapolated."""


@dataclass(frozen=True)
class Options:
    """What is measured: see the help of each option."""

    out: Path
    frames: tuple[int, ...] = (100, 1_000, 10_000, 100_000)
    people: tuple[int, ...] = (1, 8)
    engines: tuple[str, ...] = ENGINES
    presets: tuple[str, ...] = DIRECT
    threads: int = 1
    reference: int = LONGEST_REFERENCE
    steps: int = 200
    limit: float = 300.0
    data: Path = Path("out/data")

    def __post_init__(self) -> None:
        for name, least in (("frames", WINDOW), ("people", 1), ("threads", 1), ("steps", 1), ("limit", 1)):
            given = getattr(self, name)
            wrong = [value for value in (given if isinstance(given, tuple) else (given,)) if not value >= least]
            if wrong:
                raise InputError(f"--{name} is {wrong[0]}, expected {least} or more.")
        if not WINDOW <= self.reference <= LONGEST_REFERENCE:
            raise InputError(f"--reference is {self.reference}, expected {WINDOW} to {LONGEST_REFERENCE} frames.")
        if self.out.exists() and not self.out.is_dir():
            raise InputError(f"--out {self.out} is a file, expected a folder, or a name where one can be made.")


QUICK: Final[dict[str, Any]] = {"frames": (100, 1_000), "people": (1,), "reference": 24, "steps": 40, "limit": 60.0}
"""A minute's version."""


def read_options(arguments: list[str] | None) -> Options:
    """Options of a command line; raises InputError for values that cannot be used."""
    given = vars(_parser().parse_args(arguments))
    chosen: dict[str, Any] = dict(QUICK) if given.pop("quick") else {}
    given = {name: value for name, value in given.items() if value is not None}
    chosen |= {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return Options(**{"threads": cores(), **chosen})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure speed, memory and accuracy on this machine, next to the published inference, and say how "
        "far from the machine's floor they are. Writes benchmarks.md and results.json.",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for what is written")
    parser.add_argument("--quick", action="store_true", help="a minute's version: short clips, one person")
    parser.add_argument("--frames", type=int, nargs="+", metavar="N", help="clip lengths (100 1000 10000 100000)")
    parser.add_argument("--people", type=int, nargs="+", metavar="N", help="people in a clip (1 8)")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, help="engines (all that run here)")
    parser.add_argument("--presets", nargs="+", choices=DIRECT, help="presets beside the published inference (all)")
    parser.add_argument("--threads", type=int, help="threads of the matrix libraries (all cores)")
    parser.add_argument("--reference", type=int, metavar="N", help="frames of the published inference (240, the most)")
    parser.add_argument("--steps", type=int, help="steps of it that are done (200); fewer are extrapolated")
    parser.add_argument("--limit", type=float, metavar="S", help="seconds beyond which a measurement is extrapolated")
    parser.add_argument("--data", type=Path, help="prepared data set (out/data); where absent: the bundled sample")
    return parser
