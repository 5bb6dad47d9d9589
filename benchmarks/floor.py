"""The floor: what must be multiplied and moved, by the shapes of the weights, and how long this machine needs for it.

Counts are multiply-adds, of two operations each. Bytes are what a perfect cache would still have to move: weights
once for a batch, every array that passes from one step to the next written and read once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.follower import Follower
from jumps_blender.core.direct.perceptron import Perceptron
from jumps_blender.core.settings import Settings
from jumps_blender.core.weights import Weights

BATCH: Final = 128
"""Windows that share one reading of the weights."""

_PLACES: Final = (24 * 18, 12 * 9, 6 * 5, 3 * 3, 1, 1)
"""Places of the published networks' grids, where each layer of E and D writes and each of G, from its end, reads."""

_STEPS: Final = 20
"""Steps of conjugate gradients that stand for an iterative solve: what real clips need for 1e-6."""


@dataclass(frozen=True)
class Part:
    """Multiply-adds and bytes of a part of the work, for one window; `wide`: in float64."""

    name: str
    products: float
    moved: float
    wide: bool = False

    def seconds(self, machine: dict[str, Any]) -> float:
        """The least time for one window: whatever takes longer, multiplying or moving."""
        rate = machine["double"] if self.wide else machine["single"]
        return max(2 * self.products / rate, self.moved / machine["memory"])

    def times(self, factor: float, name: str | None = None) -> Part:
        """So many of it."""
        return Part(name or self.name, factor * self.products, factor * self.moved, self.wide)


def perceptron_part(name: str, network: Perceptron, rows: float) -> Part:
    """A perceptron asked `rows` times for a window."""
    weights = sum(weight.size for weight, _ in network.layers)
    passed = sum(sum(weight.shape) for weight, _ in network.layers)
    return Part(name, rows * weights, 4 * (rows * passed + weights / BATCH))


def follower_part(follower: Follower, rows: float) -> Part:
    """The follower asked for `rows` frames of a window, of an exact track."""
    gate = perceptron_part("follower", follower.gate, rows)
    maps = follower.hears.size + follower.says.size
    passed = 2 * follower.hears.shape[1] + len(follower.hears) + follower.says.shape[1]
    return Part(gate.name, gate.products + rows * maps, gate.moved + 4 * (rows * passed + maps / BATCH))


def direct_parts(weights: Weights, settings: Settings, joints: int = len(LIMB_JOINTS)) -> list[Part]:
    """The direct answer to one window of which `joints` are observed in every frame."""
    gaussian = weights.window
    size, rank = gaussian.factor.shape
    seen = 2 * joints * WINDOW
    answers = 2 if settings.mirrored else 1
    parts = [
        Part(
            "latents, a matrix for every window", seen * rank**2 / 2 + rank**3 / 6 + rank * (seen + rank),
            8 * (2 * seen + 2 * rank + (size * rank + rank**2) / BATCH), wide=True,
        ).times(answers),
        Part("latents to joints", size * rank, 8 * (rank + 2 * size + size * rank / BATCH), wide=True).times(answers),
        Part("remainder", WINDOW * 2 * len(JOINTS) * 2 * joints, 8 * 4 * size, wide=True).times(answers),
    ]  # fmt: skip
    if settings.refine:
        parts.append(perceptron_part("refiner", weights.refiner.calm, answers))
        parts.append(follower_part(weights.follower, answers * WINDOW))
        depth = weights.refiner.depth_basis
        parts.append(Part("depth", depth.size, 8 * (sum(depth.shape) + depth.size / BATCH), wide=True).times(answers))
    if settings.screen:
        parts.append(perceptron_part("screen", weights.screen, settings.hop))
    return parts


def iterated(weights: Weights, settings: Settings, joints: int = len(LIMB_JOINTS)) -> Part:
    """The latents of one window by an iterative solve instead, all windows of a batch at once."""
    gaussian = weights.window
    seen = 2 * joints * WINDOW
    step = Part(
        "latents, step by step", 2 * seen * gaussian.rank + gaussian.rank**2,
        8 * (4 * gaussian.rank + 2 * seen + (seen * gaussian.rank + gaussian.rank**2) / BATCH), wide=True,
    )  # fmt: skip
    return step.times((2 if settings.mirrored else 1) * _STEPS)


def published_step(weights: Weights) -> list[Part]:
    """One step of the inversion, for one start of one window: G and D forward, and their gradients."""
    parts = []
    for name, flipped in (("generator", True), ("critic", False)):
        kernels = _kernels(weights.network(name))
        order = list(zip(kernels[::-1] if flipped else kernels, _PLACES, strict=True))
        products = sum(kernel.size * places for kernel, places in order)
        passed = sum(kernel.shape[0] * places for kernel, places in order)
        forward = Part(name, products, 4 * (2 * passed + sum(kernel.size for kernel in kernels) / BATCH))
        parts += [forward.times(1, f"{name}, forward"), forward.times(1, f"{name}, gradient")]
    return parts


def _kernels(network: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Weights of convolutions and linear layers, in the order of the layers."""
    kernels = [(int(name.split(".")[1]), array) for name, array in network.items() if array.ndim in {2, 4}]
    return [array for _, array in sorted(kernels, key=lambda pair: pair[0])]


def windows_a_second(parts: list[Part], machine: dict[str, Any]) -> float:
    """Windows that the machine could solve in a second if it did nothing but this."""
    return float(1 / np.sum([part.seconds(machine) for part in parts]))
