"""Questions that rows of errors in the image do not answer: depth, stated spreads, and what can be known at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from rich.console import Console

from jumps_blender.core.result import Result
from jumps_blender.core.upsampler import Upsampler

from ..baselines.lifting import Lifting, fit_lifting
from ..data.dataset import load_dataset
from .borders import BORDERED, WINDOWS, judge_borders
from .calibration import Solved, judge_bars, judge_calibration, solve
from .conditions import CONDITIONS, Condition
from .depth import DEPTHS, FLAT, MIXED, OURS, RIDGE, DepthTally, Space, judge_depth, judge_leads
from .evidence import RIDGE as FLAT_RIDGE
from .knowable import POSES, draw_poses, knowable
from .limits import LIMITED, judge_limits
from .other_points import WANDER, judge_other_points
from .results import Results
from .runner import Runner
from .scenes import draw_scenes
from .scores import Shown
from .smoothness import SMOOTHED, judge_smoothness
from .taught import School

UNSPOILT = "clean"
"""The condition in which neighbours are looked for."""


def inquire(results: Results, runner: Runner, school: School, upsampler: Upsampler, console: Console) -> Results:
    """Add what the settings `default` are asked beyond the rows, under the conditions that were measured."""
    asked = [CONDITIONS[name] for name in results.conditions if name in CONDITIONS]
    many = draw_scenes(load_dataset(school.data, "test"), WINDOWS, school.seed + 1)
    bars = list(results.bars)
    found = replace(results, bars=bars)
    for condition in asked:
        with console.status(f"Inquiring: {condition.name}"):
            shown = runner.shown(condition)
            solved = solve(upsampler, shown)
            found.calibration.extend(judge_calibration(solved, shown))
            bars.extend(judge_bars(solved, shown))
            if condition.name in DEPTHS and all(_is_deep(each) for parts in solved.values() for each in parts):
                tallies = _tallies(condition, shown, solved, runner, school)
                found.depth.extend(score for tally in tallies.values() for score in tally.scores())
                bars.extend(judge_leads(tallies[OURS], tallies[RIDGE]) if RIDGE in tallies else ())
            if condition.name in LIMITED:
                found.limits.extend(judge_limits(upsampler, shown, solved))
            if condition.name in WANDER:
                found.other_points.extend(judge_other_points(upsampler, shown))
            if condition.name in SMOOTHED:
                found.smoothness.extend(judge_smoothness(upsampler, shown))
            if condition.name in BORDERED:
                found.borders.extend(judge_borders(upsampler, condition, many))
            if condition.name == UNSPOILT:
                found = _with_neighbours(found, shown, solved, school)
    for bar in bars[len(results.bars) :]:
        told = f"{bar.measure} {bar.value:.3f}, {bar.other:.3f}: {'pass' if bar.passed else 'FAIL'}"
        console.print(f"{bar.condition}: {bar.rule}, {told}", highlight=False)
    return found


def _is_deep(result: Result) -> bool:
    return result.depth is not None and result.depth_std is not None


def _tallies(
    condition: Condition, shown: Shown, solved: Solved, runner: Runner, school: School
) -> dict[str, DepthTally]:  # fmt: skip
    lifting = fit_lifting(replace(school.lessons, condition=condition.spoil), condition.observed)
    ways = _ways(lifting, shown, solved, _answers(runner, condition))
    return {name: judge_depth(name, shown, space) for name, space in ways.items()}


def _ways(
    lifting: Lifting, shown: Shown, solved: Solved, ridge: dict[str, list[np.ndarray]]
) -> dict[str, Space]:  # fmt: skip
    """How each method places a scene in space."""

    def ours(source: str, number: int) -> tuple[np.ndarray, np.ndarray]:
        result = solved[source][number]
        return result.positions, np.asarray(result.depth)

    def lifted(source: str, number: int) -> np.ndarray:
        return lifting(shown.tracks[source][number])

    ways: dict[str, Space] = {OURS: ours}
    if ridge:
        ways[RIDGE] = lambda source, number: (ridge[source][number], lifted(source, number))
    ways[MIXED] = lambda source, number: (solved[source][number].positions, lifted(source, number))
    ways[FLAT] = lambda source, number: (solved[source][number].positions, 0 * ours(source, number)[1])
    return ways


def _answers(runner: Runner, condition: Condition) -> dict[str, list[np.ndarray]]:
    """What window ridge answered, as the cells keep it; nothing where it was not measured."""
    file = runner.files.get((FLAT_RIDGE, condition.name))
    cell = runner.cells.read(runner.cells.folder / file) if file else None
    if cell is None:
        return {}
    answers = iter(cell.results)
    return {source: [next(answers) for _ in scenes] for source, scenes in runner.scenes.items()}


def _with_neighbours(results: Results, shown: Shown, solved: Solved, school: School) -> Results:
    """Look among what baselines learn from."""
    bank = draw_poses(load_dataset(school.data, "train"), min(POSES, 2 * school.windows), school.seed)
    found = knowable(bank, shown, solved)
    told: dict[str, float] = {name: value for name, value in vars(found).items() if name != "scores"}
    return replace(results, knowable=found.scores, neighbours={"poses": len(bank.positions), **told})
