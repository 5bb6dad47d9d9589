"""`python -m trainer evaluate`: how good weights are on held-out subjects, next to linear baselines."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import track

from jumps_blender.core.normalise import Units
from jumps_blender.core.skeleton import JOINTS
from jumps_blender.core.upsampler import Upsampler
from jumps_blender.core.weights import BUNDLED
from jumps_blender.core.windows import WINDOW

from ..baselines.linear import LinearMap, accumulate, choose
from ..data.dataset import assert_shippable, load_dataset
from ..fingerprint import fingerprint
from ..sampling import Augmentation, Sampler
from .report import markdown, print_tables
from .scenes import CAMERAS, Scene, cut, draw_scenes, join
from .scores import GROUPS, OBSERVED, Score, score

RESULTS, TABLES = "results.json", "tables.md"
VALIDATION_WINDOWS: Final = 2000

Method = Callable[[np.ndarray], np.ndarray]
"""From tracks (frames, 28, 2) in pixels, NaN = not observed, to all joints (frames, 28, 2)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--weights", type=Path, help="folder of weights; the bundled ones if left out")
    parser.add_argument("--out", type=Path, default=Path("out/evaluation"), help="folder for the results and tables")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--windows", type=int, default=40, help="windows of 24 frames of each source")
    parser.add_argument(
        "--settings", default="default", help="presets of the product, with commas; '' = baselines only"
    )
    parser.add_argument("--ridge-windows", type=int, default=100_000, help="training windows of the baselines")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    """Evaluate, print the tables, and write them with all numbers into the folder."""
    begin = time.perf_counter()
    console = Console()
    weights = fingerprint(args.weights or BUNDLED) if args.settings else None
    scenes = draw_scenes(load_dataset(args.data, args.split), args.windows, args.seed)
    methods = _product(args) | _baselines(args, console)
    scores = [each for name, method in methods.items() for each in _evaluate(name, method, scenes, console)]
    print_tables(scores, console)
    options = {key: str(value) for key, value in vars(args).items() if key not in ("execute", "command")}
    about: dict[str, object] = {
        "options": options,
        "weights": weights,
        "seconds": round(time.perf_counter() - begin, 1),
        "scenes": {source: len(found) for source, found in scenes.items()},
        "frames": {source: sum(len(scene.positions) for scene in found) for source, found in scenes.items()},
    }
    _write(args.out, {**about, "scores": [asdict(each) for each in scores]}, markdown(scores, about))
    console.print(f"{args.out / RESULTS} and {TABLES}, {about['seconds']} s")
    return 0


def _product(args: argparse.Namespace) -> dict[str, Method]:
    """The public door with each of the presets, under the presets' names."""
    names = [name for name in args.settings.split(",") if name]
    if not names:
        return {}
    upsampler = Upsampler.load(device=args.device, weights=args.weights)

    def method(settings: str) -> Method:
        return lambda tracks: upsampler.upsample(tracks, JOINTS, settings=settings, seed=args.seed).positions

    return {f"JUMPS, {name}": method(name) for name in names}


def _baselines(args: argparse.Namespace, console: Console) -> dict[str, Method]:
    """Ridge over windows and the affine map of single frames, fitted to the training split."""
    train = load_dataset(args.data, "train")
    assert_shippable(train)
    sampler = Sampler(train, Augmentation(scale=(0.0, 0.0)), np.random.default_rng([args.seed, 1]))
    plain = Augmentation(CAMERAS, speed=(1.0, 1.0), scale=(0.0, 0.0))
    validation = Sampler(load_dataset(args.data, "val"), plain, np.random.default_rng([args.seed, 2]))
    held_out = validation.draw(VALIDATION_WINDOWS)[0].astype(np.float64)
    with console.status(f"Fitting linear maps to {args.ridge_windows} windows"):
        equations = accumulate(lambda n: sampler.draw(n)[0], args.ridge_windows, OBSERVED, (WINDOW, 1))
    maps = dict(zip(("window ridge", "frame affine"), (choose(each, held_out) for each in equations), strict=True))
    return {name: _linear(fitted) for name, fitted in maps.items()}


def _linear(fitted: LinearMap) -> Method:
    def method(tracks: np.ndarray) -> np.ndarray:
        windows, starts = cut(tracks)
        units = Units.of(windows)
        return join(units.restore(fitted.predict(units.normalise(windows))), starts)

    return method


def _evaluate(name: str, method: Method, scenes: dict[str, list[Scene]], console: Console) -> list[Score]:
    """Scores of one method on every source and group of joints."""
    scores: list[Score] = []
    for source, found in scenes.items():
        results = [
            method(np.where(OBSERVED[:, None], scene.positions, np.nan))
            for scene in track(
                found, f"{name}: {source}", console=console, transient=True, disable=not console.is_terminal
            )
        ]
        scores += [score(name, source, group, results, found) for group in GROUPS]
    return scores


def _write(folder: Path, results: dict[str, object], text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as temporary:
        for name, content in ((RESULTS, json.dumps(results, indent=1)), (TABLES, text)):
            Path(temporary, name).write_text(content, encoding="utf-8")
            Path(temporary, name).replace(folder / name)
