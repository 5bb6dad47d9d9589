"""Tracks and results out: versioned JSON, or a long CSV table by suffix. A file is written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from ..core.body.tracks import Tracks
from ..errors import InputError
from .jumps import RESULT, TRACKS, VERSION


class Upsampled(Protocol):
    """What `core.Upsampler.upsample` returns, as far as it is written here."""

    @property
    def positions(self) -> np.ndarray:
        """(frames, 28, 2), pixels."""

    @property
    def joints(self) -> Sequence[str]:
        """The 28 names."""

    @property
    def observed(self) -> np.ndarray:
        """Bool (frames, 28)."""

    @property
    def rejected(self) -> np.ndarray:
        """Bool (frames, joints of the input), observations that were not believed."""

    @property
    def swapped(self) -> np.ndarray:
        """Bool (frames, 2), arms and legs whose sides were put right."""

    @property
    def std(self) -> np.ndarray | None:
        """(frames, 28), pixels, how far positions may be off per axis; None where it was not estimated."""

    @property
    def depth(self) -> np.ndarray | None:
        """(frames, 28), pixels, how much farther than the pelvis; likewise."""

    @property
    def depth_std(self) -> np.ndarray | None:
        """(frames, 28), pixels, how far depths may be off; likewise."""

    @property
    def report(self) -> Any:
        """A dataclass: engine, device, settings, seconds, versions."""


def check_writable(path: str | os.PathLike[str]) -> Path:
    """Make sure, before long work, that a result can be written there.

    Raises:
        InputError: a suffix that no writer knows, or a folder that does not exist or cannot be written to.

    """
    where = Path(path)
    if where.suffix.lower() not in _WRITERS:
        raise InputError(f"{where.name}: a result is written as {' or '.join(_WRITERS)}, by the suffix of its name.")
    if not where.parent.is_dir() or not os.access(where.parent, os.W_OK):
        raise InputError(f"{where.parent} is not a folder that can be written to: choose another one.")
    if where.is_dir():
        raise InputError(f"{where} is a folder: a file name was expected.")
    return where


def write_result(path: str | os.PathLike[str], result: Upsampled, tracks: Tracks, fps: float) -> Path:
    """Write a result beside what it was made from; JSON (`jumps-result`, version 1) or CSV by suffix.

    Args:
        path: `.json` or `.csv`; an existing file is replaced in one step.
        result: positions and which of them were observed.
        tracks: the input, for the source's name, person, first frame and image size.
        fps: frames per second of both.

    Raises:
        InputError: it cannot be written there.

    """
    where = check_writable(path)
    _write(where, _WRITERS[where.suffix.lower()](result, tracks, fps))
    return where


def write_tracks(path: str | os.PathLike[str], people: Sequence[Tracks]) -> Path:
    """Write the tracks of several people of one recording as `jumps-tracks`, rounded to 0.1 pixel and 0.01.

    Raises:
        InputError: nobody, people of different recordings, or it cannot be written there.

    """
    if not people or len({(one.joint_set.joints, one.fps) for one in people}) > 1:
        raise InputError("People of one recording were expected: same joint set and rate.")
    first, start = people[0], min(one.first_frame for one in people)
    end = max(one.first_frame + len(one) for one in people)
    document = {
        "format": TRACKS,
        "version": VERSION,
        "joint_set": first.joint_set.id,
        "joints": list(first.joint_set.joints),
        "image_size": list(first.image_size) if first.image_size else None,
        "fps": first.fps,
        "first_frame": start,
        "people": [_person(one, start, end) for one in people],
    }
    where = Path(path)
    _write(where, _dumped(document))
    return where


def _person(tracks: Tracks, start: int, end: int) -> dict[str, Any]:
    """One person over the frames `start` to `end` of all, not observed before and after."""
    absent = (tracks.first_frame - start, end - tracks.first_frame - len(tracks))
    positions = np.pad(tracks.positions, (absent, (0, 0), (0, 0)), constant_values=np.nan)
    confidence = np.pad(tracks.confidence, (absent, (0, 0)))
    return {"id": tracks.person, "positions": _points(positions, 1), "confidence": confidence.round(2).tolist()}


def _points(positions: np.ndarray, digits: int) -> list[list[list[float] | None]]:
    """(frames, joints, 2) as lists; null where NaN."""
    shown = np.isfinite(positions).all(-1)
    rounded = positions.round(digits).tolist()
    return [
        [point if there else None for point, there in zip(frame, seen, strict=True)]
        for frame, seen in zip(rounded, shown.tolist(), strict=True)
    ]


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), allow_nan=False, default=str) + "\n"


def _result_json(result: Upsampled, tracks: Tracks, fps: float) -> str:
    report = result.report
    return _dumped(
        {
            "format": RESULT,
            "version": VERSION,
            "joints": list(result.joints),
            "fps": fps,
            "first_frame": tracks.first_frame,
            "source": tracks.source,
            "person": tracks.person,
            "image_size": list(tracks.image_size) if tracks.image_size else None,
            "positions": _points(result.positions, 3),
            "observed": np.asarray(result.observed, bool).tolist(),
            **{name: _numbers(getattr(result, name)) for name in _ESTIMATES},
            "input_joints": list(tracks.joint_set.joints),
            "rejected": np.asarray(result.rejected, bool).tolist(),
            "swapped": np.asarray(result.swapped, bool).tolist(),
            "report": asdict(report) if is_dataclass(report) and not isinstance(report, type) else report,
        }
    )


_ESTIMATES: Final = ("std", "depth", "depth_std")


def _numbers(values: np.ndarray | None) -> list[list[float | None]] | None:
    """(frames, 28) as lists, null where NaN; None where there are none."""
    if values is None:
        return None
    rounded = np.asarray(values, np.float64).round(3)
    return [[value if np.isfinite(value) else None for value in frame] for frame in rounded.tolist()]


def _result_csv(result: Upsampled, tracks: Tracks, fps: float) -> str:
    """One row per frame and joint; time in seconds from the first frame, empty cells where there is no number."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["frame", "time", "joint", "x", "y", "observed", *_ESTIMATES])
    frames, joints = np.shape(result.observed)
    estimates = [_numbers(getattr(result, name)) or [[None] * joints] * frames for name in _ESTIMATES]
    for i, (points, seen) in enumerate(zip(_points(result.positions, 3), result.observed, strict=True)):
        rows = zip(result.joints, points, seen, *(values[i] for values in estimates), strict=True)
        for name, point, observed, *more in rows:
            x, y = point or ("", "")
            table.writerow([tracks.first_frame + i, round(i / fps, 6), name, x, y, int(observed), *more])
    return text.getvalue()


_WRITERS: Final[dict[str, Callable[[Upsampled, Tracks, float], str]]] = {".json": _result_json, ".csv": _result_csv}


def _write(where: Path, text: str) -> None:
    """Write beside the target and move into place, so that a half file is never seen under the name."""
    part = where.with_name(f".{where.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(part, where)
    except OSError as error:
        raise InputError(f"{where} cannot be written: {error.strerror}. Choose another folder.") from None
    finally:
        part.unlink(missing_ok=True)
