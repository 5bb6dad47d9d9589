"""The training loop: the critic once, then generator and encoder, in each iteration (JUMPS, IV-B)."""

from __future__ import annotations

import io
import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS, from_grid, to_grid
from jumps_blender.core.direct.gaussian import Gaussian, fill
from jumps_blender.core.inversion.published import LATENT
from jumps_blender.errors import InputError

from .processes import World
from .sampling import Sampler, draw_mask
from .schedule import Schedule
from .statistics import settle, statistics
from .steps import Models, critic_step, generator_step

_SETTLING, _SETTLING_BATCH = 512, 128
"""Windows from which batch norm statistics are gathered."""

_LIMBS = np.isin(JOINTS, LIMB_JOINTS)


class Trainer:
    """A run: draws batches, steps, averages, validates; its whole state can be saved and resumed."""

    def __init__(
        self, schedule: Schedule, sampler: Sampler, pose: Gaussian, device: torch.device,
        precision: torch.dtype | None = None, world: World | None = None,
    ) -> None:  # fmt: skip
        self.schedule, self.sampler, self.pose = schedule, sampler, pose
        self.device, self.world = device, world or World()
        self.models = Models(schedule, device, precision, self.world)
        self.part = self.world.part(schedule.batch)
        self.iteration, self.seconds, self.best = 0, 0.0, float("inf")
        self.drawing = 0.0
        """Seconds spent on drawing windows since this process began, out of `working`."""
        self.working = 0.0
        self._shipped: tuple[int, dict[str, nn.Module]] = (-1, {})

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
        begin = time.perf_counter()
        positions, _ = self.sampler.draw(self.part)
        window, seen = self._grid(positions), self._grid(self._seen(positions))
        self.drawing += time.perf_counter() - begin
        latent = torch.randn(self.part, LATENT).to(self.device)  # the checkpoint holds the CPU's generator
        adversarial = self.iteration % schedule.critic_every == 0 or not schedule.encoder
        values = {}
        if adversarial:
            mix = torch.rand(self.part, 1, 1, 1).to(self.device)
            values = critic_step(self.models, window, latent, mix)
        values |= generator_step(self.models, window, seen, latent, adversarial)
        self.iteration += 1
        self.models.average(min(schedule.average, self.iteration / (self.iteration + 10)))
        return values

    def spent(self, minutes: float | None, iterations: int | None) -> float:
        """Share of a budget that is spent, counted from the run's very start; 1 = all of it."""
        shares = [self.world.agree(self.seconds) / 60 / minutes] if minutes else []
        shares += [self.iteration / iterations] if iterations else []
        return max(shares)

    def run(self, minutes: float | None, iterations: int | None) -> Iterator[dict[str, float]]:
        """Iterate until the budget is spent."""
        while (share := self.spent(minutes, iterations)) < 1:
            begin = time.perf_counter()
            values = self.step(share)
            taken = time.perf_counter() - begin
            self.seconds += taken
            self.working += taken
            yield values

    @torch.no_grad()
    def shipped(self) -> dict[str, nn.Module]:
        """The averaged networks in evaluation mode, with the batch norm statistics of windows as inference sees them.

        G's are those of E's latents where there is an encoder, else of the prior's.
        """
        iteration, networks = self._shipped
        if iteration != self.iteration:
            generator = torch.Generator().manual_seed(0)
            latents = torch.randn(_SETTLING, LATENT, generator=generator).to(self.device).split(_SETTLING_BATCH)
            networks = {}
            if self.schedule.encoder:
                batches = self._grid(fill_outside(self.pose, self._settling(), _LIMBS)).split(_SETTLING_BATCH)
                networks["encoder"] = settle(self.models.averages["encoder"], batches)
                latents = tuple(networks["encoder"](batch) for batch in batches)
            networks["generator"] = settle(self.models.averages["generator"], latents)
            self._shipped = self.iteration, networks
        return networks

    def _settling(self) -> np.ndarray:
        """Training windows (n, 24, 28, 2), always the same, drawn without touching the run's own randomness."""
        own, self.sampler.rng = self.sampler.rng, np.random.default_rng(17)
        positions, _ = self.sampler.draw(_SETTLING)
        self.sampler.rng = own
        return positions

    @torch.no_grad()
    def rebuild(self, positions: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """What the shipped autoencoder makes of windows (n, 24, 28, 2) of which only `mask` (28,) is seen."""
        networks = self.shipped()
        rebuilt = networks["generator"](networks["encoder"](self._grid(fill_outside(self.pose, positions, mask))))
        return _joints(rebuilt)

    @torch.no_grad()
    def generate(self, latent: np.ndarray) -> np.ndarray:
        """The shipped generator's windows (n, 24, 28, 2) for latents (n, 128)."""
        return _joints(self.shipped()["generator"](torch.from_numpy(latent.astype(np.float32)).to(self.device)))

    def validate(self, positions: np.ndarray, mask: np.ndarray) -> float | None:
        """MPJPE in heads of the shipped autoencoder on windows of which only `mask` (28,) is seen; None without E."""
        if not self.schedule.encoder:
            return None
        return float(np.linalg.norm(self.rebuild(positions, mask) - positions, axis=-1).mean() / HEAD)

    def state(self) -> dict[str, Any]:
        """All that a run goes on from. Every process has to ask for it; that of the first is the one to write."""
        self.world.average_buffers(*self.models.trained().values(), self.models.critic)
        chance = (torch.get_rng_state(), json.dumps(self.sampler.rng.bit_generator.state))
        torch_rngs, numpy_rngs = zip(*self.world.gather(chance), strict=True)
        state = {name: part.state_dict() for name, part in self.models.parts().items()}
        return state | {
            "iteration": self.iteration, "seconds": self.seconds, "best": self.best,
            "schedule": json.dumps(asdict(self.schedule)),
            "torch_rng": list(torch_rngs), "numpy_rng": list(numpy_rngs),
            "statistics": {name: statistics(network) for name, network in self.shipped().items()},
        }  # fmt: skip

    def save(self, path: Path) -> None:
        """Write a checkpoint; a kill or a full disk leaves the one before."""
        write_checkpoint(path, self.state())

    def load(self, path: Path) -> None:
        """Go on exactly where a checkpoint was written; raises InputError for another number of processes."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        torch_rngs, numpy_rngs = (each if isinstance(each, list) else [each] for each in _chance(state))
        if len(torch_rngs) != self.world.size:
            raise InputError(
                f"{path} was written by {len(torch_rngs)} processes, these are {self.world.size}. Go on with as many."
            )
        for name, part in self.models.parts().items():
            part.load_state_dict(state[name])
        self.iteration, self.seconds, self.best = state["iteration"], state["seconds"], state["best"]
        torch.set_rng_state(torch_rngs[self.world.rank])
        self.sampler.rng.bit_generator.state = json.loads(numpy_rngs[self.world.rank])


def _joints(grid: Tensor) -> np.ndarray:
    return from_grid(grid.float().permute(0, 2, 3, 1).cpu().numpy())


def _chance(state: dict[str, Any]) -> tuple[Any, Any]:
    return state["torch_rng"], state["numpy_rng"]


def write_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Replace a checkpoint only when all of the new one is on the disk; raises OSError where it cannot be written."""
    buffer = io.BytesIO()  # torch's own writer turns a full disk into a RuntimeError
    torch.save(state, buffer)
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def fill_outside(pose: Gaussian, positions: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Fill joints outside `mask` (28,) in windows (n, 24, 28, 2) by the per-frame least-squares map."""
    variance = np.where(mask, 1e-4 * HEAD**2, np.inf)
    filled = fill(pose, positions, np.broadcast_to(variance, positions.shape[:-1]))
    return np.where(mask[:, None], positions, filled).astype(np.float32)
