"""The follower: how joints that nobody saw take part in fast motion, pose by pose.

What the Gaussian's remainder knows of fast motion is one linear map for everybody. But a head nods about another point
when the back is bent, and a foot hits the ground as its leg stands. The follower adds what depends on the pose: it
stays linear in what moves fast, so that nothing moves where nothing did, and twice the motion is followed twice as far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..body.skeleton import JOINTS
from ..engines.engine import Engine
from .jitter import slow
from .perceptron import Perceptron

MOMENTS: Final = (-1, 0, 1)
"""Frames around one whose fast motion is heard."""

_FRAME: Final = 2 * len(JOINTS)

POSE: Final = _FRAME + len(JOINTS)
"""Numbers from which the gate is set: where all joints are, and which of them were seen."""

HEARD: Final = len(MOMENTS) * _FRAME
"""Numbers of fast motion that are heard."""

_SMALLEST: Final = 1e-6
"""Normalised units; a pose no larger than that is none."""


def described(windows: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the follower is fed of every frame of complete windows.

    Args:
        windows: (n, 24, 28, 2).
        shown: bool (n, 24, 28), joints of which fast motion is known.

    Returns:
        Poses float32 (n x 24, POSE), fast motion float32 (n x 24, HEARD), both in sizes of the body, and these sizes
        (n x 24, 1): root mean square of the joints' distance from their middle, per axis.

    """
    calm = slow(windows)
    about = (calm - calm.mean(2, keepdims=True)).reshape(-1, _FRAME)
    size = np.maximum(np.sqrt((about**2).mean(1, keepdims=True)), _SMALLEST)
    moving = (shown[..., None] * (windows - calm)).reshape(*windows.shape[:2], _FRAME)
    reach = max(MOMENTS)
    around = np.pad(moving, ((0, 0), (reach, reach), (0, 0)))
    frames = windows.shape[1]
    heard = np.concatenate([around[:, reach + at : reach + at + frames] for at in MOMENTS], axis=-1)
    poses = np.concatenate([about / size, shown.reshape(-1, len(JOINTS))], axis=1)
    return poses.astype(np.float32), (heard.reshape(-1, HEARD) / size).astype(np.float32), size


@dataclass(frozen=True)
class Follower:
    """Fast motion times `hears` (HEARD, gates), each number as loud as the `gate` lets it, times `says` (gates, 56)."""

    gate: Perceptron
    hears: np.ndarray
    says: np.ndarray

    def __call__(self, engine: Engine, windows: np.ndarray, shown: np.ndarray) -> np.ndarray:
        """What is to be added to answers (n, 24, 28, 2); 0 where a joint was `shown`, bool (n, 24, 28)."""
        poses, heard, size = described(windows, shown)
        said = (heard @ self.hears * engine.apply(self.gate, poses)) @ self.says
        return np.where(shown[..., None], 0.0, (size * said).reshape(windows.shape))
