"""Training of the network baselines: one loop, one loss, one budget for all."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ..practice import perceptron
from .lessons import Lessons

BATCH = 256
RATE = 1e-3
WIDTH = 1024


@dataclass(frozen=True)
class Batch:
    """A network's inputs (n, inputs), what its outputs are added to (n, 24, 28, 2), the truth, heads (n, 24)."""

    inputs: np.ndarray
    base: np.ndarray
    truth: np.ndarray
    heads: np.ndarray


def loss(answer: Tensor, truth: Tensor, heads: Tensor) -> Tensor:
    """Mean joint error + 2 x mean velocity error, in heads."""
    error = (answer - truth) / heads[..., None, None]
    position = (error.square().sum(-1) + 1e-10).sqrt().mean()
    velocity = (error.diff(dim=1).square().sum(-1) + 1e-10).sqrt().mean()
    return position + 2 * velocity


def train(network: nn.Module, draw: Callable[[], Batch], lessons: Lessons) -> int:
    """AdamW 1e-3 with a cosine until the steps or the minutes are spent, whichever comes first; returns the steps.

    Matrices are multiplied in bfloat16, as in the training of the prior.
    """
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, fused=True)
    begin, step = time.perf_counter(), 0
    for batch in _ahead(draw):
        spent = max(step / lessons.steps, (time.perf_counter() - begin) / 60 / lessons.minutes)
        if spent >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 + math.cos(math.pi * spent)) / 2
        inputs, base, truth, heads = (
            torch.from_numpy(np.ascontiguousarray(values, np.float32))
            for values in (batch.inputs, batch.base, batch.truth, batch.heads)
        )
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16):
            answer = network(inputs)
        loss(base + answer.float().reshape(base.shape), truth, heads).backward()
        optimiser.step()
        step += 1
    return step


def _ahead(draw: Callable[[], Batch]) -> Iterator[Batch]:
    """Batches without end; the next one is drawn while the last one is used."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(draw)
        while True:
            batch = coming.result()
            coming = pool.submit(draw)
            yield batch


def taught(inputs: int, outputs: int, draw: Callable[[], Batch], lessons: Lessons) -> dict[str, np.ndarray]:
    """Train a perceptron; weight0 (inputs, outputs), bias0 (outputs,), weight1 ... and the number of `steps`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(lessons.seed)
        network = perceptron(inputs, WIDTH, outputs)
        arrays = {"steps": np.array(train(network, draw, lessons))}
    for i, layer in enumerate(layer for layer in network if isinstance(layer, nn.Linear)):
        arrays[f"weight{i}"], arrays[f"bias{i}"] = (each.detach().numpy() for each in (layer.weight.T, layer.bias))
    return arrays
