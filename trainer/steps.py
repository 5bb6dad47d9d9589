"""One iteration's two updates: the critic on L_D, then generator and encoder on theirs (JUMPS, III-C and IV-B).

Each update is the forward pass of one module that ends in its losses, so that DistributedDataParallel can wrap it: the
gradients of several processes are then averaged as those of one larger batch. Batch norm is the exception: it sees a
process's own part of the batch. On GPUs E and G share its statistics (SyncBatchNorm); the critic cannot, because
SyncBatchNorm cannot be differentiated twice as the penalty asks, and on a CPU there is no SyncBatchNorm at all.
"""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn

from jumps_blender.core.inversion.networks import Critic, Encoder, Generator

from . import losses
from .processes import World
from .schedule import Schedule


def mixed(device: torch.device, precision: torch.dtype | None) -> AbstractContextManager[Any]:
    """Convolutions in `precision` where one is given."""
    return torch.autocast(device.type, dtype=precision, enabled=precision is not None)


class CriticLoss(nn.Module):
    """L_D of windows: its two terms."""

    def __init__(self, critic: Critic, precision: torch.dtype | None) -> None:
        super().__init__()
        self.critic, self.precision = critic, precision

    def forward(self, window: Tensor, generated: Tensor, mix: Tensor) -> dict[str, Tensor]:
        with mixed(window.device, self.precision):
            real, fake = self.critic(window), self.critic(generated)
        # The penalty stays in float32: its gradient is a second derivative.
        penalty = losses.gradient_penalty(self.critic, window, generated, mix)
        return {"critic": losses.critic_loss(real, fake), "penalty": penalty}


class GeneratorLoss(nn.Module):
    """L_G + L_AE + L_Mix of windows, term by term; L_G alone where there is no encoder."""

    def __init__(
        self, encoder: Encoder | None, generator: Generator, critic: Critic, schedule: Schedule,
        precision: torch.dtype | None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.encoder, self.generator = encoder, generator
        self._judge = [critic]  # in a list: no part of what these losses train
        self.schedule, self.precision = schedule, precision

    def forward(self, window: Tensor, seen: Tensor, latent: Tensor, adversarial: bool) -> dict[str, Tensor]:
        critic, schedule, terms = self._judge[0], self.schedule, {}
        with mixed(window.device, self.precision):
            rebuilt = None if self.encoder is None else self.generator(self.encoder(seen)).float()
            generated = self.generator(latent).float()
            if self.encoder is not None and rebuilt is not None:
                terms["reconstruction"] = losses.reconstruction(window, rebuilt, schedule.velocity_weight)
                if schedule.backward_weight:
                    terms["backward"] = losses.backward(latent, self.encoder(generated), schedule.backward_weight)
            if adversarial:
                terms["generator"] = losses.adversarial(critic(generated))
                if rebuilt is not None and schedule.mix_weight:
                    terms["mix"] = schedule.mix_weight * losses.adversarial(critic(rebuilt))
        return terms


class Models:
    """E, G, D, their averages, their losses and their optimisers."""

    def __init__(
        self, schedule: Schedule, device: torch.device, precision: torch.dtype | None = None,
        world: World | None = None,
    ) -> None:  # fmt: skip
        world = world or World()
        critic = Critic(schedule.critic_output, schedule.critic_norm, schedule.critic_channels)
        # oneDNN and cuDNN compute in bfloat16 twice as fast with the channels last.
        layout = torch.contiguous_format if precision is None else torch.channels_last
        encoder = self._placed(Encoder(), device, layout, world) if schedule.encoder else None
        self.encoder: Encoder | None = encoder
        self.generator: Generator = self._placed(Generator(), device, layout, world)
        self.critic: Critic = critic.to(device, memory_format=layout)
        self.averages = {name: copy.deepcopy(network) for name, network in self.trained().items()}
        self.precision = precision
        critic_loss = CriticLoss(self.critic, precision)
        generator_loss = GeneratorLoss(self.encoder, self.generator, self.critic, schedule, precision)
        self.critic_loss, self.generator_loss = world.share(critic_loss), world.share(generator_loss)
        adam: dict[str, Any] = {"lr": schedule.rate, "betas": (0.5, 0.999), "eps": 1e-8}
        self.optimiser = torch.optim.Adam([p for n in self.trained().values() for p in n.parameters()], **adam)
        self.critic_optimiser = torch.optim.Adam(self.critic.parameters(), **adam | {"lr": schedule.critic_rate})

    @staticmethod
    def _placed(network: Any, device: torch.device, layout: torch.memory_format, world: World) -> Any:
        if world.size > 1 and device.type == "cuda":
            network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        return network.to(device, memory_format=layout)

    def trained(self) -> dict[str, nn.Module]:
        """E, where there is one, and G."""
        networks: dict[str, nn.Module | None] = {"encoder": self.encoder, "generator": self.generator}
        return {name: network for name, network in networks.items() if network is not None}

    def parts(self) -> dict[str, Any]:
        """Everything that a checkpoint holds, by name."""
        averages = {f"average_{name}": network for name, network in self.averages.items()}
        optimisers = {"optimiser": self.optimiser, "critic_optimiser": self.critic_optimiser}
        return self.trained() | {"critic": self.critic} | averages | optimisers

    @torch.no_grad()
    def average(self, decay: float) -> None:
        """Move the averages towards the weights; buffers (batch norm statistics) are averaged too."""
        for name, source in self.trained().items():
            state = source.state_dict()
            for key, value in self.averages[name].state_dict().items():
                if value.is_floating_point():
                    value.lerp_(state[key], 1 - decay)
                else:
                    value.copy_(state[key])

    def set_rate(self, rate: float, critic_rate: float) -> None:
        """Learning rates of the next step."""
        for optimiser, value in ((self.optimiser, rate), (self.critic_optimiser, critic_rate)):
            for group in optimiser.param_groups:
                group["lr"] = float(value)  # a numpy scalar would end in the checkpoint, which then loads as unsafe


def critic_step(models: Models, window: Tensor, latent: Tensor, mix: Tensor) -> dict[str, float]:
    """One step of D on L_D."""
    with torch.no_grad(), mixed(window.device, models.precision):
        generated = models.generator(latent).float()
    terms = models.critic_loss(window, generated, mix)
    models.critic_optimiser.zero_grad(set_to_none=True)
    (terms["critic"] + terms["penalty"]).backward()
    models.critic_optimiser.step()
    return {name: value.item() for name, value in terms.items()}


def generator_step(models: Models, window: Tensor, seen: Tensor, latent: Tensor, adversarial: bool) -> dict[str, float]:
    """One step of G on L_G + L_AE + L_Mix and of E on L_AE + L_Mix.

    Both gradients come from one backward pass of the sum, since L_G does not depend on E. `seen` is what the encoder is
    fed: the window itself, or the window as its observed joints tell it.
    """
    models.critic.requires_grad_(False)
    terms = models.generator_loss(window, seen, latent, adversarial)
    models.optimiser.zero_grad(set_to_none=True)
    torch.stack(list(terms.values())).sum().backward()
    models.optimiser.step()
    models.critic.requires_grad_(True)
    return {name: value.item() for name, value in terms.items()}
