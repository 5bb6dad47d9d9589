"""Scores of a method on scenes whose truth is known, per source and group of joints (JUMPS, IV-A)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from jumps_blender.core.metrics import acceleration_error, auc, errors_in_heads, jitter, mpjpe, mpjve, pckh
from jumps_blender.core.skeleton import JOINTS, LIMB_JOINTS

from .scenes import Scene

OBSERVED: Final = np.isin(JOINTS, LIMB_JOINTS)
GROUPS: Final = {"all": np.ones(len(JOINTS), bool), "observed": OBSERVED, "missing": ~OBSERVED}


@dataclass(frozen=True)
class Score:
    """How close one method comes on one source and group of joints; errors in heads, rates per frame."""

    method: str
    source: str
    group: str
    pckh_01: float
    pckh_05: float
    pckh_10: float
    auc: float
    mpjpe: float
    mpjve: float
    acceleration_error: float
    jitter: float
    jitter_of_truth: float


MEASURES: Final = tuple(field.name for field in fields(Score) if field.type == "float")


def score(method: str, source: str, group: str, results: list[np.ndarray], scenes: list[Scene]) -> Score:
    """Score results (frames, 28, 2), one for each scene; every frame of the source counts the same."""
    chosen = GROUPS[group]
    pairs = [
        (result[:, chosen], scene.positions[:, chosen], scene.head_size)
        for result, scene in zip(results, scenes, strict=True)
    ]
    errors = np.concatenate([errors_in_heads(*pair).ravel() for pair in pairs])
    shares = pckh(errors, np.array([0.1, 0.5, 1.0]))
    frames = np.array([len(scene.head_size) for scene in scenes], float)
    means = np.array([_rates(*pair) for pair in pairs])
    values: list[float] = [*shares, auc(errors), *(frames @ means / frames.sum())]
    return Score(method, source, group, *map(float, values))


def _rates(result: np.ndarray, truth: np.ndarray, heads: np.ndarray) -> tuple[float, ...]:
    pair = (result, truth, heads)
    return mpjpe(*pair), mpjve(*pair), acceleration_error(*pair), jitter(result, heads), jitter(truth, heads)


def mean_over_sources(scores: list[Score], name: str) -> Score:
    """The mean of one method's and group's scores, each source once, under the source name `name`."""
    means = [float(np.mean([getattr(each, measure) for each in scores])) for measure in MEASURES]
    return Score(scores[0].method, name, scores[0].group, *means)
