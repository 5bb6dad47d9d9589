"""Training a small network for so many minutes: optimiser, cosine, average of the weights, checkpoint."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from jumps_blender.errors import InputError

from .train import check_budget

_KEPT: Final = 0.998
"""Share of the average that a step keeps."""

_STEEPEST: Final = 1.0
"""Norm at which a gradient is cut: one strange batch does not undo the others."""

_CHECKPOINTS: Final = 20


def perceptron(inputs: int, width: int, outputs: int) -> nn.Sequential:
    """Two hidden layers; the torch side of `core.perceptron`. Starts at zero: "no change", "even odds"."""
    gelu = nn.GELU(approximate="tanh")
    layers = nn.Sequential(nn.Linear(inputs, width), gelu, nn.Linear(width, width), gelu, nn.Linear(width, outputs))
    nn.init.zeros_(layers[-1].weight)
    nn.init.zeros_(layers[-1].bias)
    return layers


def _follow(average: list[Tensor], latest: list[Tensor], steps: Tensor | int) -> None:
    """An exponential average that follows fast at first: a short run does not remember its beginning."""
    torch._foreach_lerp_(average, latest, 1 - min(_KEPT, (1 + int(steps)) / (10 + int(steps))))


@dataclass
class Step:
    """One step of the optimiser; `number` counts from 1, `minutes` since the start."""

    number: int
    minutes: float
    is_checkpoint: bool
    _budget: Budget

    def descend(self, loss: Tensor) -> None:
        """Follow the gradient of a loss."""
        self._budget.descend(loss)


@dataclass
class Budget:
    """AdamW on a network for some minutes, its rate falling along a cosine; `average` is what is kept in the end."""

    network: nn.Module
    minutes: float
    rate: float
    decay: float = 0.02
    before: float = 0.0
    """Minutes that the network was trained before."""
    iterations: int = 0

    def __post_init__(self) -> None:
        check_budget("minutes", self.minutes)
        self._average = torch.optim.swa_utils.AveragedModel(self.network, multi_avg_fn=_follow)
        self._optimiser = torch.optim.AdamW(self.network.parameters(), lr=self.rate, weight_decay=self.decay)

    @classmethod
    def after(cls, state: dict[str, Any] | None, network: nn.Module, minutes: float, rate: float) -> Budget:
        """A new budget for the network that a checkpoint holds; without one, its first."""
        if state is None:
            return cls(network, minutes, rate)
        network.load_state_dict(state["model"])
        return cls(network, minutes, rate, before=state["minutes"], iterations=state["iteration"])

    @property
    def average(self) -> nn.Module:
        """The average of the last weights."""
        return self._average.module

    def steps(self) -> Iterator[Step]:
        """Steps until the minutes are spent, checkpoints evenly among them."""
        begin, saved = time.perf_counter(), 0
        while (spent := (time.perf_counter() - begin) / 60 / self.minutes) < 1:
            for group in self._optimiser.param_groups:
                group["lr"] = self.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * spent)) / 2)
            due = int(spent * _CHECKPOINTS) > saved
            saved += due
            self.iterations += 1
            yield Step(self.iterations, spent * self.minutes, due, self)

    def descend(self, loss: Tensor) -> None:
        """One step of the optimiser, and of the average behind it."""
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), _STEEPEST)
        self._optimiser.step()
        self._average.update_parameters(self.network)


def save_network(path: Path, budget: Budget, **about: object) -> None:
    """Write the average and how it came about; a kill leaves no half of it."""
    state = {
        "model": budget.average.state_dict(),
        "iteration": budget.iterations,
        "minutes": budget.before + budget.minutes,
        **about,
    }
    write_state(path, state)


def write_state(path: Path, state: dict[str, object]) -> None:
    """Write a checkpoint; a kill leaves no half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def read_state(path: Path, command: str) -> dict[str, Any]:
    """Read a checkpoint; raises InputError where there is none, naming the command that writes it."""
    if not path.is_file():
        raise InputError(f"{path} is missing; expected a checkpoint. Run: python -m trainer {command}")
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def read_fitted(path: Path, command: str, linear: str) -> dict[str, Any]:
    """Read a checkpoint that belongs to the linear part of that identity; raises InputError where it is another's."""
    state = read_state(path, command)
    if state["linear"] != linear:
        raise InputError(f"{path} belongs to another linear part. Run: python -m trainer {command}")
    return state
