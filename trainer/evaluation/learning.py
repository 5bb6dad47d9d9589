"""Courses over the steps of training and of inversion, as `trainer reproduce` finds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .curves import Learning, Lesson


def lessons(found: dict[str, Any]) -> list[Lesson]:
    """The courses of `reproduce.json`: means over seeds, and their spread; none of what has not been finished."""
    seeds = {row: len(runs["seeds"]) for row, runs in found["runs"].items()}
    all_seeds = dict.fromkeys(found["convergence"], max(seeds.values(), default=1))
    curves = found["curves"]
    real = next((points[0]["real jitter"]["mean"] for points in curves.values() if "real jitter" in points[0]), None)
    panels = [
        Lesson("training: error of the\nencoder's start, heads", _of(curves, "error", seeds)),
        Lesson(
            "training: jitter of what is\ngenerated, heads per frame³", _of(curves, "generated jitter", seeds), real
        ),
        Lesson("inversion: error of joints\nnot seen, heads", _of(found["convergence"], "missing error", all_seeds)),
    ]
    return [panel for panel in panels if panel.rows]


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
