"""Whether a detector's constant offsets can be told from the clip itself: the estimate that a solver could make.

What is observed of a window is the person, the same offset of each joint in every frame, and noise. Under the Gaussian
over windows the likeliest offsets follow by least squares, shrunk by how large offsets usually are. A clip shows one
person, so that all its windows together say hardly more than one of them: they count as one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.clip_solver import ClipSolver
from jumps_blender.core.clips.clip import PRIOR_FPS, Clip
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.gaussian import Gaussian, observed_variance
from jumps_blender.core.direct.trust import granted
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.upsampler import Upsampler

from ..noise import BIAS

_LOOKS: Final = 8
"""Windows of a clip that are asked."""

_EACH_JOINT: Final = np.tile(np.eye(2 * len(JOINTS)), (WINDOW, 1))
"""From offsets of the joints to what they do to a window."""


def estimate_offsets(upsampler: Upsampler, tracks: np.ndarray) -> np.ndarray:
    """Offsets (28, 2) of the joints of tracks (frames, 28, 2), in pixels; 0 of joints that are never seen."""
    settings, weights = PRESETS["default"], upsampler.weights
    clip = Clip.read(tracks, find_joint_set(JOINTS), None, None, PRIOR_FPS, settings)
    solver = ClipSolver.prepare(upsampler.engine_for(settings), weights, settings, clip, None)
    windows = solver.windows.all()
    assert solver.noise is not None
    deviation = granted(solver.noise, settings.smoothness).deviation
    looks = np.unique(np.linspace(0, len(windows.starts) - 1, _LOOKS).astype(int))
    matrix = np.eye(_EACH_JOINT.shape[1]) / (BIAS * HEAD) ** 2
    vector = np.zeros(len(matrix))
    for look in looks:
        variance = np.repeat(observed_variance(windows.seen.weight[look], deviation * HEAD).ravel(), 2)
        residual = windows.seen.positions[look].ravel() - weights.window.mean
        told, said = _normal_equations(weights.window, residual, variance)
        matrix += told / len(looks)
        vector += said / len(looks)
    offsets = np.linalg.solve(matrix, vector).reshape(-1, 2)
    return np.asarray(offsets * np.median(windows.units.scale))


def _normal_equations(gaussian: Gaussian, residual: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of offsets, given a window's residual (1344,) that the Gaussian and noise of a variance explain as well."""
    seen = np.isfinite(variance)
    weight = 1 / (variance[seen] + gaussian.noise[seen])
    design, factor = _EACH_JOINT[seen], gaussian.factor[seen]
    inner = np.eye(gaussian.rank) + factor.T @ (weight[:, None] * factor)
    explained = np.linalg.solve(inner, factor.T @ (weight[:, None] * np.column_stack([design, residual[seen]])))
    left = weight[:, None] * (np.column_stack([design, residual[seen]]) - factor @ explained)
    both = design.T @ left
    return both[:, :-1], both[:, -1]
