"""What is measured with: people as a detector sees them, at any length.

Captured motion through a camera where a prepared data set is at hand, else the bundled sample. A stretch that is too
short is played forwards and backwards in turn, so that nobody ever jumps; errors and confidences never repeat.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.errors import FormatError
from trainer.cameras import PLAIN, see
from trainer.data.dataset import CLIPS, Clip, load_dataset
from trainer.evaluation.scenes import CENTRE, FOCAL, stretches
from trainer.noise import detector_noise, occlusions, outliers, swaps

KINDS: Final = {
    "varied": "errors that wander, limbs hidden or elsewhere, sides swapped; every point has its own confidence",
    "uniform": "white noise of 0.02 head, all 12 joints in every frame, no confidences: the easy case",
}

SAMPLE: Final = Path(__file__).parents[1] / "jumps_blender" / "samples" / "rooftop_coco17.json"

_LONGEST: Final = 1000
"""Frames of a stretch of captured motion."""

_CALM: Final = 0.02
_WANDER: Final = 0.13
_WRONG: Final = 0.04
_SWAPPED: Final = 0.01
_HIDDEN: Final = 0.1
"""Noise in heads, and shares of the time: a good detector, `detector_good` of the evaluation, with gaps."""

_LIMBS: Final = np.isin(JOINTS, LIMB_JOINTS)


@dataclass(frozen=True)
class Footage:
    """One person's tracks.

    positions: (frames, joints, 2), pixels, NaN = not observed; confidence: (frames, joints) or None.
    joints: names out of the 28, or the id of a joint set. truth (frames, 28, 2) and head_size (frames,), pixels: None
    where nobody knows.
    """

    name: str
    positions: np.ndarray
    confidence: np.ndarray | None
    joints: tuple[str, ...] | str
    fps: float
    truth: np.ndarray | None = None
    head_size: np.ndarray | None = None

    def save(self, folder: Path) -> None:
        """Write the tracks, and what is known of the truth beside them, so that one can be read without the other."""
        folder.mkdir(parents=True)
        tracks = {"positions": self.positions}
        if self.confidence is not None:
            tracks["confidence"] = self.confidence
        np.savez(folder / "tracks.npz", **tracks)
        if self.truth is not None and self.head_size is not None:
            np.savez(folder / "truth.npz", truth=self.truth, head_size=self.head_size)
        text = json.dumps({"name": self.name, "joints": self.joints, "fps": self.fps})
        (folder / "about.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Footage:
        """The tracks that `save` wrote, without the truth."""
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        joints = about["joints"] if isinstance(about["joints"], str) else tuple(about["joints"])
        with np.load(folder / "tracks.npz") as tracks:
            confidence = tracks["confidence"] if "confidence" in tracks.files else None
            return cls(about["name"], tracks["positions"], confidence, joints, about["fps"])


def load_truth(folder: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """True positions (frames, 28, 2) and head sizes (frames,) of saved footage; None where nobody knows."""
    if not (folder / "truth.npz").is_file():
        return None
    with np.load(folder / "truth.npz") as arrays:
        return arrays["truth"], arrays["head_size"]


class Studio:
    """Makes footage, the same for the same data."""

    def __init__(self, data: Path) -> None:
        """Look for a prepared data set in `data`."""
        self._stretches: list[tuple[Clip, slice]] = []
        self.source = f"bundled sample {SAMPLE.name}, without truth"
        if (data / CLIPS).is_file():
            self._stretches = _longest_of_each_person(load_dataset(data, "test"))
            self.source = f"captured motion of {len(self._stretches)} people of the test split, random cameras"

    def film(self, kind: str, person: int, frames: int) -> Footage:
        """Tracks of one person; `kind` is one of KINDS."""
        if not self._stretches:
            return _sampled(kind, person, frames)
        clip, stretch = self._stretches[person % len(self._stretches)]
        rng = np.random.default_rng([person, list(KINDS).index(kind)])
        view = see(clip.positions[stretch].astype(np.float64)[None], np.random.default_rng(person), PLAIN)
        at = to_and_fro(view.positions.shape[1], frames)
        truth = (FOCAL * view.positions[0] + CENTRE)[at]
        heads = (FOCAL * view.heads[0])[at]
        positions, confidence = _SPOILERS[kind](truth, heads, rng)
        name = f"{clip.id}@{stretch.start}"
        return Footage(name, positions[:, _LIMBS], confidence, LIMB_NAMES, clip.fps, truth, heads)


LIMB_NAMES: Final = tuple(name for name in JOINTS if name in LIMB_JOINTS)


def to_and_fro(available: int, frames: int) -> np.ndarray:
    """Frame numbers 0, 1, ... to the last and back again, `frames` of them."""
    there = np.arange(available)
    return np.resize(np.concatenate([there, there[-2:0:-1]]), frames)


def _longest_of_each_person(clips: list[Clip]) -> list[tuple[Clip, slice]]:
    """The longest valid stretch of each subject, the longest first."""
    best: dict[tuple[str, str], tuple[Clip, slice]] = {}
    for clip in clips:
        for stretch in stretches(clip, _LONGEST):
            known = best.get((clip.source, clip.subject))
            if known is None or stretch.stop - stretch.start > known[1].stop - known[1].start:
                best[clip.source, clip.subject] = clip, stretch
    return sorted(best.values(), key=lambda pair: pair[1].start - pair[1].stop)


def _vary(truth: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What a detector says: the farther off, the less sure of itself; what is hidden it guesses and hardly believes."""
    frames = len(truth)
    noise = detector_noise(1, frames, rng, _WANDER)[0]
    hidden = occlusions(1, frames, rng, _HIDDEN)[0]
    noise *= np.where(hidden, 3.0, 1.0)[..., None]
    seen = truth + heads[:, None, None] * noise
    seen = outliers(swaps(seen[None], rng, _SWAPPED)[0], heads[None], rng, _WRONG)[0][0]
    sure = 0.92 - 0.5 * np.linalg.norm(noise, axis=-1) + 0.08 * rng.standard_normal(noise.shape[:2])
    confidence = np.where(hidden, 0.25 * sure, sure).clip(0.02, 1.0)
    return seen, confidence[:, _LIMBS]


def _unify(truth: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, None]:
    return truth + _CALM * heads[:, None, None] * rng.standard_normal(truth.shape), None


_SPOILERS: Final = {"varied": _vary, "uniform": _unify}


def _sampled(kind: str, person: int, frames: int) -> Footage:
    """A person of the bundled sample: as the detector left it, or with every gap closed and no confidences."""
    try:
        recording = json.loads(SAMPLE.read_text(encoding="utf-8"))
        people = recording["people"]
        chosen = people[person % len(people)]
        rows = [[[np.nan, np.nan] if point is None else point for point in frame] for frame in chosen["positions"]]
    except (OSError, ValueError, KeyError) as error:
        raise FormatError(
            f"The bundled sample {SAMPLE.name} cannot be read ({error}). Check out the file again."
        ) from error
    positions, confidence = np.array(rows, float), np.array(chosen["confidence"], float)
    at = to_and_fro(len(positions), frames)
    if kind == "varied":
        return Footage(
            f"{SAMPLE.stem} {person}", positions[at], confidence[at], recording["joint_set"], recording["fps"]
        )
    shown = [source for source, _ in JOINT_SETS[recording["joint_set"]].observes]
    closed = _close_gaps(positions)[:, shown]
    names = tuple(JOINTS[joint] for _, joint in JOINT_SETS[recording["joint_set"]].observes)
    return Footage(f"{SAMPLE.stem} {person}", closed[at], None, names, recording["fps"])


def _close_gaps(positions: np.ndarray) -> np.ndarray:
    out = positions.copy()
    frames = np.arange(len(out))
    for joint in range(out.shape[1]):
        at = np.flatnonzero(np.isfinite(out[:, joint]).all(-1))
        if len(at):
            for axis in (0, 1):
                out[:, joint, axis] = np.interp(frames, at, positions[at, joint, axis])
    return out
