"""A few people whose motion was captured, out of `../shared/mocap`, as a camera before them sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.core.body.skeleton import INDEX, JOINTS, LIMB_JOINTS

IDS = ("cmu_amc/49_20", "cmu_amc/10_04", "cmu_amc/16_22", "cmu_amc/49_01")
"""Of the test split: no weights were trained on these people."""

FPS = 25.0
PIXELS = 1000.0
"""Focal length; the camera stands AWAY metres off and looks down by PITCH radians."""
AWAY = 4.0
PITCH = 0.2

LIMB = np.isin(JOINTS, LIMB_JOINTS)


@dataclass(frozen=True)
class Person:
    """`truth` (frames, 28, 2) pixels, `depth` (frames, 28) and `head`, the head's size, in pixels at the pelvis."""

    name: str
    truth: np.ndarray
    depth: np.ndarray
    head: float

    @property
    def seen(self) -> np.ndarray:
        """The 12 joints of the paper, the others NaN."""
        return np.where(LIMB[:, None], self.truth, np.nan)

    def misses(self, positions: np.ndarray) -> np.ndarray:
        """Errors (frames, 28) in heads."""
        return np.linalg.norm(positions - self.truth, axis=-1) / self.head


def filmed(name: str, motion: np.ndarray) -> Person:
    """Somebody's motion (frames, 28, 3), metres, z up, from the front in the first frame."""
    across = motion[0, INDEX["left_shoulder"]] - motion[0, INDEX["right_shoulder"]]
    right = np.array([across[0], across[1], 0.0]) / np.hypot(across[0], across[1])
    ahead = np.array([right[1], -right[0], 0.0])
    centred = motion - motion[:, INDEX["pelvis"]].mean(0)
    down = np.array([0.0, 0.0, -np.cos(PITCH)]) - np.sin(PITCH) * -ahead
    into = np.array([0.0, 0.0, -np.sin(PITCH)]) - np.cos(PITCH) * ahead
    seen = np.stack([centred @ right, centred @ down, AWAY + centred @ into], -1)
    near = seen[:, INDEX["pelvis"], 2].mean()
    depth = (seen[..., 2] - seen[:, None, INDEX["pelvis"], 2]) * PIXELS / near
    return Person(name, PIXELS * seen[..., :2] / seen[..., 2:] + 500.0, depth, HEAD_METRES * PIXELS / near)


def captured(shared: Path) -> list[Person]:
    """The people of IDS; skips where the archive is not there."""
    from trainer.data.harmonise import harmonise
    from trainer.data.manifest import read_manifest
    from trainer.data.readers import read_motions
    from trainer.data.skeleton_map import read_skeleton_maps

    folder = shared / "mocap"
    if not (folder / "manifest.json").is_file():
        pytest.skip("needs the captured motion of 'shared/mocap', which is not there")
    maps = read_skeleton_maps(folder / "skeletons.json")
    entries = [entry for entry in read_manifest(folder) if entry.id in IDS]
    assert len(entries) == len(IDS)
    clips = [harmonise(entry, motion, maps, FPS) for entry, motion in read_motions(folder, entries)]
    return [filmed(clip.id, clip.positions[:100].astype(float)) for clip in clips]
