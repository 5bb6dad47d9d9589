"""`python -m trainer calibrate`: make what the prior says of its errors true of people that it was not trained on."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from jumps_blender.core.direct.calibration import USED, knots
from jumps_blender.core.weights import BUNDLED, DEFAULT, PAPER, Weights, load_weights

from .data.dataset import load_dataset
from .evaluation.scenes import draw_scenes
from .export import write
from .prior import Prior
from .quantiles import LEVELS, fit_quantiles, steps
from .stated import EVALUATED, GROUPS, PELVIS, SHOWN, Evidence, gather

_MOST: Final = 1500
"""Points of a condition, a source and a group that are fitted to."""


_BETWEEN: Final = 0.3
"""What noise and frame rates between those of the evaluation count: enough that tables go on in between."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand."""
    parser.add_argument("--data", type=Path, default=Path("out/data"), help="folder that `prepare` wrote")
    parser.add_argument("--out", type=Path, default=Path("out/prior"), help="folder of the prior")
    parser.add_argument("--windows", type=int, default=200, help="windows of each source that are looked at")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> int:
    """Fit to the validation clips; what was fitted lies in the folder of the prior, for `export`."""
    console = Console()
    prior = Prior.read_uncalibrated(args.out)
    weights = as_read(prior)
    scenes = draw_scenes(load_dataset(args.data, "val"), args.windows, args.seed)
    with console.status("Solving clips of held-out people"):
        evidence = gather(weights, scenes, args.seed, SHOWN)
    with console.status("Fitting"):
        arrays = fit(evidence, args.seed)
    prior.save_calibration(args.out, arrays)
    console.print(_told(evidence, arrays, args.seed))
    return 0


def as_read(prior: Prior) -> Weights:
    """A prior as the product reads it; the published networks, which are not asked, are the bundled ones."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(folder / DEFAULT, *prior.contents())
        shutil.copy(BUNDLED / PAPER, folder)
        return load_weights(folder)


def fit(evidence: Evidence, seed: int) -> dict[str, np.ndarray]:
    """Tables "seen.granted" and so on. Each condition, source and group counts the same."""
    arrays: dict[str, np.ndarray] = {}
    for number, name in enumerate(USED):
        which, weight = _balanced(evidence, evidence.members(name), np.random.default_rng([seed, 8, number]))
        chosen = evidence.part(which)
        lengths = [len(knots(sign)) for sign in USED[name]]
        apart = [each for sign, length in zip(USED[name], lengths, strict=True) for each in _ordered(sign, length)]
        found = fit_quantiles(chosen.design(name), chosen.ratios(name), weight, steps(apart))
        tables = np.split(found.astype(np.float32), np.cumsum(lengths)[:-1])
        arrays |= {f"{name}.{sign}": table for sign, table in zip(USED[name], tables, strict=True)}
    return arrays


def _ordered(sign: str, length: int) -> list[int]:
    """Lengths of the parts of a table whose entries follow one another; kinds of joints follow in no order."""
    return [1] * length if sign == "joint" else [length]


def _balanced(evidence: Evidence, members: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of some members, and how much each counts."""
    _, source = np.unique(evidence.source, return_inverse=True)
    cell = (source * (1 + evidence.condition.max()) + evidence.condition) * len(GROUPS) + evidence.group
    chosen, weight = [], []
    for number in np.unique(cell[members]):
        inside = cell == number
        found = np.flatnonzero(inside & members)
        some = rng.permutation(found)[:_MOST]
        chosen.append(some)
        # A group that is mostly another factor's, such as points that the screen rejected, counts so much less.
        share = len(found) / inside.sum() * (1 if evidence.condition[found[0]] < len(EVALUATED) else _BETWEEN)
        weight.append(np.full(len(some), share / len(some)))
    return np.concatenate(chosen), np.concatenate(weight)


def stretched(evidence: Evidence, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Errors in calibrated deviations, of positions (n, 2) and of depth (n, 1)."""
    logs = {}
    for name in USED:
        coefficients = np.concatenate([arrays[f"{name}.{sign}"] for sign in USED[name]])
        logs[name] = evidence.ratios(name) - (evidence.design(name) @ coefficients)[:, None]
    return np.exp(np.where(evidence.seen[:, None], logs["seen"], logs["unseen"])), np.exp(logs["depth"])


def _told(evidence: Evidence, arrays: dict[str, np.ndarray], seed: int) -> Table:
    """Shares of errors within one and two deviations, the mean over sources, each of which was left out of a fit."""
    positions, depth = (np.zeros((len(evidence.seen), axes)) for axes in (2, 1))
    sources = np.unique(evidence.source)
    for source in sources:
        here = evidence.source == source
        found = fit(evidence.part(~here), seed) if len(sources) > 1 else arrays
        positions[here], depth[here] = stretched(evidence.part(here), found)
    table = Table(title="% of errors within 1 and 2 stated deviations, on sources left out of the fit")
    for head in ("condition", *GROUPS, "depth"):
        table.add_column(head)
    for number, condition in enumerate(SHOWN):
        shares = [_shares(evidence, positions, number, [group]) for group in range(len(GROUPS))]
        shares.append(_shares(evidence, np.where(evidence.joint == PELVIS, np.nan, depth.T).T, number, [0, 1, 2]))
        table.add_row(condition.name, *shares)
    return table


def _shares(evidence: Evidence, found: np.ndarray, condition: int, groups: list[int]) -> str:
    chosen = (evidence.condition == condition) & np.isin(evidence.group, groups)
    parts = [found[chosen & (evidence.source == source)] for source in np.unique(evidence.source[chosen])]
    parts = [each[np.isfinite(each)] for each in parts]
    return (
        " / ".join(f"{100 * np.mean([(each < limit).mean() for each in parts]):.1f}" for limit in LEVELS)
        if parts
        else ""
    )
