"""Reader of Biovision hierarchy (BVH) files: any hierarchy, any channel order.

A joint's global rotation is the product of its ancestors' and its own rotations, each the product of its
rotation channels in the order in which CHANNELS names them. Position channels of the root add to its OFFSET,
those of any other joint replace it. An End Site becomes a joint called `<joint>_end`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NoReturn

import numpy as np
from scipy.spatial.transform import Rotation

from jumps_blender.errors import FormatError, TruncatedFile

from .motion import Motion

CHANNELS: Final = tuple(f"{axis}{kind}" for kind in ("position", "rotation") for axis in "XYZ")


@dataclass
class Joint:
    """One joint of the hierarchy; parent: its index, -1 at the root; first_channel: its first column of the motion."""

    name: str
    parent: int
    offset: np.ndarray = field(default_factory=lambda: np.zeros(3))
    channels: tuple[str, ...] = ()
    first_channel: int = 0


@dataclass
class _Lines:
    """The lines of a file, one after the other, and the number of the last one handed out."""

    source: str
    lines: list[str]
    number: int = 0

    def __iter__(self) -> Iterator[list[str]]:
        while self.number < len(self.lines):
            self.number += 1
            words = self.lines[self.number - 1].split()
            if words:
                yield words

    def words(self, expected: str) -> list[str]:
        for words in self:
            return words
        raise TruncatedFile(
            f"{self.source}: ends after line {self.number} where {expected} was expected. Get a whole copy."
        )

    def fail(self, found: str, expected: str) -> NoReturn:
        raise FormatError(
            f"{self.source}, line {self.number}: found {found}, expected {expected}. Is this a whole BVH file?"
        )


def read_bvh(text: str, source: str) -> Motion:
    """Parse a BVH file and place its joints.

    text: the file's content; source: its name, for messages.
    Raises FormatError (TruncatedFile where it ends early), naming the file and the line.
    """
    lines = _Lines(source, text.splitlines())
    joints = _read_hierarchy(lines)
    fps, values = _read_motion(lines, sum(len(joint.channels) for joint in joints))
    return _place(joints, values, fps, source)


def _read_hierarchy(lines: _Lines) -> list[Joint]:
    if lines.words("HIERARCHY")[0].upper() != "HIERARCHY":
        lines.fail(repr(lines.lines[lines.number - 1][:40]), "HIERARCHY")
    joints: list[Joint] = []
    open_joints: list[int] = []
    while True:
        words = lines.words("the rest of the hierarchy, then MOTION")
        match words[0].upper():
            case "ROOT" | "JOINT" if len(words) > 1:
                joints.append(Joint(" ".join(words[1:]), open_joints[-1] if open_joints else -1))
            case "END" if open_joints:
                joints.append(Joint(f"{joints[open_joints[-1]].name}_end", open_joints[-1]))
            case "{" if joints:
                open_joints.append(len(joints) - 1)
            case "}" if open_joints:
                open_joints.pop()
            case "OFFSET" if open_joints:
                joints[open_joints[-1]].offset = _numbers(lines, words[1:], 3)
            case "CHANNELS" if open_joints:
                _set_channels(lines, joints, open_joints[-1], words)
            case "MOTION" if joints and not open_joints:
                return joints
            case _:
                lines.fail(repr(" ".join(words)[:40]), "the next part of the hierarchy")


def _set_channels(lines: _Lines, joints: list[Joint], index: int, words: list[str]) -> None:
    known = {channel.lower(): channel for channel in CHANNELS}
    names = tuple(known.get(word.lower(), "") for word in words[2:])
    if "" in names or words[1] != str(len(names)):
        lines.fail(repr(" ".join(words)), f"a count and as many of {', '.join(CHANNELS)}")
    joints[index].first_channel = sum(len(joint.channels) for joint in joints)
    joints[index].channels = names


def _numbers(lines: _Lines, words: list[str], count: int) -> np.ndarray:
    try:
        values = np.array([float(word) for word in words])
    except ValueError:
        lines.fail(repr(" ".join(words)[:40]), f"{count} numbers")
    if len(values) != count:
        lines.fail(f"{len(values)} numbers", f"{count}, one per channel")
    if not np.isfinite(values).all():
        lines.fail("NaN or an infinite number", "finite numbers")
    return values


def _header_value(lines: _Lines, key: str) -> float:
    words = lines.words(key)
    if " ".join(words[:-1]).lower() != key.lower():
        lines.fail(repr(" ".join(words)[:40]), f"'{key} <number>'")
    return float(_numbers(lines, words[-1:], 1)[0])


def _read_motion(lines: _Lines, channels: int) -> tuple[float, np.ndarray]:
    frames = int(_header_value(lines, "Frames:"))
    if frames < 1:
        lines.fail(f"{frames} frames", "at least one")
    frame_time = _header_value(lines, "Frame Time:")
    if frame_time <= 0:
        lines.fail(f"a frame time of {frame_time}", "a positive number of seconds")
    rows = [_numbers(lines, lines.words(f"frame {frame + 1} of {frames}"), channels) for frame in range(frames)]
    for words in lines:
        lines.fail(f"{' '.join(words)[:40]!r} after the last of {frames} frames", "the end of the file")
    return 1.0 / frame_time, np.array(rows)


def _local(joint: Joint, values: np.ndarray, source: str) -> tuple[np.ndarray, np.ndarray]:
    """Translation (frames, 3) and rotation (frames, 3, 3) of a joint in its parent's frame."""
    own = values[:, joint.first_channel : joint.first_channel + len(joint.channels)]
    translation = np.tile(joint.offset, (len(values), 1))
    rotation_columns = [i for i, channel in enumerate(joint.channels) if channel.endswith("rotation")]
    for column, channel in enumerate(joint.channels):
        if channel.endswith("position"):
            axis = "XYZ".index(channel[0])
            translation[:, axis] = own[:, column] + (joint.offset[axis] if joint.parent < 0 else 0.0)
    if not rotation_columns:
        return translation, np.broadcast_to(np.eye(3), (len(values), 3, 3))
    axes = "".join(joint.channels[i][0] for i in rotation_columns)
    if len(set(axes)) < len(axes):
        raise FormatError(f"{source}: joint {joint.name} turns about {axes}; expected each axis once. Export it again.")
    angles = own[:, rotation_columns]
    return translation, Rotation.from_euler(axes, angles, degrees=True).as_matrix().reshape(-1, 3, 3)


def _place(joints: list[Joint], values: np.ndarray, fps: float, source: str) -> Motion:
    positions = np.empty((len(values), len(joints), 3))
    rotations = np.empty((len(values), len(joints), 3, 3))
    for index, joint in enumerate(joints):
        translation, rotation = _local(joint, values, source)
        if joint.parent < 0:
            positions[:, index], rotations[:, index] = translation, rotation
            continue
        turn = rotations[:, joint.parent]
        positions[:, index] = positions[:, joint.parent] + np.einsum("fij,fj->fi", turn, translation)
        rotations[:, index] = turn @ rotation
    return Motion(tuple(joint.name for joint in joints), positions, rotations, fps)
