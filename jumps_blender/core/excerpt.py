"""A result of some frames of a clip, and the same among all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .result import ARRAYS, Result


def excerpt(result: Result, own: slice) -> Result:
    """Some frames of a result, which count from 0."""
    arrays: dict[str, Any] = {name: array[own] for name, array in _arrays(result).items()}
    return replace(result, **arrays)


def placed(result: Result, first: int, frames: int) -> Result:
    """The result from frame `first` on of a clip of so many frames; elsewhere 0."""
    arrays: dict[str, Any] = {name: among(array, first, frames, 0) for name, array in _arrays(result).items()}
    return replace(result, **arrays)


def among(array: np.ndarray, first: int, frames: int, fill: float) -> np.ndarray:
    """An array (n, ...) from frame `first` on of a clip of so many frames; elsewhere `fill`."""
    whole = np.full((frames, *array.shape[1:]), fill, array.dtype)
    whole[first : first + len(array)] = array
    return whole


def _arrays(result: Result) -> dict[str, np.ndarray]:
    return {name: getattr(result, name) for name in ARRAYS if getattr(result, name) is not None}
