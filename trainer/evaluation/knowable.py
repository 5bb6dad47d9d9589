"""What 12 joints tell of the others: how far near neighbours of a pose are spread where they are not shown.

For poses of held-out people the poses of other recordings are found whose shown joints agree best in the image. What
an affine map of the shown joints explains is taken out first, since it would follow their small differences; how the
rest differs between such neighbours no method can tell from that one frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jumps_blender.core.body.normalise import BODY_METRES, HEAD_METRES
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.core.metrics import errors_in_heads
from jumps_blender.core.result import Result

from ..baselines.ridge import solve
from ..cameras import PLAIN, see
from ..data.dataset import Clip
from .calibration import Solved
from .scenes import Scene
from .scores import MEAN, Shown

POSES: Final = 200_000
"""Poses among which neighbours are looked for."""

NEIGHBOURS: Final = 8
"""Of each pose, every one from another recording."""

STRIDE: Final = 3
"""Frames from one pose that is asked about to the next."""

NEAR: Final = 1 / 3
"""Share of the poses, those whose neighbours agree best, that is told apart."""

CAMERAS: Final = replace(PLAIN, mirror=0.5)

_AT_ONCE: Final = 64

_RIDGE: Final = 1e-6

_HIPS: Final = [INDEX["left_hip"], INDEX["right_hip"]]
_SHOULDERS: Final = [INDEX["left_shoulder"], INDEX["right_shoulder"]]


@dataclass(frozen=True)
class KnowableScore:
    """What one frame tells of a joint that is not shown, in heads; the mean over sources.

    spread: mean distance of neighbours from the middle of their group; error: of the shipped prior on the same poses;
    near_spread, near_error: both on the third of the poses whose neighbours agree best.
    """

    joint: str
    spread: float
    error: float
    near_spread: float
    near_error: float


@dataclass(frozen=True)
class Knowable:
    """All joints that a condition does not show, and MEAN of them.

    agreement, near_agreement: root of the mean squared distance in heads by which a shown joint of the neighbours
    differs, of all poses and of the third; recordings, queries: how many were looked through, and how many poses.
    """

    scores: list[KnowableScore]
    agreement: float
    near_agreement: float
    recordings: int
    queries: int


@dataclass(frozen=True)
class Poses:
    """Poses (n, 28, 2) in heads of a body of usual size, the mid-hip at the origin; those of a recording in a row.

    starts: the first pose of each recording.
    """

    positions: np.ndarray
    starts: np.ndarray


def draw_poses(clips: list[Clip], poses: int, seed: int) -> Poses:
    """Poses of clips through random cameras, about equally many of each frame of them all."""
    rng = np.random.default_rng([seed, 7])
    recordings: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        recordings.setdefault((clip.subject, clip.label), []).append(clip)
    share = poses / sum(int(clip.valid.sum()) for clip in clips)
    parts, starts, count = [], [], 0
    for group in recordings.values():
        starts.append(count)
        for clip in group:
            frames = np.flatnonzero(clip.valid)
            chosen = clip.positions[rng.choice(frames, max(round(share * len(frames)), 1))]
            view = see(chosen[:, None].astype(np.float64), rng, CAMERAS)
            size = np.median(_body(chosen)) / HEAD_METRES * view.heads[:, 0]
            parts.append(_placed(view.positions[:, 0], size))
            count += len(chosen)
    return Poses(np.concatenate(parts).astype(np.float32), np.array(starts))


def _placed(positions: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Positions (n, 28, 2) around the mid-hip, in heads of a body of usual size, for bodies (n,) in their unit."""
    usual = body * HEAD_METRES / BODY_METRES
    return np.asarray((positions - positions[:, _HIPS].mean(1, keepdims=True)) / usual[:, None, None])


def _body(joints: np.ndarray) -> np.ndarray:
    """Torso and leg of bodies in space (n, 28, 3), (n,), in their unit."""
    torso = np.linalg.norm(joints[:, _SHOULDERS].mean(1) - joints[:, _HIPS].mean(1), axis=-1)
    legs = [
        np.linalg.norm(joints[:, INDEX[f"{side}_{a}"]] - joints[:, INDEX[f"{side}_{b}"]], axis=-1)
        for side in ("left", "right")
        for a, b in (("hip", "knee"), ("knee", "ankle"))
    ]
    return np.asarray(torso + np.sum(legs, axis=0) / 2)


@dataclass(frozen=True)
class _Asked:
    """What was found for n poses.

    agreement: (n,), root of the mean squared distance of a shown joint of the neighbours, heads; spread, error:
    (n, hidden joints), heads.
    """

    agreement: np.ndarray
    spread: np.ndarray
    error: np.ndarray

    @classmethod
    def joined(cls, parts: list[_Asked]) -> _Asked:
        return cls(*(np.concatenate(arrays) for arrays in zip(*(vars(each).values() for each in parts), strict=True)))

    def means(self, limit: float) -> np.ndarray:
        """Spread and error of each joint where neighbours agree within the limit, (2, joints); NaN if nowhere."""
        near = self.agreement <= limit
        if not near.any():
            return np.full((2, self.spread.shape[1]), np.nan)
        return np.stack([self.spread[near].mean(0), self.error[near].mean(0)])


def knowable(bank: Poses, shown: Shown, solved: Solved) -> Knowable:
    """Look for neighbours of the poses of a condition without noise or gaps."""
    affine = _affine(bank.positions, shown.observed)
    rest = bank.positions - affine(bank.positions)
    asked = {
        source: _Asked.joined([*_ask(bank, rest, shown.observed, scenes, solved[source])])
        for source, scenes in shown.scenes.items()
    }
    agreement = np.concatenate([each.agreement for each in asked.values()])
    limit = float(np.quantile(agreement, NEAR))
    means = [np.nanmean([each.means(most) for each in asked.values()], axis=0) for most in (np.inf, limit)]
    columns = [np.append(each, each.mean()) for both in means for each in both]
    names = [*np.array(JOINTS)[~shown.observed], MEAN]
    scores = [KnowableScore(str(name), *map(float, values)) for name, *values in zip(names, *columns, strict=True)]
    near = agreement[agreement <= limit]
    return Knowable(scores, _root(agreement), _root(near), len(bank.starts), len(agreement))


def _root(agreement: np.ndarray) -> float:
    return float(np.sqrt((agreement**2).mean()))


def _affine(positions: np.ndarray, observed: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The map from the shown joints of poses (n, 28, 2) to all of them that fits these best."""

    def inputs(poses: np.ndarray) -> np.ndarray:
        flat = poses[:, observed].reshape(len(poses), -1)
        return np.concatenate([flat, np.ones((len(flat), 1), flat.dtype)], axis=1)

    x = inputs(positions)
    weights = solve(x.T @ x / len(x), x.T @ positions.reshape(len(x), -1) / len(x), _RIDGE).astype(np.float32)
    return lambda poses: (inputs(poses) @ weights).reshape(poses.shape)


def _ask(
    bank: Poses, rest: np.ndarray, observed: np.ndarray, scenes: list[Scene], results: list[Result]
) -> Iterator[_Asked]:
    """Poses of each scene."""
    columns = np.ascontiguousarray(bank.positions[:, observed].reshape(len(bank.positions), -1))
    lengths = (columns**2).sum(1)
    for scene, result in zip(scenes, results, strict=True):
        frames = slice(None, None, STRIDE)
        body = _body(np.concatenate([scene.positions, scene.depth[..., None]], -1)) / scene.head_size
        size = np.median(body) * HEAD_METRES / BODY_METRES  # usual bodies
        poses = _placed(scene.positions, size * BODY_METRES / HEAD_METRES * scene.head_size)[frames].astype(np.float32)
        near, chosen = _nearest(poses[:, observed].reshape(len(poses), -1), columns, lengths, bank.starts)
        group = rest[chosen][:, :, ~observed]
        middle = group.mean(1, keepdims=True)
        k = chosen.shape[1]
        spread = size * np.linalg.norm(group - middle, axis=-1).mean(1) * np.sqrt(k / max(k - 1, 1))
        error = errors_in_heads(result.positions, scene.positions, scene.head_size)[frames, ~observed]
        yield _Asked(size * np.sqrt((near / observed.sum()).mean(1)), spread, error)


def _nearest(
    asked: np.ndarray, columns: np.ndarray, lengths: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances and numbers, both (n, k), of the nearest pose in each of the k nearest recordings."""
    distances, numbers = [], []
    k = min(NEIGHBOURS, len(starts))
    ends = np.append(starts[1:], len(columns))
    for first in range(0, len(asked), _AT_ONCE):
        part = asked[first : first + _AT_ONCE]
        squared = (part**2).sum(1)[:, None] - 2 * part @ columns.T + lengths
        best = np.argsort(np.minimum.reduceat(squared, starts, axis=1), axis=1)[:, :k]
        for row, recordings in zip(squared, best, strict=True):
            found = [starts[each] + int(row[starts[each] : ends[each]].argmin()) for each in recordings]
            numbers.append(found)
            distances.append(np.maximum(row[found], 0))
    return np.array(distances), np.array(numbers)
