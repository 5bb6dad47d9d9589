"""What an armature remembers of its tracks or its result, stored with the object in the .blend.

A record is one custom property: a group of a version, a header as JSON, and arrays, compressed, as text. Text, because
Blender's panels turn arrays into lists and shorten bytes that begin with zeros.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

import bpy
import numpy as np

from ..core.body.joint_sets import JOINT_SETS, find_joint_set
from ..core.body.tracks import Tracks
from ..errors import InputError
from .tracks.placement import Placement, Timing

TRACKS: Final = "jumps_tracks"
RESULT: Final = "jumps_result"
SOURCE: Final = "jumps_source"
VERSION: Final = 2
"""Results of version 1 cannot be solved again: they hold neither their positions nor their tracks."""


@dataclass(frozen=True)
class TracksRecord:
    """Keypoints as they were imported, where they were placed and when."""

    tracks: Tracks
    placement: Placement
    timing: Timing


@dataclass(frozen=True)
class Choices:
    """What the user chose for a solve: a preset's name, its smoothness 0..1, and the seed of random starts."""

    settings: str = "default"
    smoothness: float = 0.6
    seed: int = 0


@dataclass(frozen=True)
class Solve:
    """What solved a clip the first time, edits aside: for how many seconds, and when, as ISO 8601 in local time."""

    engine: str = ""
    device: str = ""
    seconds: float = 0.0
    at: str = ""

    @classmethod
    def now(cls, report: dict[str, Any]) -> Solve:
        """Of a report that has just been made."""
        told = {name: report[name] for name in ("engine", "device", "seconds") if name in report}
        return cls(**told, at=datetime.now().astimezone().isoformat(timespec="seconds"))


@dataclass(frozen=True)
class ResultRecord:
    """What the upsampler said besides the positions, which are the armature's keys.

    `observed` bool (frames, 28); `rejected` bool (frames, joints of the input); `std` (frames, 28) in armature units,
    or None; `source` the name of the armature that was upsampled; `report` as the upsampler gave it.

    What it takes to solve again where the animator moved a joint: `positions` (frames, 28, 2) in pixels as they were
    last solved; `pins` bool (frames, 28), joints that stay where the animator put them; `swapped` bool (frames, 2);
    `depth` and `depth_std` (frames, 28) in pixels, or None; `estimates` as `core.Estimates`; `edits`, how often;
    `between` (n, 4), pins between samples: joint, scene frame, X and Z in armature units, or None. After an edit
    `report` is that of the edit, while `solve` still tells of the first time; None where nobody knows.

    A result may show a part of its tracks: its first frame is their frame `first`. They may be a part themselves, with
    `before` frames of the whole clip before them.
    """

    observed: np.ndarray
    rejected: np.ndarray
    std: np.ndarray | None
    placement: Placement
    timing: Timing
    source: str
    person: str
    choices: Choices
    report: dict[str, Any] = field(default_factory=dict)
    estimates: dict[str, Any] = field(default_factory=dict)
    edits: int = 0
    first: int = 0
    before: int = 0
    positions: np.ndarray | None = None
    pins: np.ndarray | None = None
    swapped: np.ndarray | None = None
    depth: np.ndarray | None = None
    depth_std: np.ndarray | None = None
    between: np.ndarray | None = None
    solve: Solve | None = None


_PLAIN: Final = ("source", "person", "report", "estimates", "edits", "first", "before")
_FLAGS: Final = ("observed", "rejected", "pins", "swapped")
_NUMBERS: Final = ("std", "positions", "depth", "depth_std", "between")


Packed = dict[str, Any]
"""A record as it is stored: what takes time is done."""


@dataclass(frozen=True)
class Copied:
    """What we keep with an object, copied: whoever unpacks it so touches nothing of Blender's."""

    name: str
    content: dict[str, Any]

    @classmethod
    def of(cls, ob: bpy.types.Object, *keys: str) -> Copied:
        """What an object holds under these keys."""
        held = {key: ob[key] for key in keys if ob.get(key) is not None}
        return cls(ob.name, {key: one.to_dict() if hasattr(one, "to_dict") else one for key, one in held.items()})

    def get(self, key: str, default: Any = None) -> Any:
        """As an object has it."""
        return self.content.get(key, default)

    def __getitem__(self, key: str) -> Any:
        return self.content[key]


Holder = bpy.types.Object | Copied


def store(ob: bpy.types.Object, key: str, packed: Packed) -> None:
    """Store what was packed with the object."""
    ob[key] = packed


def store_tracks(ob: bpy.types.Object, record: TracksRecord, key: str = TRACKS) -> None:
    """Store the tracks with the object; under SOURCE those that a result was made of."""
    store(ob, key, pack_tracks(record))


def pack_tracks(record: TracksRecord) -> Packed:
    """Tracks as they are stored; touches nothing of Blender's."""
    tracks = record.tracks
    header = {
        "joint_set": tracks.joint_set.id,
        "joints": tracks.joint_set.joints,
        "frames": len(tracks),
        "first_frame": int(tracks.first_frame),
        "fps": None if tracks.fps is None else float(tracks.fps),
        "image_size": None if tracks.image_size is None else [int(side) for side in tracks.image_size],
        "person": tracks.person,
        "source": tracks.source,
        "placement": asdict(record.placement),
        "timing": asdict(record.timing),
    }
    arrays = {"positions": tracks.positions.astype("<f4"), "confidence": tracks.confidence.astype("<f4")}
    return pack(header | {"digest": digest_of(arrays)}, arrays)


def stored_tracks(ob: Holder, key: str = TRACKS) -> TracksRecord | None:
    """The tracks stored with the object, under SOURCE those that a result was made of; None where there are none.

    Raises:
        InputError: they are damaged, or of a newer version.

    """
    if ob.get(key) is None:
        return None
    with damage_named(ob, key):
        header, arrays = load(ob, key)
        names, size = tuple(header["joints"]), header["image_size"]
        tracks = Tracks(
            positions=arrays["positions"].astype(np.float64).reshape(-1, len(names), 2),
            confidence=arrays["confidence"].astype(np.float64).reshape(-1, len(names)),
            joint_set=JOINT_SETS[header["joint_set"]] if header["joint_set"] in JOINT_SETS else find_joint_set(names),
            first_frame=header["first_frame"],
            fps=header["fps"],
            image_size=None if size is None else (size[0], size[1]),
            person=header["person"],
            source=header["source"],
        )
        return TracksRecord(tracks, Placement(**header["placement"]), Timing(**header["timing"]))


def store_result(ob: bpy.types.Object, record: ResultRecord) -> None:
    """Store the result's masks and report with the object."""
    store(ob, RESULT, pack_result(record))


def pack_result(record: ResultRecord) -> Packed:
    """A result as it is stored; touches nothing of Blender's."""
    header = {name: getattr(record, name) for name in _PLAIN} | {
        "choices": asdict(record.choices),
        "placement": asdict(record.placement),
        "timing": asdict(record.timing),
    }
    if record.solve:
        header["solve"] = asdict(record.solve)
    kinds = dict.fromkeys(_FLAGS, "u1") | dict.fromkeys(_NUMBERS, "<f4")
    arrays = {
        name: getattr(record, name).astype(kind) for name, kind in kinds.items() if getattr(record, name) is not None
    }
    return pack(header | {"digest": digest_of(arrays)}, arrays)


def stored_result(ob: Holder, numbers: bool = True) -> ResultRecord | None:
    """The result's masks and report stored with the object; None where there are none.

    Without `numbers` its flags alone, a tenth of the work: positions and what else is not bool are None.

    Raises:
        InputError: they are damaged, or of a newer version.

    """
    if ob.get(RESULT) is None:
        return None
    with damage_named(ob, RESULT):
        header, arrays = load(ob, RESULT, () if numbers else _NUMBERS)
        placement, timing = Placement(**header.pop("placement")), Timing(**header.pop("timing"))
        choices, solve = Choices(**header.pop("choices")), header.pop("solve", None)
        header.pop("digest", None)
        found: dict[str, Any] = {name: arrays[name].astype(bool) for name in _FLAGS if name in arrays}
        found |= {name: arrays[name].astype(np.float64) for name in _NUMBERS if name in arrays}
        found.setdefault("std", None)
        found["solve"] = solve and Solve(**solve)
        return ResultRecord(placement=placement, timing=timing, choices=choices, **found, **header)


def tracks_header(ob: bpy.types.Object) -> dict[str, Any] | None:
    """The header of the stored tracks alone, which a panel can read at every redraw; None as `_header` says."""
    return _header(ob, TRACKS, ("joints", "frames", "fps", "source", "person", "placement"))


def result_header(ob: bpy.types.Object) -> dict[str, Any] | None:
    """The header of the stored result alone, which a panel can read at every redraw; None as `_header` says."""
    return _header(ob, RESULT, ("source", "choices", "edits"))


def source_header(ob: bpy.types.Object) -> dict[str, Any] | None:
    """The header of the tracks that a result was made of, alone; None as `_header` says."""
    return _header(ob, SOURCE, ("joints", "source", "person", "placement"))


def _header(ob: Holder, key: str, needed: Collection[str]) -> dict[str, Any] | None:
    """None where there is none with what is needed, or one of a newer version: whoever reads the whole tells why."""
    try:
        group = ob[key]
        header = json.loads(group["header"])
        return header if group["version"] <= VERSION and set(needed) <= set(header) else None
    except (KeyError, TypeError, ValueError):
        return None


def digest_of(arrays: dict[str, np.ndarray]) -> int:
    """A number by which a header tells what arrays it is of; whoever keeps what was unpacked looks at that alone."""
    return zlib.crc32(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values()))


def pack(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> Packed:
    """A header and arrays as they are stored; touches nothing of Blender's."""
    group: Packed = {"version": VERSION, "header": json.dumps(header)}
    for name, array in arrays.items():
        data = base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 6)).decode("ascii")
        group[name] = {"dtype": array.dtype.str, "shape": [int(n) for n in array.shape], "data": data}
    return group


def load(ob: Holder, key: str, without: Collection[str] = ()) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the arrays of what was stored, `without` some of them; for use within `damage_named`."""
    group = ob[key]
    if group["version"] > VERSION:
        raise InputError(
            f"The data stored with {ob.name!r} are of version {group['version']}, this JUMPS knows up to {VERSION}: "
            "update it."
        )
    arrays = {name: _array(value) for name, value in group.items() if name not in {"version", "header", *without}}
    return json.loads(group["header"]), arrays


def _array(group: Any) -> np.ndarray:
    data = zlib.decompress(base64.b64decode(group["data"]))
    return np.frombuffer(data, group["dtype"]).reshape([int(n) for n in group["shape"]])


@contextmanager
def damage_named(ob: Holder, key: str) -> Iterator[None]:
    """Turn whatever a damaged record makes of the reader into an error that names the object and the remedy."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, zlib.error, binascii.Error) as error:
        raise InputError(
            f"The data stored with {ob.name!r} are damaged ({error}): import the keypoint file again, or delete the "
            f"custom property {key!r} to go on without them."
        ) from error
