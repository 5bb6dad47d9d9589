"""Encoder, generator and critic of JUMPS in torch (JUMPS, Fig. 4 and III-B).

Tensors are grids of a window in normalised units, (batch, channels, 24, 18): time first, grid entry second.
The sizes and the parameter counts are the printed ones (JUMPS, IV-B); kernels are the only ones that give them.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from .published import KERNELS, LATENT, NORMED, SLOPE, WIDTHS

PARAMETERS: Final = {"encoder": 1_148_096, "generator": 1_148_480, "critic": 1_115_393}


def _down(channels: int, outputs: int, normed: tuple[bool, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width, (kernel, stride, padding), norm in zip(WIDTHS, KERNELS, normed, strict=True):
        layers.append(nn.Conv2d(channels, width, kernel, stride, padding, bias=False))
        if norm:
            layers.append(nn.BatchNorm2d(width))
        layers.append(nn.LeakyReLU(SLOPE))
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels, outputs))


class Encoder(nn.Module):
    """E: window (B, 4, 24, 18) to latent (B, 128)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = _down(4, LATENT, NORMED["figure"])

    def forward(self, window: Tensor) -> Tensor:
        return self.layers(window)


class Critic(nn.Module):
    """D: window (B, 4, 24, 18), to which it adds the velocities, to a score (B, 1).

    Batch norm stands on the 128- and the first 256-channel layer, which gives the printed count. `norm="figure"` puts
    it where E has it, on four layers as Fig. 4 draws it (1,115,585 parameters); `output="sigmoid"` bounds the score as
    Fig. 4 prints. The two contradict the count and the Wasserstein loss. `channels=4` leaves the velocities out.
    """

    def __init__(self, output: str = "linear", norm: str = "count", channels: int = 8) -> None:
        super().__init__()
        self.seen = {4: nn.Identity(), 8: with_velocity}[channels]
        self.layers = _down(channels, 1, NORMED[norm])
        self.squash: nn.Module = {"linear": nn.Identity(), "sigmoid": nn.Sigmoid()}[output]

    def forward(self, window: Tensor) -> Tensor:
        return self.squash(self.layers(self.seen(window)))


class Generator(nn.Module):
    """G: latent (B, 128) to window (B, 4, 24, 18) in [-1, 1]."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.ConvTranspose2d(LATENT, 256, 1, bias=False), nn.BatchNorm2d(256), nn.ReLU()]
        for width, after, (kernel, stride, padding) in zip(
            WIDTHS[::-1], (*WIDTHS[-2::-1], 4), KERNELS[::-1], strict=True
        ):
            layers.append(nn.ConvTranspose2d(width, after, kernel, stride, padding, bias=False))
            if after != 4:
                layers += [nn.BatchNorm2d(after), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Tanh())

    def forward(self, latent: Tensor) -> Tensor:
        return self.layers(latent[:, :, None, None])


def velocity(window: Tensor) -> Tensor:
    """Difference to the previous frame along time, 0 in the first (JUMPS, III-B)."""
    return torch.diff(window, dim=2, prepend=window[:, :, :1])


def with_velocity(window: Tensor) -> Tensor:
    """The critic's 8 channels: positions, then velocities."""
    return torch.cat([window, velocity(window)], dim=1)
