"""The model card: what weights are, where they come from and how good they are. All numbers come from files."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Final

from jumps_blender.core.body.normalise import HEAD_METRES
from jumps_blender.core.body.skeleton import LIMB_JOINTS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.perceptron import Perceptron
from jumps_blender.core.direct.refiner import REGIMES
from jumps_blender.core.inversion.networks import PARAMETERS
from jumps_blender.core.weights import DEFAULT, PAPER, Weights
from jumps_blender.errors import FormatError, InputError

from .contents import Effort
from .data.dataset import Clip, Total, totals
from .data.manifest import SPLITS
from .evaluation.report import Sheet, condition_sheet, markdown_table, mean_sheet, published_sheets, source_sheet
from .evaluation.scores import Score, read_score
from .sampling import SALSA_SUBJECTS, SALSA_WEIGHT, SOURCE_WEIGHTS
from .schedule import PUBLISHED_WINDOWS
from .train import CHOICES

CARD: Final = "MODEL_CARD.md"
TEMPLATE: Final = Path(__file__).with_name("model_card.md")


@dataclass(frozen=True)
class Credit:
    """What the owner of recordings asks to be said of these sources."""

    sources: tuple[str, ...]
    text: str


CREDITS: Final = (
    Credit(
        ("cmu_amc", "cmu_bvh_mb", "cmu_bvh_fbx", "cmu_bvh_daz"),
        "The data used in this project was obtained from mocap.cs.cmu.edu. The database was created with funding from "
        "NSF EIA-0196217.",
    ),
    Credit(("cmu_bvh_mb", "cmu_bvh_daz"), "BVH conversions of the CMU recordings by B. Hahne, cgspeed.com."),
    Credit(
        ("uiprmd",),
        'UI-PRMD: A. Vakanski, H. Jun, D. Paul, R. Baker, "A Data Set of Human Body Movements for Physical '
        'Rehabilitation Exercises", Data 3(1):2, 2018. Open Data Commons Public Domain Dedication and License 1.0.',
    ),
    Credit(
        ("fair",),
        "Clips of AnimatedDrawings (github.com/facebookresearch/AnimatedDrawings). MIT License, Copyright (c) Meta "
        "Platforms, Inc.",
    ),
    Credit(
        ("hdm05",),
        "The data used in this project was obtained from HDM05. M. Müller, T. Röder, M. Clausen, B. Eberhardt, "
        "B. Krüger, A. Weber: Documentation Mocap Database HDM05, Technical Report CG-2007-2, Universität Bonn, 2007.",
    ),
)


@dataclass(frozen=True)
class Origin:
    """Where weights come from.

    sizes: bytes of each file; clips: the whole data set; options: `run.json` of the training run; schedule: that of the
    checkpoint; networks: the effort of E, G and D; prior: `Prior.efforts`; results: `results.json` of an evaluation,
    None where there was none.
    """

    weights: Weights
    sizes: dict[str, int]
    clips: list[Clip]
    options: dict[str, Any]
    schedule: dict[str, Any]
    networks: Effort
    prior: dict[str, Effort]
    results: dict[str, Any] | None


def read_results(path: Path) -> dict[str, Any]:
    """Read `results.json` of an evaluation; raises InputError without one, FormatError where it is another file."""
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
        told = {"weights": results["weights"], "rows": [read_score(each) for each in results["rows"]]}
        return told | {"options": dict(results["options"]), "frames": dict(results["frames"])}
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}. Write the results with: python -m trainer evaluate") from error
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path} is no result of python -m trainer evaluate ({error}).") from error


def model_card(origin: Origin) -> str:
    """The card as Markdown."""
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        files=_files(origin),
        fps=f"{origin.clips[0].fps:g}",
        window=WINDOW,
        data=_data(origin.clips),
        shares=_shares(origin.clips),
        acknowledgements=_acknowledgements(origin.clips),
        training=_training(origin),
        options="\n".join(_lines(origin.schedule)),
        commands=_commands(origin),
        measured=_measured(origin.results),
    )


def _files(origin: Origin) -> str:
    weights = origin.weights
    networks = ", ".join(f"{name} ({count:,} parameters)" for name, count in PARAMETERS.items())
    holds = {
        PAPER: f"{networks} as published; a Gaussian over poses of rank {weights.pose.rank}, to fill what E is fed",
        DEFAULT: f"a Gaussian over windows of rank {weights.window.rank}; perceptrons: the refiner's two "
        f"{_shape(weights.refiner.calm)}, the follower's gate {_shape(weights.follower.gate)}, "
        f"the screen {_shape(weights.screen)}, the judge of noise {_shape(weights.noise_judge)}"
        + ("; tables that make stated deviations true" if weights.calibration.tables else ""),
    }
    cells = tuple((f"`{name}`", held, f"{origin.sizes[name] / 1e6:.1f}") for name, held in holds.items())
    return markdown_table(Sheet("", ("file", "holds", "MB"), cells, 2))


def _shape(network: Perceptron) -> str:
    first, _ = network.layers[0]
    return " - ".join(map(str, [len(first), *(len(bias) for _, bias in network.layers)]))


def _data(clips: list[Clip]) -> str:
    rows = totals(clips)
    licences = {clip.source: clip.licence for clip in clips}
    of_source = {source: [row for row in rows if row.source == source] for source in licences}
    found = [(source, licences[source], *_counts(part)) for source, part in of_source.items()]
    heads = ("source", "licence", "clips", "subjects", *SPLITS)
    return markdown_table(Sheet("", heads, (*found, ("all", "", *_counts(rows))), 2))


def _counts(rows: list[Total]) -> tuple[str, ...]:
    """Clips, subjects, and minutes / windows of each split."""
    subjects = frozenset().union(*(row.subjects for row in rows))
    splits = ([row for row in rows if row.split == split] for split in SPLITS)
    return (f"{sum(row.clips for row in rows)}", f"{len(subjects)}", *(_amount(part) for part in splits))


def _amount(rows: list[Total]) -> str:
    return f"{sum(row.minutes for row in rows):.1f} / {sum(row.windows for row in rows):,}" if rows else "-"


def _shares(clips: list[Clip]) -> str:
    """Which windows were drawn less often than others."""
    trained = [clip for clip in clips if clip.split == "train"]
    groups = {source: weight for source, weight in SOURCE_WEIGHTS.items() if any(c.source == source for c in trained)}
    if salsa := sorted({clip.subject for clip in trained} & set(SALSA_SUBJECTS)):
        groups[", ".join(salsa)] = SALSA_WEIGHT
    if not groups:
        return "Every window is drawn equally often."
    drawn = "; ".join(f"{name}: {weight:g}" for name, weight in groups.items())
    return f"What there is much of is drawn less often ({drawn} of the share that its windows have)."


def _acknowledgements(clips: list[Clip]) -> str:
    """The texts that the owners of all sources ask for; sources that only measured are told apart."""
    trained = {clip.source for clip in clips if clip.split != "test"}
    measured = {clip.source: clip.licence for clip in clips if clip.source not in trained}
    known = {source for credit in CREDITS for source in credit.sources}
    lines = [f"- {credit.text}" for credit in CREDITS if trained & set(credit.sources)]
    lines += [f"- {source}: see its own terms." for source in sorted(trained - known)]
    if measured:
        lines += ["", "Not trained on, only measured with:", ""]
        shown = [credit for credit in CREDITS if set(credit.sources) & set(measured)]
        lines += [f"- {credit.text}{_under(credit, measured)}" for credit in shown]
        lines += [f"- {source} ({measured[source]})." for source in sorted(set(measured) - known)]
    return "\n".join(lines)


def _under(credit: Credit, licences: dict[str, str]) -> str:
    found = sorted({licences[source] for source in credit.sources if source in licences})
    return f" Licence: {', '.join(found)}."


def _share(origin: Origin) -> float:
    """Part of the published number of training windows."""
    return origin.networks.iterations * int(origin.schedule["batch"]) / PUBLISHED_WINDOWS


def _training(origin: Origin) -> str:
    efforts = (origin.networks, *origin.prior.values())
    blank = [""] * (len(efforts) - 1)
    rows = (
        ("iterations", *(f"{effort.iterations:,}" for effort in efforts)),
        ("minutes", *(f"{effort.minutes:.1f}" for effort in efforts)),
        ("windows in a batch", f"{origin.schedule['batch']}", *blank),
        ("share of the published training windows", f"{_share(origin):.2%}", *blank),
    )
    networks = ("E, G and D", *(f"refiner, {name}" if name in REGIMES else name for name in origin.prior))
    return markdown_table(Sheet("", ("", *networks), rows))


def _lines(options: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Nested options, one line each."""
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _lines(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name} = {value}"


def _commands(origin: Origin) -> str:
    always = _spelled(origin.options, CHOICES)
    train = [
        f"train {always} {_spelled(part, ('minutes', 'iterations', 'precision'))}"
        + (f" --resume  # from minute {part['begun']}" if number else "")
        for number, part in enumerate(origin.options["parts"])
    ]
    weights = origin.weights
    taught = {name: (f"refine --regimes {name}", getattr(weights.refiner, name)) for name in REGIMES}
    taught |= {"follower": ("follow", weights.follower.gate), "screen": ("screen", weights.screen)}
    small = [
        f"{command} --minutes {origin.prior[name].minutes:.0f} --width {len(network.layers[0][1])}"
        for name, (command, network) in taught.items()
    ]
    calibrate = ["calibrate"] if origin.weights.calibration.tables else []
    lines = ["prepare", *train, *small, *calibrate, "export"]
    if origin.results:
        evaluate = _spelled(origin.results["options"], ("split", "windows"))
        lines += [f"evaluate {evaluate}", "export --results out/evaluation/results.json"]
    return "\n".join(f"python -m trainer {line}" for line in lines)


def _spelled(options: dict[str, Any], names: tuple[str, ...]) -> str:
    chosen = {name: str(options[name]) for name in names if options.get(name) is not None}
    return " ".join(f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in chosen.items())


def _measured(results: dict[str, Any] | None) -> str:
    if results is None:
        return "Not measured yet. Run `python -m trainer evaluate`, then `export` with `--results`."
    rows: list[Score] = results["rows"]
    frames = ", ".join(f"{source} {count:,}" for source, count in results["frames"].items())
    clean = [row for row in rows if (row.condition, row.group) == ("clean", "missing")]
    shown = [
        condition_sheet(rows, "Missing joints, PCKh@0.1 / AUC, mean over sources"),
        mean_sheet(clean, "Missing joints, clean, mean over sources"),
        source_sheet(clean, "Missing joints, clean, PCKh@0.1 / AUC of each source"),
        *published_sheets(),
    ]
    intro = (
        f"Split `{results['options']['split']}`, seen through random cameras; the {len(LIMB_JOINTS)} limb joints were "
        f"observed unless a condition says otherwise. Frames: {frames}. PCKh and AUC: higher is better. Errors are in "
        f"heads ({HEAD_METRES} m at the pelvis), rates per frame. Each source counts once in a mean."
    )
    return "\n\n".join([intro, *(f"### {sheet.title}\n\n{markdown_table(sheet)}" for sheet in shown)])
