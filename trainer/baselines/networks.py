"""Training of the network baselines: one loop, one loss, one budget for all."""

from __future__ import annotations

import math
import time
from collections import deque
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
POOL = 8
REUSED = 3


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

    Minutes are the processor's, drawing included, so that what else a machine does costs no method its training.
    Matrices are multiplied in bfloat16, as in the training of the prior.
    """
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, fused=True)
    begin, step = time.process_time(), 0
    for inputs, base, truth, heads in _batches(draw, np.random.default_rng(lessons.seed)):
        spent = max(step / lessons.steps, (time.process_time() - begin) / 60 / lessons.minutes)
        if spent >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 + math.cos(math.pi * spent)) / 2
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16):
            answer = network(inputs)
        loss(base + answer.float().reshape(base.shape), truth, heads).backward()
        optimiser.step()
        step += 1
    return step


def _batches(draw: Callable[[], Batch], rng: np.random.Generator) -> Iterator[tuple[Tensor, ...]]:
    """Inputs, base, truth and heads without end, at random from the last POOL that were drawn.

    Drawing costs more than a step: a batch is drawn for every REUSED steps, while they are done.
    """
    pool: deque[Batch] = deque(maxlen=POOL)
    with ThreadPoolExecutor(1) as worker:
        coming = worker.submit(draw)
        while True:
            pool.append(coming.result())
            coming = worker.submit(draw)
            for _ in range(REUSED):
                order = rng.permutation(len(pool) * len(pool[0].heads))[: len(pool[0].heads)]
                number, row = np.divmod(order, len(pool[0].heads))
                yield tuple(_gather(pool, name, number, row) for name in ("inputs", "base", "truth", "heads"))


def _gather(pool: deque[Batch], name: str, number: np.ndarray, row: np.ndarray) -> Tensor:
    rows = np.stack([getattr(pool[n], name)[r] for n, r in zip(number, row, strict=True)])
    return torch.from_numpy(rows.astype(np.float32, copy=False))


def taught(inputs: int, outputs: int, draw: Callable[[], Batch], lessons: Lessons) -> dict[str, np.ndarray]:
    """Train a perceptron; weight0 (inputs, outputs), bias0 (outputs,), weight1 ... and the number of `steps`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(lessons.seed)
        network = perceptron(inputs, WIDTH, outputs)
        arrays = {"steps": np.array(train(network, draw, lessons))}
    for i, layer in enumerate(layer for layer in network if isinstance(layer, nn.Linear)):
        arrays[f"weight{i}"], arrays[f"bias{i}"] = (each.detach().numpy() for each in (layer.weight.T, layer.bias))
    return arrays
