"""`python -m trainer screen`: train what judges observations: how noisy a clip is, and what in it cannot be right."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from jumps_blender.core.body.skeleton import ARMS_AND_LEGS, JOINTS, MIRROR, exchange_sides
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.screening import INPUTS, OFFSETS, OUTPUTS, features

from .cameras import see
from .data.dataset import Clip, assert_shippable, load_dataset
from .linear import LINEAR, load_linear
from .noise import episodes, occlusions, outliers, swaps, wandering
from .noise_judge import CASES, JUDGE, draw_cases, fit_noise_judge
from .practice import Budget, perceptron, read_state, save_network, write_state
from .sampling import Augmentation, Sampler, draw_mask
from .train import check_budget

SCREEN: Final = "screen.pt"
_REACH: Final = max(OFFSETS)
_FRAMES: Final = 2 * _REACH + WINDOW
_LOOKS: Final = 12
"""Frames of each stretch that are judged."""

_VISIBLE: Final = 0.4
"""Heads by which a point must be off to be called elsewhere; less is noise."""


FASTER: Final = Augmentation(speed=(0.8, 1.8))
"""Boxers are few in the data, and what nobody in training did looks wrong: everybody is shown faster, too."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--out", type=Path, default=Path("out/prior"), help="folder of the prior")
    parser.add_argument("--minutes", type=float, default=10.0, help="budget")
    parser.add_argument("--batch", type=int, default=48, help="stretches of motion, each looked at in several frames")
    parser.add_argument("--rate", type=float, default=1e-3, help="AdamW's learning rate, falling along a cosine")
    parser.add_argument("--resume", action="store_true", help="go on from the screen in the folder, with a new budget")
    parser.add_argument("--width", type=int, default=320, help="of the two hidden layers")
    parser.add_argument("--cases", type=int, default=CASES, help="made-up clips from which noise is learned")
    parser.add_argument("--seed", type=int, default=0)


@dataclass(frozen=True)
class Looks:
    """What the network is shown, and what is true of it.

    inputs: (n, INPUTS); truth: bool (n, OUTPUTS), joints that are elsewhere, then arms and legs that are swapped;
    counts: bool (n, OUTPUTS), where the truth can be known: observed joints, limbs whose sides differ.
    """

    inputs: np.ndarray
    truth: np.ndarray
    counts: np.ndarray


def draw_looks(sampler: Sampler, stretches: int) -> Looks:
    """Draw stretches of motion, spoil them as detectors do, and look at some frames of each."""
    rng = sampler.rng
    view = see(sampler.draw_motion(stretches, _FRAMES), rng, sampler.augmentation.cameras)
    truth, heads = view.positions, view.heads
    positions, wrong = spoil(truth, heads, rng)
    positions, swapped = swaps(positions, rng, rng.uniform(0, 0.25, stretches), (2, 40))
    wrong = exchange_sides(wrong[..., None], swapped)[..., 0]
    masks = np.array([draw_mask(rng) for _ in range(stretches)])[:, None]
    shown = masks & ~occlusions(stretches, _FRAMES, rng, rng.uniform(0, 0.4, stretches), (2, 20))
    apart = np.linalg.norm(truth - truth[:, :, MIRROR], axis=-1) / heads[..., None] > _VISIBLE
    both = shown & shown[:, :, MIRROR] & apart
    distinct = (both[:, :, None] & ARMS_AND_LEGS).any(-1)
    frames = rng.integers(_REACH, _REACH + WINDOW, (stretches, _LOOKS))
    seen = np.where(shown[..., None], positions, np.nan).astype(np.float32)
    context = seen[np.arange(stretches)[:, None, None], frames[..., None] + np.array(OFFSETS)]
    here = np.arange(stretches)[:, None], frames
    told = (np.concatenate(pair, -1)[here].reshape(-1, OUTPUTS) for pair in ((wrong, swapped), (shown, distinct)))
    return Looks(features(context.reshape(-1, *context.shape[2:])), *told)


def spoil(truth: np.ndarray, heads: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Noise of random levels, limbs and single joints elsewhere.

    Returns positions (n, frames, 28, 2) and bool (n, frames, 28), what is visibly elsewhere.
    """
    n, frames = heads.shape
    level, bias, white = (
        (rng.uniform(0, most, n) * (rng.random(n) < share))[:, None, None, None]
        for most, share in ((0.3, 0.8), (0.12, 0.9), (0.15, 0.5))
    )
    heads = heads[..., None, None]
    noise = bias * rng.standard_normal((n, 1, len(JOINTS), 2)) + level * wandering(truth.shape, rng)
    noisy = truth + heads * (noise + white * rng.standard_normal(truth.shape, np.float32))
    share = rng.uniform(0, 0.35, n) * (rng.random(n) < 0.8)
    positions, wrong = outliers(noisy, heads[..., 0, 0], rng, share)
    alone = episodes(n, frames, len(JOINTS), rng.uniform(0, 0.2, n), (1, 6), rng)
    single = np.arange(1, len(JOINTS) + 1) == alone[..., None]
    throw = rng.standard_normal((n, 1, len(JOINTS), 2)) * np.exp(rng.normal(0.2, 0.6, (n, 1, 1, 1)))
    positions = np.where(single[..., None], positions + throw * heads, positions)
    off = np.linalg.norm(positions - noisy, axis=-1) > _VISIBLE * heads[..., 0]
    return positions, (wrong | single) & off


def loss(network: nn.Module, looks: Looks) -> Tensor:
    """Binary cross-entropy of what can be known, per judgement."""
    inputs, truth, counts = (torch.from_numpy(a) for a in (looks.inputs, looks.truth, looks.counts))
    each = nn.functional.binary_cross_entropy_with_logits(network(inputs).float(), truth.float(), reduction="none")
    return each[counts].mean()


def describe(network: nn.Module, looks: Looks) -> str:
    """Share of what is wrong that is found, and share of what is right that is accused, for joints and for sides."""
    with torch.no_grad():
        odds = network(torch.from_numpy(looks.inputs)).numpy()
    parts = []
    for name, columns in (("elsewhere", slice(0, len(JOINTS))), ("swapped", slice(len(JOINTS), OUTPUTS))):
        said, truth, counts = odds[:, columns] > 0, looks.truth[:, columns], looks.counts[:, columns]
        parts.append(f"{name} {said[truth & counts].mean():.3f} found, {said[~truth & counts].mean():.4f} accused")
    return "; ".join(parts)


def run(args: argparse.Namespace) -> int:
    """Train until the budget is spent; the average of the last weights is kept."""
    for name in ("minutes", "batch", "rate", "width", "cases"):
        check_budget(name, getattr(args, name))
    torch.manual_seed(args.seed)
    console = Console()
    clips = load_dataset(args.data, "train")
    assert_shippable(clips)
    _judge_noise(clips, args, console)
    sampler = Sampler(clips, FASTER, np.random.default_rng([args.seed, 7]))
    held_out = Sampler(load_dataset(args.data, "val"), Augmentation(), np.random.default_rng([args.seed, 8]))
    examination = draw_looks(held_out, 600)
    network = perceptron(INPUTS, args.width, OUTPUTS)
    before = read_state(args.out / SCREEN, "screen") if args.resume else None
    budget = Budget.after(before, network, args.minutes, args.rate)
    for step in budget.steps():
        step.descend(loss(network, draw_looks(sampler, args.batch)))
        if step.is_checkpoint:
            with torch.no_grad():
                left = float(loss(budget.average, examination))
            console.print(f"{step.minutes:.1f} min, {step.number} iterations, {left:.4f}: "
                          f"{describe(budget.average, examination)}", highlight=False)  # fmt: skip
            save_network(args.out / SCREEN, budget)
    save_network(args.out / SCREEN, budget)
    return 0


def _judge_noise(clips: list[Clip], args: argparse.Namespace, console: Console) -> None:
    gaussian = load_linear(args.out / LINEAR).gaussian
    with console.status("Learning to judge noise"):
        sampler = Sampler(clips, Augmentation(), np.random.default_rng([args.seed, 9]))
        judge = fit_noise_judge(*draw_cases(sampler, gaussian, args.cases), args.seed)
    held_out = Sampler(load_dataset(args.data, "val"), Augmentation(), np.random.default_rng([args.seed, 10]))
    told, truth = draw_cases(held_out, gaussian, max(args.cases // 10, 1))
    with torch.no_grad():
        off = judge(torch.from_numpy(told))[:, 0].numpy() - truth[:, 0]
    console.print(f"the noise of a window is judged within a factor of {np.exp(off.std()):.2f}", highlight=False)
    write_state(args.out / JUDGE, {"model": judge.state_dict()})
