"""What Blender and its worker process say to each other.

A job is a folder. Blender writes `request.json` and `input.npz` into it and starts the worker with the folder's path;
the worker answers on its standard output, one JSON message a line, and leaves the arrays of each finished stretch of
frames in a file of its own, which it names once it is whole.

    Blender -> worker   the folder; an open standard input, whose end means "Blender is gone: stop"
    worker -> Blender   Started, Progress and Stretch ..., then exactly one of Finished and Failed

Stretches follow one another and are the whole answer: what came before a worker was stopped, or died, is of use.

Both sides carry the protocol's version: an extension that was updated while a worker of the old one still runs, or an
interpreter that finds another copy of the package, is told so instead of being misread.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from ..core.body.joint_sets import JOINT_SETS, JointSet
from ..core.body.tracks import CONFIDENCE_THRESHOLD
from ..errors import WorkerError

PROTOCOL_VERSION: Final = 3

REQUEST_FILE: Final = "request.json"
INPUT_FILE: Final = "input.npz"
STRETCH_FILE: Final = "stretch-{}.npz"


@dataclass(frozen=True)
class Request:
    """One call of the upsampler.

    `positions` (frames, joints, 2) pixels, y down, NaN = not observed; `confidence` (frames, joints) in 0..1 or None;
    `pinned` bool (frames, joints) or None; `joint_set` an id or a tuple of names out of the 28 joints; `threshold` the
    confidence below which a point counts as not observed: 0 where that was decided when the file was read;
    `first_frame` how many frames of the whole lie before these; `memory` the path of a file that keeps which engine is
    the best one here, or None.

    `whole` and `whole_confidence` are what is known of the clip of which these frames are a part, in the shape of
    positions and confidence: how noisy it is and the like is then judged by all of it. None where these are all frames.
    """

    positions: np.ndarray
    joint_set: str | tuple[str, ...]
    confidence: np.ndarray | None = None
    pinned: np.ndarray | None = None
    whole: np.ndarray | None = None
    whole_confidence: np.ndarray | None = None
    fps: float = 25.0
    settings: str = "default"
    threshold: float = CONFIDENCE_THRESHOLD
    smoothness: float | None = None
    seed: int = 0
    first_frame: int = 0
    device: str = "auto"
    engine: str = "auto"
    weights: str | None = None
    memory: str | None = None

    def write(self, folder: Path) -> None:
        """Write the request's two files into the job's folder."""
        arrays = {name: getattr(self, name) for name in _ARRAYS if getattr(self, name) is not None}
        write_arrays(folder / INPUT_FILE, arrays)
        options = {name: getattr(self, name) for name in _OPTIONS}
        text = json.dumps({"protocol": PROTOCOL_VERSION, **options})
        write_atomically(folder / REQUEST_FILE, lambda path: path.write_text(text, encoding="utf-8"))

    @classmethod
    def read(cls, folder: Path) -> Request:
        """Read what `write` wrote.

        Raises:
            WorkerError: a request of another version.

        """
        options = json.loads((folder / REQUEST_FILE).read_text(encoding="utf-8"))
        check_version(options.pop("protocol", None))
        if isinstance(options["joint_set"], list):
            options["joint_set"] = tuple(options["joint_set"])
        arrays: dict[str, Any] = dict(read_arrays(folder / INPUT_FILE))
        return cls(**arrays, **options)


_ARRAYS: Final = ("positions", "confidence", "pinned", "whole", "whole_confidence")
_OPTIONS: Final = tuple(name for name in Request.__dataclass_fields__ if name not in _ARRAYS)


def name_joint_set(joint_set: JointSet) -> str | tuple[str, ...]:
    """How a request names a joint set: by its id, or, where it is no set of ours, by its names."""
    return joint_set.id if joint_set.id in JOINT_SETS else joint_set.joints


@dataclass(frozen=True)
class Started:
    """The worker runs and can read our request."""

    protocol: int
    interpreter: str


@dataclass(frozen=True)
class Progress:
    """How far the work is: `fraction` in 0..1 and a short text for the panel."""

    fraction: float
    text: str


@dataclass(frozen=True)
class Stretch:
    """Frames from `first` on are finished: their arrays lie in `file` of the job's folder.

    `report` tells of all that was done so far, `estimates` of the clip as a whole.
    """

    first: int
    file: str
    report: dict[str, Any] = field(default_factory=dict)
    estimates: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finished:
    """All stretches were told."""


@dataclass(frozen=True)
class Failed:
    """The work failed or was cancelled: the error's class name and its message."""

    error: str
    message: str


Message = Started | Progress | Stretch | Finished | Failed

_MESSAGES: Final[dict[str, type[Message]]] = {
    "started": Started,
    "progress": Progress,
    "stretch": Stretch,
    "finished": Finished,
    "failed": Failed,
}
_KINDS: Final = {message: kind for kind, message in _MESSAGES.items()}


def encode(message: Message) -> str:
    """One line, ASCII only, without its line end."""
    return json.dumps({"kind": _KINDS[type(message)], **asdict(message)}, default=str)


def decode(line: str) -> Message:
    """Read a line of `encode`.

    Raises:
        WorkerError: the line is no message of this protocol's version.

    """
    try:
        content = json.loads(line)
        message = _MESSAGES[content.pop("kind")](**content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkerError(f"The worker process spoke nonsense ({line[:80]!r}): update or reinstall JUMPS.") from error
    if isinstance(message, Started):
        check_version(message.protocol)
    return message


@dataclass(frozen=True)
class Answer:
    """What the upsampler found, of the whole or of the stretch from frame `first` on.

    `positions` (frames, 28, 2) in the request's pixels; `observed` bool (frames, 28); `rejected` bool (frames, joints
    of the request); `swapped` bool (frames, 2), arms and legs; `std`, `depth` and `depth_std` (frames, 28), or None
    where the engine knows none.
    """

    positions: np.ndarray
    observed: np.ndarray
    rejected: np.ndarray
    swapped: np.ndarray
    std: np.ndarray | None = None
    depth: np.ndarray | None = None
    depth_std: np.ndarray | None = None
    first: int = 0
    report: dict[str, Any] = field(default_factory=dict)
    estimates: dict[str, Any] = field(default_factory=dict)

    @property
    def stop(self) -> int:
        """The frame after its last."""
        return self.first + len(self.positions)

    def part(self, first: int, stop: int) -> Answer:
        """Its frames from one to before another; none where they lie outside."""
        here = slice(max(first - self.first, 0), max(stop - self.first, 0))
        arrays: dict[str, Any] = {name: array[here] for name, array in self.arrays().items()}
        return replace(self, first=self.first + here.start, **arrays)

    def arrays(self) -> dict[str, np.ndarray]:
        """What there is of its arrays, by name."""
        return {name: getattr(self, name) for name in ANSWER_ARRAYS if getattr(self, name) is not None}

    @classmethod
    def read(cls, folder: Path, stretch: Stretch) -> Answer:
        """Take a stretch's arrays out of the job's folder.

        Raises:
            WorkerError: they are not there, or not whole.

        """
        path = folder / Path(stretch.file).name
        try:
            arrays: dict[str, Any] = dict(read_arrays(path))
            path.unlink(missing_ok=True)
            return cls(**arrays, first=stretch.first, report=stretch.report, estimates=stretch.estimates)
        except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
            raise WorkerError(
                f"What the worker process found cannot be read ({stretch.file}: {error}). Nothing was changed. Run it "
                "again, and see that there is room on the disk."
            ) from error

    @classmethod
    def joined(cls, parts: Sequence[Answer]) -> Answer:
        """Stretches that follow one another, with the report of the last."""
        names = parts[0].arrays()
        whole: dict[str, Any] = {name: np.concatenate([part.arrays()[name] for part in parts]) for name in names}
        return replace(parts[-1], first=parts[0].first, **whole)


ANSWER_ARRAYS: Final = ("positions", "observed", "rejected", "swapped", "std", "depth", "depth_std")


def check_version(version: object) -> None:
    """Refuse another version of the protocol than ours."""
    if version != PROTOCOL_VERSION:
        raise WorkerError(
            f"Blender and its worker process run different versions of JUMPS (protocol {version}, expected "
            f"{PROTOCOL_VERSION}): restart Blender."
        )


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz file; pickled objects are refused."""
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an .npz file that is either whole or absent."""
    whole = io.BytesIO()  # of a file that the disk has no room for, the zip would complain once more when it is deleted
    np.savez(whole, **arrays)
    write_atomically(path, lambda temporary: temporary.write_bytes(whole.getvalue()))


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place at once."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
