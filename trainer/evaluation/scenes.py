"""What evaluation looks at: held-out clips through fixed cameras, as pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.core.body.skeleton import INDEX, JOINTS, PARENTS
from jumps_blender.core.clips.clip import PRIOR_FPS
from jumps_blender.core.clips.resample import resample_positions
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.errors import InputError

from ..cameras import PLAIN, see
from ..data.dataset import Clip

CAMERAS: Final = PLAIN
"""Random view and distance, the body as captured."""

FOCAL: Final = 1000.0
CENTRE: Final = np.array([960.0, 540.0])

LONGEST: Final = 4 * WINDOW
"""Frames of a scene: several windows, so that stitching counts, short enough to see many people."""

CONVERSIONS: Final = "cmu_conversions"
"""CMU recordings on the bodies of their conversions: one source, since these are what they differ in."""

STRATA: Final = dict.fromkeys(("cmu_bvh_daz", "cmu_bvh_fbx", "cmu_bvh_mb"), CONVERSIONS)
"""Sources that count as one; any other counts by itself."""

_SIDES: Final = tuple(tuple(INDEX[f"{side}_{part}"] for part in ("knee", "ankle")) for side in ("left", "right"))
_TRUNK: Final = ("spine", "spine2", "spine3", "spine4", "neck", "head", "head_top")


@dataclass(frozen=True)
class Scene:
    """A stretch of a clip through one camera.

    positions: (frames, 28, 2), pixels, y down; head_size: (frames,), pixels (0.225 m at the pelvis);
    depth: (frames, 28), how much farther than the pelvis a joint is, in pixels of the pelvis; distance: (frames,),
    metres from the camera to the pelvis; focal: pixels. A pixel at the pelvis is distance / focal metres.
    stature: metres, the bones from the top of the head to the ankles.
    """

    clip: str
    source: str
    positions: np.ndarray
    head_size: np.ndarray
    depth: np.ndarray
    distance: np.ndarray
    focal: float = FOCAL
    subject: str = ""
    label: str = ""
    start: int = 0
    fps: float = PRIOR_FPS
    stature: float = float("nan")

    @property
    def stratum(self) -> str:
        """The source that it counts for in means."""
        return STRATA.get(self.source, self.source)

    @property
    def name(self) -> str:
        """The clip and the stretch of it."""
        return f"{self.clip}@{self.start}"

    def at(self, fps: float) -> Scene:
        """The same motion filmed at another rate."""
        if fps == self.fps:
            return self
        frames = int((len(self.positions) - 1) / self.fps * fps) + 1

        def resampled(values: np.ndarray) -> np.ndarray:
            return resample_positions(values, self.fps, fps, frames)

        return replace(
            self, positions=resampled(self.positions), head_size=resampled(self.head_size),
            depth=resampled(self.depth), distance=resampled(self.distance), fps=fps,
        )  # fmt: skip


def stretches(clip: Clip, longest: int = LONGEST) -> list[slice]:
    """Consecutive stretches of at most `longest` frames, each at least one window long and without invalid frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], clip.valid, [False]]).astype(int)))
    return [
        slice(start, min(start + longest, end))
        for first, end in zip(edges[::2], edges[1::2], strict=True)
        for start in range(first, end - WINDOW + 1, longest)
    ]


def draw_scenes(clips: list[Clip], windows: int, seed: int) -> dict[str, list[Scene]]:
    """Scenes of each stratum: stretches in random order until they hold `windows` windows of 24 frames.

    The sources of a stratum and the labels of a source take turns. The same seed gives the same stretches and cameras.
    Raises InputError where no clip is long enough.
    """
    by_stratum: dict[str, list[tuple[Clip, slice]]] = {}
    for clip in clips:
        parts = by_stratum.setdefault(STRATA.get(clip.source, clip.source), [])
        parts.extend((clip, stretch) for stretch in stretches(clip))
    scenes = {
        stratum: _scenes(found, windows, np.random.default_rng([seed, number]))
        for number, (stratum, found) in enumerate(sorted(by_stratum.items()))
        if found
    }
    if not scenes:
        raise InputError(f"No valid stretch of {WINDOW} frames in {len(clips)} clips; expected longer clips.")
    return scenes


def _scenes(found: list[tuple[Clip, slice]], windows: int, rng: np.random.Generator) -> list[Scene]:
    scenes: list[Scene] = []
    left = windows * WINDOW
    for clip, stretch in _in_turn([found[index] for index in rng.permutation(len(found))]):
        if left <= 0:
            break
        scenes.append(_film(clip, stretch, rng))
        left -= len(scenes[-1].positions)
    return scenes


def _in_turn(found: list[tuple[Clip, slice]]) -> list[tuple[Clip, slice]]:
    """In the given order, but sources take turns, and within a source its labels."""
    by_label = _taking_turns(found, [(clip.source, clip.label) for clip, _ in found])
    return _taking_turns(by_label, [clip.source for clip, _ in by_label])


def _taking_turns(found: list[tuple[Clip, slice]], keys: Sequence[object]) -> list[tuple[Clip, slice]]:
    """In the given order, but the n-th of each key after every other key's before its n-th."""
    turns: dict[object, int] = {}
    ranks = []
    for key in keys:
        turns[key] = turns.get(key, 0) + 1
        ranks.append(turns[key])
    return [found[index] for index in np.argsort(ranks, kind="stable")]


def _film(clip: Clip, stretch: slice, rng: np.random.Generator) -> Scene:
    motion = clip.positions[stretch].astype(np.float64)
    view = see(motion[None], rng, CAMERAS)
    heads = FOCAL * view.heads[0]
    return Scene(
        clip.id, clip.source, FOCAL * view.positions[0] + CENTRE, heads, FOCAL * view.depth[0],
        FOCAL * HEAD_METRES / heads, subject=clip.subject, label=clip.label, start=stretch.start,
        fps=clip.fps, stature=_stature(motion),
    )  # fmt: skip


def _stature(motion: np.ndarray) -> float:
    """Metres of the bones from the top of the head to the ankles, the mean over frames (frames, 28, 3) and sides."""
    bones = np.linalg.norm(motion - motion[:, np.maximum(PARENTS, 0)], axis=-1).mean(0)
    trunk = bones[np.isin(JOINTS, _TRUNK)].sum()
    return float(trunk + np.mean([bones[list(leg)].sum() for leg in _SIDES]))
