"""`python -m trainer evaluate`: how good weights are on held-out subjects, next to the paper's ablations and baselines.

Every method meets every condition on the same scenes; the raw results are kept in DIR/cells, so that a run that was
broken off goes on where it stopped. Writes tables.md, results.json (see `results.py`) and plots.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import BUNDLED
from jumps_blender.errors import InputError

from ..baselines import BASELINES
from ..data.dataset import load_dataset
from ..fingerprint import fingerprint
from .ablations import ablations
from .bars import judge
from .cells import FOLDER, Cells
from .conditions import CONDITIONS, SAME, Condition
from .methods import RAW, Entrant, product
from .results import Results
from .runner import Runner
from .scenes import draw_scenes
from .tables import markdown, print_tables
from .taught import School

RESULTS, TABLES = "results.json", "tables.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--weights", type=Path, help="folder of weights; the bundled ones if left out")
    parser.add_argument("--out", type=Path, default=Path("out/evaluation"), help="folder for results, tables and plots")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--windows", type=int, default=24, help="windows of 24 frames of each source")
    parser.add_argument("--conditions", nargs="+", metavar="NAME", help=f"some of: {', '.join([*CONDITIONS, *SAME])}")
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME",
        help=f"names of rows, presets ({', '.join(PRESETS)}), or: product, ablation, baseline, raw",
    )  # fmt: skip
    parser.add_argument(
        "--without-encoder", type=Path, metavar="DIR", help="run that was trained without encoder, for w/o ENC."
    )
    parser.add_argument("--fits", type=Path, default=Path("out/baselines"), help="folder that keeps fitted baselines")
    parser.add_argument("--fit-windows", type=int, default=100_000, help="training windows of the linear baselines")
    parser.add_argument("--fit-minutes", type=float, default=10.0, help="of each baseline that is a network, at most")
    parser.add_argument("--fit-steps", type=int, default=9500, help="of each baseline that is a network, at most")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    """Evaluate, print the tables, and write them with all numbers into the folder."""
    begin = time.perf_counter()
    console = Console()
    conditions = choose_conditions(args.conditions)
    scenes = draw_scenes(load_dataset(args.data, args.split), args.windows, args.seed)
    entrants = choose_methods(enrolled(args), args.methods)
    runner = Runner(scenes, Cells(args.out / FOLDER), args.seed, console)
    runner.measure(entrants, conditions)
    ours = any(entrant.kind in ("product", "ablation") for entrant in entrants)
    results = Results.of(
        runner, judge(runner.board, [each.name for each in entrants if each.kind == "baseline"]), entrants, conditions,
        options={key: _told(value) for key, value in vars(args).items() if key not in ("execute", "command")},
        weights=fingerprint(args.weights or BUNDLED) if ours else None,
        seconds=round(time.perf_counter() - begin, 1),
    )  # fmt: skip
    print_tables(results, console)
    write(args.out, results)
    console.print(f"{args.out / RESULTS} and {TABLES}, {results.seconds} s")
    return 0


def _told(value: Any) -> Any:
    return [str(each) for each in value] if isinstance(value, list) else value if value is None else str(value)


def enrolled(args: argparse.Namespace) -> list[Entrant]:
    """All rows of the tables, in their order."""
    school = School(args.data, args.fits, args.fit_windows, args.fit_minutes, args.fit_steps, args.seed)
    rows = product(args.weights, ("default", "best", "draft", "paper"), args.device, args.seed)
    rows += ablations(args.weights, args.without_encoder, args.data, args.device, args.seed)
    return [*rows, *(school.entrant(name) for name in BASELINES), RAW]


def choose_conditions(names: list[str] | None) -> list[Condition]:
    """Conditions by their names, all where none are given; raises InputError for an unknown one."""
    chosen = [SAME.get(name, name) for name in names or CONDITIONS]
    if unknown := [name for name in chosen if name not in CONDITIONS]:
        raise InputError(
            f"Unknown conditions {', '.join(unknown)}; expected some of {', '.join([*CONDITIONS, *SAME])}."
        )
    return [CONDITIONS[name] for name in dict.fromkeys(chosen)]


def choose_methods(entrants: list[Entrant], words: list[str] | None) -> list[Entrant]:
    """Entrants by name, preset or kind, all where no words are given; raises InputError for a word that fits none."""
    if words is None:
        return entrants
    if unknown := [word for word in words if not any(_fits(each, word) for each in entrants)]:
        names = ", ".join(repr(each.name) for each in entrants)
        raise InputError(f"Unknown methods {', '.join(unknown)}; expected some of {names}, or a kind of them.")
    return [each for each in entrants if any(_fits(each, word) for word in words)]


def _fits(entrant: Entrant, word: str) -> bool:
    return word in (entrant.name, entrant.kind, entrant.name.removeprefix("JUMPS, "))


def write(folder: Path, results: Results) -> None:
    """Write both files; earlier ones are replaced once both are complete."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as temporary:
        for name, content in ((RESULTS, results.to_json()), (TABLES, markdown(results))):
            Path(temporary, name).write_text(content, encoding="utf-8")
        for name in (RESULTS, TABLES):
            os.replace(Path(temporary, name), folder / name)
