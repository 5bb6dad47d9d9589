"""How noisy a clip's observations are, judged by what the Gaussian over windows cannot explain of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from ..body.normalise import HEAD
from ..body.skeleton import JOINTS
from ..clips.clip import PRIOR_FPS
from ..clips.observation import Observation
from ..clips.windows import WINDOW
from ..engines.engine import Engine
from .gaussian import Gaussian
from .noise import HIGHEST, LOWEST, Noise
from .perceptron import Perceptron
from .screening import median

_DEVIATIONS: Final = (0.03, 0.1, 0.3)
"""Deviations in heads under which the Gaussian is asked: what it leaves over tells the noise's size and its pace."""

_LAGS: Final = (1, 2, 4)
"""Frames: errors that are new in every frame are told from those that stay for a while."""

Infer = Callable[[Gaussian, np.ndarray, np.ndarray], np.ndarray]
"""Asks a Gaussian, as an engine does."""

SYMPTOMS: Final = len(_DEVIATIONS) * (1 + len(_LAGS)) + 2
VERDICT: Final = 2
"""Numbers that tell the noise, and numbers that the judge makes of them."""

_LOOKS: Final = 12
"""Windows of a clip that are looked at."""

_QUIET: Final = 1e-4
"""Heads; less is no noise."""


def symptoms(gaussian: Gaussian, seen: Observation, fps: float, infer: Infer = Gaussian.infer) -> np.ndarray:
    """What tells the noise of windows of a clip that came at `fps`, float32 (n, 14).

    Sizes and correlations of what is left over; the share that is shown; and how far apart the clip's own frames were:
    between them observations were interpolated, and their errors look like motion.
    """
    shown = seen.weight > 0
    told = []
    for left in left_over(gaussian, seen.positions, shown, _DEVIATIONS, infer):
        told.append(np.log(np.maximum(_size(left, shown), _QUIET)))
        told.extend(_correlation(left, shown, lag) for lag in _LAGS)
    told.append(np.log(np.maximum(shown.mean((1, 2)), _QUIET)))
    told.append(np.full(len(shown), min(np.log(fps / PRIOR_FPS), 0.0)))
    return np.stack(told, -1).astype(np.float32)


def left_over(
    gaussian: Gaussian, positions: np.ndarray, shown: np.ndarray, deviations: Sequence[float],
    infer: Infer = Gaussian.infer,
) -> np.ndarray:  # fmt: skip
    """Observation less what the Gaussian makes of it under each deviation, in heads, (deviations, n, 24, 28, 2).

    0 where not `shown`, bool (n, 24, 28).
    """
    flat = positions.reshape(len(positions), -1)
    known = np.repeat(shown.reshape(len(shown), -1), 2, axis=1)
    variance = np.concatenate([np.where(known, (deviation * HEAD) ** 2, np.inf) for deviation in deviations])
    residual = np.tile(np.where(known, flat - gaussian.mean, 0.0), (len(deviations), 1))
    left = residual - infer(gaussian, residual, variance) @ gaussian.factor.T
    return (np.where(np.isfinite(variance), left, 0.0) / HEAD).reshape(len(deviations), *positions.shape)


def _size(left: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Typical size of what is left over in each window: the middle of the joints' root mean squares."""
    count = shown.sum(1)
    square = np.where(shown, (left**2).sum(-1) / 2, 0.0).sum(1) / np.maximum(count, 1)
    return np.sqrt(median(np.where(count > 0, square, np.nan)[..., None])[:, 0])


def _correlation(left: np.ndarray, shown: np.ndarray, lag: int) -> np.ndarray:
    both = shown[:, lag:] & shown[:, :-lag]
    product = np.where(both, (left[:, lag:] * left[:, :-lag]).sum(-1), 0.0).sum((1, 2))
    square = np.where(both, (left[:, lag:] ** 2 + left[:, :-lag] ** 2).sum(-1) / 2, 0.0).sum((1, 2))
    return np.asarray(product / np.maximum(square, _QUIET**2))


def worth_a_look(shown: np.ndarray) -> np.ndarray:
    """Numbers of the windows of a clip that `noise_level` needs, few and far between.

    `shown` (n,): points (joint and frame) that each of them shows.
    """
    enough = np.flatnonzero(shown > WINDOW * len(JOINTS) // 8)
    return enough[np.unique(np.linspace(0, len(enough) - 1, _LOOKS).astype(int))] if len(enough) else enough


def noise_level(engine: Engine, judge: Perceptron, gaussian: Gaussian, seen: Observation, fps: float) -> Noise:
    """What a clip's observations deserve.

    Args:
        engine: runs the judge and asks the Gaussian.
        judge: answers `symptoms` with the logarithm of what a window's observations deserve, and what of it lasts.
        gaussian: over windows.
        seen: windows of the clip that are `worth_a_look`; the middle of what they deserve is the answer.
        fps: frames per second at which the clip came.

    """
    if not len(seen.weight):
        return Noise(_DEVIATIONS[-1], 0.0)
    size, lasting = np.median(engine.apply(judge, symptoms(gaussian, seen, fps, engine.infer)), axis=0)
    return Noise(float(np.exp(size).clip(LOWEST, HIGHEST)), float(lasting.clip(0.0, 1.0)))
