"""`python -m trainer refine`: fit the shipped prior's linear part, then train the networks that add to it."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Final

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.direct.refiner import COSINES, DEPTH_SPREADS, REGIMES, SPREADS, cosines, inputs, outputs
from jumps_blender.errors import InputError

from .data.dataset import Clip, assert_shippable, load_dataset
from .fingerprint import identify
from .linear import LINEAR, Linear, fit_linear, load_linear, save_linear
from .occasions import TAUGHT, Lesson, Regime, Teacher, draw_occasion
from .practice import Budget, perceptron, read_fitted, save_network
from .sampling import Augmentation, Sampler
from .train import check_budget

REFINERS: Final = {name: f"refiner_{name}.pt" for name in REGIMES}
"""Checkpoints of the networks."""

GROUPS: Final = 8
"""Occasions in a batch."""

EXAMINATION: Final = 48
"""Occasions of the validation windows."""

_WITHIN: Final = 0.683
"""Share of a normal distribution within its standard deviation."""

_VELOCITY, _ACCELERATION, _DEPTH, _SPREAD = 2.0, 3.0, 0.3, 0.05
"""Weights in the loss, next to the mean joint error's 1."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--out", type=Path, default=Path("out/prior"), help="folder of the prior")
    parser.add_argument("--without", default="", help="sources to leave out of the training, with commas")
    parser.add_argument("--windows", type=int, default=100_000, help="windows to which the linear part is fitted")
    parser.add_argument("--minutes", type=float, default=30.0, help="budget of each network's training")
    parser.add_argument("--regimes", nargs="+", choices=REGIMES, default=list(REGIMES), help="networks to train")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=1e-3, help="AdamW's learning rate, falling along a cosine")
    parser.add_argument("--resume", action="store_true", help="go on from the networks in the folder, new budget")
    parser.add_argument("--width", type=int, default=960, help="of the two hidden layers")
    parser.add_argument("--occasions", type=int, default=500, help="kinds of masks and noise that are kept ready")
    parser.add_argument("--seed", type=int, default=0)


class Exercise:
    """The refiner between the Gaussian it adds to and the loss that it is judged by."""

    def __init__(self, linear: Linear, width: int) -> None:
        self.rank, self.depth_rank = linear.factor.shape[1], len(linear.depth_basis)
        self.network = perceptron(inputs(self.rank), width, outputs(self.rank, self.depth_rank))
        arrays = (linear.mean, linear.factor.T, linear.depth_mean, linear.depth_basis, cosines(COSINES))
        self._mean, self._factor, self._depth_mean, self._depth_basis, self._cosines = (
            torch.from_numpy(a.astype(np.float32)) for a in arrays
        )

    def loss(self, lesson: Lesson, network: nn.Module | None = None) -> tuple[Tensor, Tensor]:
        """What is to become small, and what is left of the Gaussian's error, 1 = all of it.

        Relative on each occasion, so that what nobody can know of a person of whom a knee is seen does not drown what
        can be known. Depth counts in heads, and both spreads by the likelihood of the errors that are found.
        """
        off, spread, depth_off, depth_spread = self.errors(lesson, network)
        latents, truth = torch.from_numpy(lesson.latents), torch.from_numpy(lesson.truth)
        with torch.no_grad():
            alone = _size(self._off(latents, truth)).reshape(-1, lesson.size).mean(1)
        left = (_size(off).reshape(-1, lesson.size).mean(1) / alone).mean()
        unlikely = _unlikely(off, spread[..., None]) + _unlikely(depth_off, depth_spread)
        return left + _DEPTH * depth_off.abs().mean() + _SPREAD * unlikely, left

    def errors(self, lesson: Lesson, network: nn.Module | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Errors (n, 24, 28, 2) and spreads (n, 24, 28), then those of depth, (n, 24, 28) both; in heads.

        Without `network` the one that is being trained answers, in bfloat16.
        """
        given, latents, truth, depth = (
            torch.from_numpy(a) for a in (lesson.inputs, lesson.latents, lesson.truth, lesson.depth)
        )
        with torch.autocast("cpu", torch.bfloat16, enabled=network is None):
            answer = (network or self.network)(given)
        sizes = [self.rank, self.depth_rank, COSINES * len(JOINTS), DEPTH_SPREADS * len(JOINTS)]
        change, deep, spread, depth_spread = answer.float().split(sizes, 1)
        depth_off = ((self._depth_mean + deep @ self._depth_basis).reshape(depth.shape) - depth) / HEAD
        return self._off(latents + change, truth), self._over_time(spread), depth_off, self._over_time(depth_spread)

    def _off(self, latents: Tensor, truth: Tensor) -> Tensor:
        """Errors (n, 24, 28, 2) in heads."""
        return ((self._mean + latents @ self._factor).reshape(truth.shape) - truth) / HEAD

    def _over_time(self, numbers: Tensor) -> Tensor:
        """Standard deviations (n, 24, 28) in heads."""
        slow = numbers.reshape(len(numbers), -1, len(JOINTS))
        logarithm = torch.einsum("nkj,kf->nfj", slow, self._cosines[: slow.shape[1]])
        return logarithm.clamp(*SPREADS).exp() / HEAD


def _size(off: Tensor) -> Tensor:
    """Mean joint error + 2 x mean velocity error + 3 x mean acceleration error of each window."""
    position, velocity, acceleration = (
        ((off.diff(n=order, dim=1) if order else off).square().sum(-1) + 1e-8).sqrt().mean((1, 2)) for order in range(3)
    )
    return position + _VELOCITY * velocity + _ACCELERATION * acceleration


def _unlikely(off: Tensor, spread: Tensor) -> Tensor:
    """Negative log likelihood of errors under a spread; moves the spread alone."""
    return (spread.log() + (off.detach() / spread).square() / 2).mean()


def run(args: argparse.Namespace) -> int:
    """Train each network until the budget is spent; the average of the last weights is kept."""
    for name in ("minutes", "rate", "width", "occasions"):
        check_budget(name, getattr(args, name))
    if args.batch < GROUPS:
        raise InputError(f"--batch is {args.batch}, expected at least {GROUPS}, one window for each occasion.")
    clips = _without(load_dataset(args.data, "train"), args.without)
    assert_shippable(clips)
    train_prior(clips, load_dataset(args.data, "val"), args, Console())
    return 0


def _without(clips: list[Clip], sources: str) -> list[Clip]:
    left_out = {name for name in sources.split(",") if name}
    unknown = left_out - {clip.source for clip in clips}
    if unknown:
        known = ", ".join(sorted({clip.source for clip in clips}))
        raise InputError(f"No training clip is of {', '.join(sorted(unknown))}; expected some of {known}.")
    return [clip for clip in clips if clip.source not in left_out]


def train_prior(
    clips: list[Clip], held_out: list[Clip], args: argparse.Namespace, console: Console,
    augmentation: Augmentation | None = None,
) -> None:  # fmt: skip
    """Fit the linear part, unless the folder has it already, and train the networks; `args` as on the command line."""
    augmentation = augmentation or Augmentation()
    if not (args.out / LINEAR).is_file():
        fitting = Sampler(clips, augmentation, np.random.default_rng([args.seed, 4]))
        with console.status(f"Fitting the linear part to {args.windows} windows"):
            save_linear(args.out / LINEAR, fit_linear(fitting, args.windows))
    linear = load_linear(args.out / LINEAR)
    for name in args.regimes:
        console.print(f"The {name} network", highlight=False)
        regime, path = TAUGHT[name], args.out / REFINERS[name]
        teacher = _teacher(clips, augmentation, linear, regime, args.occasions, [args.seed, 5])
        examination = _teacher(held_out, augmentation, linear, regime, EXAMINATION, [args.seed, 6])
        _train(path, linear, teacher, examination.lesson(EXAMINATION, 32), args, console)


def _train(
    path: Path, linear: Linear, teacher: Teacher, examination: Lesson, args: argparse.Namespace, console: Console
) -> None:
    torch.manual_seed(args.seed)
    exercise = Exercise(linear, args.width)
    about = {"linear": identify(linear)}
    before = read_fitted(path, "refine", about["linear"]) if args.resume else None
    budget = Budget.after(before, exercise.network, args.minutes, args.rate)
    for step in budget.steps():
        loss, _ = exercise.loss(teacher.lesson(GROUPS, args.batch // GROUPS))
        step.descend(loss)
        if step.is_checkpoint:
            with torch.no_grad():
                total, left = (float(each) for each in exercise.loss(examination, budget.average))
            console.print(f"{step.minutes:.1f} min, {step.number} iterations, {left:.4f} of the error left, "
                          f"loss {total:.4f}", highlight=False)  # fmt: skip
            save_network(path, budget, **about)
    stretch_depth_spread(budget.average, exercise, examination)
    save_network(path, budget, **about)


def stretch_depth_spread(network: nn.Module, exercise: Exercise, lesson: Lesson) -> float:
    """Make what the network says of its errors in depth true of people that it was not trained on.

    Scales the spread so that 68 % of the errors in a lesson lie within it, and returns by how much. That of the
    positions needs no such factor.
    """
    with torch.no_grad():
        _, _, off, spread = exercise.errors(lesson, network)
        factor = float(np.quantile((off.abs() / spread).numpy(), _WITHIN))
        bias = list(network.parameters())[-1]
        first = exercise.rank + exercise.depth_rank + COSINES * len(JOINTS)
        bias[first : first + len(JOINTS)] += math.log(factor)
    return factor


def _teacher(
    clips: list[Clip], augmentation: Augmentation, linear: Linear, regime: Regime, occasions: int, seed: list[int]
) -> Teacher:
    rng, gaussian = np.random.default_rng(seed), linear.gaussian
    bank = [draw_occasion(gaussian, rng, regime) for _ in range(occasions)]
    return Teacher(Sampler(clips, augmentation, rng), gaussian, bank, regime)
