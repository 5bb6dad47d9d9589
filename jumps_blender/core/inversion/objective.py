"""L_Inp: how well an aligned window agrees with what was observed (JUMPS, III-D), with its gradient by hand.

L_Inp = 10 MPJPE + 5 MPJVE - w D, with D squashed to 0..1 (see `Settings.critic_weight`). MPJPE is the mean distance
over the observed joints, MPJVE that of the velocities of joints observed in both frames; both in normalised units, so
that the weights mean the same at any image size. Written for the arrays of any engine: numpy's or torch's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from ..clips.observation import Observation
from ..settings import Settings
from .procrustes import Target, Unmoved

Array = Any

_SMOOTH = 1e-6
"""Distances in normalised units below which the norm is rounded off, for its gradient at 0."""


@dataclass(frozen=True)
class Fit:
    """Generated windows held against an observation."""

    aligned: Array
    """(batch, 24, 28, 2)."""
    loss: Array
    """(batch,): the terms of L_Inp without the critic."""
    frame_error: Array
    """(batch, 24): mean distance over the observed joints of each frame, the contextual loss; inf where none is."""
    gradient: Array
    """(batch, 24, 28, 2): of `loss` with respect to the generated positions."""


class Objective:
    """L_Inp without the critic for one observation: what does not change from step to step is computed once."""

    def __init__(
        self, xp: ModuleType, seen: Observation, settings: Settings, send: Callable[[np.ndarray], Array] = np.asarray
    ) -> None:
        """For arrays of the module `xp`; `send` makes them of numpy's."""
        weight = seen.weight
        batch = len(weight)
        both = np.minimum(weight[:, 1:], weight[:, :-1])
        support = weight.sum(-1)
        self._xp, self._align = xp, settings.align
        self._target = send(seen.positions)
        self._onto = Target.of(xp, self._target.reshape(batch, -1, 2), send(weight.reshape(batch, -1)))
        self._position = send(settings.position_weight * _shares(weight))
        self._velocity = send(settings.velocity_weight * _shares(both))
        self._within_frame = send(weight / np.maximum(support, 1e-12)[..., None])
        self._unseen = send(np.where(support > 0, 0.0, np.inf))

    def measure(self, generated: Array) -> Fit:
        """Align generated windows (batch, 24, 28, 2) with the observation and measure them."""
        points = generated.reshape(len(generated), -1, 2)
        placed = self._onto.align(points) if self._align else Unmoved(points)
        aligned = placed.apply().reshape(generated.shape)
        residual = aligned - self._target
        distance = self._length(residual)
        loss = (self._position * distance).sum((1, 2))
        gradient = (self._position / distance)[..., None] * residual

        change = residual[:, 1:] - residual[:, :-1]
        speed = self._length(change)
        loss = loss + (self._velocity * speed).sum((1, 2))
        pull = (self._velocity / speed)[..., None] * change
        gradient[:, 1:] += pull
        gradient[:, :-1] -= pull

        frame_error = (self._within_frame * distance).sum(-1) + self._unseen
        pulled = placed.pull_back(gradient.reshape(points.shape))
        return Fit(aligned, loss, frame_error, pulled.reshape(generated.shape))

    def _length(self, vectors: Array) -> Array:
        square = vectors * vectors
        return self._xp.sqrt(square[..., 0] + square[..., 1] + _SMOOTH**2)


def _shares(weight: np.ndarray) -> np.ndarray:
    """Weights (batch, frames, joints) that sum to 1 in each window; 0 where there are none."""
    return np.asarray(weight / np.maximum(weight.sum((1, 2), keepdims=True), 1e-12))
