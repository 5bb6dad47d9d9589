"""Reader of Acclaim skeletons (ASF) and their motion (AMC), as CMU and HDM05 publish them.

A bone's local rotation is C (Rz Ry Rx of its dof values) C^-1 with C = Rz Ry Rx of its axis line; its end is its
parent's end plus its global rotation times direction times length. A point named like a bone is that bone's END.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from jumps_blender.errors import FormatError, TruncatedFile

from .motion import Motion

ROTATIONS: Final = ("rx", "ry", "rz")
TRANSLATIONS: Final = ("tx", "ty", "tz")


@dataclass(frozen=True)
class Bone:
    """One bone. offset: direction times length, file units; axis: (3, 3), C above; dof: channels in file order."""

    name: str
    offset: np.ndarray
    axis: np.ndarray
    dof: tuple[str, ...]


@dataclass(frozen=True)
class Skeleton:
    """bones: root first, parents before children; parents: index of each bone's parent, -1 at the root."""

    bones: tuple[Bone, ...]
    parents: tuple[int, ...]
    root_position: np.ndarray


Section = list[tuple[int, list[str]]]


def read_asf(text: str, source: str) -> Skeleton:
    """Parse an ASF file. Raises FormatError naming the file and, where there is one, the line."""
    sections = _sections(text)
    missing = [name for name in ("root", "bonedata", "hierarchy") if name not in sections]
    if missing:
        raise TruncatedFile(
            f"{source}: no section {', '.join(missing)}; expected root, bonedata and hierarchy. Is it a whole ASF file?"
        )
    first = sections["root"][0][0] if sections["root"] else 0
    with _incomplete(f"{source}, line {first}: the root"):
        root, root_position = _read_root(sections["root"])
    bones = {"root": root} | {bone.name: bone for bone in _read_bones(sections["bonedata"], source)}
    order, parents = _read_hierarchy(sections["hierarchy"], bones, source)
    return Skeleton(tuple(bones[name] for name in order), tuple(parents), root_position)


def _sections(text: str) -> dict[str, Section]:
    sections: dict[str, Section] = {}
    current: Section = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split()
        if words and words[0].startswith(":"):
            current = sections.setdefault(words[0][1:].lower(), [])
        elif words:
            current.append((number, words))
    return sections


def _axis(words: list[str]) -> np.ndarray:
    """C of an axis line, `x y z ORDER` in degrees: the axis named first turns first."""
    order = words[3].lower()
    angles = dict(zip("xyz", _finite(words[:3]), strict=True))
    matrix: np.ndarray = Rotation.from_euler(order, [angles[axis] for axis in order], degrees=True).as_matrix()
    return matrix


def _read_root(section: Section) -> tuple[Bone, np.ndarray]:
    lines = {words[0].lower(): words[1:] for _, words in section}
    axis = _axis([*lines["orientation"], lines["axis"][0]])
    dof = tuple(word.lower() for word in lines["order"])
    return Bone("root", np.zeros(3), axis, dof), _finite(lines["position"])


def _read_bones(section: Section, source: str) -> list[Bone]:
    bones: list[Bone] = []
    lines: dict[str, list[str]] = {}
    for number, words in section:
        key = words[0].lower()
        if key == "begin":
            lines = {}
        elif key == "end":
            with _incomplete(f"{source}, line {number}: the bone {' '.join(lines.get('name', ['without name']))!r}"):
                bones.append(_bone(lines))
        else:
            lines[key] = words[1:]
    return bones


def _bone(lines: dict[str, list[str]]) -> Bone:
    direction = _finite(lines["direction"][:3])
    dof = tuple(word.lower() for word in lines.get("dof", []))
    return Bone(lines["name"][0], direction * _finite(lines["length"][:1]), _axis(lines["axis"]), dof)


def _finite(words: list[str]) -> np.ndarray:
    numbers = np.array([float(word) for word in words])
    if not np.isfinite(numbers).all() or not len(numbers):
        raise ValueError(f"{' '.join(words)!r} are no finite numbers")
    return numbers


@contextmanager
def _incomplete(what: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError, IndexError) as error:
        raise FormatError(f"{what} is incomplete ({error}). Get a whole copy.") from error


def _read_hierarchy(section: Section, bones: dict[str, Bone], source: str) -> tuple[list[str], list[int]]:
    order, parents = ["root"], [-1]
    for number, words in section:
        if words[0].lower() in ("begin", "end"):
            continue
        unknown = [name for name in words if name not in bones]
        if unknown or words[0] not in order:
            raise FormatError(
                f"{source}, line {number}: found {unknown or words[0]!r}, expected bones of the section bonedata "
                "below a parent that has its place."
            )
        order += words[1:]
        parents += [order.index(words[0])] * (len(words) - 1)
    return order, parents


def read_amc(text: str, source: str, skeleton: Skeleton, fps: float) -> Motion:
    """Parse an AMC file and place the bones' ends; AMC does not know its rate, so it is given.

    Raises FormatError (TruncatedFile where it ends in mid-frame), naming the file and the line.
    """
    values = _read_frames(text, source, skeleton)
    frames = len(values["root"])
    positions = np.empty((frames, len(skeleton.bones), 3))
    rotations = np.empty((frames, len(skeleton.bones), 3, 3))
    for index, (bone, parent) in enumerate(zip(skeleton.bones, skeleton.parents, strict=True)):
        local = _rotation(bone, values.get(bone.name, np.zeros((frames, 0))))
        if parent < 0:
            moves = [bone.dof.index(channel) for channel in TRANSLATIONS]
            positions[:, index] = values[bone.name][:, moves] + skeleton.root_position
            rotations[:, index] = local
            continue
        rotations[:, index] = rotations[:, parent] @ local
        positions[:, index] = positions[:, parent] + rotations[:, index] @ bone.offset
    return Motion(tuple(bone.name for bone in skeleton.bones), positions, rotations, fps)


def _rotation(bone: Bone, values: np.ndarray) -> np.ndarray:
    """(frames, 3, 3) in the parent's frame; a bone without values stays as it rests."""
    angles = np.zeros((len(values), 3))
    for column, channel in enumerate(bone.dof[: values.shape[1]]):
        if channel in ROTATIONS:
            angles[:, ROTATIONS.index(channel)] = values[:, column]
    matrix: np.ndarray = bone.axis @ Rotation.from_euler("xyz", angles, degrees=True).as_matrix() @ bone.axis.T
    return matrix


def _read_frames(text: str, source: str, skeleton: Skeleton) -> dict[str, np.ndarray]:
    """Values (frames, channels) of each bone, from lines `<bone> <values>` below lines with a frame number."""
    sizes = {bone.name: len(bone.dof) for bone in skeleton.bones}
    rows: dict[str, list[list[float]]] = {}
    frames = number = 0
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0][0] in "#:":
            continue
        if len(words) == 1 and words[0].isdigit():
            frames += 1
            continue
        name, where = words[0], f"{source}, line {number}"
        if len(words) - 1 != sizes.get(name, -1):
            raise FormatError(
                f"{where}: found {len(words) - 1} values of {name!r}, "
                f"expected {sizes.get(name, 'a bone of the skeleton')}."
            )
        column = rows.setdefault(name, [])
        if len(column) != frames - 1:
            raise TruncatedFile(
                f"{where}: found {name!r} in frame {frames} after {len(column)} frames with it; "
                "expected each bone once in each frame. Get a whole copy."
            )
        column.append(_row(words[1:], line, where))
    return _checked_frames(rows, frames, f"{source}, line {number}")


def _row(words: list[str], line: str, where: str) -> list[float]:
    try:
        values = [float(word) for word in words]
    except ValueError:
        raise FormatError(f"{where}: found {line.strip()[:40]!r}, expected numbers.") from None
    if not all(map(isfinite, values)):
        raise FormatError(
            f"{where}: found NaN or an infinite number in {line.strip()[:40]!r}, expected finite numbers."
        )
    return values


def _checked_frames(rows: dict[str, list[list[float]]], frames: int, where: str) -> dict[str, np.ndarray]:
    if frames == 0 or "root" not in rows:
        raise FormatError(f"{where}: no frames; expected frame numbers, each with a line per bone. Is it an AMC file?")
    short = [name for name, column in rows.items() if len(column) != frames]
    if short:
        raise TruncatedFile(f"{where}: ends in frame {frames}, without {', '.join(short[:5])}. Get a whole copy.")
    return {name: np.array(column) for name, column in rows.items()}
