"""`python -m trainer refine`: train the network that adds to the Gaussian what is not linear."""

from __future__ import annotations

import argparse
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from jumps_blender.core.gaussian import Gaussian, observed_variance
from jumps_blender.core.normalise import HEAD, Units, body_scale
from jumps_blender.core.refiner import features
from jumps_blender.core.skeleton import INDEX, JOINTS
from jumps_blender.core.windows import WINDOW
from jumps_blender.errors import InputError

from .cameras import project
from .data.dataset import assert_shippable, load_dataset
from .fingerprint import identify
from .sampling import Augmentation, Sampler, draw_mask
from .train import GAUSSIANS, check_budget, load_gaussians

REFINER = "refiner.pt"
GROUPS = 4
"""Groups of windows in a batch that share a mask, so that one solve serves the group."""
EXAMINATION = 32
"""Groups of validation windows."""
_LIMBS = tuple(
    tuple(INDEX[f"{side}_{part}"] for part in parts)
    for side in ("left", "right")
    for parts in (("shoulder", "elbow", "wrist"), ("elbow", "wrist"), ("hip", "knee", "ankle"), ("knee", "ankle"))
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--out", type=Path, default=Path("out/run"), help="folder of the run, which has its Gaussians")
    parser.add_argument("--minutes", type=float, default=30.0, help="budget")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=1e-3, help="AdamW's learning rate, falling along a cosine")
    parser.add_argument("--width", type=int, default=1024, help="of the two hidden layers")
    parser.add_argument("--seed", type=int, default=0)


def network(rank: int, width: int) -> nn.Sequential:
    """The refiner in torch; starts at "no change"."""
    gelu = nn.GELU(approximate="tanh")
    layers = nn.Sequential(
        nn.Linear(rank + WINDOW * len(JOINTS) + 1, width), gelu, nn.Linear(width, width), gelu, nn.Linear(width, rank)
    )
    nn.init.zeros_(layers[-1].weight)
    nn.init.zeros_(layers[-1].bias)
    return layers


class Lesson:
    """Draws observations with noise and gaps, and what the Gaussian makes of them."""

    def __init__(self, sampler: Sampler, gaussian: Gaussian) -> None:
        self.sampler, self.gaussian, self.rng = sampler, gaussian, sampler.rng

    def draw(self, groups: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Inputs (n, features), latents (n, rank) and the truth (n, 24, 28, 2) in normalised units."""
        parts = [self._group(size) for _ in range(groups)]
        inputs, latents, truth = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return inputs, latents.astype(np.float32), truth.astype(np.float32)

    def _group(self, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = self.rng
        positions, heads = project(self.sampler.draw_motion(size), rng, self.sampler.augmentation.cameras)
        weight = self._weight()
        deviation = math.exp(rng.uniform(math.log(0.01), math.log(0.3)))
        noise = self._noise(positions.shape) * (rng.uniform(0, 1.5, size) * deviation)[:, None, None, None]
        seen = positions + noise * heads[..., None, None] / np.sqrt(np.maximum(weight, 0.1))[..., None]
        units = self._units(np.where(weight[..., None] > 0, seen, np.nan), heads)
        variance = np.repeat(observed_variance(weight, deviation * HEAD).reshape(1, -1), 2, axis=1)
        flat = units.normalise(seen).reshape(size, -1) - self.gaussian.mean
        spread = np.broadcast_to(variance, flat.shape)
        latents = self.gaussian.infer(flat, spread)
        shared = np.broadcast_to(weight, (size, *weight.shape))
        return features(self.gaussian, latents, shared, np.full(size, deviation)), latents, units.normalise(positions)

    def _weight(self) -> np.ndarray:
        """Confidences (24, 28) of a mask; in a third of them a limb vanishes for 6 to 18 frames."""
        rng = self.rng
        mask = draw_mask(rng)
        weight = np.tile(mask * np.where(rng.random() < 0.5, 1.0, rng.uniform(0.4, 1.0, len(mask))), (WINDOW, 1))
        if rng.random() < 0.33:
            length = rng.integers(6, 19)
            start = rng.integers(-4, WINDOW - 6)
            limb = _LIMBS[rng.integers(len(_LIMBS))]
            weight[max(start, 0) : start + length, list(limb)] = 0
        return weight

    def _noise(self, shape: tuple[int, ...]) -> np.ndarray:
        """Unit noise: white, wandering (autocorrelation 0.68 after 40 ms) and constant parts in random shares."""
        rng = self.rng
        white = rng.standard_normal(shape)
        wander = white.copy()
        for frame in range(1, shape[1]):
            wander[:, frame] = 0.68 * wander[:, frame - 1] + math.sqrt(1 - 0.68**2) * white[:, frame]
        shares = rng.dirichlet((1.0, 1.0, 1.0), shape[0])[..., None, None, None] ** 0.5
        constant = rng.standard_normal((shape[0], 1, *shape[2:]))
        return shares[:, 0] * rng.standard_normal(shape) + shares[:, 1] * wander + shares[:, 2] * constant

    def _units(self, seen: np.ndarray, heads: np.ndarray) -> Units:
        """Units as the solver will have them: from what is observed, its scale at times that of a longer stretch."""
        measured = body_scale(seen)
        guessed = heads.mean(1) / HEAD * self.rng.uniform(0.9, 1.1, len(seen))
        measured = np.where(measured > 0, measured, guessed)
        return Units.of(seen, np.maximum(measured, self.sampler.least_scale(heads)))


class Exercise:
    """The refiner between the Gaussian it adds to and the loss that it is judged by."""

    def __init__(self, gaussian: Gaussian, width: int) -> None:
        self.network = network(gaussian.rank, width)
        self._factor, self._mean = (torch.from_numpy(a.astype(np.float32)) for a in (gaussian.factor.T, gaussian.mean))

    def loss(
        self, lesson: tuple[np.ndarray, np.ndarray, np.ndarray], groups: int, network: nn.Module | None = None
    ) -> Tensor:
        """What is left of the Gaussian's error, 1 = all of it.

        Relative in each group of windows with one mask, so that what nobody can know of a person of whom a knee is seen
        does not drown what can be known.
        """
        inputs, latents, truth = (torch.from_numpy(a) for a in lesson)
        with torch.no_grad():
            alone = self._error(latents, truth).reshape(groups, -1).mean(1)
        refined = self._error(latents + (network or self.network)(inputs), truth).reshape(groups, -1).mean(1)
        return (refined / alone).mean()

    def _error(self, latents: Tensor, truth: Tensor) -> Tensor:
        """Mean joint error + 2 x mean velocity error in heads, of each window."""
        difference = ((self._mean + latents @ self._factor).reshape(truth.shape) - truth) / HEAD
        position = (difference.square().sum(-1) + 1e-8).sqrt().mean((1, 2))
        velocity = (difference.diff(dim=1).square().sum(-1) + 1e-8).sqrt().mean((1, 2))
        return position + 2 * velocity


def run(args: argparse.Namespace) -> int:
    """Train until the budget is spent; the average of the last weights is kept."""
    check_budget("minutes", args.minutes)
    if args.batch < GROUPS:
        raise InputError(f"--batch is {args.batch}, expected at least {GROUPS}, one window for each mask.")
    console = Console()
    torch.manual_seed(args.seed)
    gaussian = load_gaussians(args.out / GAUSSIANS)["window"]
    clips = load_dataset(args.data, "train")
    assert_shippable(clips)
    lesson = Lesson(Sampler(clips, Augmentation(), np.random.default_rng([args.seed, 5])), gaussian)
    held_out = Sampler(load_dataset(args.data, "val"), Augmentation(), np.random.default_rng([args.seed, 6]))
    examination = Lesson(held_out, gaussian).draw(EXAMINATION, 64)
    exercise = Exercise(gaussian, args.width)
    average = torch.optim.swa_utils.AveragedModel(
        exercise.network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )
    optimiser = torch.optim.AdamW(exercise.network.parameters(), lr=args.rate, weight_decay=0.02)
    begin, checked, iteration = time.perf_counter(), 0.0, 0
    while (spent := (time.perf_counter() - begin) / 60 / args.minutes) < 1:
        for group in optimiser.param_groups:
            group["lr"] = args.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * spent)) / 2)
        loss = exercise.loss(lesson.draw(GROUPS, args.batch // GROUPS), GROUPS)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        average.update_parameters(exercise.network)
        iteration += 1
        if spent - checked > 0.02:
            checked = spent
            with torch.no_grad():
                left = exercise.loss(examination, EXAMINATION, average.module).item()
            minutes = spent * args.minutes
            console.print(f"{minutes:.1f} min, {iteration} iterations, {left:.4f} of the error left", highlight=False)
            _save(args.out / REFINER, average.module, gaussian, iteration, minutes)
    _save(args.out / REFINER, average.module, gaussian, iteration, args.minutes)
    return 0


def _save(path: Path, model: nn.Module, gaussian: Gaussian, iteration: int, minutes: float) -> None:
    state = {"model": model.state_dict(), "gaussian": identify(gaussian), "iteration": iteration, "minutes": minutes}
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)
