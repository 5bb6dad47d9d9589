"""Sums over frames from which all scores of any joints and clips follow (JUMPS, IV-A).

A tally keeps, for every scene, group and joint, the sum of each quantity and over how many frames it was taken. Scores
are ratios of such sums, so joints, clips and bootstrap samples of clips are pooled by adding up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS, PARENTS
from jumps_blender.core.clips.windows import WINDOW, window_starts
from jumps_blender.core.metrics import AUC_THRESHOLDS, errors_in_heads

from .scenes import Scene

GROUPS: Final = ("all", "observed", "missing", "hidden")
"""Joints of a frame: all 28; those that were shown to the method; those that were not; of the latter those that the
condition shows in other frames."""

RATES: Final = ("mpjpe", "mpjve", "bone_angle", "acceleration", "jitter", "jitter_of_truth", "fast", "border", "inside")
"""Quantities after the shares below each threshold; the error at each place of the window follows."""

SHORTEST_BONE: Final = 0.1
"""Heads: a bone that points at the camera has no direction in the image."""

FAST: Final = 0.95
"""Frames above this quantile of a source's mean joint speed are its fastest."""

_SHARES: Final = len(AUC_THRESHOLDS)
_PLACES: Final = _SHARES + len(RATES)
_COLUMNS: Final = _PLACES + WINDOW


@dataclass(frozen=True)
class Tally:
    """Sums and counts, both (scenes, groups, 28, columns)."""

    sums: np.ndarray
    counts: np.ndarray

    def of(self, group: str) -> Tally:
        """Pooled over one group's joints: (scenes, columns)."""
        number = GROUPS.index(group)
        return Tally(self.sums[:, number].sum(1), self.counts[:, number].sum(1))

    def joint_by_joint(self, group: str) -> Tally:
        """Of one group, each joint by itself: (scenes, 28, columns)."""
        number = GROUPS.index(group)
        return Tally(self.sums[:, number], self.counts[:, number])

    def pooled(self, weights: np.ndarray) -> Tally:
        """Scenes added up with weights (..., scenes)."""
        return Tally(np.tensordot(weights, self.sums, 1), np.tensordot(weights, self.counts, 1))

    def measures(self) -> dict[str, np.ndarray]:
        """Scores by name, each of the leading shape; NaN where nothing is judged. See `scores.Score`."""
        with np.errstate(invalid="ignore", divide="ignore"):
            means = self.sums / self.counts
            rate = dict(zip(RATES, np.moveaxis(means[..., _SHARES:_PLACES], -1, 0), strict=True))
            seams = rate["border"] / rate["inside"]
        shares = means[..., :_SHARES]
        return {
            "pckh_01": shares[..., 10],
            "pckh_05": shares[..., 50],
            "pckh_10": shares[..., 100],
            "auc": ((shares[..., 1:] + shares[..., :-1]) / 2).mean(-1),
            "mpjpe": rate["mpjpe"],
            "mpjve": rate["mpjve"],
            "bone_angle": rate["bone_angle"],
            "acceleration_error": rate["acceleration"],
            "jitter": rate["jitter"],
            "jitter_of_truth": rate["jitter_of_truth"],
            "fast_mpjpe": rate["fast"],
            "seam_ratio": seams,
        }

    def curve(self) -> np.ndarray:
        """PCKh over the 101 thresholds of the AUC, (..., 101)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums[..., :_SHARES] / self.counts[..., :_SHARES])

    def places(self) -> np.ndarray:
        """MPJPE at each place of consecutive windows, (..., 24)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums[..., _PLACES:] / self.counts[..., _PLACES:])


def tally(
    results: list[np.ndarray], tracks: list[np.ndarray], scenes: list[Scene], shown: np.ndarray, hop: int
) -> Tally:
    """Measure results (frames, 28, 2) of scenes of one source.

    tracks: what the method saw of each; shown: bool (28,), the joints that the condition shows; hop: of its windows.
    """
    fast = fastest(scenes)
    parts = [
        _tally_scene(result, seen, scene, shown, hop, quick)
        for result, seen, scene, quick in zip(results, tracks, scenes, fast, strict=True)
    ]
    return Tally(*(np.stack(arrays) for arrays in zip(*parts, strict=True)))


def fastest(scenes: list[Scene]) -> list[np.ndarray]:
    """Bool (frames,) of each scene: its frames among the fastest of all scenes, by the joints' mean speed in heads."""
    speeds = [_speed(scene) for scene in scenes]
    limit = np.quantile(np.concatenate(speeds), FAST)
    return [speed > limit for speed in speeds]


def _speed(scene: Scene) -> np.ndarray:
    steps = np.nanmean(np.linalg.norm(np.diff(scene.positions, axis=0), axis=-1), axis=1) / scene.head_size[1:]
    return np.concatenate([steps[:1], steps]) * scene.fps


def _tally_scene(
    result: np.ndarray, seen: np.ndarray, scene: Scene, shown: np.ndarray, hop: int, fast: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    errors = errors_in_heads(result, scene.positions, scene.head_size)
    visible = np.isfinite(seen).all(-1)
    masks = np.stack([np.ones_like(visible), visible, ~visible, ~visible & shown]) & np.isfinite(errors)
    rates = _rates(result, scene, errors, hop, fast)
    sums = np.zeros((len(GROUPS), len(JOINTS), _COLUMNS))
    counts = np.zeros_like(sums)
    below = errors[..., None] < AUC_THRESHOLDS
    place = _place(len(errors))
    for number, mask in enumerate(masks):
        sums[number, :, :_SHARES] = (below & mask[..., None]).sum(0)
        counts[number, :, :_SHARES] = mask.sum(0)[:, None]
        known = np.isfinite(rates) & mask
        sums[number, :, _SHARES:_PLACES] = np.where(known, rates, 0).sum(1).T
        counts[number, :, _SHARES:_PLACES] = known.sum(1).T
        sums[number, :, _PLACES:] = np.where(mask, errors, 0).T @ place
        counts[number, :, _PLACES:] = mask.T @ place
    return sums, counts


def _rates(result: np.ndarray, scene: Scene, errors: np.ndarray, hop: int, fast: np.ndarray) -> np.ndarray:
    """The quantities of RATES, (rates, frames, 28); NaN where they are not defined."""
    difference = result - scene.positions
    acceleration = _change(difference, scene.head_size, 2)
    border = borders(len(errors), hop)[:, None]
    return np.stack(
        [
            errors,
            _change(difference, scene.head_size, 1),
            bone_angles(result, scene),
            acceleration,
            _change(result, scene.head_size, 3),
            _change(scene.positions, scene.head_size, 3),
            np.where(fast[:, None], errors, np.nan),
            np.where(border, acceleration, np.nan),
            np.where(border, np.nan, acceleration),
        ]
    )


def _change(positions: np.ndarray, heads: np.ndarray, order: int) -> np.ndarray:
    """Norm of the `order`-th difference (frames, 28) in heads, at the last of its frames; NaN where there is none."""
    out = np.full(positions.shape[:2], np.nan)
    out[order:] = np.linalg.norm(np.diff(positions, n=order, axis=0), axis=-1) / heads[order:, None]
    return out


def bone_angles(result: np.ndarray, scene: Scene) -> np.ndarray:
    """Degrees in the image between the bone that ends at each joint and the true one, (frames, 28).

    NaN at the pelvis and where the true bone is shorter than SHORTEST_BONE.
    """
    parents = np.maximum(PARENTS, 0)
    found, true = (p - p[:, parents] for p in (result, scene.positions))
    cross = found[..., 0] * true[..., 1] - found[..., 1] * true[..., 0]
    angle = np.degrees(np.abs(np.arctan2(cross, (found * true).sum(-1))))
    long = np.linalg.norm(true, axis=-1) >= SHORTEST_BONE * scene.head_size[:, None]
    return np.where(long & (np.array(PARENTS) >= 0), angle, np.nan)


def borders(frames: int, hop: int) -> np.ndarray:
    """Bool (frames,): whether the second difference that ends at a frame spans the begin or end of a window."""
    starts = window_starts(frames, hop)
    edges = np.unique(np.concatenate([starts, starts + WINDOW]))
    edges = edges[(edges > 0) & (edges < frames)]
    out = np.zeros(frames + 1, bool)
    out[edges] = out[edges + 1] = True
    return out[:frames]


def _place(frames: int) -> np.ndarray:
    """(frames, 24): 1 at a frame's place in consecutive windows, the last one flush with the end."""
    starts = window_starts(frames, WINDOW)
    at = np.arange(frames)
    first = starts[np.searchsorted(starts, at, side="right") - 1]
    return np.eye(WINDOW)[at - first]
