"""`python -m trainer train`: train E, G and D on prepared clips. Under torchrun, in several processes."""

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

from jumps_blender.core.body.skeleton import INDEX, LIMB_JOINTS
from jumps_blender.errors import InputError

from .data.dataset import assert_shippable, load_dataset
from .journal import Journal, summary
from .loop import Trainer
from .poses import POSES, fit_poses, load_poses, save_poses
from .processes import World, choose_device, choose_precision
from .sampling import Sampler
from .schedule import PUBLISHED_ITERATIONS, SCHEDULES, SWITCHES, Schedule, without

VALIDATION_WINDOWS = 2048
CHOICES = ("preset", "seed", "critic_output", "critic_norm")
"""Options that a run keeps when it is resumed, and that a model card tells."""
VARIATIONS: dict[str, Any] = {"without": [], "batch": None, "rate": None}
"""Further options that it keeps, as they are where a run does not tell."""
LAST, BEST, RUN = "last.pt", "best.pt", "run.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--out", type=Path, default=Path("out/run"), help="folder of the run: checkpoints, statistics")
    parser.add_argument("--preset", choices=SCHEDULES, default="small", help="the published schedule, or one for a CPU")
    parser.add_argument("--minutes", type=float, help="budget of the whole run, resumed parts included")
    parser.add_argument("--iterations", "--steps", type=int, help="stop after so many, resumed ones included")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    parser.add_argument("--every", type=float, default=3.0, help="minutes between validations with a checkpoint")
    parser.add_argument("--windows", type=int, default=100_000, help="windows to fit the Gaussian over poses to")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, help="windows of an iteration, of all processes together")
    parser.add_argument("--rate", type=float, help="learning rate of all three networks")
    parser.add_argument("--without", choices=SWITCHES, action="append", default=[], help="train without; repeatable")
    parser.add_argument("--critic-output", choices=("linear", "sigmoid"), default="linear", help="sigmoid: as Fig. 4")
    parser.add_argument("--critic-norm", choices=("count", "figure"), default="count", help="figure: as Fig. 4")
    parser.add_argument("--device", default="auto", help="auto takes a GPU where there is one")
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument("--tensorboard", action="store_true", help="write the numbers for tensorboard too")


def run(args: argparse.Namespace) -> int:
    """Train until the budget is spent."""
    _check(args)
    if args.minutes is None and args.iterations is None:
        args.iterations = PUBLISHED_ITERATIONS
    world = World.join(args.device)
    try:
        _train(args, world, Console(quiet=not world.leads))
    finally:
        world.leave()
    return 0


def _train(args: argparse.Namespace, world: World, console: Console) -> None:
    device = choose_device(args.device, world)
    schedule = _schedule(args)
    world.part(schedule.batch)
    torch.manual_seed(args.seed)
    clips = load_dataset(args.data, "train")
    assert_shippable(clips)
    chance = [args.seed, 3, world.rank] if world.rank else args.seed
    sampler = Sampler(clips, schedule.augmentation, np.random.default_rng(chance))
    console.print(f"{len(clips)} clips, {len(sampler.starts):,} window starts")
    judged = load_dataset(args.data, "val")
    assert_shippable(judged)  # validation chooses the checkpoint
    validation = Sampler(judged, schedule.augmentation, np.random.default_rng([args.seed, 2]))
    held_out, _ = validation.draw(VALIDATION_WINDOWS)
    args.out.mkdir(parents=True, exist_ok=True)
    journal = Journal(args.out, console, args.tensorboard and world.leads)
    if world.leads and not (args.resume and (args.out / POSES).exists()):
        fitting = Sampler(clips, schedule.augmentation, np.random.default_rng([args.seed, 1]))
        save_poses(args.out / POSES, fit_poses(fitting, args.windows))
    world.gather(None)  # the others wait until the first has written the Gaussian
    pose = load_poses(args.out / POSES)
    trainer = Trainer(schedule, sampler, pose, device, choose_precision(args.precision, device), world)
    if world.rank:
        torch.manual_seed(args.seed + world.rank)  # the same weights, other latents
    if args.resume:
        trainer.load(args.out / LAST)
    if world.leads:
        _note_options(args, trainer.seconds / 60)
    _loop(args, trainer, held_out, journal)


def _schedule(args: argparse.Namespace) -> Schedule:
    """The preset with what the command line changes of it."""
    fields: dict[str, Any] = {"critic_output": args.critic_output, "critic_norm": args.critic_norm}
    fields |= {"batch": args.batch} if args.batch else {}
    fields |= {"rate": args.rate, "critic_rate": args.rate} if args.rate else {}
    return replace(SCHEDULES[args.preset], **fields, **without(args.without))


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
    options = {name: getattr(args, name) for name in (*CHOICES, *VARIATIONS)} | {"parts": [*earlier, part]}
    partial = args.out / f"{RUN}.partial"
    partial.write_text(json.dumps(options, indent=1), encoding="utf-8")
    os.replace(partial, args.out / RUN)


def check_budget(name: str, budget: float | None) -> None:
    """Raise InputError unless there is something to spend; None is no limit."""
    if budget is not None and not budget > 0:
        raise InputError(f"--{name} is {budget}, expected a budget above 0.")


def _check(args: argparse.Namespace) -> None:
    for name in ("minutes", "iterations", "batch", "rate"):
        check_budget(name, getattr(args, name))
    if args.resume and not (args.out / LAST).is_file():
        raise InputError(f"{args.out / LAST} is missing, so there is nothing to resume. Leave out --resume.")
    if not args.resume and (args.out / LAST).is_file():
        raise InputError(f"{args.out} holds a run already. Go on with --resume, or choose another --out.")
    told = VARIATIONS | read_options(args.out) if args.resume else {}
    for name in (*CHOICES, *VARIATIONS) if args.resume else ():
        if (earlier := told[name]) != getattr(args, name):
            option = f"--{name.replace('_', '-')}"
            raise InputError(
                f"{args.out} was begun with {option} {earlier}. Resume it with that, or choose another --out."
            )


def _loop(args: argparse.Namespace, trainer: Trainer, held_out: np.ndarray, journal: Journal) -> None:
    mask = np.isin(np.arange(len(INDEX)), [INDEX[name] for name in LIMB_JOINTS])
    world, begun, checked = trainer.world, trainer.iteration, trainer.seconds
    values: dict[str, float] = {}

    def check() -> None:
        nonlocal checked
        checked = trainer.seconds
        error = trainer.validate(held_out, mask)
        better = error is None or error < trainer.best
        trainer.best = trainer.best if error is None else min(error, trainer.best)
        state = trainer.state()
        if world.leads:
            line = {"iteration": trainer.iteration, "minutes": trainer.seconds / 60, "validation": error, **values}
            journal.note(line)
            journal.sheet(trainer, held_out, mask)
            journal.keep(state, [LAST, BEST] if better else [LAST])

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=journal.console, disable=not world.leads) as progress:
        task = progress.add_task("training", total=1.0)
        for step_values in trainer.run(args.minutes, args.iterations):
            values |= step_values
            rate = (trainer.iteration - begun) / trainer.working
            text = f"{trainer.iteration} iterations, {rate:.2f}/s, {rate * trainer.schedule.batch:.0f} windows/s"
            progress.update(task, completed=trainer.spent(args.minutes, args.iterations), description=text)
            if world.agree(trainer.seconds - checked) > 60 * args.every:
                check()
        check()
    journal.console.print(summary(trainer, begun), highlight=False)
    journal.close()
