"""Observations that cannot be right: limbs that are elsewhere, and left taken for right.

A small network looks at a frame and at moments up to 0.64 s before and after, and says of each observed joint how
likely it is somewhere else, and of arms and legs how likely their sides are swapped. Swapped sides are put right; what
is elsewhere is not believed, so that the prior fills it like anything else that is hidden. The network knows poses; how
joints move from frame to frame is asked beside it: what goes astray leaps, and names that change sides leave a trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..body.normalise import HEAD, body_scale
from ..body.skeleton import ARMS_AND_LEGS, JOINTS, LIMB_JOINTS, MIRROR, exchange_sides
from ..clips.spans import spans
from ..engines.engine import Engine
from .perceptron import Perceptron

OFFSETS: Final = (-16, -12, -9, -6, -4, -2, -1, 0, 1, 2, 4, 6, 9, 12, 16)
"""Frames that are looked at, at the prior's rate."""

INPUTS: Final = len(OFFSETS) * len(JOINTS) * 3
OUTPUTS: Final = len(JOINTS) + len(ARMS_AND_LEGS)

SUSPECT: Final = 0.15
"""Probability from which on it is asked whether a point leapt."""

_PLAUSIBLE: Final = 0.5
"""Share of a clip's points beyond which it is the screen that is wrong: the person moves as nobody in training did."""

_CONVINCED: Final = 2.5
"""Log odds beyond which the network is not heard: however sure it is, what moved there as people do is right."""

_EVEN: Final = 0.9
"""A leap in heads that speaks neither for nor against: what goes astray seldom leaps less, nor fast people more."""

_TELLING: Final = 5.0
"""Log odds for each head that it is longer. _CONVINCED, _EVEN and this were chosen on validation clips: of the right
points that the network suspects about 70 % (under errors of a weak detector) to 98 % (of clean tracks) are kept, of the
wrong ones 4 to 8 %."""

_NEARBY: Final = 3
"""Frames around the first and the last of what seems to be elsewhere in which it must have leapt."""

_CHANGE: Final = 4.0
"""What a change between "as named" and "swapped" costs, in units of log odds: sides do not flicker."""

_STRIDE: Final = 0.5
"""Heads that joints move from frame to frame (standard deviation per axis, about the middle of the body). Chosen on
validation clips and real views: from 0.4 to 0.7 little changes, and nothing clean is taken for swapped."""

_SURE: Final = 20.0
"""The most that a pair of joints says of a change, in units of log odds."""

_SIZED_AT: Final = (-16, -8, 0, 8, 16)
"""Frames around a moment that tell how large the person is there."""

_LIMBS: Final = np.isin(JOINTS, LIMB_JOINTS)

_PAIRS: Final = tuple(
    tuple((int(left), int(MIRROR[left])) for left in np.flatnonzero(half & _LIMBS) if left < MIRROR[left])
    for half in ARMS_AND_LEGS
)
"""Joints of arms and of legs with their partners on the other side."""

_JUDGED_ALONE: Final = np.concatenate([_LIMBS, np.ones(len(ARMS_AND_LEGS), bool)])
"""Answers that are about limbs."""

_NOW: Final = OFFSETS.index(0)
_LOUDER: Final = 3.0
"""By how much motion is magnified."""

_FAR: Final = 6.0
"""Where coordinates are cut off."""

_CHUNK: Final = 2048


@dataclass(frozen=True)
class Screening:
    """What was found in a clip: `elsewhere` bool (frames, 28), `swapped` bool (frames, 2), arms and legs.

    `believed` is False where it was so much that it is not believed; `elsewhere` is then empty.
    """

    elsewhere: np.ndarray
    swapped: np.ndarray
    believed: bool

    def mend(self, positions: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions (frames, 28, 2) and confidences (frames, 28) with sides put right and wrong points not observed."""
        positions = np.where(self.elsewhere[..., None], np.nan, positions)
        weight = np.where(self.elsewhere, 0.0, weight)
        return exchange_sides(positions, self.swapped), exchange_sides(weight[..., None], self.swapped)[..., 0]


def contexts(positions: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """What is seen around each of the given frames (batch,) of a clip (clip, 28, 2): (batch, 15, 28, 2), NaN = not."""
    return _around(positions, frames, OFFSETS)


def _around(positions: np.ndarray, frames: np.ndarray, offsets: tuple[int, ...]) -> np.ndarray:
    """Moments around each of the given frames, (batch, offsets, 28, 2); NaN beyond the clip."""
    at = frames[:, None] + np.array(offsets)
    inside = (at >= 0) & (at < len(positions))
    return np.where(inside[..., None, None], positions[at.clip(0, len(positions) - 1)], np.nan)


def features(context: np.ndarray) -> np.ndarray:
    """What the network is fed, float32 (batch, 1260).

    Where the joints are now around the middle of all that is seen in the context, and how far each is from there at the
    other moments, in units of the usual distance from the middle: medians, so that a few wrong points move nothing.
    Where nothing is seen: zeros.
    """
    flat = context.astype(np.float32).reshape(len(context), -1, 2)
    flat -= median(flat)[:, None]
    distance = median(np.hypot(flat[..., 0], flat[..., 1])[..., None])[:, 0]
    flat /= np.where(distance > 0, distance, 1.0)[:, None, None]
    around = flat.reshape(context.shape)
    out = np.empty((*context.shape[:3], 3), np.float32)
    np.subtract(around, around[:, _NOW, None], out=out[..., :2])
    out[..., :2] *= _LOUDER
    out[:, _NOW, :, :2] = around[:, _NOW]
    out[..., 2] = np.isfinite(out[..., 0])
    # A point that is thrown far off says no more than that it is far off.
    np.clip(out, -_FAR, _FAR, out=out)
    return np.nan_to_num(out, copy=False).reshape(len(out), -1)


def median(values: np.ndarray) -> np.ndarray:
    """Median over the second axis of (n, m, k), of what is finite, the lower of two middles; 0 where nothing is."""
    ordered = np.sort(values, axis=1)  # NaN goes last
    count = np.isfinite(values).sum(1)
    middle = np.take_along_axis(ordered, np.maximum(count - 1, 0)[:, None] // 2, 1)[:, 0]
    return np.where(count > 0, middle, np.float32(0.0))


def screen(
    engine: Engine, network: Perceptron, positions: np.ndarray, trusted: np.ndarray, believed: bool | None = None,
    step: int = 1,
) -> Screening:  # fmt: skip
    """Look through a clip.

    Args:
        engine: runs the network.
        network: the screen's weights.
        positions: (frames, 28, 2) at the prior's rate, NaN = not observed.
        trusted: bool (frames, 28), points that are right whatever it looks like, such as pins.
        believed: whether to believe what is found of points; None: unless it is too much.
        step: frames at the prior's rate from one of the detector's to the next; between them is interpolated.

    """
    odds = _odds(engine, network, positions)
    seen = np.isfinite(positions).all(-1)
    if (seen & _LIMBS).any() and (seen & ~_LIMBS).any():
        # Toes and the like go astray with their limb, and would speak for it: limbs are judged by limbs.
        odds[:, _JUDGED_ALONE] = _odds(engine, network, np.where(_LIMBS[:, None], positions, np.nan))[:, _JUDGED_ALONE]
    elsewhere = (odds[:, : len(JOINTS)] > np.log(SUSPECT / (1 - SUSPECT))) & seen & ~trusted
    elsewhere = _astray(elsewhere, odds, positions, step)
    turns = crossings(np.where(elsewhere[..., None], np.nan, positions))
    swapped = np.stack([steady(odds[:, len(JOINTS) + half], turns[:, half]) for half in range(len(ARMS_AND_LEGS))], -1)
    swapped &= ~(trusted[:, None] & ARMS_AND_LEGS).any(-1)
    if believed is None:
        believed = bool(elsewhere.sum() <= _PLAUSIBLE * seen.sum())
    return Screening(elsewhere & believed, swapped, believed)


def _odds(engine: Engine, network: Perceptron, positions: np.ndarray) -> np.ndarray:
    """What the network says of every frame of a clip, (frames, OUTPUTS), log odds."""
    parts = [
        engine.apply(network, features(contexts(positions, np.arange(start, min(start + _CHUNK, len(positions))))))
        for start in range(0, len(positions), _CHUNK)
    ]
    return np.concatenate(parts).astype(np.float64)


def _astray(elsewhere: np.ndarray, odds: np.ndarray, positions: np.ndarray, step: int) -> np.ndarray:
    """Bool (frames, 28): what seems to be elsewhere less what got there, and back, as people move.

    Unusual poses look wrong to a network that never saw the like; but a leg that is raised has been on its way. Where
    neither the way there nor the way back is seen, the likelier is believed.
    """
    astray = elsewhere.copy()
    for joint in np.flatnonzero(elsewhere.any(0)):
        for first, last in spans(elsewhere[:, joint]):
            stretch = slice(first, last + 1)
            leap = _leaps(positions, int(joint), stretch, step).mean()
            astray[stretch, joint] = min(odds[stretch, joint].max(), _CONVINCED) + _TELLING * (leap - _EVEN) > 0
    return astray


def _leaps(positions: np.ndarray, joint: int, stretch: slice, step: int) -> np.ndarray:
    """How far a joint leaps in one of the detector's frames about the middle of the body, in heads, (1..3,).

    As a stretch begins and as it ends, where that is wholly seen, and anywhere in between or near: what goes astray
    leaps there and back, but not always where the network says. A leap is what a joint moves in a frame beyond the mean
    of the frames before and after: a punch takes several. Where neither way is seen, at least what says nothing.
    """
    size = HEAD * body_scale(positions[max(stretch.start + OFFSETS[0], 0) : stretch.stop + OFFSETS[-1]])
    first, last = stretch.start - _NEARBY, stretch.stop + _NEARBY
    begin = max(first - 2 * step, 0)
    near = positions[begin : last + 1 + step]
    path = near[:, joint] - median(near)
    # A leap shows in four of the detector's frames, and leads into the third.
    apart = path[3 * step :] - 3 * path[2 * step : -step] + 3 * path[step : -2 * step] - path[: -3 * step]
    leaps = np.full(last + 1 - first, np.nan)
    if size > 0:
        leaps[begin + 2 * step - first :][: len(apart)] = np.linalg.norm(apart, axis=-1) / (2 * size)
    edge = 2 * _NEARBY + 1
    ways = np.array([leaps[:edge].max(), leaps[-edge:].max()])
    ways, largest = ways[np.isfinite(ways)], np.fmax.reduce(leaps)
    return np.append(ways, largest if len(ways) else np.fmax(largest, _EVEN))


def crossings(positions: np.ndarray) -> np.ndarray:
    """How much likelier it is that sides were exchanged since the frame before than not, log odds (frames, 2).

    By how joints move: a knee that goes on where the other knee was has changed its name. 0 where nobody can tell.
    """
    told = np.zeros((len(positions), len(ARMS_AND_LEGS)))
    heads = (positions - median(positions)[:, None]) / _head_size(positions)[:, None, None]
    before, now = heads[:-1], heads[1:]

    def moved(here: int, there: int) -> np.ndarray:
        return ((now[:, there] - before[:, here]) ** 2).sum(-1)

    for half, pairs in enumerate(_PAIRS):
        for left, right in pairs:
            on = moved(left, left) + moved(right, right)
            across = moved(left, right) + moved(right, left)
            told[1:, half] += np.nan_to_num(((on - across) / (2 * _STRIDE**2)).clip(-_SURE, _SURE))
    return told


def _head_size(positions: np.ndarray) -> np.ndarray:
    """Of the person around each frame, (frames,); NaN where nobody can tell."""
    sizes = [
        body_scale(_around(positions, np.arange(start, min(start + _CHUNK, len(positions))), _SIZED_AT))
        for start in range(0, len(positions), _CHUNK)
    ]
    size = HEAD * np.concatenate(sizes)
    return np.where(size > 0, size, np.nan)


def steady(odds: np.ndarray, turns: np.ndarray | None = None, change: float = _CHANGE) -> np.ndarray:
    """The likeliest sequence of no (False) and yes (True), bool (frames,): Viterbi's path.

    `odds` (frames,) are log odds of yes, `turns` (frames,) those of a change since the frame before, beside what every
    `change` costs.
    """
    best = np.zeros(2)
    origin = np.zeros((len(odds), 2), int)
    costs = np.full(len(odds), change) if turns is None else change - turns
    for frame, (odd, cost) in enumerate(zip(odds, costs, strict=True)):
        other = best[::-1] - cost
        origin[frame] = np.where(other > best, [1, 0], [0, 1])
        best = np.maximum(best, other) + np.array([0.0, odd])
    path = np.zeros(len(odds), bool)
    state = int(best[1] > best[0])
    for frame in range(len(odds) - 1, -1, -1):
        path[frame] = state
        state = int(origin[frame, state])
    return path
