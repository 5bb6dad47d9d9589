"""Convolutions and their adjoints by numpy: one matrix product each, channels last.

A convolution goes `down`: it gathers the patches of its input and multiplies them with its matrix. Its adjoint goes
`up`: it multiplies with the same matrix and scatters the patches where they came from. The gradient of one is the
other; a transposed convolution is the adjoint of a convolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import as_strided


@dataclass(frozen=True)
class Convolution:
    """A convolution without bias of (batch, height, width, channels) to (batch, height, width, outputs), and back.

    `matrix` (kernel height x kernel width x channels, outputs), float32. Strides must leave no rest: no pixel of the
    padded input stays unseen.
    """

    matrix: np.ndarray
    kernel: tuple[int, int]
    stride: int
    padding: int

    @classmethod
    def of(cls, weight: np.ndarray, stride: int, padding: int) -> Convolution:
        """From torch's arrangement: (outputs, channels, height, width), of a transposed one (inputs, outputs, ...)."""
        outputs, _, high, wide = weight.shape
        matrix = np.ascontiguousarray(weight.transpose(2, 3, 1, 0).reshape(-1, outputs), np.float32)
        return cls(matrix, (high, wide), stride, padding)

    def scaled(self, channels: np.ndarray | None = None, outputs: np.ndarray | None = None) -> Convolution:
        """With its channels or its outputs multiplied by these factors."""
        matrix = self.matrix
        if channels is not None:
            matrix = matrix * np.tile(channels, self.kernel[0] * self.kernel[1])[:, None]
        if outputs is not None:
            matrix = matrix * outputs
        return Convolution(np.ascontiguousarray(matrix, np.float32), self.kernel, self.stride, self.padding)

    @property
    def _pointwise(self) -> bool:
        return (*self.kernel, self.stride, self.padding) == (1, 1, 1, 0)

    def down(self, inputs: np.ndarray) -> np.ndarray:
        """The convolution of (batch, height, width, channels), C-contiguous."""
        if self._pointwise:
            return _times(inputs, self.matrix)
        batch, height, width, channels = inputs.shape
        pad = self.padding
        if pad:
            padded = np.zeros((batch, height + 2 * pad, width + 2 * pad, channels), inputs.dtype)
            padded[:, pad:-pad, pad:-pad] = inputs
            inputs = padded
        high, wide = ((size - k) // self.stride + 1 for size, k in zip(inputs.shape[1:3], self.kernel, strict=True))
        window, row, column, number = inputs.strides
        # A row of a patch lies together in memory: pixels side by side with all their channels.
        patches = as_strided(
            inputs,
            (batch, high, wide, self.kernel[0], self.kernel[1] * channels),
            (window, self.stride * row, self.stride * column, row, number),
            writeable=False,
        )
        return (patches.reshape(-1, len(self.matrix)) @ self.matrix).reshape(batch, high, wide, -1)

    def up(self, outputs: np.ndarray) -> np.ndarray:
        """The adjoint of `down` on (batch, height, width, outputs)."""
        patches = _times(outputs, self.matrix.T)
        if self._pointwise:
            return patches
        batch, high, wide, _ = outputs.shape
        (tall, broad), step, pad = self.kernel, self.stride, self.padding
        if (high, wide, pad) == (1, 1, 0):
            return patches.reshape(batch, tall, broad, -1)
        patches = patches.reshape(batch, high, wide, tall, broad, -1)
        channels = patches.shape[-1]
        height, width = (high - 1) * step + tall, (wide - 1) * step + broad
        # Pixels that share a step are added as one: fewer, longer runs of memory.
        strips = -(-width // step)
        total = np.zeros((batch, height, strips, step * channels), patches.dtype)
        for i, j in product(range(tall), range(0, broad, step)):
            part = patches[:, :, :, i, j : j + step].reshape(batch, high, wide, -1)
            at = total[:, i : i + step * high : step, j // step : j // step + wide, : part.shape[-1]]
            at += part
        whole = total.reshape(batch, height, strips * step, channels)
        return whole[:, pad : height - pad, pad : width - pad]


def _times(inputs: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return (inputs.reshape(-1, inputs.shape[-1]) @ matrix).reshape(*inputs.shape[:-1], -1)
