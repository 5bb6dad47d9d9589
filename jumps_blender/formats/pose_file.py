"""`.pose` files (pose-format), versions 0.0, 0.1 and 0.2: little-endian binary with named points of several components.

Header: version, width, height, depth, and components (`pose_keypoints_2d`, `POSE_LANDMARKS`, faces, hands), each with
its points' names and the letters of its numbers, such as `XYC`. The body is read, faces and hands are not.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ..errors import FormatError, TruncatedFile
from .named import Bodies, take_of
from .points import rate_of, size_of
from .recording import LONGEST, Take
from .source import Source

FORMATS: Final = {"pose": "pose-format"}

_VERSIONS: Final = (0.0, 0.1, 0.2)
_MOST: Final = 5000
"""Components, or points of one, at most."""
_BODY: Final = ("pose", "body")


@dataclass(frozen=True)
class _Component:
    name: str
    letters: str
    points: tuple[str, ...]

    @property
    def dimensions(self) -> int:
        """Coordinates of a point, without its confidence."""
        return len(self.letters) - 1


class _Bytes:
    """Reads one thing after the other; every size is checked against what is there."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.at = data, name, 0

    @property
    def left(self) -> int:
        """Bytes that are not read yet."""
        return len(self.data) - self.at

    def numbers(self, kinds: str) -> tuple[Any, ...]:
        """Numbers of these kinds, as `struct` calls them."""
        size = struct.calcsize(f"<{kinds}")
        self._need(size)
        self.at += size
        return struct.unpack_from(f"<{kinds}", self.data, self.at - size)

    def text(self) -> str:
        """Text with its length before it."""
        (size,) = self.numbers("H")
        self._need(size)
        self.at += size
        return self.data[self.at - size : self.at].decode("utf-8", "replace")

    def floats(self, *shape: int) -> np.ndarray:
        """An array of float32."""
        count = int(np.prod(shape, dtype=object))
        self._need(4 * count)
        self.at += 4 * count
        return np.frombuffer(self.data, "<f4", count, self.at - 4 * count).reshape(shape)

    def _need(self, size: int) -> None:
        if size > self.left:
            raise TruncatedFile(
                f"{self.name} was cut off at its end, {len(self.data):,} bytes, and a .pose file has its confidences "
                "there. Copy it again."
            )


def sniff(source: Source) -> bool:
    """A known version, and a first component with a name and letters of coordinates."""
    data = source.main.data
    if len(data) < 16 or source.main.is_json or source.main.is_text:
        return False
    version, _, _, _, components = struct.unpack_from("<fHHHH", data)
    size = struct.unpack_from("<H", data, 12)[0]
    letters = data[14 + size : 20 + size]
    return any(abs(version - one) < 1e-6 for one in _VERSIONS) and 0 < components < _MOST and letters[2:4] == b"XY"


def read(source: Source) -> Take:
    """See `reader.Reader`."""
    content = _Bytes(source.main.data, source.name)
    version, width, height, _, count = content.numbers("fHHHH")
    components = [_component(content) for _ in range(count)]
    full = [i for i, one in enumerate(components) if one.points]
    if not full:
        raise FormatError(f"{source.name} has no points in any of its {count} components.")
    chosen = next((i for i in full if components[i].name.lower().startswith(_BODY)), full[0])
    kinds = {0: "HH", 1: "HH", 2: "fI"}
    fps, frames = content.numbers(kinds[round(version * 10)])
    read_body = _per_frame if version == 0 else _in_blocks
    numbers, people, points = read_body(content, components, chosen, frames)
    names = components[chosen].points
    with np.errstate(invalid="ignore"):  # damaged bytes may be a NaN that signals
        xyc = points[..., [0, 1, -1]].astype(np.float64)
    xyc[~(xyc[..., 2] > 0)] = np.nan
    span = (0, max(frames - 1, *numbers, 0))
    size, notes = _size(size_of(width, height), xyc)
    take = Take("pose", (), f"{span[1] + 1} frames", span, rate_of(fps), size, warnings=notes)
    return take_of(take, Bodies(names, numbers, xyc, people), source)


def _component(content: _Bytes) -> _Component:
    name, letters = content.text(), content.text()
    points, limbs, colours = content.numbers("HHH")
    if points > _MOST or not letters.endswith("C") or not letters.startswith("XY"):
        raise FormatError(f"{content.name}: component {name[:40]!r} has {points} points of {letters[:10]!r}.")
    names = tuple(content.text() for _ in range(points))
    content.numbers("H" * (2 * limbs + 3 * colours))
    return _Component(name, letters, names)


def _per_frame(
    content: _Bytes, components: Sequence[_Component], chosen: int, frames: int
) -> tuple[list[int], list[str | None], np.ndarray]:
    """Version 0.0: frame by frame the people, each with an id and the points of every component."""
    numbers, people, found = [], [], []
    for frame in range(frames):
        for _ in range(content.numbers("H")[0]):
            (which,) = content.numbers("h")
            bodies = [content.floats(len(one.points), len(one.letters)) for one in components]
            numbers.append(frame)
            people.append(str(which) if which >= 0 else None)
            found.append(bodies[chosen])
    one = components[chosen]
    return numbers, people, np.array(found).reshape(-1, len(one.points), len(one.letters))


def _in_blocks(
    content: _Bytes, components: Sequence[_Component], chosen: int, frames: int
) -> tuple[list[int], list[str | None], np.ndarray]:
    """Versions 0.1 and 0.2: all coordinates (frames, people, points, dimensions), then all confidences."""
    (people,) = content.numbers("H")
    points, dimensions = sum(len(one.points) for one in components), max(one.dimensions for one in components)
    size = 4 * people * points * (dimensions + 1)
    if size and content.left > frames * size:  # version 0.1 counts frames modulo 65,536
        frames = content.left // size
    if frames > LONGEST:
        raise FormatError(f"{content.name} has {frames:,} frames; at most {LONGEST:,} are read.")
    places, sure = content.floats(frames, people, points, dimensions), content.floats(frames, people, points)
    first = sum(len(one.points) for one in components[:chosen])
    columns = slice(first, first + len(components[chosen].points))
    body = np.concatenate([places[:, :, columns], sure[:, :, columns, None]], -1)
    numbers = np.repeat(np.arange(frames), people).tolist()
    ids: list[str | None] = [str(i) for i in range(people)] if people > 1 else ["0"] * people
    return numbers, ids * frames, body.reshape(-1, *body.shape[2:])


def _size(told: tuple[int, int] | None, points: np.ndarray) -> tuple[tuple[int, int] | None, tuple[str, ...]]:
    """The image size, unless the points keep to a corner of it: writers fill in a number of their own."""
    seen = points[np.isfinite(points).all(-1)][:, :2]
    if told is None or not len(seen):
        return told, ()
    far = np.percentile(seen, 99.5, axis=0)
    if (far < np.array(told) / 2).all() and far.max() > 2:
        end = f"{far[0]:.0f} x {far[1]:.0f}"
        return None, (f"The file says {told[0]} x {told[1]} pixels, but its points end at {end}: not believed.",)
    return told, ()
