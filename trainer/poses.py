"""The Gaussian over single frames that fills what the encoder is fed, fitted once before the networks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.direct.gaussian import Gaussian
from jumps_blender.errors import InputError

from .sampling import Sampler

POSES: Final = "gaussians.npz"

RANK: Final = 52
_CHUNK: Final = 1000
_KEYS: Final = ("mean", "factor", "noise")


def fit_poses(sampler: Sampler, windows: int) -> Gaussian:
    """A Gaussian over the frames (56 numbers, normalised units) of random windows."""
    count, total, squares = 0, np.zeros(56), np.zeros((56, 56))
    for _ in range(max(windows // _CHUNK, 1)):
        frames = sampler.draw(_CHUNK)[0].astype(np.float64).reshape(-1, 56)
        count, total, squares = count + len(frames), total + frames.sum(0), squares + frames.T @ frames
    mean = total / count
    return Gaussian.fit(mean, squares / count - np.outer(mean, mean), RANK)


def save_poses(path: Path, poses: Gaussian) -> None:
    """Write it as npz; a kill leaves no half of it."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:  # given a name, numpy would append its own suffix
        np.savez(file, **{f"pose.{key}": getattr(poses, key) for key in _KEYS})
    os.replace(partial, path)


def load_poses(path: Path) -> Gaussian:
    """Read what `save_poses` wrote; raises InputError where it did not."""
    if not path.is_file():
        raise InputError(f"{path} is missing; expected the folder of a training run. Run: python -m trainer train")
    with np.load(path) as stored:
        return Gaussian(*(stored[f"pose.{key}"] for key in _KEYS))
