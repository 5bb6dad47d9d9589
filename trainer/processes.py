"""Training in several processes: what torchrun says of them, and what they share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from jumps_blender.errors import InputError


@dataclass(frozen=True)
class World:
    """The processes that train together; one alone unless torchrun started more."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @classmethod
    def join(cls, device: str) -> World:
        """Meet the processes that torchrun started: over NCCL on GPUs, over gloo on CPUs."""
        if "WORLD_SIZE" not in os.environ:
            return cls()
        world = cls(*(int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")))
        if not dist.is_initialized():
            dist.init_process_group("nccl" if device.startswith("cuda") else "gloo")
        return world

    def leave(self) -> None:
        """Part from the others."""
        if self.size > 1:
            dist.destroy_process_group()

    @property
    def leads(self) -> bool:
        """True in the one process that writes files and talks."""
        return self.rank == 0

    def share(self, losses: nn.Module) -> nn.Module:
        """Losses whose gradients are averaged over all processes; the first process's weights go to all."""
        if self.size == 1:
            return losses
        # Buffers are each process's own: sent at every pass, they would change under the pass before.
        return DistributedDataParallel(losses, broadcast_buffers=False)

    def part(self, batch: int) -> int:
        """This process's windows of a batch; raises InputError where it cannot be divided."""
        if batch % self.size:
            raise InputError(f"A batch of {batch} windows cannot be divided among {self.size} processes.")
        return batch // self.size

    def gather(self, value: Any) -> list[Any]:
        """Every process's value, by rank."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value)
        return values

    def agree(self, value: float) -> float:
        """The first process's number, so that all stop at the same iteration."""
        return float(self.gather(value)[0])

    @torch.no_grad()
    def average_buffers(self, *networks: nn.Module) -> None:
        """Bring all processes to the mean of their batch norm statistics."""
        for buffer in (b for network in networks for b in network.buffers() if b.is_floating_point()):
            if self.size > 1:
                dist.all_reduce(buffer)
                buffer.div_(self.size)


def choose_device(name: str, world: World) -> torch.device:
    """The device by its name; "auto" takes this process's GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if name == "cuda" and world.size > 1:
        torch.cuda.set_device(world.local_rank)
        name = f"cuda:{world.local_rank}"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"Torch cannot train on {name!r}: {str(error).splitlines()[0]} Try --device auto.") from error
    return device


def choose_precision(name: str, device: torch.device) -> torch.dtype | None:
    """What convolutions compute in, None for float32; "auto" takes bfloat16 on GPUs that have it."""
    if name == "auto":
        name = "bfloat16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "float32"
    return {"float32": None, "bfloat16": torch.bfloat16}[name]
