"""Numbers out of JSON values: lenient about how a missing one is written, strict about everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.body.tracks import is_observed
from ..errors import FormatError
from .joint_vote import known_counts


def numbers(values: Any, where: str) -> np.ndarray:
    """A flat list of numbers as float64; null, NaN, Infinity and numbers written as strings are understood.

    Raises:
        FormatError: not a flat list of numbers; `where` names the entry.

    """
    try:
        array = np.array(values, np.float64)
    except (TypeError, ValueError, OverflowError):
        array = np.zeros((0, 0))
    if array.ndim != 1:
        raise FormatError(f"{where} is not a flat list of numbers: {_shown(values)}.")
    return array


def number(value: Any) -> float:
    """One number; NaN for anything that is none."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def whole_number(value: Any) -> int | None:
    """A whole number, also written as a float or a string; None for anything else."""
    read = number(value)
    return int(read) if abs(read) <= 2**53 and read == int(read) and not isinstance(value, bool) else None


def flat_points(values: Any, where: str) -> np.ndarray:
    """Points (joints, 3) out of `x, y, confidence, x, ...`, or `x, y, x, ...` (confidence 1) where only that fits.

    Raises:
        FormatError: not a flat list, or a length that is a multiple of neither.

    """
    flat = numbers(values, where)
    pairs = len(flat) % 2 == 0 and len(flat) // 2 in known_counts()
    if len(flat) % 3 == 0 and not (pairs and len(flat) // 3 not in known_counts()):
        return flat.reshape(-1, 3)
    if pairs:
        return with_confidence(flat.reshape(-1, 2))
    raise FormatError(f"{where} holds {len(flat)} numbers: x, y and confidence of each point were expected.")


def with_confidence(positions: np.ndarray) -> np.ndarray:
    """Points (joints, 3) of positions (joints, 2) that come without confidence: it is 1."""
    return np.concatenate([positions, np.ones((len(positions), 1))], axis=1)


def size_of(width: Any, height: Any) -> tuple[int, int] | None:
    """An image size, or None where it is not two positive whole numbers."""
    w, h = whole_number(width), whole_number(height)
    return (w, h) if w and h and 0 < w <= 1_000_000 and 0 < h <= 1_000_000 else None


def rate_of(value: Any) -> float | None:
    """Frames per second, or None where it is not a positive number."""
    rate = number(value)
    return rate if 0 < rate <= 100_000 else None


def are_fractions(points: Sequence[np.ndarray], beyond: float = 1.0) -> bool:
    """Whether coordinates are fractions of the image, not pixels: nine in ten of them are at most `beyond`."""
    if not points:
        return False
    positions = np.concatenate([one[:, :2] for one in points])
    given = positions[is_observed(positions, np.ones(len(positions)))]
    return bool(len(given)) and float(np.percentile(np.abs(given), 90)) <= beyond


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
