"""The training loop: the critic once, then generator and encoder, in each iteration (JUMPS, IV-B)."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from jumps_blender.core.engines import LATENT
from jumps_blender.core.gaussian import Gaussian, fill
from jumps_blender.core.networks import Critic, Encoder, Generator
from jumps_blender.core.normalise import HEAD
from jumps_blender.core.skeleton import from_grid, to_grid

from . import losses
from .sampling import PAPER, Augmentation, Sampler, draw_mask

PUBLISHED_WINDOWS = 60 * 835_000
"""60 epochs of 835,000 windows (JUMPS, IV-B)."""

PUBLISHED_ITERATIONS = PUBLISHED_WINDOWS // 256
"""In batches of 256 (JUMPS, IV-B)."""


@dataclass(frozen=True)
class Schedule:
    """What a run does; the two presets are `paper` and `small`."""

    batch: int = 256
    rate: float = 1e-4
    """Adam's learning rate of E and G, betas (0.5, 0.999)."""
    critic_rate: float = 1e-4
    """That of D."""
    final_rate: float = 1.0
    """Share of the rate that is left at the end of the time budget, reached along a cosine."""
    critic_every: int = 1
    """Iterations from one adversarial step (critic, L_G, L_Mix) to the next."""
    filled: float = 0.0
    """Share of the encoder's input in which joints outside a random mask are filled in from those inside."""
    noise: float = 0.0
    """Standard deviation in heads of the noise on filled-in input, drawn up to this."""
    average: float = 0.999
    """Decay of the exponential moving average of the weights that are shipped."""
    critic_output: str = "linear"
    critic_norm: str = "count"
    augmentation: Augmentation = field(default_factory=lambda: PAPER)


SCHEDULES = {
    "paper": Schedule(),
    "small": Schedule(
        batch=128, rate=1e-3, final_rate=0.02, critic_every=4, filled=0.5, noise=0.15, augmentation=Augmentation()
    ),
}
"""`small` spends an hour of two CPU cores where it matters most: on the autoencoder."""


class Models:
    """E, G, D, their averages and their optimisers."""

    def __init__(self, schedule: Schedule, device: torch.device) -> None:
        self.encoder = Encoder().to(device)
        self.generator = Generator().to(device)
        self.critic = Critic(schedule.critic_output, schedule.critic_norm).to(device)
        self.averages = {name: copy.deepcopy(getattr(self, name)) for name in ("encoder", "generator")}
        adam: dict[str, Any] = {"lr": schedule.rate, "betas": (0.5, 0.999), "eps": 1e-8}
        self.optimiser = torch.optim.Adam([*self.encoder.parameters(), *self.generator.parameters()], **adam)
        self.critic_optimiser = torch.optim.Adam(self.critic.parameters(), **adam | {"lr": schedule.critic_rate})

    def parts(self) -> dict[str, Any]:
        """Everything that a checkpoint holds, by name."""
        return {
            "encoder": self.encoder, "generator": self.generator, "critic": self.critic,
            "average_encoder": self.averages["encoder"], "average_generator": self.averages["generator"],
            "optimiser": self.optimiser, "critic_optimiser": self.critic_optimiser,
        }  # fmt: skip

    @torch.no_grad()
    def average(self, decay: float) -> None:
        """Move the averages towards the weights; buffers (batch norm statistics) are averaged too."""
        for name, target in self.averages.items():
            source = getattr(self, name).state_dict()
            for key, value in target.state_dict().items():
                if value.is_floating_point():
                    value.lerp_(source[key], 1 - decay)
                else:
                    value.copy_(source[key])

    def set_rate(self, rate: float, critic_rate: float) -> None:
        """Learning rates of the next step."""
        for optimiser, value in ((self.optimiser, rate), (self.critic_optimiser, critic_rate)):
            for group in optimiser.param_groups:
                group["lr"] = float(value)  # a numpy scalar would end in the checkpoint, which then loads as unsafe


def critic_step(models: Models, window: Tensor, latent: Tensor, mix: Tensor) -> dict[str, float]:
    """One step of D on L_D."""
    with torch.no_grad():
        generated = models.generator(latent).float()
    real, fake = models.critic(window), models.critic(generated)
    penalty = losses.gradient_penalty(models.critic, window, generated, mix)
    distance = losses.critic_loss(real, fake)
    models.critic_optimiser.zero_grad(set_to_none=True)
    (distance + penalty).backward()
    models.critic_optimiser.step()
    return {"critic": distance.item(), "penalty": penalty.item()}


def autoencoder_step(
    models: Models, window: Tensor, seen: Tensor, latent: Tensor, adversarial: bool, precision: torch.dtype | None
) -> dict[str, float]:
    """One step of G on L_G + L_AE + L_Mix and of E on L_AE + L_Mix.

    Both gradients come from one backward pass of the sum, since L_G does not depend on E. `seen` is what the encoder is
    fed: the window itself, or the window as its observed joints tell it.
    """
    models.critic.requires_grad_(False)
    with torch.autocast(window.device.type, dtype=precision, enabled=precision is not None):
        rebuilt = models.generator(models.encoder(seen)).float()
        generated = models.generator(latent).float()
        encoded = models.encoder(generated)
    terms = {"reconstruction": losses.reconstruction(window, rebuilt), "backward": losses.backward(latent, encoded)}
    if adversarial:
        terms["generator"] = losses.adversarial(models.critic(generated))
        terms["mix"] = losses.W_MIX * losses.adversarial(models.critic(rebuilt))
    models.optimiser.zero_grad(set_to_none=True)
    torch.stack(list(terms.values())).sum().backward()
    models.optimiser.step()
    models.critic.requires_grad_(True)
    return {name: value.item() for name, value in terms.items()}


class Trainer:
    """A run: draws batches, steps, averages, validates; its whole state can be saved and resumed."""

    def __init__(
        self, schedule: Schedule, sampler: Sampler, pose: Gaussian, device: torch.device,
        precision: torch.dtype | None = None,
    ) -> None:  # fmt: skip
        self.schedule, self.sampler, self.pose = schedule, sampler, pose
        self.device, self.precision = device, precision
        self.models = Models(schedule, device)
        self.iteration, self.seconds, self.best = 0, 0.0, float("inf")

    def _grid(self, positions: np.ndarray) -> Tensor:
        return torch.from_numpy(to_grid(positions.astype(np.float32))).permute(0, 3, 1, 2).contiguous().to(self.device)

    def _seen(self, positions: np.ndarray) -> np.ndarray:
        """What the encoder is fed: part of the batch as the joints inside a random mask tell it."""
        n = round(self.schedule.filled * len(positions))
        if not n:
            return positions
        rng = self.sampler.rng
        sigma = rng.uniform(0, self.schedule.noise) * HEAD
        noisy = positions[:n] + sigma * rng.standard_normal(positions[:n].shape).astype(np.float32)
        return np.concatenate([fill_outside(self.pose, noisy, draw_mask(rng)), positions[n:]])

    def step(self, share: float) -> dict[str, float]:
        """One iteration; `share` of the budget that is spent sets the learning rate."""
        schedule = self.schedule
        cosine = (1 + math.cos(math.pi * min(share, 1.0))) / 2
        decay = schedule.final_rate + (1 - schedule.final_rate) * cosine
        self.models.set_rate(schedule.rate * decay, schedule.critic_rate * decay)
        positions, _ = self.sampler.draw(schedule.batch)
        window, seen = self._grid(positions), self._grid(self._seen(positions))
        latent = torch.randn(schedule.batch, LATENT).to(self.device)  # the checkpoint holds the CPU's generator
        adversarial = self.iteration % schedule.critic_every == 0
        values = {}
        if adversarial:
            mix = torch.rand(schedule.batch, 1, 1, 1).to(self.device)
            values = critic_step(self.models, window, latent, mix)
        values |= autoencoder_step(self.models, window, seen, latent, adversarial, self.precision)
        self.iteration += 1
        self.models.average(min(schedule.average, self.iteration / (self.iteration + 10)))
        return values

    def spent(self, minutes: float | None, iterations: int | None) -> float:
        """Share of a budget that is spent, counted from the run's very start; 1 = all of it."""
        shares = [self.seconds / 60 / minutes] if minutes else []
        shares += [self.iteration / iterations] if iterations else []
        return max(shares)

    def run(self, minutes: float | None, iterations: int | None) -> Iterator[dict[str, float]]:
        """Iterate until the budget is spent."""
        while (share := self.spent(minutes, iterations)) < 1:
            begin = time.perf_counter()
            values = self.step(share)
            self.seconds += time.perf_counter() - begin
            yield values

    @torch.no_grad()
    def validate(self, positions: np.ndarray, mask: np.ndarray) -> float:
        """MPJPE in heads of the averaged autoencoder on windows of which only `mask` (28,) is seen."""
        encoder, generator = (self.models.averages[name].eval() for name in ("encoder", "generator"))
        rebuilt = generator(encoder(self._grid(fill_outside(self.pose, positions, mask)))).float()
        difference = from_grid(rebuilt.permute(0, 2, 3, 1).cpu().numpy()) - positions
        return float(np.linalg.norm(difference, axis=-1).mean() / HEAD)

    def save(self, path: Path) -> None:
        """Write a checkpoint; a kill or a full disk leaves the one before."""
        state = {name: part.state_dict() for name, part in self.models.parts().items()}
        state |= {
            "iteration": self.iteration, "seconds": self.seconds, "best": self.best,
            "schedule": json.dumps(asdict(self.schedule)),
            "torch_rng": torch.get_rng_state(), "numpy_rng": json.dumps(self.sampler.rng.bit_generator.state),
        }  # fmt: skip
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, path)

    def load(self, path: Path) -> None:
        """Go on exactly where a checkpoint was written."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        for name, part in self.models.parts().items():
            part.load_state_dict(state[name])
        self.iteration, self.seconds, self.best = state["iteration"], state["seconds"], state["best"]
        torch.set_rng_state(state["torch_rng"].cpu())
        self.sampler.rng.bit_generator.state = json.loads(state["numpy_rng"])


def fill_outside(pose: Gaussian, positions: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Fill joints outside `mask` (28,) in windows (n, 24, 28, 2) by the per-frame least-squares map."""
    variance = np.where(mask, 1e-4 * HEAD**2, np.inf)
    filled = fill(pose, positions, np.broadcast_to(variance, positions.shape[:-1]))
    return np.where(mask[:, None], positions, filled).astype(np.float32)
