"""`python -m trainer train`: train E, G and D on prepared clips."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from jumps_blender.core.gaussian import Gaussian
from jumps_blender.core.skeleton import INDEX, LIMB_JOINTS
from jumps_blender.errors import InputError

from .data.dataset import assert_shippable, load_dataset
from .loop import PUBLISHED_ITERATIONS, PUBLISHED_WINDOWS, SCHEDULES, Trainer
from .sampling import Sampler

POSE_RANK = 52
WINDOW_RANK = 288
PLACE = 0.5
"""Standard deviation in normalised units of a window's place. In training windows the mean mid-hip is the origin; where
hips were seen for a part of the window only, it is not, and a Gaussian sure of it would drag the other joints along."""
VALIDATION_WINDOWS = 2048
CHOICES = ("preset", "seed", "critic_output", "critic_norm")
"""Options that a run keeps when it is resumed."""
LAST, BEST, GAUSSIANS, RUN = "last.pt", "best.pt", "gaussians.npz", "run.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--out", type=Path, default=Path("out/run"), help="folder of the run: checkpoints, statistics")
    parser.add_argument("--preset", choices=SCHEDULES, default="small", help="the published schedule, or one for a CPU")
    parser.add_argument("--minutes", type=float, help="budget of the whole run, resumed parts included")
    parser.add_argument("--iterations", type=int, help="stop after so many iterations, resumed ones included")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    parser.add_argument("--every", type=float, default=3.0, help="minutes between validations with a checkpoint")
    parser.add_argument("--windows", type=int, default=100_000, help="windows to which the Gaussians are fitted")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--critic-output", choices=("linear", "sigmoid"), default="linear", help="sigmoid: as Fig. 4")
    parser.add_argument("--critic-norm", choices=("count", "figure"), default="count", help="figure: as Fig. 4")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")


def fit_gaussians(sampler: Sampler, windows: int) -> dict[str, Gaussian]:
    """Gaussians over single frames (56 numbers) and whole windows (1,344), in normalised units."""
    sums: dict[str, list[np.ndarray | float]] = {}
    for _ in range(max(windows // 1000, 1)):
        positions, _ = sampler.draw(1000)
        positions = positions.astype(np.float64)
        for name, flat in (("pose", positions.reshape(-1, 56)), ("window", positions.reshape(len(positions), -1))):
            parts = (float(len(flat)), flat.sum(0), flat.T @ flat)
            old = sums.get(name, [0.0, 0.0, 0.0])
            sums[name] = [a + b for a, b in zip(old, parts, strict=True)]
    fitted = {}
    for name, rank in (("pose", POSE_RANK), ("window", WINDOW_RANK)):
        count, total, squares = sums[name]
        mean = np.asarray(total / count)
        covariance = squares / count - np.outer(mean, mean)
        if name == "window":
            covariance += PLACE**2 * np.kron(np.ones((len(mean) // 2, len(mean) // 2)), np.eye(2))
        fitted[name] = Gaussian.fit(mean, covariance, rank)
    return fitted


def save_gaussians(path: Path, gaussians: dict[str, Gaussian]) -> None:
    """Write them as one npz; a kill leaves no half of it."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:  # given a name, numpy would append its own suffix
        np.savez(file, **{f"{name}.{key}": value for name, g in gaussians.items() for key, value in vars(g).items()})
    os.replace(partial, path)


def load_gaussians(path: Path) -> dict[str, Gaussian]:
    """Read what `save_gaussians` wrote; raises InputError where it did not."""
    if not path.is_file():
        raise InputError(f"{path} is missing; expected the folder of a training run. Run: python -m trainer train")
    with np.load(path) as stored:
        return {
            name: Gaussian(*(stored[f"{name}.{key}"] for key in ("mean", "factor", "noise")))
            for name in ("pose", "window")
        }


def run(args: argparse.Namespace) -> int:
    """Train until the budget is spent."""
    _check(args)
    if args.minutes is None and args.iterations is None:
        args.iterations = PUBLISHED_ITERATIONS
    console = Console()
    torch.manual_seed(args.seed)
    critic = {"critic_output": args.critic_output, "critic_norm": args.critic_norm}
    schedule = replace(SCHEDULES[args.preset], **critic)
    clips = load_dataset(args.data, "train")
    assert_shippable(clips)
    sampler = Sampler(clips, schedule.augmentation, np.random.default_rng(args.seed))
    console.print(f"{len(clips)} clips, {len(sampler.starts):,} window starts")
    judged = load_dataset(args.data, "val")
    assert_shippable(judged)  # validation chooses the checkpoint
    validation = Sampler(judged, schedule.augmentation, np.random.default_rng([args.seed, 2]))
    held_out, _ = validation.draw(VALIDATION_WINDOWS)
    args.out.mkdir(parents=True, exist_ok=True)
    if not (args.resume and (args.out / GAUSSIANS).exists()):
        fitting = Sampler(clips, schedule.augmentation, np.random.default_rng([args.seed, 1]))
        save_gaussians(args.out / GAUSSIANS, fit_gaussians(fitting, args.windows))
    precision = torch.bfloat16 if args.precision == "bfloat16" else None
    pose = load_gaussians(args.out / GAUSSIANS)["pose"]
    trainer = Trainer(schedule, sampler, pose, torch.device(args.device), precision)
    if args.resume:
        trainer.load(args.out / LAST)
    _note_options(args, trainer.seconds / 60)
    _loop(args, trainer, held_out, console)
    return 0


def read_options(folder: Path) -> dict[str, Any]:
    """What `train` was called with; raises InputError where it was not."""
    path = folder / RUN
    if not path.is_file():
        raise InputError(f"{path} is missing; expected the folder of a training run. Run: python -m trainer train")
    options: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return options


def _note_options(args: argparse.Namespace, begun: float) -> None:
    """Write down what the run was called with; `parts`, in order, are its resumed parts and the minutes before each."""
    part = {name: getattr(args, name) for name in ("minutes", "iterations", "precision")} | {"begun": round(begun, 1)}
    earlier = read_options(args.out)["parts"] if args.resume else []
    options = {name: getattr(args, name) for name in CHOICES} | {"parts": [*earlier, part]}
    partial = args.out / f"{RUN}.partial"
    partial.write_text(json.dumps(options, indent=1), encoding="utf-8")
    os.replace(partial, args.out / RUN)


def check_budget(name: str, budget: float | None) -> None:
    """Raise InputError unless there is something to spend; None is no limit."""
    if budget is not None and not budget > 0:
        raise InputError(f"--{name} is {budget}, expected a budget above 0.")


def _check(args: argparse.Namespace) -> None:
    check_budget("minutes", args.minutes)
    check_budget("iterations", args.iterations)
    if args.resume and not (args.out / LAST).is_file():
        raise InputError(f"{args.out / LAST} is missing, so there is nothing to resume. Leave out --resume.")
    if not args.resume and (args.out / LAST).is_file():
        raise InputError(f"{args.out} holds a run already. Go on with --resume, or choose another --out.")
    for name in CHOICES if args.resume else ():
        if (earlier := read_options(args.out)[name]) != getattr(args, name):
            option = f"--{name.replace('_', '-')}"
            raise InputError(
                f"{args.out} was begun with {option} {earlier}. Resume it with that, or choose another --out."
            )


def _loop(args: argparse.Namespace, trainer: Trainer, held_out: np.ndarray, console: Console) -> None:
    mask = np.isin(np.arange(len(INDEX)), [INDEX[name] for name in LIMB_JOINTS])
    checked = trainer.seconds
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress, (args.out / "stats.jsonl").open("a") as stats:
        task = progress.add_task("training", total=1.0)

        def check() -> None:
            nonlocal checked
            checked = trainer.seconds
            error = trainer.validate(held_out, mask)
            line = {"iteration": trainer.iteration, "minutes": trainer.seconds / 60, "validation": error, **values}
            stats.write(json.dumps(line) + "\n")
            stats.flush()
            names = [LAST, BEST] if error < trainer.best else [LAST]
            trainer.best = min(error, trainer.best)
            for name in names:
                trainer.save(args.out / name)
            progress.console.print({k: round(v, 4) if isinstance(v, float) else v for k, v in line.items()})

        values: dict[str, float] = {}
        for step_values in trainer.run(args.minutes, args.iterations):
            values |= step_values
            rate = trainer.iteration / max(trainer.seconds, 1e-9)
            spent = trainer.spent(args.minutes, args.iterations)
            progress.update(task, completed=spent, description=f"{trainer.iteration} iterations, {rate:.2f}/s")
            if trainer.seconds - checked > 60 * args.every:
                check()
        check()
    share = trainer.iteration * trainer.schedule.batch / PUBLISHED_WINDOWS
    minutes = trainer.seconds / 60
    console.print(f"{trainer.iteration} iterations in {minutes:.1f} minutes: {share:.1%} of the published windows")
