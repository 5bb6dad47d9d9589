"""`python -m trainer evaluate`: how good weights are on held-out subjects, next to the paper's ablations and baselines.

Every method meets every condition on the same scenes; the raw results are kept in DIR/cells, so that a run that was
broken off goes on where it stopped. Writes tables.md, results.json and details.json (see `results.py`) and plots.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import BUNDLED
from jumps_blender.errors import InputError

from ..baselines import BASELINES
from ..data.dataset import load_dataset
from ..fingerprint import fingerprint
from ..train import check_budget
from .ablations import PLACED, ablations
from .bars import judge
from .cells import FOLDER, Cells
from .conditions import CONDITIONS, ESTIMATES, SAME, Condition, estimated
from .evidence import OURS, Evidence
from .inquiries import inquire
from .methods import RAW, Entrant, load, product
from .multiview import Shot
from .multiview_run import BASELINES as PORTABLE
from .multiview_run import MULTIVIEW, Bench, load_shots, write_scores
from .results import Results
from .runner import Runner
from .scenes import Scene, draw_scenes
from .tables import markdown, print_tables
from .taught import School

RESULTS, DETAILS, TABLES = "results.json", "details.json", "tables.md"

KINDS: Final = ("product", "ablation", "baseline", "raw")
"""Kinds of methods, by which several are chosen at once."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--weights", type=Path, help="folder of weights; the bundled ones if left out")
    parser.add_argument("--out", type=Path, default=Path("out/evaluation"), help="folder for results, tables and plots")
    parser.add_argument(
        "--split", choices=("train", "val", "test"), default="test",
        help="people to measure on; train: those it was trained on, to see what better generalisation could give",
    )  # fmt: skip
    parser.add_argument("--windows", type=int, default=24, help="windows of 24 frames of each source")
    parser.add_argument("--conditions", nargs="+", metavar="NAME", help=f"some of: {', '.join([*CONDITIONS, *SAME])}")
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME",
        help=f"names of rows, presets ({', '.join(PRESETS)}), or {', '.join(KINDS)}",
    )  # fmt: skip
    parser.add_argument(
        "--without-encoder", type=Path, metavar="DIR", help="run that was trained without encoder, for w/o ENC."
    )
    parser.add_argument("--fits", type=Path, default=Path("out/baselines"), help="folder that keeps fitted baselines")
    parser.add_argument("--fit-windows", type=int, default=100_000, help="training windows of the linear baselines")
    parser.add_argument("--fit-minutes", type=float, default=10.0, help="of each baseline that is a network, at most")
    parser.add_argument("--fit-steps", type=int, default=9500, help="of each baseline that is a network, at most")
    parser.add_argument(
        "--multiview", type=Path, default=MULTIVIEW, metavar="DIR", help="real estimates in several views, for Table II"
    )
    parser.add_argument(
        "--mpi-inf-3dhp",
        type=Path,
        metavar="DIR",
        help="test set of MPI-INF-3DHP, the paper's own, to measure on",
    )
    parser.add_argument("--estimates", type=Path, metavar="DIR", help="a detector's files of it: TS1.json ...")
    parser.add_argument("--plots", action=argparse.BooleanOptionalAction, default=True, help="draw the figures")
    parser.add_argument(
        "--reproduction", type=Path, default=Path("out/reproduce/reproduce.json"), metavar="FILE",
        help="results of `reproduce`, whose curves are drawn",
    )  # fmt: skip
    parser.add_argument(
        "--inquiries", action=argparse.BooleanOptionalAction, default=True,
        help="judge depth and stated spreads, and what can be known at all",
    )  # fmt: skip
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    """Evaluate, print the tables, and write them with all numbers into the folder."""
    for name in ("windows", "fit_windows", "fit_minutes", "fit_steps"):
        check_budget(name.replace("_", "-"), getattr(args, name))
    begin = time.perf_counter()
    console = Console()
    runner, conditions = (filmed if args.mpi_inf_3dhp else captured)(args, console)
    entrants = enrolled(args, [scene for found in runner.scenes.values() for scene in found])
    runner.measure(entrants, conditions)
    baselines = [each.name for each in entrants if each.kind == "baseline"]
    ours = any(entrant.kind in ("product", "ablation") for entrant in entrants)
    results = Results.of(
        runner, judge(runner.board, baselines), entrants, conditions,
        options={key: _told(value) for key, value in vars(args).items() if key not in ("execute", "command")},
        weights=fingerprint(args.weights or BUNDLED) if ours else None,
        seconds=round(time.perf_counter() - begin, 1),
    )  # fmt: skip
    print_tables(results, console)
    write(args.out, results)  # what follows may be broken off
    if not args.mpi_inf_3dhp:
        upsampler = load(args.weights, args.device) if ours else None
        if upsampler and args.inquiries and any(entrant.name == OURS for entrant in entrants):
            results = inquire(results, runner, _school(args), upsampler, console)
            write(args.out, results)
        bench = Bench([each for each in entrants if _is_portable(each)], upsampler, runner.cells, console)
        shots = load_shots(args.multiview, console)
        scores = bench.run(shots)
        write_scores(args.out, scores)
        write(args.out, replace(results, multiview=scores, seconds=round(time.perf_counter() - begin, 1)))
        if args.plots:
            evidence = Evidence(results, runner, {each.name: each for each in entrants}, upsampler)
            draw(args, evidence, bench, shots, console)
    console.print(f"{args.out / RESULTS} and {TABLES}, {time.perf_counter() - begin:.0f} s")
    return 0


def _told(value: Any) -> Any:
    return [str(each) for each in value] if isinstance(value, list) else value if value is None else str(value)


def _is_portable(entrant: Entrant) -> bool:
    """Whether real estimates are given to it as well."""
    return entrant.name in PORTABLE if entrant.kind == "baseline" else entrant.kind != "raw" and entrant.name != PLACED


def captured(args: argparse.Namespace, console: Console) -> tuple[Runner, list[Condition]]:
    """Held-out motion capture through random cameras, under the chosen conditions."""
    conditions = choose_conditions(args.conditions)
    scenes = draw_scenes(load_dataset(args.data, args.split), args.windows, args.seed)
    return Runner(scenes, Cells(args.out / FOLDER), args.seed, console), conditions


def filmed(args: argparse.Namespace, console: Console) -> tuple[Runner, list[Condition]]:
    """The paper's own protocol: annotated pixels of MPI-INF-3DHP's test set, and a detector's estimates of it."""
    from ..data.mpi_inf_3dhp import SOURCE
    from .mpi_inf_3dhp import ASSUMPTIONS, load_estimates, load_scenes

    console.print(ASSUMPTIONS)
    scenes = load_scenes(args.mpi_inf_3dhp)
    runner = Runner({SOURCE: scenes}, Cells(args.out / FOLDER), args.seed, console)
    conditions = [CONDITIONS["clean"]]
    if args.estimates:
        conditions.append(estimated())
        found = [conditions[1].hide(each.positions) for each in load_estimates(args.estimates, scenes)]
        runner.given[ESTIMATES] = {SOURCE: found}
    return runner, conditions


def draw(args: argparse.Namespace, evidence: Evidence, bench: Bench, shots: list[Shot], console: Console) -> None:
    """Draw the figures beside the tables."""
    from .figures import draw_figures
    from .real_strip import draw_real

    for path in draw_figures(args.out, evidence, args.reproduction, console):
        console.print(f"{path}")
    for shot in shots:
        path = args.out / f"{shot.name}.png"
        if draw_real(shot, bench.answers(shot), path):
            console.print(f"{path}")


def enrolled(args: argparse.Namespace, scenes: list[Scene]) -> list[Entrant]:
    """The rows of the tables that are asked for, in their order; raises InputError for a word that fits none."""
    school = _school(args)
    rows = product(args.weights, ("default", "best", "draft", "paper"), args.device, args.seed)
    rows += ablations(args.weights, args.without_encoder, args.data, scenes, args.device, args.seed)
    words = args.methods or [*KINDS]
    names = {each.name: each.kind for each in rows} | dict.fromkeys(BASELINES, "baseline") | {RAW.name: RAW.kind}
    if unknown := [word for word in words if not any(_fits(word, *each) for each in names.items())]:
        expected = ", ".join(map(repr, names))
        raise InputError(f"Unknown methods {', '.join(unknown)}; expected some of {expected}, {', '.join(KINDS)}.")
    chosen = [name for name, kind in names.items() if any(_fits(word, name, kind) for word in words)]
    known = {each.name: each for each in (*rows, RAW)}
    return [known[name] if name in known else school.entrant(name) for name in chosen]


def _school(args: argparse.Namespace) -> School:
    return School(args.data, args.fits, args.fit_windows, args.fit_minutes, args.fit_steps, args.seed)


def _fits(word: str, name: str, kind: str) -> bool:
    return word in (name, kind, name.removeprefix("JUMPS, "))


def choose_conditions(names: list[str] | None) -> list[Condition]:
    """Conditions by their names, all where none are given; raises InputError for an unknown one."""
    chosen = [SAME.get(name, name) for name in names or CONDITIONS]
    if unknown := [name for name in chosen if name not in CONDITIONS]:
        raise InputError(
            f"Unknown conditions {', '.join(unknown)}; expected some of {', '.join([*CONDITIONS, *SAME])}."
        )
    return [CONDITIONS[name] for name in dict.fromkeys(chosen)]


def write(folder: Path, results: Results) -> None:
    """Write the files; earlier ones are replaced once all are complete."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as temporary:
        contents = {RESULTS: results.to_json(), DETAILS: results.details(), TABLES: markdown(results)}
        for name, content in contents.items():
            Path(temporary, name).write_text(content, encoding="utf-8")
        for name in contents:
            os.replace(Path(temporary, name), folder / name)
