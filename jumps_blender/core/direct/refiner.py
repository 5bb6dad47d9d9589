"""The refiner: small networks that add to the Gaussian's answer what is not linear.

They work on the Gaussian's latents, where a window is 288 white numbers: fed what the observations say of them, where
joints were observed, and how far the observations are believed, they answer with the change that makes the window a
person, with the depth of the joints, and with how far both may be off. Plain matrix products, so numpy alone runs them.

There are two. One was taught on tracks that tell exactly where a joint is, the other on those of detectors: a single
network that has to know people by heart for the first is too sure of them for the second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..body.skeleton import INDEX, JOINTS
from ..clips.windows import WINDOW
from ..engines.engine import Engine
from .gaussian import Gaussian
from .noise import Noise
from .perceptron import Perceptron

REGIMES: Final = ("calm", "noisy")
"""The two networks: of tracks that tell exactly where joints are, and of detectors'."""

COSINES: Final = 6
"""Numbers that say how the spread of a joint changes over the window."""

DEPTH_SPREADS: Final = 3

SPREADS: Final = (-8.0, 1.0)
"""Logarithms of the least and the largest standard deviation, in normalised units."""

_APART: Final = np.arange(len(JOINTS)) != INDEX["pelvis"]
"""Joints whose depth relative to the pelvis is anything but 0."""

_TYPICAL: Final = 0.3
"""How far a latent moves all joints together, as a root of squares: makes inputs of order 1."""


def cosines(count: int) -> np.ndarray:
    """The slowest `count` cosines over a window, (count, 24); the first is constant."""
    return np.asarray(np.cos(np.pi * np.arange(count)[:, None] * (np.arange(WINDOW) + 0.5) / WINDOW))


def inputs(rank: int) -> int:
    """Numbers that the network is fed."""
    return rank + WINDOW * len(JOINTS) + 2


def outputs(rank: int, depth_rank: int) -> int:
    """Numbers that the network answers."""
    return rank + depth_rank + (COSINES + DEPTH_SPREADS) * len(JOINTS)


def features(gaussian: Gaussian, latents: np.ndarray, weight: np.ndarray, noise: Noise) -> np.ndarray:
    """The refiner's input, float32 (batch, rank + 24 x 28 + 2).

    Args:
        gaussian: over windows.
        latents: (batch, rank), its conditional mean.
        weight: (batch, 24, 28), confidence in 0..1, 0 = not observed.
        noise: what observations were granted.

    """
    # Latents are white; in proportion to how far they move the joints, the large motions are heard first.
    moved = latents * (np.linalg.norm(gaussian.factor, axis=0) / _TYPICAL)
    granted = np.broadcast_to([math.log(noise.deviation) / 2, noise.lasts], (len(weight), 2))
    return np.concatenate([moved, weight.reshape(len(weight), -1), granted], axis=1).astype(np.float32)


@dataclass(frozen=True)
class Refined:
    """What the refiner says of windows.

    change: (n, rank), to be added to the latents.
    depth: (n, 24, 28), how much farther than the pelvis from the camera, in normalised units.
    spread, depth_spread: (n, 24, 28), standard deviations per axis in normalised units; 0 for the pelvis's depth.
    """

    change: np.ndarray
    depth: np.ndarray
    spread: np.ndarray
    depth_spread: np.ndarray


@dataclass(frozen=True)
class Refiner:
    """The networks, and the linear map from their numbers to depths: `depth_mean` (672,), `depth_basis` (rank, 672)."""

    calm: Perceptron
    noisy: Perceptron
    depth_mean: np.ndarray
    depth_basis: np.ndarray

    def __call__(self, engine: Engine, features: np.ndarray, noise: Noise) -> Refined:
        """Answer `features` of n windows; between the two networks' shares of the noise, both are asked."""
        noisy = noise.detector
        asked = [(network, share) for network, share in ((self.calm, 1 - noisy), (self.noisy, noisy)) if share]
        answers = [share * engine.apply(network, features).astype(np.float64) for network, share in asked]
        answer = np.sum(answers, axis=0)
        depth_rank = len(self.depth_basis)
        rank = answer.shape[1] - outputs(0, depth_rank)
        change, depth, spread, depth_spread = np.split(
            answer, np.cumsum([rank, depth_rank, COSINES * len(JOINTS)]), axis=1
        )
        return Refined(
            change,
            (self.depth_mean + depth @ self.depth_basis).reshape(-1, WINDOW, len(JOINTS)),
            _over_time(spread, COSINES),
            _APART * _over_time(depth_spread, DEPTH_SPREADS),
        )


def _over_time(numbers: np.ndarray, count: int) -> np.ndarray:
    """Standard deviations (n, 24, 28) from the logarithm's cosines (n, count x 28)."""
    slow = numbers.reshape(len(numbers), count, len(JOINTS))
    return np.asarray(np.exp(np.einsum("nkj,kf->nfj", slow, cosines(count)).clip(*SPREADS)))
