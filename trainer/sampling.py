"""Random training windows: clips of 3D motion, seen by random cameras, in normalised units."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.normalise import HEAD, body_scale
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS
from jumps_blender.core.clips.clip import PRIOR_FPS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.errors import InputError

from .cameras import GROUND, PLAIN, Cameras, View, see
from .data.dataset import Clip, window_starts
from .recombine import recombine

SOURCE_WEIGHTS = {"uiprmd": 0.3}
"""Share of the windows of a source that is taken: 35 % of the training time is ten rehabilitation exercises."""

SALSA_SUBJECTS = ("cmu60", "cmu61")
SALSA_WEIGHT = 0.5

_HIPS = [INDEX["left_hip"], INDEX["right_hip"]]


@dataclass(frozen=True)
class Augmentation:
    """How windows are varied."""

    cameras: Cameras = field(default_factory=Cameras)
    speed: tuple[float, float] = (0.8, 1.25)
    """Factor on the speed of the motion."""
    phase: bool = False
    """Begin between frames too, anywhere, and read between frames along a cubic: what a source of a higher rate would
    show at other moments. False = begin at frames and read along straight lines."""
    recombine: float = 0.15
    """Share of windows that are given the upper body of another one, where the two fit (see `recombine`)."""
    scale: tuple[float, float] = (0.7, 1.0)
    """A crouching window is as small as the rest of its clip lets it be: its body scale is at least this share of the
    standing one, in half of the windows."""


PAPER = Augmentation(PLAIN, speed=(1.0, 1.0), phase=False, recombine=0.0, scale=(0.0, 0.0))
"""Random cameras alone (JUMPS, III-C)."""


def _changed(cameras: dict[str, Any] | None = None, **changes: Any) -> Augmentation:
    return replace(Augmentation(), cameras=replace(Cameras(), **(cameras or {})), **changes)


VARIANTS: Final[dict[str, Augmentation]] = {
    "default": Augmentation(),
    "cameras alone": PAPER,
    "without mirror": _changed({"mirror": 0.0}),
    "without roll": _changed({"roll": 0.0}),
    "bodies as captured": _changed({"bones": 0.0, "shape": 0.0}),
    "proportions above all": _changed({"bones": 0.03, "shape": 1.0}),
    "one speed": _changed(speed=(1.0, 1.0)),
    "phases": _changed(phase=True),
    "not recombined": _changed(recombine=0.0),
    "cameras in the ground plane": _changed({"pitch": GROUND.pitch, "roll": 0.0}),
    "hand-held cameras": _changed({"sway": 0.5}),
    "following cameras": _changed({"follow": 0.5}),
    "aside of the middle": _changed({"aside": 6.0}),
}
"""The default and what differs from it by one option: the rows of a table that shows what each does."""


class Sampler:
    """Draws windows (n, 24, 28, 2) in normalised units from clips at 25 frames per second.

    Raises InputError where no clip is long enough.
    """

    def __init__(self, clips: list[Clip], augmentation: Augmentation, rng: np.random.Generator) -> None:
        self.augmentation, self.rng = augmentation, rng
        self.span = int(np.ceil((WINDOW - 1) * max(augmentation.speed) + augmentation.phase)) + 1
        starts, stretches, weights, offset = [], [], [], 0
        for clip in clips:
            first = window_starts(clip, self.span)
            starts.append(first + offset)
            stretches.append(_stretches(clip.valid, first) + offset)
            weight = SOURCE_WEIGHTS.get(clip.source, 1.0) * (SALSA_WEIGHT if clip.subject in SALSA_SUBJECTS else 1.0)
            weights.append(np.full(len(first), weight))
            offset += len(clip.positions)
        self.starts, self.stretches = np.concatenate(starts), np.concatenate(stretches)
        if not len(self.starts):
            raise InputError(f"No valid stretch of {self.span} frames in {len(clips)} clips; expected longer clips.")
        # Axes before joints: what follows works on whole rows of joints.
        self.motion = np.concatenate([np.swapaxes(clip.positions, 1, 2) for clip in clips]).astype(np.float32)
        share = np.concatenate(weights)
        self.cumulative = np.cumsum(share / share.sum())

    def draw_motion(self, n: int, frames: int = WINDOW, fps: float = PRIOR_FPS) -> np.ndarray:
        """(n, frames, 28, 3) metres, float32, at random speeds, `fps` frames per second.

        Longer stretches hold a window as it is drawn without `frames` in their middle (from frame
        (frames - WINDOW) // 2 on) and what is around it, for statistics of a neighbourhood; where the clip ends
        sooner, time runs back from there.
        """
        rng, augmentation = self.rng, self.augmentation
        chosen = np.searchsorted(self.cumulative, rng.random(n)).clip(max=len(self.starts) - 1)
        first, last = self.stretches[chosen].T[..., None]
        begin = self.starts[chosen, None] - first + (rng.random((n, 1)) if augmentation.phase else 0.0)
        speed = rng.uniform(*augmentation.speed, n)[:, None] * (PRIOR_FPS / fps)
        times = begin + speed * (np.arange(frames) - (frames - WINDOW) // 2)
        times = np.abs((times + last - first) % (2 * (last - first)) - (last - first))  # to and fro
        motion = self._cubic(first, last, times) if augmentation.phase else self._linear(first, last, times)
        motion = np.swapaxes(motion, 2, 3)
        return recombine(motion, augmentation.recombine, rng) if augmentation.recombine else motion

    def _linear(self, first: np.ndarray, last: np.ndarray, times: np.ndarray) -> np.ndarray:
        below = np.minimum(times.astype(int), last - first - 1)
        share = (times - below)[..., None, None].astype(np.float32)
        motion = self.motion[first + below]
        motion += share * (self.motion[first + below + 1] - motion)
        return motion

    def _cubic(self, first: np.ndarray, last: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Along Catmull-Rom curves; beyond the ends of a clip they go on straight."""
        below = np.minimum(times.astype(int), last - first - 1)
        t = (times - below).astype(np.float32)
        a, b, c, d = (
            t * (t * (2 - t) - 1) / 2, t * t * (3 * t - 5) / 2 + 1, t * (t * (4 - 3 * t) + 1) / 2, t * t * (t - 1) / 2,
        )  # fmt: skip
        begins, ends = below == 0, below == last - first - 1
        before, after = np.where(begins, a, 0), np.where(ends, d, 0)
        weights = (a - before, b + 2 * before - after, c + 2 * after - before, d - after)
        motion = np.zeros((*times.shape, *self.motion.shape[1:]), np.float32)
        for step, weight in zip((-1, 0, 1, 2), weights, strict=True):
            motion += weight[..., None, None] * self.motion[np.clip(first + below + step, first, last)]
        return motion

    def look(self, n: int, frames: int = WINDOW) -> View:
        """What cameras see of n stretches, in the normalised units of their middle window, float32."""
        view = see(self.draw_motion(n, frames), self.rng, self.augmentation.cameras)
        middle = slice((frames - WINDOW) // 2, (frames - WINDOW) // 2 + WINDOW)
        positions = view.positions[:, middle]
        scale = np.maximum(body_scale(positions), self.least_scale(view.heads[:, middle]))
        return view.scaled(positions[:, :, _HIPS].mean((1, 2)), scale)

    def draw(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """(n, 24, 28, 2) in normalised units, and the head size (n, 24) in the same units."""
        view = self.look(n)
        return view.positions, view.heads

    def least_scale(self, heads: np.ndarray) -> np.ndarray:
        """Body scales (n,) that windows with head sizes (n, 24) have at least, for the sake of their clips."""
        n = len(heads)
        share = self.rng.uniform(*self.augmentation.scale, n) * (self.rng.random(n) < 0.5)
        return np.asarray(share * heads.mean(1) / HEAD)


def _stretches(valid: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """First and last frame (n, 2) of the longest runs of valid frames around valid starts (n,)."""
    bad = np.concatenate([[-1], np.flatnonzero(~valid), [len(valid)]])
    after = np.searchsorted(bad, starts)
    return np.stack([bad[after - 1] + 1, bad[after] - 1], -1)


def draw_mask(rng: np.random.Generator) -> np.ndarray:
    """Bool (28,): the joints that are observed, mostly the 12 of the paper, else a detector's or a random set."""
    kind = rng.random()
    if kind < 0.5:
        chosen = [INDEX[name] for name in LIMB_JOINTS]
    elif kind < 0.75:
        names = ("body25", "halpe26", "body25b", "mediapipe33")
        chosen = [joint for _, joint in JOINT_SETS[names[rng.integers(len(names))]].observes]
    else:
        chosen = list(rng.choice(len(JOINTS), rng.integers(6, 24), replace=False))
    mask = np.zeros(len(JOINTS), bool)
    mask[chosen] = True
    return mask
