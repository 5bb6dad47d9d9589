"""What detectors do to the truth: bias, wandering, gaps, outliers and swapped sides, with the head as unit of length.

Real single-view errors are a constant offset for each joint, a slow part that lasts about a tenth of a second, and rare
stretches in which a whole limb is elsewhere; white noise is no model of them. Numbers are those measured on four
calibrated views with five detectors.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS, MIRROR, exchange_sides
from jumps_blender.core.clips.clip import PRIOR_FPS
from jumps_blender.core.direct.noise import MEMORY

BIAS: Final = 0.08
"""Root mean square of a joint's constant offset, heads per axis."""

OUTLIERS_LAST: Final = (2, 12)
"""Frames at the prior's rate, first and last value inclusive, for which a limb is elsewhere."""

_ARM: Final = ("shoulder", "elbow", "wrist", "hand")
_LEG: Final = ("hip", "knee", "ankle", "foot", "toe")


def _limbs(firsts: tuple[int, ...]) -> np.ndarray:
    """Bool (limbs, 28): arms and legs of both sides, each from its `first`-th joint outwards."""
    chosen = [
        [INDEX[f"{side}_{part}"] for part in limb[first:]]
        for side in ("left", "right")
        for limb in (_ARM, _LEG)
        for first in firsts
    ]
    return np.array([np.isin(np.arange(len(JOINTS)), joints) for joints in chosen])


LIMBS: Final = _limbs((0, 1))
"""Whole limbs, and limbs from the elbow or knee outwards."""

_REACH: Final = np.zeros(len(JOINTS))
for _limb in (_ARM, _LEG):
    for _place, _part in enumerate(_limb):
        for _side in ("left", "right"):
            _REACH[INDEX[f"{_side}_{_part}"]] = min(0.3 + 0.35 * _place, 1.0)
"""Share of an outlier's displacement that reaches each joint: the root of a limb moves least."""


def wandering(shape: tuple[int, ...], rng: np.random.Generator, fps: float = PRIOR_FPS) -> np.ndarray:
    """Unit noise (n, frames, ...) that wanders: an Ornstein-Uhlenbeck process along the frames."""
    kept = math.exp(-1 / (MEMORY * fps))
    noise = rng.standard_normal(shape, np.float32)
    fresh = np.float32(math.sqrt(1 - kept**2))
    for frame in range(1, shape[1]):
        noise[:, frame] = np.float32(kept) * noise[:, frame - 1] + fresh * noise[:, frame]
    return noise


def detector_noise(
    n: int, frames: int, rng: np.random.Generator, wander: float, bias: float = BIAS, fps: float = PRIOR_FPS
) -> np.ndarray:
    """Offsets (n, frames, 28, 2) in heads: constant ones of rms `bias` per axis, and wandering ones of rms `wander`."""
    constant = rng.standard_normal((n, 1, len(JOINTS), 2), np.float32)
    return np.float32(bias) * constant + np.float32(wander) * wandering((n, frames, len(JOINTS), 2), rng, fps)


def episodes(
    n: int, frames: int, kinds: int, share: float | np.ndarray, length: tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """Number 1..kinds of the episode that each frame belongs to, 0 = none; int (n, frames).

    Episodes begin at any time, also before the first frame, last `length` frames (first and last value inclusive) and
    cover the given share of the time, on average.
    """
    shortest, longest = length
    rate = -np.log1p(-np.asarray(share)) / ((shortest + longest) / 2)
    found = np.zeros((n, frames + longest), int)
    began = rng.random((n, frames + longest)) < np.broadcast_to(rate, (n,))[:, None]
    rows, starts = np.nonzero(began)
    lengths = rng.integers(shortest, longest + 1, len(rows))
    kind = rng.integers(1, kinds + 1, len(rows))
    for row, start, lasting, which in zip(rows, starts, lengths, kind, strict=True):
        found[row, start : start + lasting] = which
    return found[:, longest:]


def occlusions(
    n: int,
    frames: int,
    rng: np.random.Generator,
    share: float | np.ndarray = 0.25,
    length: tuple[int, int] = (6, 18),
) -> np.ndarray:
    """Bool (n, frames, 28): joints that are hidden. A limb at a time, for 6 to 18 frames, a quarter of the time."""
    none = np.zeros((1, len(JOINTS)), bool)
    return np.asarray(np.concatenate([none, LIMBS])[episodes(n, frames, len(LIMBS), share, length, rng)])


def outliers(
    positions: np.ndarray,
    heads: np.ndarray,
    rng: np.random.Generator,
    share: float | np.ndarray = 0.1,
    length: tuple[int, int] = OUTLIERS_LAST,
) -> tuple[np.ndarray, np.ndarray]:
    """Limbs that a detector sees elsewhere: on the other side's limb, or thrown off by one to several heads.

    Args:
        positions: (n, frames, 28, 2).
        heads: (n, frames), head size in the same unit.
        rng: the source of all randomness.
        share: of the time in which one of the limbs is elsewhere; about a quarter of it is the share of wrong points.
        length: frames of an episode.

    Returns:
        The changed positions, and bool (n, frames, 28), which were changed.

    """
    n, frames = positions.shape[:2]
    number = episodes(n, frames, 2 * len(LIMBS), share, length, rng)
    none = np.zeros((1, len(JOINTS)), bool)
    wrong = np.concatenate([none, LIMBS, LIMBS])[number]
    row, frame, joint = np.nonzero(wrong)
    episode, head = number[row, frame], heads[row, frame, None]
    throw = rng.standard_normal((n, 2 * len(LIMBS) + 1, 2)) * np.exp(rng.normal(0.3, 0.5, (n, 1, 1)))
    thrown = positions[row, frame, joint] + throw[row, episode] * _REACH[joint, None] * head
    other = positions[row, frame, MIRROR[joint]]
    found = np.where(episode[:, None] > len(LIMBS), other, thrown)
    out = positions.copy()
    out[row, frame, joint] = found + 0.12 * head * rng.standard_normal(found.shape)
    return out, wrong


def swaps(
    positions: np.ndarray,
    rng: np.random.Generator,
    share: float | np.ndarray = 0.05,
    length: tuple[int, int] = (3, 18),
) -> tuple[np.ndarray, np.ndarray]:
    """Left taken for right: in the arms, in the legs or in both.

    Returns the changed positions (n, frames, 28, 2), and bool (n, frames, 2), whether arms and legs are swapped.
    """
    n, frames = positions.shape[:2]
    which = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], bool)
    swapped = which[episodes(n, frames, 3, share, length, rng)]
    return exchange_sides(positions, swapped), swapped
