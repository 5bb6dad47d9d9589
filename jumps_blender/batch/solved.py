"""One person's tracks and result as one file, on their way from the child to whoever makes a scene of them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.body.joint_sets import JOINT_SETS, JointSet, find_joint_set
from ..core.body.tracks import Tracks
from ..core.result import ARRAYS, Result


@dataclass(frozen=True)
class Solved:
    """A person as the detector saw it, and the 28 joints; `arrays`, `report`, `estimates` as in `core.result.Result`.

    `start` is the first frame of the whole recording, in which others may come earlier; `first` the frame of the tracks
    that the joints begin with.
    """

    tracks: Tracks
    fps: float
    start: int
    arrays: dict[str, np.ndarray]
    report: dict[str, Any]
    estimates: dict[str, Any]
    first: int = 0

    @classmethod
    def of(cls, result: Result, tracks: Tracks, fps: float, start: int, first: int) -> Solved:
        """Of what the upsampler said."""
        arrays = {name: getattr(result, name) for name in ARRAYS if getattr(result, name) is not None}
        return cls(tracks, fps, start, arrays, asdict(result.report), asdict(result.estimates), first)


def write_solved(where: Path, solved: Solved) -> None:
    """Write; raises OSError."""
    tracks = solved.tracks
    header = {
        "joint_set": tracks.joint_set.id, "joints": list(tracks.joint_set.joints), "first_frame": tracks.first_frame,
        "image_size": tracks.image_size, "person": tracks.person, "source": tracks.source, "fps": solved.fps,
        "start": solved.start, "first": solved.first, "report": solved.report, "estimates": solved.estimates,
    }  # fmt: skip
    with where.open("wb") as file:
        np.savez(
            file, header=np.array(json.dumps(header, default=str)), tracks=tracks.positions,
            confidence=tracks.confidence, **solved.arrays,
        )  # fmt: skip


def read_solved(where: Path) -> Solved:
    """Read what `write_solved` wrote; raises OSError, or ValueError where it is damaged."""
    with np.load(where, allow_pickle=False) as loaded:
        arrays = {name: loaded[name] for name in loaded.files}
    header = json.loads(str(arrays.pop("header")))
    size = header["image_size"]
    tracks = Tracks(
        arrays.pop("tracks"), arrays.pop("confidence"), _joint_set(header["joint_set"], header["joints"]),
        header["first_frame"], header["fps"], None if size is None else (size[0], size[1]), header["person"],
        header["source"],
    )  # fmt: skip
    told = (header[name] for name in ("report", "estimates", "first"))
    return Solved(tracks, header["fps"], header["start"], arrays, *told)


def _joint_set(name: str, joints: list[str]) -> JointSet:
    return JOINT_SETS[name] if name in JOINT_SETS else find_joint_set(tuple(joints))
