"""`python -m trainer contacts`: which contacts of feet are found, and how much less locked feet slide.

Writes contacts.md and contacts.json: held-out people against the truth in three dimensions, and the shipped sample,
which has none.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console

from jumps_blender.core.body.normalise import BODY_METRES, HEAD_METRES, body_scale
from jumps_blender.core.contacts import FEET, find_contacts, lock
from jumps_blender.core.upsampler import Upsampler
from jumps_blender.formats import read

from .data.dataset import Clip, load_dataset
from .evaluation.conditions import CONDITIONS, Condition
from .evaluation.contacts import LOWER, SLOWER, WAYS, Found, Shot, Slide, followed, judge_found, judge_slide
from .evaluation.methods import load
from .evaluation.report import Sheet, figure, markdown_table
from .evaluation.scenes import Scene, draw_scenes
from .train import check_budget

TABLES, RESULTS = "contacts.md", "contacts.json"

SAMPLE: Final = Path(__file__).parents[1] / "jumps_blender" / "samples" / "rooftop_coco17.json"

_BY_LIMBS: Final = tuple(CONDITIONS[name] for name in ("clean", "white_05", "detector_good", "detector_weak"))
_GOOD: Final = CONDITIONS["detector_good"]
_WITH_TOES: Final = replace(
    _GOOD, observed=CONDITIONS["body25"].observed, title=_GOOD.title.replace("12 limb", "15 BODY_25")
)
SHOWN: Final = (*_BY_LIMBS, _WITH_TOES)

_NOTE: Final = """\
Feet of people that training never saw, solved with `default`, each scene through a still camera of its own. In truth a
point of a foot (ankle, ball, tip) stands while it is slower than {speed:g} m/s and lower than {height:g} cm above its
lowest place in the clip; slide is how fast such points move in the picture. What is invented slides most: with the 12
limb joints shown, ball and tip of a foot are. `locked` is what *Lock Feet* does; `pinned, solved again` makes the same
places pins of the solver instead, which drags knees along and is shown to say why it is not done. Means over sources.
"""

_SAMPLE_NOTE: Final = """\
A real video without truth: how fast points of feet move while they are found to stand, so by their own contacts.
Millimetres are those of a person whose body scale is {metres:g} m.
"""


@dataclass(frozen=True)
class SampleSlide:
    """The shipped sample: of feet the share of frames in contact, and the slide before and after."""

    person: str
    contact: float
    before: float
    after: float
    before_mm: float
    after_mm: float


@dataclass(frozen=True)
class Measured:
    """All that was measured."""

    found: list[Found]
    slides: list[Slide]
    sample: list[SampleSlide]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--weights", type=Path, help="folder of weights; the bundled ones if left out")
    parser.add_argument("--out", type=Path, default=Path("out/contacts"), help="folder for the tables")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--windows", type=int, default=24, help="windows of 24 frames of each source")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    """Measure, print the tables and write them."""
    check_budget("windows", args.windows)
    upsampler = load(args.weights, "cpu")
    clips = {clip.id: clip for clip in load_dataset(args.data, args.split)}
    measured = Measured([], [], list(_sample(upsampler)))
    scenes = draw_scenes(list(clips.values()), args.windows, args.seed)
    for title, condition, shown in _shown(scenes):
        sources = [list(_shots(upsampler, found, condition, clips, args.seed)) for found in shown.values()]
        measured.found.append(judge_found(title, sources))
        measured.slides.extend(judge_slide(upsampler, title, way, sources) for way in WAYS)
    options = {"split": args.split, "windows": args.windows, "seed": args.seed}
    _write(args.out, measured, options)
    Console().print((args.out / TABLES).read_text(encoding="utf-8"), markup=False)
    return 0


def _shown(scenes: dict[str, list[Scene]]) -> Iterator[tuple[str, Condition, dict[str, list[Scene]]]]:
    """Titles, conditions and their scenes by source."""
    for condition in SHOWN:
        yield condition.title, condition, scenes
    panned = {source: [followed(scene) for scene in found] for source, found in scenes.items()}
    yield f"{_GOOD.title}; the camera follows", _GOOD, panned


def _shots(
    upsampler: Upsampler, scenes: list[Scene], condition: Condition, clips: dict[str, Clip], seed: int
) -> Iterator[Shot]:
    for number, scene in enumerate(scenes):
        tracks = condition.tracks(scene, np.random.default_rng([seed, number]))
        yield Shot.solve(upsampler, scene, tracks, clips[scene.clip])


def _sample(upsampler: Upsampler) -> Iterator[SampleSlide]:
    recording = read(SAMPLE)
    for person in recording.people:
        tracks = recording.tracks(person.id)
        fps = tracks.fps or 25.0
        result = upsampler.upsample(tracks.positions, tracks.joint_set, tracks.confidence, fps=fps)
        contacts = find_contacts(result.positions, result.std, fps)
        held = lock(result.positions, contacts.on_28(), fps)
        stays = contacts.planted[1:] & contacts.planted[:-1]
        metre = BODY_METRES / float(body_scale(result.positions))
        before, after = (
            metre * fps * float(np.linalg.norm(np.diff(each[:, FEET], axis=0), axis=-1)[stays].mean())
            for each in (result.positions, held)
        )
        yield SampleSlide(
            person.id, float(contacts.feet.mean()), before / HEAD_METRES, after / HEAD_METRES, before * 1000,
            after * 1000,
        )  # fmt: skip


def sheets(measured: Measured) -> list[Sheet]:
    """The tables."""
    found = tuple(
        (row.condition, *(f"{value:.0%}" for value in (row.standing, row.precision, row.recall)))
        for row in measured.found
    )
    slides = tuple(
        (
            row.condition if row.way == "as solved" else "", row.way, figure(row.slide), figure(row.slide_mm, 0),
            figure(row.standing), figure(row.feet), figure(row.feet_mm, 1), figure(row.knees),
        )
        for row in measured.slides
    )  # fmt: skip
    sample = tuple(
        (
            row.person, f"{row.contact:.0%}", figure(row.before), figure(row.after), f"{row.before_mm:.0f}",
            f"{row.after_mm:.0f}",
        )
        for row in measured.sample
    )  # fmt: skip
    truth = measured.slides[0]
    note = f"The truth's own slide: {figure(truth.slide_of_truth)} heads/s, {figure(truth.slide_of_truth_mm, 0)} mm/s."
    return [
        Sheet("Contacts that are found", ("shown", "feet that stand", "precision", "recall"), found),
        Sheet("What locking does", _SLIDE_HEADS, slides, 2, note),
        Sheet("The shipped sample", _SAMPLE_HEADS, sample, 1, _SAMPLE_NOTE.format(metres=BODY_METRES)),
    ]


_SLIDE_HEADS: Final = (
    "shown", "way", "slide, heads/s", "slide, mm/s", "error of standing feet, heads", "of all feet, heads",
    "of all feet, mm", "of knees, heads",
)  # fmt: skip
_SAMPLE_HEADS: Final = (
    "person", "feet in contact", "slide, heads/s", "locked", "slide, mm/s", "locked",
)  # fmt: skip


def _write(folder: Path, measured: Measured, options: dict[str, Any]) -> None:
    """Write both files; earlier ones are replaced once they are complete."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {name: [asdict(row) for row in getattr(measured, name)] for name in ("found", "slides", "sample")}
    text = json.dumps({"options": options, **content}, indent=1) + "\n"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as temporary:
        for name, written in ((RESULTS, text), (TABLES, _markdown(measured, options))):
            Path(temporary, name).write_text(written, encoding="utf-8")
        for name in (RESULTS, TABLES):
            os.replace(Path(temporary, name), folder / name)


def _markdown(measured: Measured, options: dict[str, Any]) -> str:
    command = "python -m trainer contacts " + " ".join(f"--{name} {value}" for name, value in options.items())
    lines = ["# Feet that stand", "", _NOTE.format(speed=SLOWER, height=100 * LOWER), f"Made by `{command}`.", ""]
    for sheet in sheets(measured):
        lines += [f"## {sheet.title}", "", markdown_table(sheet), "", *([sheet.note, ""] if sheet.note else [])]
    return "\n".join(lines).rstrip() + "\n"
