"""Conditions: what of the truth a method gets to see, and how it is spoilt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.core.clips.clip import PRIOR_FPS

from ..noise import OUTLIERS_LAST, detector_noise, occlusions, outliers, swaps
from .scenes import Scene

Spoil = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""From true positions (n, frames, 28, 2), head sizes (n, frames) in the same unit and the source of all randomness to
what a detector would say; NaN = not seen."""


def _clean(positions: np.ndarray, _heads: np.ndarray, _rng: np.random.Generator) -> np.ndarray:
    return positions


def white(sigma: float) -> Spoil:
    """Noise that is new in every frame, `sigma` heads per axis."""

    def spoil(positions: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return positions + sigma * heads[..., None, None] * rng.standard_normal(positions.shape)

    return spoil


def _detector(wander: float, wrong: float, fps: float = PRIOR_FPS) -> Spoil:
    """A constant bias and a wandering part for each joint, and limbs that are elsewhere for a share of the time."""
    shortest, longest = (max(round(frames * fps / PRIOR_FPS), 1) for frames in OUTLIERS_LAST)

    def spoil(positions: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        noise = detector_noise(len(positions), positions.shape[1], rng, wander, fps=fps)
        off = positions + heads[..., None, None] * noise
        return outliers(off, heads, rng, share=wrong, length=(shortest, longest))[0]

    return spoil


def _occluded(positions: np.ndarray, _heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(occlusions(len(positions), positions.shape[1], rng)[..., None], np.nan, positions)


def _mistaken(positions: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return outliers(swaps(positions, rng)[0], heads, rng)[0]


def _set_of(names: tuple[str, ...]) -> np.ndarray:
    return np.isin(JOINTS, names)


LIMBS: Final = _set_of(LIMB_JOINTS)
_BODY25: Final = _set_of(tuple(JOINTS[joint] for _, joint in find_joint_set("body25").observes))
_UPPER: Final = _set_of(tuple(name for name in LIMB_JOINTS if not name.endswith(("knee", "ankle"))))


@dataclass(frozen=True)
class Condition:
    """What a method is shown.

    observed: bool (28,), the joints that are shown unless something hides them; fps: the rate at which the motion is
    shown, the prior's or another.
    """

    name: str
    title: str
    observed: np.ndarray
    spoil: Spoil = _clean
    fps: float = PRIOR_FPS

    @property
    def retimed(self) -> bool:
        """Whether the motion is shown at another rate than the prior's."""
        return self.fps != PRIOR_FPS

    @property
    def spoils(self) -> bool:
        """Whether what is shown differs from the truth."""
        return self.spoil is not _clean

    def hide(self, positions: np.ndarray) -> np.ndarray:
        """Leave the observed joints of positions (..., 28, 2); the others become NaN."""
        return np.where(self.observed[:, None], positions, np.nan)

    def show(self, positions: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Tracks (n, frames, 28, 2) of windows or clips with head sizes (n, frames); NaN = not observed."""
        return self.hide(self.spoil(positions, heads, rng))

    def tracks(self, scene: Scene, rng: np.random.Generator) -> np.ndarray:
        """Tracks (frames, 28, 2) of a scene, in pixels; NaN = not observed."""
        return self.show(scene.positions[None], scene.head_size[None], rng)[0]


_ALL: Final = (
    Condition("clean", "12 limb joints, the truth", LIMBS),
    Condition("white_05", "12 limb joints, white noise of 0.05 head per axis", LIMBS, white(0.05)),
    Condition("white_15", "12 limb joints, white noise of 0.15 head per axis", LIMBS, white(0.15)),
    Condition("detector_good", "12 limb joints, errors like those of a good detector", LIMBS, _detector(0.13, 0.04)),
    Condition("detector_weak", "12 limb joints, errors like those of a weak detector", LIMBS, _detector(0.25, 0.2)),
    Condition(
        "detector_fps_12",
        "12 limb joints, errors like those of a good detector, at 12.5 frames per second",
        LIMBS,
        _detector(0.13, 0.04, 12.5),
        12.5,
    ),
    Condition("occlusion", "12 limb joints, a limb hidden for 6 to 18 frames a quarter of the time", LIMBS, _occluded),
    Condition("outliers_swaps", "12 limb joints, limbs thrown off and sides exchanged", LIMBS, _mistaken),
    Condition("body25", "the 15 joints that BODY_25 shows (12, pelvis, toes)", _BODY25),
    Condition("upper_body", "8 joints: shoulders, elbows, wrists, hips", _UPPER),
    Condition("fps_12", "12 limb joints, the truth at 12.5 frames per second", LIMBS, fps=12.5),
    Condition("fps_30", "12 limb joints, the truth at 30 frames per second", LIMBS, fps=30.0),
    Condition("fps_60", "12 limb joints, the truth at 60 frames per second", LIMBS, fps=60.0),
)

CONDITIONS: Final = {condition.name: condition for condition in _ALL}

ESTIMATES: Final = "estimates"
"""The condition whose tracks a real detector made."""


def estimated() -> Condition:
    """The condition of a detector's own files; what is fitted for it expects errors like a weak detector's."""
    return replace(CONDITIONS["detector_weak"], name=ESTIMATES, title="12 limb joints, as a detector saw them")


SAME: Final = {"coco17": "clean"}
"""Names of what is there under another name: of COCO-17 nothing but the 12 limb joints is among the 28."""
