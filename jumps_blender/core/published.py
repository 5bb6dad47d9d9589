"""The published networks by numpy: batch norm folded into the convolutions, and the way back by hand (JUMPS, Fig. 4).

Arrays are grids of windows in normalised units, channels last: float32 (batch, 24, 18, channels).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..errors import WeightsError
from .convolution import KERNELS, WIDTHS, Convolution

_SLOPE: Final = np.float32(0.2)
_EPSILON: Final = 1e-5
"""What batch norm adds to the variance."""


@dataclass(frozen=True)
class _Layer:
    """A convolution's weight as stored, with the scale and shift that batch norm applies to its answer."""

    weight: np.ndarray
    scale: np.ndarray
    shift: np.ndarray


def _layers(arrays: dict[str, np.ndarray], transposed: bool, shapes: list[tuple[int, ...]]) -> list[_Layer]:
    """The convolutions in order, of a network whose weights must have these shapes.

    Raises:
        WeightsError: they have not.

    """
    indices = sorted({int(key.split(".")[1]) for key in arrays if key.endswith(".weight")})
    weights = {i: arrays[f"layers.{i}.weight"] for i in indices}
    convolutions = [i for i in indices if weights[i].ndim == 4]
    found = [weights[i].shape for i in convolutions]
    if found != shapes:
        raise WeightsError(f"The weights do not fit this release: layers are {found}, expected {shapes}.")
    layers = []
    for i in convolutions:
        size = weights[i].shape[1 if transposed else 0]
        scale, shift = np.ones(size), np.zeros(size)
        if f"layers.{i + 1}.running_mean" in arrays:
            mean, variance, gain, offset = (
                arrays[f"layers.{i + 1}.{key}"].astype(np.float64)
                for key in ("running_mean", "running_var", "weight", "bias")
            )
            scale = gain / np.sqrt(variance + _EPSILON)
            shift = offset - mean * scale
        layers.append(_Layer(weights[i].astype(np.float64), scale, shift.astype(np.float32)))
    return layers


@dataclass(frozen=True)
class Contraction:
    """E, or D without what it does to its input and score: windows (batch, 24, 18, channels) to (batch, outputs)."""

    convolutions: tuple[Convolution, ...]
    shifts: tuple[np.ndarray, ...]
    head: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray], channels: int, outputs: int) -> Contraction:
        """From the arrays of a network; raises WeightsError where they do not fit."""
        inputs = (channels, *WIDTHS[:-1])
        shapes = [(width, before, *k[0]) for width, before, k in zip(WIDTHS, inputs, KERNELS, strict=True)]
        layers = _layers(arrays, False, shapes)
        head, bias = _head(arrays, outputs)
        convolutions = (
            Convolution.of(layer.weight, stride, padding).scaled(outputs=layer.scale)
            for layer, (_, stride, padding) in zip(layers, KERNELS, strict=True)
        )
        return cls(tuple(convolutions), tuple(layer.shift for layer in layers), head, bias)

    def forward(self, inputs: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """The answer (batch, outputs), and what every layer made of it, for the way back."""
        made = []
        x = inputs
        for convolution, shift in zip(self.convolutions, self.shifts, strict=True):
            x = convolution.down(x)
            x += shift
            np.maximum(x, _SLOPE * x, out=x)
            made.append(x)
        return x.reshape(len(x), -1) @ self.head + self.bias, made

    def pull_back(self, made: list[np.ndarray], gradient: np.ndarray) -> np.ndarray:
        """Gradient with respect to the inputs, given that with respect to the answer."""
        x = (gradient @ self.head.T).reshape(made[-1].shape)
        for convolution, after in zip(self.convolutions[::-1], made[::-1], strict=True):
            x = convolution.up(np.where(after > 0, x, _SLOPE * x))
        return x


def _head(arrays: dict[str, np.ndarray], outputs: int) -> tuple[np.ndarray, np.ndarray]:
    last = max(int(key.split(".")[1]) for key in arrays)
    weight, bias = arrays[f"layers.{last}.weight"], arrays[f"layers.{last}.bias"]
    if weight.shape != (outputs, WIDTHS[-1]) or bias.shape != (outputs,):
        raise WeightsError(
            f"The weights do not fit this release: the last layer is {weight.shape}, expected {(outputs, WIDTHS[-1])}."
        )
    return np.ascontiguousarray(weight.T, np.float32), bias.astype(np.float32)


@dataclass(frozen=True)
class Expansion:
    """G: latents (batch, 128) to windows (batch, 24, 18, 4) in -1..1."""

    convolutions: tuple[Convolution, ...]
    shifts: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray], latent: int) -> Expansion:
        """From the arrays of a network; raises WeightsError where they do not fit."""
        widths = (latent, *WIDTHS[::-1], 4)
        kernels = (((1, 1), 1, 0), *KERNELS[::-1])
        shapes = [(before, after, *k[0]) for before, after, k in zip(widths[:-1], widths[1:], kernels, strict=True)]
        layers = _layers(arrays, True, shapes)
        convolutions = (
            Convolution.of(layer.weight, stride, padding).scaled(channels=layer.scale)
            for layer, (_, stride, padding) in zip(layers, kernels, strict=True)
        )
        return cls(tuple(convolutions), tuple(layer.shift for layer in layers))

    def forward(self, latents: np.ndarray) -> list[np.ndarray]:
        """What every layer makes of the latents; the last are the windows."""
        x = latents[:, None, None]
        made = []
        for convolution, shift in zip(self.convolutions[:-1], self.shifts, strict=False):
            x = convolution.up(x) + shift
            np.maximum(x, 0, out=x)
            made.append(x)
        made.append(np.tanh(self.convolutions[-1].up(x)))
        return made

    def pull_back(self, made: list[np.ndarray], gradient: np.ndarray) -> np.ndarray:
        """Gradient with respect to the latents, given that with respect to the windows."""
        x = self.convolutions[-1].down(gradient * (1 - made[-1] * made[-1]))
        for convolution, after in zip(self.convolutions[-2::-1], made[-2::-1], strict=True):
            x = convolution.down(np.where(after > 0, x, np.float32(0)))
        return x[:, 0, 0]
