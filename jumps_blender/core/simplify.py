"""Fewer keys for the same motion: samples that stay, with a cubic from each to the next.

What stays are samples as they were solved, so that a key still says where the solver had the joint; what goes lies
within a tolerance of the curve. The slope at a sample is that of its neighbours and does not depend on what else
stays: a stretch that is solved again gets new keys, and the curve beyond it does not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

EXACT: Final = 1e-6
"""Part of the tolerance that samples which have to be met exactly may be off, for rounding."""


_SMOOTH: Final = 3
"""Samples from which on slopes are taken from two neighbours on either side."""

LONGEST: Final = 100
"""Samples between two keys at most: long curves are then reduced in as little time for each frame as short ones."""


@dataclass(frozen=True)
class Keys:
    """What remains of samples `values` (frames, joints, 2).

    `kept` bool (frames, joints); `slopes` (frames, joints, 2), per sample, where a key is kept; `off` (frames, joints),
    how far the curve is from the samples.
    """

    kept: np.ndarray
    slopes: np.ndarray
    off: np.ndarray


def simplified(
    values: np.ndarray, tolerance: float, exact: np.ndarray | None = None, kept: np.ndarray | None = None
) -> Keys:
    """The keys that joints need.

    Args:
        values: (frames, joints, 2), evenly spaced samples; the first and the last stay.
        tolerance: how far from its samples a joint's curve may be, in their units, more than 0.
        exact: bool (frames, joints), samples that the curve has to meet: stretches of them that stand still need two
            keys, the others one each.
        kept: bool (frames, joints), keys that stay in any case, such as those of a curve that changes elsewhere; where
            they meet the tolerance, none is added.

    """
    frames, joints = values.shape[:2]
    slopes = slopes_of(values)
    allowed = np.full((frames, joints), float(tolerance))
    begin = _first_keys(frames, joints) if kept is None else kept.copy()
    begin[[0, -1]] = True
    if exact is not None:
        allowed[exact] *= EXACT
        begin |= _ends(exact)
    lines = _Lines(*(np.moveaxis(each, 1, 0).reshape(joints * frames, 2) for each in (values, slopes)))
    found, off = lines.split(_flat(begin), _flat(allowed))
    return Keys(found.reshape(joints, frames).T, slopes, off.reshape(joints, frames).T)


def slopes_of(values: np.ndarray) -> np.ndarray:
    """Slopes per sample (frames, joints, 2), exact for cubics; none where the joint stands still before or after."""
    if len(values) < _SMOOTH:
        return np.gradient(values, axis=0) if len(values) > 1 else np.zeros_like(values)
    padded = np.pad(values, [(2, 2), (0, 0), (0, 0)], mode="reflect", reflect_type="odd")
    slopes = (8 * (padded[3:-1] - padded[1:-3]) - (padded[4:] - padded[:-4])) / 12
    still = (np.diff(values, axis=0) == 0).all(-1)
    slopes[1:][still] = 0
    slopes[:-1][still] = 0
    return np.asarray(slopes)


def _first_keys(frames: int, joints: int) -> np.ndarray:
    return np.repeat((np.arange(frames) % LONGEST == 0)[:, None], joints, axis=1)


def _ends(flags: np.ndarray) -> np.ndarray:
    """The first and the last of each run of flags, bool (frames, joints)."""
    padded = np.pad(flags, [(1, 1), (0, 0)])
    return np.asarray(flags & ~(padded[:-2] & padded[2:]))


def _flat(values: np.ndarray) -> np.ndarray:
    """Values (frames, joints) joint after joint."""
    return np.asarray(values.T.ravel())


@dataclass(frozen=True)
class _Lines:
    """Samples (n, 2) and their slopes, joint after joint."""

    values: np.ndarray
    slopes: np.ndarray

    def split(self, kept: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Keys, bool (n,), more than `kept`, so that no sample is farther off than `allowed` (n,); how far each is.

        A stretch that exceeds what is allowed is cut at the sample that does so most, and both parts are looked at.
        """
        kept, off = kept.copy(), np.zeros(len(kept))
        keys, number = np.flatnonzero(kept), np.arange(len(kept))
        before = keys[np.searchsorted(keys, number, side="right") - 1]
        after = keys[np.searchsorted(keys, number, side="right").clip(max=len(keys) - 1)]
        at = np.flatnonzero(~kept)
        before, after = before[at], after[at]
        while len(at):
            off[at] = self._off(at, before, after)
            worst, stretch = _worst(before, off[at] / allowed[at])
            kept[at[worst[worst >= 0]]], off[at[worst[worst >= 0]]] = True, 0.0
            cut = np.where(worst >= 0, at[worst], -1)[stretch]
            left = (cut >= 0) & (at != cut)
            at, before, after, cut = at[left], before[left], after[left], cut[left]
            before, after = np.where(at > cut, cut, before), np.where(at < cut, cut, after)
        return kept, off

    def _off(self, at: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """How far samples are from the cubic (Hermite's) between two others, (n,) each."""
        length = (after - before)[:, None]
        share = (at - before)[:, None] / length
        rest = 1 - share
        ends = self.values[before] * (1 + 2 * share) * rest**2 + self.values[after] * share**2 * (1 + 2 * rest)
        tangents = self.slopes[before] * share * rest**2 - self.slopes[after] * share**2 * rest
        return np.asarray(np.linalg.norm(ends + length * tangents - self.values[at], axis=-1))


def _worst(before: np.ndarray, excess: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each stretch, a run of equal `before` (n,), which of its samples exceeds 1 most, -1 where none does.

    Also the number of each sample's stretch (n,).
    """
    starts = np.flatnonzero(np.diff(before, prepend=-1))
    stretch = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(before)))
    most = np.maximum.reduceat(excess, starts)
    worst = np.full(len(starts), -1)
    found = np.flatnonzero((excess == most[stretch]) & (excess > 1))[::-1]
    worst[stretch[found]] = found
    return worst, stretch
