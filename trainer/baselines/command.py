"""`python -m trainer baselines`: fit what the evaluation compares with, ahead of it."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.errors import InputError

from ..data.dataset import Clip, assert_shippable, load_dataset
from ..sampling import PAPER, Augmentation, Sampler
from .lessons import Lessons
from .method import Examination
from .store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    from . import BASELINES

    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--out", type=Path, default=Path("out/baselines"), help="folder in which the fits are kept")
    parser.add_argument("--only", nargs="*", choices=BASELINES, default=list(BASELINES), help="names of baselines")
    parser.add_argument("--sets", default="limbs", help="observed joints, with commas: limbs, or ids of joint sets")
    add_budget(parser)


def add_budget(parser: argparse.ArgumentParser) -> None:
    """The options of `lessons`, the same wherever baselines are fitted: what is kept is found by them again."""
    parser.add_argument("--windows", type=int, default=100_000, help="training windows of linear maps and Gaussians")
    parser.add_argument("--minutes", type=float, default=10.0, help="of a processor, to train each network, at most")
    parser.add_argument("--steps", type=int, default=9500, help="training steps of each network, at most")
    parser.add_argument("--seed", type=int, default=0)


def lessons(data: Path, folder: Path | None, windows: int, minutes: float, steps: int, seed: int) -> Lessons:
    """Lessons from a prepared data set; fits are kept in `folder`.

    Validation windows are drawn as the evaluation's scenes are: by random views, the body as captured.
    Raises InputError where the data set is missing or weights trained on it could not be shipped.
    """
    train, validation = load_dataset(data, "train"), load_dataset(data, "val")
    assert_shippable([*train, *validation])
    return teach(train, validation, Store(folder), windows, minutes, steps, seed)


def teach(
    train: list[Clip], validation: list[Clip], store: Store, windows: int, minutes: float, steps: int, seed: int,
    augmentation: Augmentation | None = None,
) -> Lessons:  # fmt: skip
    """Lessons from clips; the training windows are varied as those of the prior where nothing else is said."""
    rng = np.random.default_rng(seed)
    taught = Sampler(train, augmentation or Augmentation(), rng)
    return Lessons(taught, Sampler(validation, PAPER, rng), windows, minutes, seed, steps, store=store)


def observed_set(name: str) -> np.ndarray:
    """Bool (28,): the joints that `limbs` or a joint set shows; raises InputError for an unknown one."""
    names = LIMB_JOINTS if name == "limbs" else [JOINTS[joint] for _, joint in find_joint_set(name).observes]
    return np.isin(JOINTS, names)


def run(args: argparse.Namespace) -> int:
    """Fit all, and tell what was chosen on clean validation windows."""
    from . import BASELINES

    if not (args.minutes > 0 and args.windows > 0 and args.steps > 0):
        raise InputError("--minutes, --windows and --steps: expected budgets above 0.")
    console = Console()
    taught = lessons(args.data, args.out, args.windows, args.minutes, args.steps, args.seed)
    for shown in args.sets.split(","):
        observed = observed_set(shown)
        for name in args.only:
            begin = time.perf_counter()
            method = BASELINES[name].fit(taught, observed)
            chosen = ", ".join(f"{key} {value}" for key, value in method.chosen)
            error, seconds = Examination(taught).error(method), time.perf_counter() - begin
            found = f"{error:.4f} heads on validation, {chosen}; {seconds:.0f} s"
            console.print(f"{shown}: {name}: {found}", highlight=False)
    return 0
