"""Words of a command line, read and refused in one line."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Final, NoReturn

BAD_WORDS: Final = 2
"""Exit status where a command line is not understood."""

_MOST: Final = 1024
"""Processes or threads."""

_LARGE: Final = 1e6
"""Metres, or pixels."""

_LAST_FRAME: Final = 1_000_000
"""Of a scene; Blender's own limit lies a little above."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_WORDS, f"{self.prog}: {message} ({self.prog} --help shows the options)\n")


def show_any_name() -> None:
    """Let messages hold file names that the terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def share(text: str) -> float:
    """A number from 0 to 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def rate(text: str) -> float:
    """Frames per second."""
    value = float(text)
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text} is no rate in frames per second")
    return value


def seconds(text: str) -> float:
    """A time."""
    value = float(text)
    if not 0 < value < 1e7:
        raise argparse.ArgumentTypeError(f"{text} is no time in seconds")
    return value


def number(text: str) -> float:
    """A number from 0."""
    value = float(text)
    if not 0 <= value < _LARGE:
        raise argparse.ArgumentTypeError(f"{text} is no number from 0")
    return value


def positive(text: str) -> float:
    """A number above 0."""
    if not number(text):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number(text)


def count(text: str) -> int:
    """A number from 1."""
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 to {_MOST}")
    return int(text)


def frame(text: str) -> int:
    """A frame of a scene."""
    value = int(text)
    if abs(value) > _LAST_FRAME:
        raise argparse.ArgumentTypeError(f"{text} is no frame: Blender counts to {_LAST_FRAME}")
    return value


def size(text: str) -> tuple[int, int]:
    """1920x1080 as width and height."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"{text!r} is no image size: 1920x1080 was expected")
    return int(width), int(height)


def span(text: str) -> tuple[int, int]:
    """40-80 as first and last frame."""
    read = re.fullmatch(r"(-?\d{1,9})-(-?\d{1,9})", text)
    if read is None or int(read[2]) < int(read[1]):
        raise argparse.ArgumentTypeError(f"{text!r} are no frames: 40-80 is from the first to the last")
    return int(read[1]), int(read[2])


def part(text: str) -> tuple[int, int]:
    """2/8 as number and how many."""
    number, _, parts = text.partition("/")
    if not (number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part: 2/8 is the second of eight")
    return int(number), int(parts)


def naming(text: str) -> tuple[str, str]:
    """Snout=nose as name and joint."""
    name, equals, point = text.rpartition("=")
    if not (equals and name):
        raise argparse.ArgumentTypeError(f"{text!r} is no name: Snout=nose was expected")
    return name, point.strip()


def setting(text: str) -> tuple[str, str]:
    """limbs=ik as name and value."""
    name, equals, value = text.partition("=")
    if not (equals and name and value):
        raise argparse.ArgumentTypeError(f"{text!r} is no setting: limbs=ik was expected")
    return name.strip(), value.strip()
