"""No flips: from frame to frame a bone rolls about itself no faster than a limb can."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from .rotations import angle_about, apply, swing, transposed, turn, unit

FASTEST_ROLL: Final = np.radians(720.0)
"""Radians a second that a limb rolls about itself, relative to what carries it; a pitcher's arm comes near."""

BLUR: Final = 0.08
"""Seconds over which the plane of an elbow or a knee is averaged."""

REST: Final = 0.05
"""How strongly a limb keeps its rest roll; the plane of a bent limb weighs up to 1."""


def fill_gaps(values: np.ndarray) -> np.ndarray:
    """Values (frames, ...) with NaN filled in linearly over time; what is never known stays NaN."""
    flat = values.reshape(len(values), -1).copy()
    time = np.arange(len(flat))
    for column in flat.T:
        known = np.isfinite(column)
        if known.any() and not known.all():
            column[:] = np.interp(time, time[known], column[known])
    return flat.reshape(values.shape)


def blurred(values: np.ndarray, width: float) -> np.ndarray:
    """Values (frames, ...) averaged over time by a Gaussian of this standard deviation in frames."""
    reach = max(1, int(np.ceil(3 * width)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(width, 1e-3)) ** 2)
    padded = np.pad(values, [(reach, reach)] + [(0, 0)] * (values.ndim - 1), mode="edge")
    out = np.zeros_like(values)
    for shift, weight in enumerate(kernel / kernel.sum()):
        out += weight * padded[shift : shift + len(values)]
    return out


def over(values: np.ndarray, width: float) -> np.ndarray:
    """A smooth curve (frames,) that values (frames,) never exceed, by Gaussians of this deviation in frames."""
    reach = max(1, int(np.ceil(3 * width)))
    padded = np.pad(values, reach, mode="edge")
    greatest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(-1)
    return blurred(greatest, width)


def steady_roll(angles: np.ndarray, weights: np.ndarray, fps: float) -> np.ndarray:
    """Roll (frames,) that follows the angles where their weights are near 1, and is 0 where nothing is known."""
    vectors = weights[:, None] * np.stack([np.cos(angles), np.sin(angles)], -1)
    smooth = blurred(vectors, BLUR * fps)
    return np.arctan2(smooth[:, 1], smooth[:, 0] + REST)


def within(angles: np.ndarray, farthest: float) -> np.ndarray:
    """Angles (frames,) no farther from 0 than this; a spell beyond it, also about the half turn, keeps to one side."""
    beyond = np.abs(angles) > farthest
    return np.where(beyond, farthest * sides(np.sin(angles), beyond), angles)


def sides(leaning: np.ndarray, spells: np.ndarray) -> np.ndarray:
    """-1 or 1 (frames,): on the whole of each spell, a stretch of True, the side to which its values lean; else -1."""
    begins = spells & ~np.concatenate([[False], spells[:-1]])
    numbers = np.cumsum(begins)
    sums = np.bincount(numbers, weights=np.where(spells, leaning, 0.0))
    found: np.ndarray = np.where(sums > 0, 1.0, -1.0)[numbers]
    return found


def without_flips(
    parent: np.ndarray, rotations: np.ndarray, direction: np.ndarray, fps: float, around: bool = False
) -> np.ndarray:
    """Rotations (frames, 3, 3) whose roll never jumps; bone directions are kept exactly.

    Args:
        parent: (frames, 3, 3), of the bone that carries this one.
        rotations: (frames, 3, 3), as wanted.
        direction: (3,), of the bone at rest.
        fps: frames a second.
        around: whether it may roll all the way round; else it finds back the way it came, as what twists along a limb
            has to: bones of rigs that share a limb's roll turn round at half a turn.

    """
    limit = FASTEST_ROLL / fps
    local = transposed(parent) @ rotations
    pointing = unit(apply(local, direction))
    carried = swing(pointing[:-1], pointing[1:]) @ local[:-1]
    roll = _roll_between(pointing[1:], carried, local[1:])
    if not (np.abs(roll) > limit).any():
        return rotations
    unrolled = swing(direction, pointing)
    wanted = _roll_between(pointing, unrolled, local)
    brought = _roll_between(pointing[1:], unrolled[1:], swing(pointing[:-1], pointing[1:]) @ unrolled[:-1])
    first = int((np.abs(roll) > limit).argmax()) + 1
    rolls = np.array(_limited(wanted[first - 1 :].tolist(), brought[first - 1 :].tolist(), limit, around))
    late = turn(pointing[first:], rolls) @ unrolled[first:]
    return parent @ np.concatenate([local[:first], late])


def _limited(wanted: list[float], brought: list[float], limit: float, around: bool) -> list[float]:
    """Rolls against the unrolled bone that follow the wanted ones, but for the first, by at most a limit a frame.

    `brought` is what the swing from one frame to the next adds. Plain numbers: each frame needs the one before, and
    numpy takes fifty times as long for them.
    """
    rolls, now = [], wanted[0]
    for target, added in zip(wanted[1:], brought, strict=True):
        now = math.remainder(now + added, math.tau)
        left = target - now
        if around:
            left = math.remainder(left, math.tau)
        now += min(max(left, -limit), limit)
        rolls.append(now)
    return rolls


def _roll_between(axes: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Roll about unit axes from one rotation to another of the same direction."""
    columns = np.abs(np.einsum("...i,...ij->...j", axes, start)).argmin(-1)[..., None, None]
    first, second = (np.take_along_axis(each, columns, -1)[..., 0] for each in (start, end))
    return angle_about(axes, first, second)
