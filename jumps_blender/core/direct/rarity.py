"""How unlike the people that a Gaussian was fitted to someone moves and stands."""

from __future__ import annotations

from typing import Final

import numpy as np

from .gaussian import Gaussian

_DIRECTIONS: Final = 20
"""In which poses differ most; along the others they hardly differ, and noise would speak."""


def rare_motion(gaussian: Gaussian, positions: np.ndarray) -> np.ndarray:
    """Root mean square of the latents of windows (n, 24, 28, 2), (n,); about 1 for people as they usually move."""
    residual = positions.reshape(len(positions), -1) - gaussian.mean
    latents = gaussian.infer(residual, np.zeros_like(residual))
    return np.asarray(np.sqrt((latents**2).mean(1)))


def rare_pose(gaussian: Gaussian, positions: np.ndarray) -> np.ndarray:
    """How far the pose of each frame is from the average one, (n, 24), in deviations; about 1 as people usually stand.

    The root mean square along the directions in which the poses of a window's frames differ most.
    """
    frames = positions.shape[1]
    factor = gaussian.factor.reshape(frames, -1, gaussian.rank)
    variances, directions = np.linalg.eigh((factor @ np.swapaxes(factor, 1, 2)).mean(0))
    apart = (positions - gaussian.mean.reshape(positions.shape[1:])).reshape(len(positions), frames, -1)
    along = apart @ (directions / np.sqrt(np.maximum(variances, 1e-12)))[:, -_DIRECTIONS:]
    return np.asarray(np.sqrt((along**2).mean(-1)))
