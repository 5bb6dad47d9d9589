"""The published networks by numpy: batch norm folded into the convolutions, and the way back by hand (JUMPS, Fig. 4).

Arrays are grids of windows in normalised units, channels last: float32 (batch, 24, 18, channels).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .convolution import Convolution

LATENT: Final = 128
"""Numbers of a latent (JUMPS, IV-B)."""

ENTRIES: Final = 18
"""Entries of the grid."""

WIDTHS: Final = (32, 64, 128, 256, 256)
KERNELS: Final = (((1, 1), 1, 0), ((4, 4), 2, 1), ((4, 3), 2, 1), ((4, 3), 2, 1), ((3, 3), 1, 0))
"""Channels, and (kernel, stride, padding), of the layers from 24x18 over 12x9, 6x5 and 3x3 down to 1x1; the generator
mirrors them. No others give the printed counts (JUMPS, IV-B)."""

NORMED: Final = {"count": (False, False, True, True, False), "figure": (True, True, True, True, False)}
"""Which layers batch norm follows: so that the critic has the printed count, or as Fig. 4 draws it and E has it."""

SLOPE: Final = 0.2
"""Of leaky rectifiers below 0."""

_LEAK: Final = np.float32(SLOPE)
_BATCH_NORM: Final = ("weight", "bias", "running_mean", "running_var")
_EPSILON: Final = 1e-5
"""What batch norm adds to the variance."""


def expected(network: str, channels: int = 4, norm: str = "figure") -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays of "encoder", "generator" or "critic", by their names in it; the last two for E and D."""
    up = network == "generator"
    widths = (LATENT, *WIDTHS[::-1], 4) if up else (channels, *WIDTHS)
    kernels = (((1, 1), 1, 0), *KERNELS[::-1]) if up else KERNELS
    normed = (*[True] * len(WIDTHS), False) if up else NORMED[norm]
    shapes: dict[str, tuple[int, ...]] = {}
    place = 0
    for before, after, (kernel, _, _), follows in zip(widths[:-1], widths[1:], kernels, normed, strict=True):
        shapes[f"layers.{place}.weight"] = (before, after, *kernel) if up else (after, before, *kernel)
        if follows:
            place += 1
            shapes |= {f"layers.{place}.{key}": (after,) for key in _BATCH_NORM}
        place += 2  # what bends
    if not up:
        outputs = LATENT if network == "encoder" else 1
        shapes |= {f"layers.{place + 1}.weight": (outputs, WIDTHS[-1]), f"layers.{place + 1}.bias": (outputs,)}
    return shapes


@dataclass(frozen=True)
class _Layer:
    """A convolution's weight as stored, with the scale and shift that batch norm applies to its answer."""

    weight: np.ndarray
    scale: np.ndarray
    shift: np.ndarray


def _layers(arrays: dict[str, np.ndarray], transposed: bool) -> list[_Layer]:
    """The convolutions of a network, in order."""
    layers = []
    for i in _places(arrays):
        weight = arrays[f"layers.{i}.weight"].astype(np.float64)
        if weight.ndim != 4:
            continue
        size = weight.shape[1 if transposed else 0]
        scale, shift = np.ones(size), np.zeros(size)
        if f"layers.{i + 1}.running_mean" in arrays:
            gain, offset, mean, variance = (arrays[f"layers.{i + 1}.{key}"].astype(np.float64) for key in _BATCH_NORM)
            scale = gain / np.sqrt(variance + _EPSILON)
            shift = offset - mean * scale
        layers.append(_Layer(weight, scale, shift.astype(np.float32)))
    return layers


def _places(arrays: dict[str, np.ndarray]) -> list[int]:
    return sorted({int(key.split(".")[1]) for key in arrays if key.endswith(".weight")})


@dataclass(frozen=True)
class Contraction:
    """E, or D without what it does to its input and score: windows (batch, 24, 18, channels) to (batch, outputs)."""

    convolutions: tuple[Convolution, ...]
    shifts: tuple[np.ndarray, ...]
    head: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray]) -> Contraction:
        """From the arrays of a network, of the shapes that are `expected`."""
        layers = _layers(arrays, transposed=False)
        convolutions = (
            Convolution.of(layer.weight, stride, padding).scaled(outputs=layer.scale)
            for layer, (_, stride, padding) in zip(layers, KERNELS, strict=True)
        )
        last = f"layers.{_places(arrays)[-1]}"
        head, bias = np.ascontiguousarray(arrays[f"{last}.weight"].T), arrays[f"{last}.bias"]
        return cls(tuple(convolutions), tuple(layer.shift for layer in layers), head, bias)

    def forward(self, inputs: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """The answer (batch, outputs), and what every layer made of it, for the way back."""
        made = []
        x = inputs
        for convolution, shift in zip(self.convolutions, self.shifts, strict=True):
            x = convolution.down(x)
            if shift.any():
                x = _shifted(x, shift)
            np.maximum(x, _LEAK * x, out=x)
            made.append(x)
        return x.reshape(len(x), -1) @ self.head + self.bias, made

    def pull_back(self, made: list[np.ndarray], gradient: np.ndarray) -> np.ndarray:
        """Gradient with respect to the inputs, given that with respect to the answer."""
        x = (gradient @ self.head.T).reshape(made[-1].shape)
        for convolution, after in zip(self.convolutions[::-1], made[::-1], strict=True):
            x = convolution.up(x * np.maximum(after > 0, _LEAK, dtype=np.float32))  # np.where is slower by far
        return x


@dataclass(frozen=True)
class Expansion:
    """G: latents (batch, 128) to windows (batch, 24, 18, 4) in -1..1."""

    convolutions: tuple[Convolution, ...]
    shifts: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray]) -> Expansion:
        """From the arrays of a network, of the shapes that are `expected`."""
        layers = _layers(arrays, transposed=True)
        convolutions = (
            Convolution.of(layer.weight, stride, padding).scaled(channels=layer.scale)
            for layer, (_, stride, padding) in zip(layers, (((1, 1), 1, 0), *KERNELS[::-1]), strict=True)
        )
        return cls(tuple(convolutions), tuple(layer.shift for layer in layers))

    def forward(self, latents: np.ndarray) -> list[np.ndarray]:
        """What every layer makes of the latents; the last are the windows."""
        x = latents[:, None, None]
        made = []
        for convolution, shift in zip(self.convolutions[:-1], self.shifts, strict=False):
            x = _shifted(convolution.up(x), shift)
            np.maximum(x, 0, out=x)
            made.append(x)
        made.append(np.tanh(self.convolutions[-1].up(x)))
        return made

    def pull_back(self, made: list[np.ndarray], gradient: np.ndarray) -> np.ndarray:
        """Gradient with respect to the latents, given that with respect to the windows."""
        x = self.convolutions[-1].down(gradient * (1 - made[-1] * made[-1]))
        for convolution, after in zip(self.convolutions[-2::-1], made[-2::-1], strict=True):
            x = convolution.down(x * (after > 0))
        return x[:, 0, 0]


def _shifted(x: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """A copy with the channels' shifts added, a row of pixels at a time: numpy is slow on short runs of memory."""
    batch, height, width, _ = x.shape
    return (x.reshape(batch, height, -1) + np.tile(shift, width)).reshape(x.shape)
