"""One measurement, run as `python -m benchmarks.job`: a `Job` comes in on standard input, what was found goes out."""

from __future__ import annotations

import json
import operator
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from jumps_blender.core import Upsampler
from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.clips.clip import Clip
from jumps_blender.core.clips.clip_windows import ClipWindows
from jumps_blender.core.clips.resample import interpolate
from jumps_blender.core.clips.windows import stitch
from jumps_blender.core.request import Asked
from jumps_blender.core.settings import PRESETS, Settings
from jumps_blender.core.weights import load_weights
from jumps_blender.errors import JumpsError
from jumps_blender.worker.client import Worker
from jumps_blender.worker.protocol import Finished, Progress, Request

from .footage import Footage, load_truth
from .machine import measure_machine, peak_memory
from .processes import Job
from .sampling import Sampler
from .score import score

_ENOUGH: Final = 2.0
"""Seconds of repeated work that make a time trustworthy."""

_REPEATS: Final = 5
_MOVES: Final = 15
_STARTS: Final = 3
"""Repetitions of what is short: the fastest tells least of what else ran."""


def _settings(job: Job) -> Settings:
    return replace(PRESETS[job.settings], steps=job.steps)


def _asked(footage: Footage, settings: Settings) -> Asked:
    """The arguments of the upsampler beside the positions."""
    return {
        "joint_set": footage.joints, "confidence": footage.confidence, "fps": footage.fps, "settings": settings,
    }  # fmt: skip


def solve(job: Job) -> dict[str, Any]:
    """Solve the people of some footage one after the other, as the product does, and score them."""
    begin = time.perf_counter()
    upsampler, settings = Upsampler.load(job.device, job.engine), _settings(job)
    people = [Footage.load(Path(folder)) for folder in job.footage]
    loaded = time.perf_counter() - begin
    runs: list[float] = []
    busy: list[float] = []
    while len(runs) < _REPEATS and sum(runs) < _ENOUGH:
        begin, before = time.perf_counter(), time.process_time()
        for number, footage in enumerate(people):
            result = upsampler.upsample(footage.positions, **_asked(footage, settings))
            if not runs:
                np.save(Path(job.footage[number], "result.npy"), result.positions)
        runs.append(time.perf_counter() - begin)
        busy.append(time.process_time() - before)
    memory = peak_memory()
    return {
        "engine": result.report.engine,
        "device": result.report.device,
        "versions": result.report.versions,
        "windows": result.report.windows * len(people),
        "load": loaded,
        "seconds": min(runs),
        "processor": min(busy),
        "runs": runs,
        "first": _first(upsampler, people[0], settings),
        "memory": memory,
        "accuracy": _accuracy(job),
    }


def _first(upsampler: Upsampler, footage: Footage, settings: Settings) -> float:
    """Seconds until the first frames are finished."""
    begin = time.perf_counter()
    next(upsampler.stream(footage.positions, **_asked(footage, settings)))
    return time.perf_counter() - begin


def _accuracy(job: Job) -> dict[str, float] | None:
    """Errors over all people, from the files that `solve` left."""
    scores = []
    for folder in map(Path, job.footage):
        truth = load_truth(folder)
        if truth is None:
            return None
        scores.append(score(np.load(folder / "result.npy"), *truth))
    return {name: float(np.mean([one[name] for one in scores])) for name in scores[0]}


def literal(job: Job) -> dict[str, Any]:
    """The published inference, window by window and start by start."""
    from .literal import Networks, solve_literally

    weights, settings = load_weights(), _settings(job)
    footage = Footage.load(Path(job.footage[0]))
    table = find_joint_set(footage.joints)
    networks = Networks.load(weights)
    begin, before = time.perf_counter(), time.process_time()
    clip = Clip.read(footage.positions, table, footage.confidence, None, footage.fps, settings)
    plan = ClipWindows.plan(clip, settings, weights.pose)
    windows = plan.all()
    first: list[float] = []
    positions, errors = solve_literally(
        networks, weights, windows, settings, 0, lambda _share: first.append(time.perf_counter() - begin)
    )
    joined = stitch(settings.stitch, windows.units.restore(positions), windows.starts, plan.frames, errors)
    np.save(Path(job.footage[0], "result.npy"), interpolate(joined, clip.own_times()))
    seconds, busy = time.perf_counter() - begin, time.process_time() - before
    return {
        "engine": "torch, eager", "device": "cpu", "windows": len(windows.starts), "seconds": seconds,
        "processor": busy,
        "first": first[0], "memory": peak_memory(), "accuracy": _accuracy(job),
    }  # fmt: skip


def profile(job: Job) -> dict[str, Any]:
    """Where the time goes: the share of each module of the core."""
    upsampler, settings = Upsampler.load(job.device, job.engine), _settings(job)
    footage = Footage.load(Path(job.footage[0]))
    upsampler.upsample(footage.positions, **_asked(footage, settings))
    with Sampler() as sampler:
        begin = time.perf_counter()
        while time.perf_counter() - begin < _ENOUGH:
            upsampler.upsample(footage.positions, **_asked(footage, settings))
    return {"shares": sampler.shares()}


def worker(job: Job) -> dict[str, Any]:
    """From the start of a worker's process to its first window."""
    footage = Footage.load(Path(job.footage[0]))
    request = Request(
        footage.positions, footage.joints, footage.confidence, fps=footage.fps, settings=job.settings,
        device=job.device, engine=job.engine,
    )  # fmt: skip
    starts = [_start(request) for _ in range(_STARTS)]
    started, first = min(starts, key=operator.itemgetter(1))
    return {"started": started, "first": first}


def _start(request: Request) -> tuple[float, float]:
    """Seconds until a worker's process speaks, and until its first window."""
    begin = time.perf_counter()
    with Worker("", request) as process:
        started: float | None = None
        first: float | None = None
        while first is None or started is None:
            for message in process.poll():
                started = started or time.perf_counter() - begin
                solved = isinstance(message, Progress) and message.fraction > 0
                if first is None and (solved or process.ended):
                    first = time.perf_counter() - begin
            time.sleep(0.001)
        if not isinstance(process.end, Finished | None):
            raise JumpsError(f"The worker failed: {process.end.message}")
    return started, first


def update(job: Job) -> dict[str, Any]:
    """The re-solve after an animator moved one joint in one frame."""
    upsampler, settings = Upsampler.load(job.device, job.engine), _settings(job)
    footage = Footage.load(Path(job.footage[0]))
    result = upsampler.upsample(footage.positions, **_asked(footage, settings))
    frame = len(footage.positions) // 2
    runs: list[float] = []
    busy: list[float] = []
    for move in range(_MOVES):
        positions = footage.positions.copy()
        positions[frame, 0] += 5.0 + move
        begin, before = time.perf_counter(), time.process_time()
        upsampler.update(result, [frame], positions, **_asked(footage, settings))
        runs.append(time.perf_counter() - begin)
        busy.append(time.process_time() - before)
    return {"seconds": min(runs), "processor": min(busy), "runs": runs}


KINDS: Final[dict[str, Callable[[Job], dict[str, Any]]]] = {
    "solve": solve,
    "literal": literal,
    "profile": profile,
    "worker": worker,
    "update": update,
    "machine": lambda _job: measure_machine(),
}


def main() -> int:
    """Measure what standard input asks for; errors that a person reads come out as {"error": ...}."""
    asked = json.load(sys.stdin)
    job = Job(**asked | {"footage": tuple(asked["footage"])})
    try:
        found = KINDS[job.kind](job)
    except (JumpsError, ImportError) as error:
        found = {"error": str(error)}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
