"""The published inference taken literally (JUMPS, III-D): one window, one start, one step after the other, eagerly.

Written for itself, on torch's own Adam and automatic gradients, so that it stays what the faster ones are held against.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.body.skeleton import from_grid, to_grid
from jumps_blender.core.clips.clip_windows import Windows
from jumps_blender.core.direct.gaussian import fill, observed_variance
from jumps_blender.core.inversion.networks import Critic, Encoder, Generator
from jumps_blender.core.inversion.published import LATENT
from jumps_blender.core.settings import Settings
from jumps_blender.core.weights import Weights

_TINY = 1e-6


@dataclass(frozen=True)
class Networks:
    """E, G and D in evaluation mode."""

    encoder: Encoder
    generator: Generator
    critic: Critic

    @classmethod
    def load(cls, weights: Weights) -> Networks:
        """The published networks of a prior."""
        networks = cls(
            Encoder(), Generator(), Critic(weights.critic_output, weights.critic_norm, weights.critic_channels)
        )
        for name, network in vars(networks).items():
            network.load_state_dict({key: torch.from_numpy(value) for key, value in weights.network(name).items()})
            network.eval().requires_grad_(False)
        return networks


def solve_literally(
    networks: Networks,
    weights: Weights,
    windows: Windows,
    settings: Settings,
    seed: int,
    tell: Callable[[float], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Invert the generator for each window; returns what `stitch` takes.

    Returns:
        positions (n, 24, 28, 2) in normalised units, and frame errors (n, 24).

    """
    rng = np.random.default_rng(seed)
    seen = windows.seen
    filled = fill(weights.pose, seen.positions, observed_variance(seen.weight, 0.01 * HEAD))
    positions, errors = [], []
    for number in range(len(filled)):
        target = torch.from_numpy(seen.positions[number])
        weight = torch.from_numpy(seen.weight[number])
        starts = [_encode(networks.encoder, filled[number])]
        starts += [torch.from_numpy(z) for z in rng.standard_normal((settings.random_starts, 1, LATENT), np.float32)]
        found = [_descend(networks, weights, target, weight, start, settings) for start in starts]
        _, aligned = min(found, key=lambda pair: pair[0])
        error = (weight * (aligned - target).norm(dim=-1)).sum(-1) / weight.sum(-1).clamp(min=1e-12)
        positions.append(aligned.numpy())
        errors.append(np.where(weight.sum(-1).numpy() > 0, error.numpy(), np.inf))
        tell((number + 1) / len(filled))
    return np.stack(positions), np.stack(errors)


def _encode(encoder: Encoder, window: np.ndarray) -> Tensor:
    grid = torch.from_numpy(to_grid(window[None].astype(np.float32))).permute(0, 3, 1, 2)
    with torch.no_grad():
        return encoder(grid)


def _descend(
    networks: Networks, weights: Weights, target: Tensor, weight: Tensor, start: Tensor, settings: Settings
) -> tuple[float, Tensor]:
    """Adam from one start; the lowest L_Inp on the way and the aligned window (24, 28, 2) that had it."""
    latent = start.clone().requires_grad_()
    adam = torch.optim.Adam([latent], settings.rate, settings.betas)
    best, aligned = float("inf"), torch.zeros_like(target)
    for _ in range(settings.steps + 1):
        adam.zero_grad()
        loss, placed = _loss(networks, weights, latent, target, weight, settings)
        if loss.item() < best:
            best, aligned = loss.item(), placed.detach()
        loss.backward()
        adam.step()
    return best, aligned


def _loss(
    networks: Networks, weights: Weights, latent: Tensor, target: Tensor, weight: Tensor, settings: Settings
) -> tuple[Tensor, Tensor]:
    """L_Inp, and the generated window aligned with what was seen."""
    grid = networks.generator(latent)
    placed = _align(_to_joints(grid).double(), target, weight)
    distance = (placed - target).square().sum(-1).add(_TINY**2).sqrt()
    both = torch.minimum(weight[1:], weight[:-1])
    change = torch.diff(placed - target, dim=0).square().sum(-1).add(_TINY**2).sqrt()
    score = (networks.critic(grid)[0, 0] - weights.critic_mean) / weights.critic_spread
    loss = settings.position_weight * _mean(distance, weight) + settings.velocity_weight * _mean(change, both)
    return loss - settings.critic_weight * torch.sigmoid(score), placed


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (weight * values).sum() / weight.sum().clamp(min=1e-12)


_ENTRY = torch.from_numpy(from_grid(np.eye(72).reshape(72, 18, 4)).reshape(72, 56)).float()


def _to_joints(grid: Tensor) -> Tensor:
    """Grid (1, 4, 24, 18) to positions (24, 28, 2)."""
    return (grid[0].permute(1, 2, 0).reshape(24, 72) @ _ENTRY).reshape(24, 28, 2)


def _align(positions: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The similarity of the plane that brings positions (24, 28, 2) nearest to the target, by complex numbers."""
    p, q = (torch.view_as_complex(points.contiguous()) for points in (positions, target))
    total = weight.sum().clamp(min=1e-12)
    from_, to = (weight * p).sum() / total, (weight * q).sum() / total
    turn = (weight * (p - from_).conj() * (q - to)).sum() / (weight * (p - from_).abs().square()).sum().clamp(min=1e-12)
    return torch.view_as_real(turn * (p - from_) + to)
