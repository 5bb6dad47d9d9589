"""Courses over the steps of training and of inversion, as `trainer reproduce` finds them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .curves import Learning

_TRAINING: Final = {
    "error": "training: error of the\nencoder's start, heads",
    "generated jitter": "training: jitter of what is\ngenerated, heads per frame³",
}
_INVERSION: Final = "inversion: error of joints\nnot seen, heads"


def courses(found: dict[str, Any]) -> dict[str, dict[str, Learning]]:
    """Measure -> row -> its course: the mean over seeds, and their spread."""
    seeds = {row: len(runs["seeds"]) for row, runs in found["runs"].items()}
    measures = {title: _of(found["curves"], name, seeds) for name, title in _TRAINING.items()}
    measures[_INVERSION] = _of(found["convergence"], "missing error", dict.fromkeys(found["convergence"], 1))
    return {title: rows for title, rows in measures.items() if rows}


def _of(rows: dict[str, list[dict[str, Any]]], name: str, seeds: dict[str, int]) -> dict[str, Learning]:
    return {
        row: Learning(
            _values(points, "step", "mean"), _values(points, name, "mean"), _values(points, name, "spread"), seeds[row]
        )
        for row, points in rows.items()
        if points and points[0].get(name)
    }


def _values(points: list[dict[str, Any]], name: str, part: str) -> np.ndarray:
    return np.array([point[name][part] for point in points], float)
