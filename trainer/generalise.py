"""`python -m trainer generalise`: train without a source and test on it; show what each kind of variation is worth.

Every course is the shipped prior's training, shortened, beside window ridge and ridge + MLP on the same data and with
the same minutes. Writes sources.md or augmentation.md, and the same as JSON; what is trained is kept in DIR, so that a
run that was broken off goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console

from jumps_blender import core
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.direct.perceptron import Perceptron
from jumps_blender.core.direct.refiner import Refiner
from jumps_blender.core.settings import find_settings
from jumps_blender.core.upsampler import Upsampler
from jumps_blender.core.weights import load_weights
from jumps_blender.errors import InputError

from . import baselines, cameras, linear, noise, occasions, practice, refine, sampling
from .baselines import BASELINES, Store
from .baselines.command import add_budget, teach
from .data.dataset import Clip, assert_shippable, load_dataset
from .evaluation.cells import FOLDER, Cells
from .evaluation.conditions import CONDITIONS, Condition
from .evaluation.methods import Entrant, Method, code
from .evaluation.report import Sheet, markdown_table, pair, source_sheet
from .evaluation.runner import Runner
from .evaluation.scenes import STRATA, draw_scenes
from .evaluation.scores import MEAN, UNSEEN, UNSEEN_LEVELLED, Score, plain
from .linear import LINEAR, load_linear
from .practice import read_state
from .refine import REFINERS, train_prior
from .sampling import VARIANTS, Augmentation
from .train import check_budget

PRIOR: Final = "prior"
METHODS: Final = (PRIOR, "window ridge", "ridge + MLP")
ALL: Final = "all sources"
_DONE: Final = "done.json"
_PRIOR_OPTIONS: Final = ("minutes", "windows", "width", "occasions", "seed")
_NETWORKS: Final = (PRIOR, "ridge + MLP")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument(
        "--out", type=Path, default=Path("out/generalise"), help="folder for tables and what is trained"
    )
    parser.add_argument("--scenes", type=int, default=24, help="test windows of 24 frames of each source")
    parser.add_argument("--conditions", nargs="+", choices=list(CONDITIONS), default=["clean"])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument(
        "--augmentation", action="store_true", help="instead of leaving out sources, train each variant of augmentation"
    )
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--width", type=int, default=960, help="of the hidden layers of the prior")
    parser.add_argument("--occasions", type=int, default=500, help="kinds of masks and noise that the prior sees")
    add_budget(parser)


@dataclass(frozen=True)
class Course:
    """What a training is given: clips to train on and to validate by, and how they are varied.

    left_out: the source that is missing, empty where none is.
    """

    name: str
    left_out: str
    train: list[Clip]
    validation: list[Clip]
    augmentation: Augmentation


def courses(clips: list[Clip], tested: set[str]) -> list[Course]:
    """All sources, and all but each of those that there are training and test clips of; conversions of one are one.

    Raises InputError where less than two sources could be left out.
    """
    present = dict.fromkeys(_stratum(clip) for clip in clips if clip.split == "train")
    left_out = [name for name in present if name in tested]
    if len(present) < 2 or not left_out:
        raise InputError(f"Training clips are of {', '.join(present)}; expected two sources, one with test clips.")
    return [_course(ALL, clips), *(_course(f"without {name}", clips, name) for name in left_out)]


def variants(clips: list[Clip], names: list[str]) -> list[Course]:
    """All sources, varied in different ways."""
    return [replace(_course(name, clips), augmentation=VARIANTS[name]) for name in names]


def _course(name: str, clips: list[Clip], without: str = "") -> Course:
    parts = {
        split: [clip for clip in clips if clip.split == split and _stratum(clip) != without]
        for split in ("train", "val")
    }
    if not parts["val"]:
        raise InputError(f"No validation clip is left without {without}; expected one of another source.")
    return Course(name, without, parts["train"], parts["val"], Augmentation())


def _stratum(clip: Clip) -> str:
    return STRATA.get(clip.source, clip.source)


@dataclass(frozen=True)
class Bench:
    """Where courses are taken: the options, and the folder that keeps what is trained."""

    args: argparse.Namespace
    console: Console

    def entrant(self, course: Course, method: str) -> Entrant:
        """A method after a course; it is trained when it is first needed."""
        args = self.args
        lessons = teach(
            course.train, course.validation, Store(args.out / "fits"), args.windows, args.minutes, args.steps,
            args.seed, course.augmentation,
        )  # fmt: skip
        used = [Path(str(m.__file__)) for m in (cameras, noise, sampling)]
        budget = f"{lessons.origin} {(args.windows, args.minutes, args.seed)}"
        if method == PRIOR:
            used += [Path(str(m.__file__)) for m in (linear, occasions, practice, refine)]
            key = f"{code(*used)} {budget} {(args.width, args.occasions)}"
            identity = f"{key} {code(Path(str(core.__file__)).parent)}"
            return Entrant(_row(method, course), "product", identity, lambda _: self._prior(course, key), hop=12)
        identity = f"{code(Path(str(baselines.__file__)).parent, *used)} {budget} {args.steps}"

        def ready(condition: Condition) -> Method:
            return BASELINES[method].fit(replace(lessons, condition=condition.spoil), condition.observed)

        return Entrant(_row(method, course), "baseline", identity, ready, hop=12)

    def _prior(self, course: Course, key: str) -> Method:
        folder = self.args.out / "priors" / f"{_plain(course.name)}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        if not (folder / _DONE).is_file():
            self.console.print(f"Prior, {course.name}", highlight=False)
            folder.mkdir(parents=True, exist_ok=True)
            parser = argparse.ArgumentParser()
            refine.add_arguments(parser)
            chosen = {"out": folder, **{name: getattr(self.args, name) for name in _PRIOR_OPTIONS}}
            usual = argparse.Namespace(**{**vars(parser.parse_args([])), **chosen})
            train_prior(course.train, course.validation, usual, self.console, course.augmentation)
            (folder / _DONE).write_text(json.dumps({"course": course.name, "key": key}), encoding="utf-8")
        upsampler = open_prior(folder)
        # The screen that ships has learnt from all sources.
        settings = replace(find_settings("default"), screen=False)
        return lambda tracks: upsampler.upsample(tracks, JOINTS, settings=settings, seed=self.args.seed).positions


def open_prior(folder: Path) -> Upsampler:
    """The prior that `refine` trained in a folder; the other parts are the bundled ones.

    But for the follower, which has learnt from all sources: it says nothing.
    """
    moments = load_linear(folder / LINEAR)
    calm, noisy = (_as_numpy(read_state(folder / file, "refine")["model"]) for file in REFINERS.values())
    refiner = Refiner(calm, noisy, moments.depth_mean, moments.depth_basis)
    bundled = load_weights()
    silent = replace(bundled.follower, says=np.zeros_like(bundled.follower.says))
    return Upsampler(replace(bundled, window=moments.gaussian, refiner=refiner, follower=silent))


def _as_numpy(state: dict[str, Any]) -> Perceptron:
    numbers = sorted({int(name.split(".")[0]) for name in state})
    return Perceptron(tuple((state[f"{i}.weight"].numpy().T, state[f"{i}.bias"].numpy()) for i in numbers))


def _row(method: str, course: Course) -> str:
    return f"{method}, {course.name}"


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")


def run(args: argparse.Namespace) -> int:
    """Train, test, and write the tables."""
    for name in ("minutes", "steps", "windows", "scenes", "width", "occasions"):
        check_budget(name, getattr(args, name))
    console, clips = Console(), load_dataset(args.data)
    assert_shippable(clip for clip in clips if clip.split != "test")
    scenes = draw_scenes([clip for clip in clips if clip.split == "test"], args.scenes, args.seed)
    taken = variants(clips, args.variants) if args.augmentation else courses(clips, set(scenes))
    networks = len(taken) * sum(method in _NETWORKS for method in args.methods)
    console.print(f"{len(taken)} courses, {networks} networks: up to {networks * args.minutes:.0f} minutes of training")
    bench = Bench(args, console)
    runner = Runner(scenes, Cells(args.out / FOLDER), args.seed, console)
    conditions = [CONDITIONS[name] for name in args.conditions]
    runner.measure([bench.entrant(course, method) for course in taken for method in args.methods], conditions)
    rows = [score for cell in runner.board.values() for score in cell.scores if score.group == "missing"]
    found = {(each.method, each.condition, each.source): each for each in rows}
    build = _variant_sheets if args.augmentation else _source_sheets
    sheets = [sheet for name in args.conditions for sheet in build(found, taken, args.methods, name)]
    stem = "augmentation" if args.augmentation else "sources"
    _write(args, stem, sheets, rows)
    for sheet in sheets:
        console.print(f"\n{sheet.title}\n\n{markdown_table(sheet)}", highlight=False, soft_wrap=True)
    return 0


Found = dict[tuple[str, str, str], Score]
"""(row, condition, source) -> score on the missing joints."""


def _source_sheets(found: Found, taken: list[Course], methods: list[str], condition: str) -> Iterator[Sheet]:
    """Each source that was left out: with it and without it; then everything."""
    whole, *others = taken
    heads = [f"{method}, {how}" for method in methods for how in ("trained on all", "without it")]
    rows = tuple(
        (
            course.left_out,
            *(
                pair(found.get((_row(method, each), condition, course.left_out)))
                for method in methods
                for each in (whole, course)
            ),
        )
        for course in others
    )
    title = f"{condition}: trained without a source, tested on it; missing joints, PCKh@0.1 / AUC"
    yield Sheet(title, ("left out", *heads), rows)
    yield source_sheet(
        [each for (_, name, _), each in found.items() if name == condition],
        f"{condition}: every course on every source; missing joints, PCKh@0.1 / AUC",
    )


def _variant_sheets(found: Found, taken: list[Course], methods: list[str], condition: str) -> Iterator[Sheet]:
    """Each variant of augmentation, on the mean over sources and on the one never trained on."""
    places = (MEAN, UNSEEN, UNSEEN_LEVELLED)
    rows = tuple(
        (
            course.name,
            *(pair(found.get((_row(method, course), condition, place))) for method in methods for place in places),
        )
        for course in taken
    )
    heads = [f"{method}, {place}" for method in methods for place in places]
    title = f"{condition}: variants of augmentation at the same budget; missing joints, PCKh@0.1 / AUC"
    yield Sheet(title, ("variant", *heads), rows)


def _write(args: argparse.Namespace, stem: str, sheets: list[Sheet], rows: list[Score]) -> None:
    """Write both files, each at once."""
    options = {name: getattr(args, name) for name in ("minutes", "steps", "windows", "scenes", "seed")}
    about = ", ".join(f"{name} {value}" for name, value in options.items())
    text = "\n\n".join(f"## {sheet.title}\n\n{markdown_table(sheet)}" for sheet in sheets)
    data = json.dumps({"options": options, "rows": [plain(row) for row in rows]}, indent=1)
    args.out.mkdir(parents=True, exist_ok=True)
    for name, content in ((f"{stem}.md", f"{about}\n\n{text}\n"), (f"{stem}.json", data)):
        partial = args.out / f"{name}.partial"
        partial.write_text(content, encoding="utf-8")
        os.replace(partial, args.out / name)
