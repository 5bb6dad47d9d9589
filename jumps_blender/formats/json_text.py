"""JSON as estimators write it: any Unicode encoding, bare NaN, cut off in the middle."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from ..errors import FormatError
from .recording import Damage

PARTIAL: Final = frozenset({(), ("frames",), ("people",), ("instance_info",), ("annotations",)})
"""Containers whose whole members are worth having when the end is missing: the root, and lists of these names in it."""

_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_CUT_NUMBER: Final = re.compile(r"(\.|[eE][+-]?)?")
"""What may stand between a number that the parser took for whole and the end that cut through it."""

_BEGUN: Final = re.compile(r"-?\d*(\.\d*)?([eE][+-]?\d*)?|[A-Za-z]{1,8}|-I\w*|\\?(u[0-9a-fA-F]{0,4})?")
"""What the rest of a text may be where it stops inside a number, a word or an escape."""


@dataclass(frozen=True)
class Content:
    """A parsed file; with `damage`, the part before it that is whole."""

    value: Any
    damage: Damage | None = None


def begins_as_json(head: bytes) -> bool:
    """Whether the first byte that is neither space nor byte order mark opens a JSON list or object."""
    return decode(head).lstrip()[:1] in ("[", "{")


def parse(data: bytes, name: str) -> Content:
    """Parse a file's bytes; what is whole before a damaged or missing part comes back with its `damage`.

    Raises:
        FormatError: empty, not JSON at all, or nested beyond reason.

    """
    text = decode(data)
    if not text.strip():
        raise FormatError(f"{name} is empty: a keypoint file in JSON was expected.")
    if text.lstrip()[0] not in "[{":
        raise FormatError(f"{name} is not JSON: it begins with {text.lstrip()[:20]!r}. {EXPECTED}")
    try:
        return Content(json.loads(text))
    except json.JSONDecodeError:
        return _whole_part(text, len(data), name)
    except (RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        raise FormatError(f"{name} is JSON that no estimator writes ({_first_line(error)}).") from None


EXPECTED: Final = (
    "Read are keypoints as AlphaPose, OpenPose, MMPose, MediaPipe, TensorFlow.js, YOLO, DeepLabCut and SLEAP write "
    "them, TRC, and JUMPS' own tracks: a file, a folder of frames, or a zip of either."
)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:100]


def decode(data: bytes) -> str:
    """Text of the bytes; a character that the cut went through is left out, and bytes that are no text read as such."""
    encoding = json.detect_encoding(data)
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(data, final=False).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _whole_part(text: str, size: int, name: str) -> Content:
    try:
        value, end, damage = _Scan(text).container(_skip(text, 0), ())
    except (RecursionError, ValueError) as error:
        raise FormatError(f"{name} is JSON that no estimator writes ({_first_line(error)}).") from None
    if damage is None:
        damage = _Stop(end, cut=False)
    line = text.count("\n", 0, damage.at) + 1
    at = round(size * damage.at / max(len(text), 1))
    where = f"at its end, {size:,} bytes" if damage.cut else f"at byte {at:,} of {size:,}, line {line}"
    return Content(value, Damage(damage.cut, where))


@dataclass(frozen=True)
class _Stop:
    at: int
    cut: bool


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match
    return match.end()


class _Scan:
    """Reads members one after the other and keeps those that are whole."""

    def __init__(self, text: str) -> None:
        self.text = text

    def container(self, at: int, path: tuple[str, ...]) -> tuple[Any, int, _Stop | None]:
        """Members of the list or object that opens at `at`, its end, and where it stopped being readable."""
        keyed = self.text[at] == "{"
        members: Any = {} if keyed else []
        closing = "}" if keyed else "]"
        at = _skip(self.text, at + 1)
        if self.text[at : at + 1] == closing:
            return members, at + 1, None
        while True:
            at, stop = self._member(at, members, path)
            if stop:
                return members, at, stop
            at = _skip(self.text, at)
            mark = self.text[at : at + 1]
            if mark == closing:
                return members, at + 1, None
            if mark != ",":
                return members, at, _Stop(at, cut=not mark)
            at = _skip(self.text, at + 1)

    def _member(self, at: int, members: Any, path: tuple[str, ...]) -> tuple[int, _Stop | None]:
        """Read one member into `members`; the position behind it, and where reading stopped if it did."""
        if isinstance(members, list):
            value, at, stop = self._value(at, (*path, "*"))
            if stop is None:
                members.append(value)
            return at, stop
        key, at, stop = self._value(at, (*path, "*"))
        if stop or not isinstance(key, str):
            return at, stop or _Stop(at, cut=False)
        at = _skip(self.text, at)
        if self.text[at : at + 1] != ":":
            return at, _Stop(at, cut=at >= len(self.text))
        inner = (*path, key)
        value, at, stop = self._value(_skip(self.text, at + 1), inner)
        if stop is None or (inner in PARTIAL and value is not None):
            members[key] = value
        return at, stop

    def _value(self, at: int, path: tuple[str, ...]) -> tuple[Any, int, _Stop | None]:
        if path in PARTIAL and self.text[at : at + 1] in ("[", "{"):
            return self.container(at, path)
        try:
            value, end = _DECODER.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            return None, error.pos, _Stop(error.pos, self._runs_out(error))
        if self.text[end - 1] not in ']}"' and _CUT_NUMBER.fullmatch(self.text, end):
            return None, at, _Stop(at, cut=True)  # a number or word that the end may have cut through
        return value, end, None

    def _runs_out(self, error: json.JSONDecodeError) -> bool:
        """Whether the parser failed because the text ended, and not because something in it is wrong."""
        if error.msg.startswith("Unterminated string"):
            return True
        rest = self.text[error.pos :].rstrip()
        return bool(_BEGUN.fullmatch(rest)) and error.pos + len(rest) + 1 >= len(self.text.rstrip())
