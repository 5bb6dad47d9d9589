"""The harmonised data set on disk: `clips.npz` with everything, `dataset.json` with its totals for people."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from jumps_blender.core.clips.clip import PRIOR_FPS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.errors import FormatError, InputError

from .manifest import is_shippable

CLIPS: Final = "clips.npz"
TOTALS: Final = "dataset.json"
VERSION: Final = 1

_HEADER: Final = ("id", "source", "subject", "split", "licence", "label")


@dataclass(frozen=True)
class Clip:
    """One captured motion, harmonised to the 28 joints.

    positions: (frames, 28, 3) float32, metres, z up, at `fps` frames per second; never NaN.
    valid: bool (frames,), False inside glitches of the capture.
    """

    id: str
    source: str
    subject: str
    split: str
    licence: str
    label: str
    positions: np.ndarray
    fps: float
    valid: np.ndarray

    @property
    def minutes(self) -> float:
        return len(self.positions) / self.fps / 60


@dataclass(frozen=True)
class Total:
    """How much of one source is in one split; windows are those of 24 frames without invalid ones, at any start."""

    source: str
    split: str
    clips: int
    subjects: frozenset[str]
    minutes: float
    windows: int


def window_starts(clip: Clip, length: int = WINDOW) -> np.ndarray:
    """First frames (int, ascending) of all windows of `length` frames that hold no invalid frame."""
    bad = np.concatenate([[0], np.cumsum(~clip.valid)])
    starts = np.arange(max(len(clip.valid) - length + 1, 0))
    return starts[bad[starts + length] == bad[starts]]


def totals(clips: Iterable[Clip]) -> list[Total]:
    """Totals per source and split, in the order in which they first appear."""
    groups: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        groups.setdefault((clip.source, clip.split), []).append(clip)
    return [
        Total(
            source, split, len(group), frozenset(clip.subject for clip in group), sum(clip.minutes for clip in group),
            sum(len(window_starts(clip)) for clip in group),
        )
        for (source, split), group in groups.items()
    ]  # fmt: skip


def assert_shippable(clips: Iterable[Clip]) -> None:
    """Raise InputError unless weights trained on all these clips may be released under CC0-1.0."""
    refused = [clip for clip in clips if not is_shippable(clip.licence)]
    if refused:
        licences = ", ".join(sorted({clip.licence for clip in refused}))
        raise InputError(
            f"{len(refused)} clips to train on are under {licences}, the first is {refused[0].id}; expected terms "
            "without share-alike, non-commercial or no-derivatives clauses. Keep such clips in split 'test'."
        )


def save_dataset(clips: list[Clip], folder: Path) -> None:
    """Write the data set into `folder`; an earlier one is replaced only when all is written."""
    fps = {clip.fps for clip in clips}
    if len(fps) != 1:
        raise InputError(f"{len(clips)} clips at {sorted(fps)} fps; expected at least one clip and one rate for all.")
    folder.mkdir(parents=True, exist_ok=True)
    header = {
        "version": VERSION,
        "fps": clips[0].fps,
        "clips": [{key: getattr(clip, key) for key in _HEADER} for clip in clips],
    }
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as temporary:
        arrays, summary = Path(temporary, CLIPS), Path(temporary, TOTALS)
        np.savez(
            arrays,
            header=np.array(json.dumps(header)),
            lengths=np.array([len(clip.positions) for clip in clips]),
            positions=np.concatenate([clip.positions for clip in clips]).astype(np.float32),
            valid=np.concatenate([clip.valid for clip in clips]),
        )
        summary.write_text(json.dumps(_summary(clips), indent=1), encoding="utf-8")
        arrays.replace(folder / CLIPS)
        summary.replace(folder / TOTALS)


def _summary(clips: list[Clip]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "fps": clips[0].fps,
        "window": WINDOW,
        "clips": len(clips),
        "minutes": round(sum(clip.minutes for clip in clips), 2),
        "subjects": len({clip.subject for clip in clips}),
        "windows": sum(len(window_starts(clip)) for clip in clips),
        "totals": [
            vars(total) | {"subjects": len(total.subjects), "minutes": round(total.minutes, 2)}
            for total in totals(clips)
        ],
    }


def load_dataset(folder: Path, split: str | None = None) -> list[Clip]:
    """Clips that `prepare` wrote into `folder`, of one split or of all.

    Raises InputError where there are none, FormatError where the file is of another version.
    """
    path = Path(folder) / CLIPS
    if not path.is_file():
        raise InputError(
            f"{path} is missing; expected a prepared data set. Run: python -m trainer prepare --out {folder}"
        )
    with np.load(path) as arrays:
        header = json.loads(str(arrays["header"]))
        if header["version"] != VERSION:
            raise FormatError(f"{path} is of version {header['version']}, expected {VERSION}. Run prepare again.")
        if header["fps"] != PRIOR_FPS:
            raise FormatError(
                f"{path} is at {header['fps']:g} fps, the prior's rate is {PRIOR_FPS:g}. Run prepare again."
            )
        positions, valid, lengths = arrays["positions"], arrays["valid"], arrays["lengths"]
    ends = np.cumsum(lengths)
    clips = [
        Clip(**entry, positions=positions[end - length : end], fps=header["fps"], valid=valid[end - length : end])
        for entry, length, end in zip(header["clips"], lengths, ends, strict=True)
        if split in (None, entry["split"])
    ]
    if not clips:
        raise InputError(f"{path} has no clips of split {split!r}; expected train, val or test. Check the manifest.")
    return clips
