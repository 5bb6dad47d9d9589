"""One iteration on a batch that lies in a file, in one process or in several: what test_processes compares.

Run as `torchrun one_iteration.py FOLDER`: reads FOLDER/batch.pt, the first process writes FOLDER/gradients.pt.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from trainer.processes import World
from trainer.schedule import SCHEDULES
from trainer.steps import Models, critic_step, generator_step

Batch = tuple[Tensor, Tensor, Tensor]


def gradients(batch: Batch, world: World, training: bool) -> dict[str, Tensor]:
    """Gradients of D, G and E after their steps on a batch; `training` = batch norm by the batch's own statistics."""
    torch.manual_seed(0)
    models = Models(replace(SCHEDULES["paper"], batch=len(batch[0])), torch.device("cpu"), world=world)
    networks = {"critic": models.critic, **models.trained()}
    for network in networks.values():
        network.train(training)
    window, latent, mix = batch
    critic_step(models, window, latent, mix)
    generator_step(models, window, window, latent, adversarial=True)
    return {
        f"{name}.{key}": parameter.grad.clone()
        for name, network in networks.items()
        for key, parameter in network.named_parameters()
        if parameter.grad is not None
    }


def part(batch: Batch, rank: int, size: int) -> Batch:
    """A process's part of a batch."""
    window, latent, mix = (each.chunk(size)[rank] for each in batch)
    return window, latent, mix


if __name__ == "__main__":
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    world = World.join("cpu")
    mine = part(torch.load(folder / "batch.pt"), world.rank, world.size)
    found = {training: gradients(mine, world, training) for training in (False, True)}
    if world.leads:
        torch.save(found, folder / "gradients.pt")
    world.leave()
