"""How noisy a clip's observations are, judged by what the Gaussian over windows cannot explain of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from .gaussian import Gaussian, observed_variance
from .normalise import HEAD
from .objective import Observation
from .perceptron import Perceptron
from .screening import median

LOWEST: Final = 0.01
HIGHEST: Final = 0.7
"""Heads; the range of what is granted."""

_DEVIATIONS: Final = (0.03, 0.1, 0.3)
"""Deviations in heads under which the Gaussian is asked: what it leaves over tells the noise's size and its pace."""

_LAGS: Final = (1, 2, 4)
"""Frames: errors that are new in every frame are told from those that stay for a while."""

SYMPTOMS: Final = len(_DEVIATIONS) * (1 + len(_LAGS)) + 1

_LOOKS: Final = 12
"""Windows of a clip that are looked at."""

_QUIET: Final = 1e-4
"""Heads; less is no noise."""


def symptoms(gaussian: Gaussian, seen: Observation) -> np.ndarray:
    """What tells the noise of windows, float32 (n, 13): sizes and correlations of what is left over, share shown."""
    shown = seen.weight > 0
    told = []
    for deviation in _DEVIATIONS:
        left = left_over(gaussian, seen.positions, shown, deviation)
        told.append(np.log(np.maximum(_size(left, shown), _QUIET)))
        told.extend(_correlation(left, shown, lag) for lag in _LAGS)
    told.append(np.log(np.maximum(shown.mean((1, 2)), _QUIET)))
    return np.stack(told, -1).astype(np.float32)


def left_over(gaussian: Gaussian, positions: np.ndarray, shown: np.ndarray, deviation: float) -> np.ndarray:
    """Observation less what the Gaussian makes of it, in heads, (n, 24, 28, 2); 0 where not `shown`, (n, 24, 28)."""
    n = len(positions)
    variance = np.repeat(observed_variance(shown.astype(float), deviation * HEAD).reshape(n, -1), 2, axis=1)
    residual = np.where(np.isfinite(variance), positions.reshape(n, -1) - gaussian.mean, 0.0)
    left = residual - gaussian.infer(residual, variance) @ gaussian.factor.T
    return (np.where(np.isfinite(variance), left, 0.0) / HEAD).reshape(positions.shape)


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


def noise_level(judge: Perceptron, gaussian: Gaussian, seen: Observation) -> float:
    """Standard deviation in heads that a clip's observations of confidence 1 deserve.

    Args:
        judge: answers `symptoms` with the logarithm of what a window's observations deserve.
        gaussian: over windows.
        seen: the clip's windows; the middle of what some of them deserve is the answer.

    """
    enough = np.flatnonzero((seen.weight > 0).sum((1, 2)) > seen.weight[0].size // 8)
    if not len(enough):
        return _DEVIATIONS[-1]
    looks = enough[np.unique(np.linspace(0, len(enough) - 1, _LOOKS).astype(int))]
    told = judge(symptoms(gaussian, Observation(seen.positions[looks], seen.weight[looks])))
    return float(np.exp(np.median(told)).clip(LOWEST, HIGHEST))
