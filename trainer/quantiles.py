"""Fitting a factor to two quantiles at once: 68 % of the errors within one deviation, 95 % within two."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import minimize

LEVELS: Final = {1.0: 0.683, 2.0: 0.954}
"""Deviations, and the share of the errors that is to lie within them: that of a normal distribution."""

_COUNTS: Final = {1.0: 1.6, 2.0: 0.4}
"""How much the regression of each quantile counts: so that on a source that was left out both shares are missed by
about as much."""

_ROUNDED: Final = 0.05
"""Width over which the corner of the loss is rounded off, in logarithms of errors."""

_RIDGE: Final = 1e-5
"""Penalty of each coefficient's square: what no error tells of stays as it was stated."""

_SMOOTH: Final = 1e-3
"""Penalty of the square of the step from an entry of a table to the next: where there are no errors, it goes on."""

_STEPS: Final = 300


def hats(values: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Shares (n, knots) of the entries of a table in its linear interpolation at values (n,)."""
    inside = np.clip(values, knots[0], knots[-1])
    after = np.searchsorted(knots, inside, "right").clip(1, len(knots) - 1)
    share = (inside - knots[after - 1]) / (knots[after] - knots[after - 1])
    rows, found = np.arange(len(values)), np.zeros((len(values), len(knots)), np.float32)
    found[rows, after - 1], found[rows, after] = 1 - share, share
    return found


def steps(lengths: list[int]) -> np.ndarray:
    """The matrix (steps, k) that leads from the coefficients of tables, one after the other, to their steps."""
    ends = np.cumsum(lengths)
    inside = np.setdiff1d(np.arange(ends[-1] - 1), ends - 1)
    return np.asarray(np.diff(np.eye(ends[-1]), axis=0)[inside])


def fit_quantiles(design: np.ndarray, ratios: np.ndarray, weight: np.ndarray, uneven: np.ndarray) -> np.ndarray:
    """Coefficients (k,) of the logarithm of the factor.

    A sum of both quantiles' regressions, which is convex: where errors are not normal, neither share is met, but both
    are missed by about as much.

    Args:
        design: (n, k).
        ratios: (n, axes), logarithms of errors in stated deviations.
        weight: (n,), how much each row counts.
        uneven: (m, k), sums of coefficients that should be small, see `steps`.

    """
    weight = (weight / weight.sum())[:, None]

    def loss(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        stretched = (design @ coefficients.astype(np.float32))[:, None]
        total, slope = 0.0, np.zeros(len(design))
        for deviations, share in LEVELS.items():
            beyond = (ratios - np.log(deviations) - stretched) / _ROUNDED
            # Pinball loss: (share) x what lies beyond, (1 - share) x what lies within, its corner rounded off.
            counts = _COUNTS[deviations] * weight
            total += float((counts * (_ROUNDED * np.logaddexp(0, beyond) - (1 - share) * _ROUNDED * beyond)).sum())
            steep = 0.5 + 0.5 * np.tanh(beyond / 2)
            slope -= (counts * (steep - (1 - share))).sum(1)
        rough = uneven @ coefficients
        total += _RIDGE * float(coefficients @ coefficients) + _SMOOTH * float(rough @ rough)
        return total, slope @ design + 2 * (_RIDGE * coefficients + _SMOOTH * rough @ uneven)

    start = np.zeros(design.shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x)
