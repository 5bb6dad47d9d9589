"""`python -m trainer reproduce`: train every ablation of the paper equally long, and hold its claims against them.

Each row is trained with several seeds and inverted as published on held-out windows. A finished row and seed is kept:
called again, the command goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from rich.console import Console
from safetensors.numpy import save_file

from jumps_blender.core.weights import BUNDLED, DEFAULT, Weights, load_weights, read_safetensors
from jumps_blender.core.weights import PAPER as PAPER_FILE
from jumps_blender.errors import InputError

from .data.dataset import assert_shippable, load_dataset
from .evaluation.scenes import draw_scenes
from .loop import write_checkpoint
from .poses import POSES, fit_poses, load_poses, save_poses
from .reproduction.exam import FRAMES, Exam
from .reproduction.lesson import Course, prior, train
from .reproduction.report import markdown, summarise
from .reproduction.rows import CURVES, FIXED_MAP, FULL, INFERENCE, PAPER, ROWS, STEPS, settings_of
from .sampling import PAPER as CAMERAS_ALONE
from .sampling import Sampler
from .train import BEST, LAST, check_budget

RESULTS, TABLE, OPTIONS, FINISHED = "reproduce.json", "reproduce.md", "options.json", "found.json"
KEPT: Final = ("steps", "batch", "rate", "precision", "scenes", "windows")
"""Options that all rows of a folder have in common."""

_HELD_OUT: Final = 512


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--out", type=Path, default=Path("out/reproduce"), help="folder of the runs and the results")
    parser.add_argument("--results", type=Path, help=f"folder of {RESULTS} and {TABLE}; --out if left out")
    parser.add_argument("--steps", type=int, default=400, help="iterations of every row")
    parser.add_argument("--batch", type=int, default=64, help="windows of an iteration")
    parser.add_argument("--rate", type=float, default=1e-4, help="learning rate of all networks")
    parser.add_argument("--seeds", type=int, default=3, help="runs of every row")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), help="rows to train")
    parser.add_argument("--scenes", type=int, default=1, help=f"scenes of {FRAMES} frames of each source to invert")
    parser.add_argument("--windows", type=int, default=20_000, help="windows to which the Gaussian is fitted")
    parser.add_argument(
        "--report-only", action="store_true", help="write the results of what is finished, train nothing"
    )
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")


def run(args: argparse.Namespace) -> int:
    """Train and score what is not finished yet, then write the results."""
    _check(args)
    console = Console()
    bench = Bench.set_up(args)
    for seed in range(args.seeds):
        for row in () if args.report_only else args.rows:
            bench.finish(row, seed, console)
            _write(args, bench)  # what is there can be read while the rest is trained
    _write(args, bench)
    console.print(f"{_results(args) / RESULTS} and {TABLE}")
    return 0


def _results(args: argparse.Namespace) -> Path:
    folder: Path = args.results or args.out
    return folder


def _check(args: argparse.Namespace) -> None:
    for name in ("steps", "batch", "rate", "seeds", "scenes", "windows"):
        check_budget(name, getattr(args, name))
    args.out.mkdir(parents=True, exist_ok=True)
    asked, path = {name: getattr(args, name) for name in KEPT}, args.out / OPTIONS
    if path.is_file() and (kept := json.loads(path.read_text(encoding="utf-8"))) != asked:
        raise InputError(f"{args.out} holds runs with {kept}, asked for was {asked}. Choose another --out.")
    _write_text(path, json.dumps(asked))


@dataclass(frozen=True)
class Bench:
    """Where rows are trained and examined."""

    folder: Path
    course: Course
    exam: Exam
    base: Weights

    @classmethod
    def set_up(cls, args: argparse.Namespace) -> Bench:
        """Read the data, fit the Gaussian that fills the encoder's input, set the exam."""
        clips, judged = load_dataset(args.data, "train"), load_dataset(args.data, "val")
        assert_shippable([*clips, *judged])
        path = args.out / POSES
        if not path.is_file():
            save_poses(path, fit_poses(Sampler(clips, CAMERAS_ALONE, np.random.default_rng([0, 1])), args.windows))
        pose = load_poses(path)
        held_out, _ = Sampler(judged, CAMERAS_ALONE, np.random.default_rng([0, 2])).draw(_HELD_OUT)
        precision = torch.bfloat16 if args.precision == "bfloat16" else None
        course = Course(args.steps, args.batch, args.rate, precision, clips, held_out, pose)
        drawn = draw_scenes(judged, 20 * args.scenes, 0)
        long = {source: [s for s in found if len(s.positions) >= FRAMES] for source, found in drawn.items()}
        exam = Exam.set([scene for found in long.values() for scene in found[: args.scenes]], pose)
        return cls(args.out, course, exam, load_weights())

    def place(self, row: str, seed: int) -> Path:
        """Folder of a row and seed."""
        plain = "".join(c if c.isalnum() else "-" for c in row.lower())
        return self.folder / f"{plain}-{seed}"

    def found(self, row: str, seed: int) -> dict[str, Any] | None:
        """What a finished row and seed came to."""
        path = self.place(row, seed) / FINISHED
        found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        return found

    def finish(self, row: str, seed: int, console: Console) -> None:
        """Train and score a row with a seed, or skip it where that is done."""
        begin, place = time.perf_counter(), self.place(row, seed)
        if self.found(row, seed):
            _add_direct_answer(place / "weights")
            console.print(f"{row}, seed {seed}: kept")
            return
        place.mkdir(exist_ok=True)
        trainer = self.course.begin(ROWS[row], seed)
        if (place / LAST).is_file():
            trainer.load(place / LAST)
        curve_file = place / "curve.json"
        curve = json.loads(curve_file.read_text(encoding="utf-8")) if curve_file.is_file() else []
        curve = [point for point in curve if point["step"] <= trainer.iteration]

        def keep() -> None:
            _write_text(curve_file, json.dumps(curve))
            trainer.save(place / LAST)

        train(self.course, trainer, curve, keep)
        finished = {name: part for name, part in trainer.state().items() if "optimiser" not in name}
        write_checkpoint(place / BEST, finished)
        weights = prior(self.course, trainer, self.base)
        _save_weights(place / "weights", weights, trainer.iteration)
        _add_direct_answer(place / "weights")
        score_begin = time.perf_counter()
        found = {"row": row, "seed": seed, "curve": curve, "training_seconds": round(trainer.seconds, 1)}
        found |= self._score(row, seed, weights)
        found["scoring_seconds"] = round(time.perf_counter() - score_begin, 1)
        _write_text(place / FINISHED, json.dumps(found))
        (place / LAST).unlink()  # the optimisers' state is two thirds of it, and served its purpose
        taken = time.perf_counter() - begin
        console.print(f"{row}, seed {seed}: {taken:.0f} s, {found['paper']}", highlight=False, soft_wrap=True)

    def _score(self, row: str, seed: int, weights: Weights) -> dict[str, Any]:
        answer = self.exam.sit(weights, settings_of(row), seed)
        found: dict[str, Any] = {
            "paper": answer.measures(),
            "w/o overlap": answer.measures(every=2),
            "by_position": answer.by_position(),
        }
        if row == FULL:
            found["inference"] = {
                name: self.exam.sit(weights, settings, seed).measures() for name, settings in INFERENCE.items()
            }
            fixed = self.exam.through_one_map().sit(weights, replace(PAPER, align=False), seed)
            found["inference"][FIXED_MAP] = fixed.measures()
            found["convergence"] = {name: self._converge(weights, each, seed) for name, each in CURVES.items()}
        return found

    def _converge(self, weights: Weights, settings: Any, seed: int) -> list[dict[str, float]]:
        points = []
        for steps in STEPS:
            measures = self.exam.sit(weights, replace(settings, steps=steps), seed).measures()
            points.append({"step": steps, **measures})
        return points


def _save_weights(folder: Path, weights: Weights, iterations: int) -> None:
    """Write networks as a folder that `Upsampler.load(weights=...)` reads."""
    folder.mkdir(exist_ok=True)
    pose = {f"pose.{name}": np.float32(value) for name, value in vars(weights.pose).items() if value is not None}
    told = {"critic_output": weights.critic_output, "critic_norm": weights.critic_norm}
    told |= {"critic_mean": repr(weights.critic_mean), "critic_spread": repr(weights.critic_spread)}
    _, bundled = read_safetensors(BUNDLED / PAPER_FILE)
    metadata = {"version": bundled["version"], "iterations": str(iterations), **told}
    save_file(weights.networks | pose, folder / PAPER_FILE, metadata)


def _add_direct_answer(folder: Path) -> None:
    """Put the bundled direct answer beside networks: a folder of weights holds both."""
    (folder / DEFAULT).write_bytes((BUNDLED / DEFAULT).read_bytes())


def _write_text(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _write(args: argparse.Namespace, bench: Bench) -> None:
    """Results and table of what is finished."""
    done = [found for row in ROWS for seed in range(args.seeds) if (found := bench.found(row, seed))]
    options = {name: getattr(args, name) for name in KEPT} | {"seeds": args.seeds}
    share = bench.course.schedule({}).share(args.steps)
    results = summarise(done, options | {"share": share, "windows": len(bench.exam.units.scale)})
    folder = _results(args)
    folder.mkdir(parents=True, exist_ok=True)
    _write_text(folder / RESULTS, json.dumps(results, indent=1))
    _write_text(folder / TABLE, markdown(results))
