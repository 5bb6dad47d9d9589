"""`python -m trainer follow`: train how joints that nobody saw take part in fast motion."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.follower import HEARD, POSE, described
from jumps_blender.core.direct.gaussian import Gaussian
from jumps_blender.core.direct.jitter import slow
from jumps_blender.errors import InputError

from .data.dataset import assert_shippable, load_dataset
from .fingerprint import identify
from .linear import LINEAR, load_linear
from .practice import Budget, read_fitted, save_network
from .sampling import Augmentation, Sampler, draw_mask
from .train import check_budget

FOLLOWER: Final = "follower.pt"

EXAMINATION: Final = 3200
"""Windows of the validation clips."""

MASKS: Final = 8
"""Masks in a batch."""

_LOOKS: Final = 6
"""Frames of each window that count."""

_EXACT: Final = 1e-9
"""Variance in normalised units that observations are granted: next to none."""

_SMALL: Final = 1e-8
"""Square of an error, in sizes of the body, below which it counts as its square: at rest there is nothing to learn."""


class Network(nn.Module):
    """The torch side of `core.direct.follower`; starts at "adds nothing"."""

    def __init__(self, gates: int) -> None:
        super().__init__()
        gelu = nn.GELU(approximate="tanh")
        self.gate = nn.Sequential(nn.Linear(POSE, gates), gelu, nn.Linear(gates, gates))
        self.hears = nn.Parameter(torch.randn(HEARD, gates) / HEARD**0.5)
        self.says = nn.Parameter(torch.zeros(gates, 2 * len(JOINTS)))

    def forward(self, poses: Tensor, heard: Tensor) -> Tensor:
        """What is added to fast motion, (n, 56), in sizes of the body."""
        return (heard @ self.hears * self.gate(poses)) @ self.says


@dataclass(frozen=True)
class Looks:
    """Frames as the follower is shown them, float32, those of one mask after those of another, equally many.

    poses (n, POSE) and heard (n, HEARD); left (n, 28, 2): fast motion that the Gaussian's remainder does not tell;
    hidden (n, 28): 1 where a joint is not seen.
    """

    poses: Tensor
    heard: Tensor
    left: Tensor
    hidden: Tensor


def draw_looks(sampler: Sampler, gaussian: Gaussian, windows: int) -> Looks:
    """Draw windows, see each of MASKS parts of them through a mask, and look at some frames of each."""
    rng = sampler.rng
    truth = sampler.look(windows).positions
    masks = np.repeat([draw_mask(rng) for _ in range(MASKS)], windows // MASKS, axis=0)
    shown = np.broadcast_to(masks[:, None], truth.shape[:-1])
    fast = truth - slow(truth)
    variance = np.repeat(np.where(shown, _EXACT, np.inf).reshape(windows, -1), 2, axis=1)
    told = gaussian.follow(np.where(np.isfinite(variance), fast.reshape(windows, -1), 0.0), variance)
    poses, heard, size = described(truth, shown)
    left = (fast - told.reshape(truth.shape)).reshape(-1, len(JOINTS), 2) / size[..., None]
    chosen = (WINDOW * np.arange(windows)[:, None] + rng.integers(0, WINDOW, (windows, _LOOKS))).ravel()
    arrays = (each[chosen] for each in (poses, heard, left, ~shown.reshape(-1, len(JOINTS))))
    return Looks(*(torch.from_numpy(each.astype(np.float32)) for each in arrays))


def loss(network: nn.Module, looks: Looks) -> Tensor:
    """Mean error of hidden joints, 1 = that of the Gaussian's remainder, the mean over masks."""
    off = looks.left - network(looks.poses, looks.heard).reshape(looks.left.shape)
    errors = (_sizes(each, looks.hidden).reshape(MASKS, -1).sum(1) for each in (off, looks.left))
    return torch.divide(*errors).mean()


def _sizes(off: Tensor, hidden: Tensor) -> Tensor:
    return hidden * (off.square().sum(-1) + _SMALL).sqrt()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--out", type=Path, default=Path("out/prior"), help="folder of the prior")
    parser.add_argument("--minutes", type=float, default=10.0, help="budget")
    parser.add_argument("--batch", type=int, default=128, help=f"windows, seen through {MASKS} masks")
    parser.add_argument("--rate", type=float, default=2e-3, help="AdamW's learning rate, falling along a cosine")
    parser.add_argument("--resume", action="store_true", help="go on from the follower in the folder, new budget")
    parser.add_argument("--width", type=int, default=128, help="of the hidden layer, and numbers that are gated")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    """Train until the budget is spent; the average of the last weights is kept."""
    for name in ("minutes", "rate", "width"):
        check_budget(name, getattr(args, name))
    if args.batch < MASKS:
        raise InputError(f"--batch is {args.batch}, expected at least {MASKS}, one window for each mask.")
    torch.manual_seed(args.seed)
    console = Console()
    clips = load_dataset(args.data, "train")
    assert_shippable(clips)
    linear = load_linear(args.out / LINEAR)
    sampler, held_out = (
        Sampler(found, Augmentation(), np.random.default_rng([args.seed, number]))
        for number, found in ((11, clips), (12, load_dataset(args.data, "val")))
    )
    examination = draw_looks(held_out, linear.gaussian, EXAMINATION)
    network = Network(args.width)
    about = {"linear": identify(linear)}
    before = read_fitted(args.out / FOLLOWER, "follow", about["linear"]) if args.resume else None
    budget = Budget.after(before, network, args.minutes, args.rate)
    for step in budget.steps():
        step.descend(loss(network, draw_looks(sampler, linear.gaussian, MASKS * (args.batch // MASKS))))
        if step.is_checkpoint:
            with torch.no_grad():
                left = float(loss(budget.average, examination))
            console.print(f"{step.minutes:.1f} min, {step.number} iterations, {left:.4f} of the error left",
                          highlight=False)  # fmt: skip
            save_network(args.out / FOLLOWER, budget, **about)
    save_network(args.out / FOLLOWER, budget, **about)
    return 0
