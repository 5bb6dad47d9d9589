"""Stretches of frames in which something holds, found and told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

_SPANS: Final = 8
"""Stretches that a warning names."""


def spans(frames: np.ndarray) -> tuple[tuple[int, int], ...]:
    """First and last frame of each stretch in which bool (frames,) is True."""
    borders = np.flatnonzero(np.diff(frames, prepend=False, append=False)).reshape(-1, 2)
    return tuple((int(first), int(end) - 1) for first, end in borders)


def describe_spans(spans: Sequence[tuple[int, int]]) -> str:
    """First and last frames for people to read, not more than a few."""
    named = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in spans[:_SPANS])
    return named + (" and others" if len(spans) > _SPANS else "")
