"""Figures that show poses: typical clips, the worst ones, a hidden forearm."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.clips.windows import WINDOW

from .conditions import CONDITIONS
from .drawing import SOURCES, readable
from .evidence import OURS, PAPER, RIDGE, Answer, Evidence
from .explain import explain
from .forearm import SPLINE, Forearm, bridged, lively, recover
from .scenes import Scene
from .strips import OBSERVED, REAL, Still, Strip, draw_stills, draw_strips, spread

WORST: Final = 8
_POSES: Final = 5
_MOMENTS: Final = 15


def strip(evidence: Evidence, path: Path) -> bool:
    """Several clips, the fastest among them: what was shown, the truth, ours and the ridge."""
    answers = {name: evidence.answers(name) for name in (OURS, RIDGE)}
    answers = {name: found for name, found in answers.items() if found}
    if OURS not in answers:
        return False
    strips = [_strip_of({name: found[number] for name, found in answers.items()}) for number in _typical(answers[OURS])]
    note = "The fastest clip of all, and those of median error of two sources; no noise. "
    draw_strips(strips, [OBSERVED, REAL, *answers], note, path)
    return True


def _typical(answers: list[Answer]) -> list[int]:
    """The fastest clip, and for each of two other sources the clip of median error."""
    fastest = max(range(len(answers)), key=lambda number: _speed(answers[number].scene))
    chosen = [fastest]
    for source in ("hdm05", "uiprmd"):
        numbers = [number for number, each in enumerate(answers) if each.scene.source == source]
        numbers.sort(key=lambda number: answers[number].error)
        chosen += numbers[len(numbers) // 2 :][:1]
    return list(dict.fromkeys(chosen))


def _speed(scene: Scene) -> float:
    steps = np.linalg.norm(np.diff(scene.positions, axis=0), axis=-1).mean(1)
    return float((steps / scene.head_size[1:]).mean())


def _strip_of(answers: dict[str, Answer]) -> Strip:
    one = answers[OURS]
    scene = one.scene
    frames = spread(0, len(scene.positions) - 1, _POSES)
    return Strip(
        f"{_titled(scene)}\none pose every {(frames[1] - frames[0]) / scene.fps:.1f} s", frames, one.tracks,
        scene.positions, {name: each.result for name, each in answers.items()}, scene.head_size,
        notes={name: f"joints not shown: {each.error:.2f} head off" for name, each in answers.items()},
    )  # fmt: skip


def _titled(scene: Scene, width: int = 30) -> str:
    return f"{readable(scene.label, width)}\n({SOURCES.get(scene.source, scene.source)})"


def worst(evidence: Evidence, path: Path) -> bool:
    """The clips with the largest errors, one of each motion, and why they are hard."""
    answers = evidence.answers(OURS)
    stills = [_still(answer) for answer in _hardest(answers)]
    if stills:
        note = f"{OURS}, no noise: of each motion the worst clip, at its worst frame. "
        draw_stills(stills, 4, note, path)
    return bool(stills)


def _hardest(answers: list[Answer]) -> Iterator[Answer]:
    seen: set[tuple[str, str]] = set()
    for answer in sorted(answers, key=lambda each: -each.error):
        kind = (answer.scene.source, readable(answer.scene.label))
        if kind not in seen and len(seen) < WORST:
            seen.add(kind)
            yield answer


def _still(answer: Answer) -> Still:
    of_frame = np.nanmean(answer.errors, axis=1)
    frame = int(of_frame.argmax())
    scene = answer.scene
    text = f"{answer.error:.2f} head off, here {of_frame[frame]:.2f}\n{textwrap.fill(explain(answer, frame), 32)}"
    return Still(_titled(scene), text, scene.positions[frame], answer.result[frame], float(scene.head_size[frame]))


def forearm(evidence: Evidence, path: Path) -> bool:
    """A hidden forearm, as Fig. 7 of the paper."""
    methods = {
        name: evidence.entrants[name].open(CONDITIONS["clean"]) for name in (OURS, PAPER) if name in evidence.entrants
    }
    hidden = lively([scene for found in evidence.runner.scenes.values() for scene in found])
    if hidden is None or not methods:
        return False
    draw_forearm(hidden, recover(hidden, methods), _usual(evidence.answers(OURS, "occlusion")), path)
    return True


def _usual(answers: list[Answer]) -> dict[str, float]:
    """Mean errors of all joints that the condition `occlusion` hides for a while."""
    if not answers:
        return {}
    ours = np.concatenate([each.hidden_errors(each.result) for each in answers])
    spline = np.concatenate([each.hidden_errors(bridged(each.tracks)) for each in answers])
    return {OURS: float(np.nanmean(ours)), SPLINE: float(np.nanmean(spline))}


def draw_forearm(forearm: Forearm, results: dict[str, np.ndarray], usual: dict[str, float], path: Path) -> None:
    """A hidden forearm frame by frame, before, while and after it is hidden.

    results: (frames, 28, 2) by method; usual: mean error of a method over everything that is ever hidden, heads.
    """
    scene, before = forearm.scene, WINDOW // 4
    frames = spread(forearm.first - before, forearm.hidden[-1] + before, _MOMENTS)
    title = f"{readable(scene.label, 60)} ({SOURCES.get(scene.source, scene.source)})"
    notes = {name: f"hidden elbow and wrist: {forearm.error(result):.2f} head off" for name, result in results.items()}
    notes |= {name: f"{notes[name]}; all hidden limbs of the test: {error:.2f}" for name, error in usual.items()}
    hidden = frozenset(forearm.hidden)
    strip = Strip(title, frames, forearm.tracks, scene.positions, results, scene.head_size, hidden, notes)
    seconds = len(forearm.hidden) / scene.fps
    note = f"Yellow: elbow and wrist of one arm are hidden for {seconds:.1f} s; a quarter of all arms move more. "
    draw_strips([strip], [OBSERVED, *results], note, path)
