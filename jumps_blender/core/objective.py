"""L_Inp: how well an aligned window agrees with what was observed (JUMPS, III-D), with its gradient by hand.

L_Inp = 10 MPJPE + 5 MPJVE - 15 D. MPJPE is the mean distance over the observed joints, MPJVE that of the velocities of
joints observed in both frames; both in normalised units, so that the weights mean the same at any image size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .procrustes import Alignment, align, to_complex, unaligned
from .settings import Settings

_SMOOTH = 1e-6
"""Distances in normalised units below which the norm is rounded off, for its gradient at 0."""


@dataclass(frozen=True)
class Observation:
    """What was seen of a batch of windows, in normalised units.

    `positions` (batch, 24, 28, 2), any finite value where `weight` (batch, 24, 28) is 0; weights are confidences.
    """

    positions: np.ndarray
    weight: np.ndarray

    def repeat(self, times: int) -> Observation:
        """Each window `times` times in a row, one for each start."""
        return Observation(np.repeat(self.positions, times, 0), np.repeat(self.weight, times, 0))

    def part(self, which: slice) -> Observation:
        """Some of the windows."""
        return Observation(self.positions[which], self.weight[which])


@dataclass(frozen=True)
class Fit:
    """Generated windows held against an observation."""

    aligned: np.ndarray
    """Complex (batch, 24, 28)."""
    loss: np.ndarray
    """(batch,): the terms of L_Inp without the critic."""
    frame_error: np.ndarray
    """(batch, 24): mean distance over the observed joints of each frame, the contextual loss; inf where none is."""
    gradient: np.ndarray
    """(batch, 24, 28, 2): of `loss` with respect to the generated positions."""


def fit(generated: np.ndarray, seen: Observation, settings: Settings) -> Fit:
    """Align generated windows (batch, 24, 28, 2) with the observation and measure them."""
    batch, frames, joints = generated.shape[:3]
    points, target = (to_complex(p).reshape(batch, -1) for p in (generated, seen.positions))
    weight = seen.weight.reshape(batch, -1)
    placed = align(points, target, weight) if settings.align else unaligned(points, weight)
    aligned = placed.apply().reshape(batch, frames, joints)
    residual = aligned - target.reshape(aligned.shape)
    loss, gradient, distance = _distances(residual, seen.weight, settings)
    support = seen.weight.sum(-1)
    frame_error = (seen.weight * distance).sum(-1) / np.maximum(support, 1e-12)
    return Fit(aligned, loss, np.where(support > 0, frame_error, np.inf), _pull(placed, gradient, generated.shape))


def _pull(placed: Alignment, gradient: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    pulled = placed.pull_back(gradient.reshape(shape[0], -1))
    return np.stack([pulled.real, pulled.imag], -1).reshape(shape)


def _distances(
    residual: np.ndarray, weight: np.ndarray, settings: Settings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loss (batch,), its gradient with respect to the residual, and the distances, both (batch, 24, 28)."""
    distance = np.sqrt(np.abs(residual) ** 2 + _SMOOTH**2)
    share = weight / np.maximum(weight.sum((1, 2), keepdims=True), 1e-12)
    loss = settings.position_weight * (share * distance).sum((1, 2))
    gradient = settings.position_weight * share * residual / distance

    both = np.minimum(weight[:, 1:], weight[:, :-1])
    share = both / np.maximum(both.sum((1, 2), keepdims=True), 1e-12)
    change = residual[:, 1:] - residual[:, :-1]
    speed = np.sqrt(np.abs(change) ** 2 + _SMOOTH**2)
    loss += settings.velocity_weight * (share * speed).sum((1, 2))
    pull = settings.velocity_weight * share * change / speed
    gradient[:, 1:] += pull
    gradient[:, :-1] -= pull
    return loss, gradient, distance
