"""All measurements of a run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np

from jumps_blender.core.engines.opening import open_engine
from jumps_blender.core.weights import Weights
from jumps_blender.errors import EngineError

from .footage import KINDS, Studio
from .options import Options
from .processes import Job, MeasurementError, run_job

PUBLISHED_STEPS: Final = 200
LITERAL: Final = "literal reference"

_SHORT: Final = 100
"""Frames of the clip with which a worker's start is measured."""

_USUAL: Final = 1_000
"""Frames of the clip that is profiled, and in which a joint is moved."""

_PATIENCE: Final = 1_800.0
"""Seconds after which a measurement is given up: --limit is kept by prediction, a busy machine may need far longer."""


@dataclass(frozen=True)
class Row:
    """One measurement, or what follows from one (`extrapolated`).

    kind: of `footage.KINDS`; fps: frames of every person per second; first: seconds to the first finished frames;
    memory: bytes, the most the process held; processor: seconds of processor time; note: why there is nothing.
    """

    settings: str
    engine: str
    device: str
    kind: str
    frames: int
    people: int
    seconds: float | None = None
    fps: float | None = None
    first: float | None = None
    memory: int | None = None
    accuracy: dict[str, float] | None = None
    extrapolated: bool = False
    note: str = ""
    processor: float | None = None
    windows: int | None = None


@dataclass(frozen=True)
class Measurements:
    """What a run found; `reference` are rows on the reference's frames, `rows` those of the presets."""

    machine: dict[str, Any]
    footage: str
    reference: list[Row]
    rows: list[Row]
    profile: dict[str, dict[str, Any]]
    worker: dict[str, Any]
    update: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """An engine on a device."""

    engine: str
    device: str


def places(engines: tuple[str, ...], weights: Weights) -> tuple[list[Place], list[str]]:
    """Engines and devices that run here, and why others do not."""
    found, reasons = [], []
    for engine in engines:
        for device in ("cpu", *_accelerators()) if engine == "torch" else ("cpu",):
            try:
                open_engine(engine, device, weights)
            except EngineError as error:
                reasons.append(f"{engine} on {device}: {error}")
            else:
                found.append(Place(engine, device))
    return found, reasons


def _cost(row: Row) -> float:
    """Seconds of work for a frame, whatever else ran."""
    return min(row.seconds or 0.0, row.processor or np.inf) / (row.people * row.frames)


def _accelerators() -> list[str]:
    try:
        import torch
    except ImportError:
        return []
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, there in present.items() if there]


class Session:
    """Runs the measurements of some options, one after the other."""

    def __init__(self, options: Options, where: list[Place], tell: Callable[[str], None]) -> None:
        self._options, self._where, self._tell = options, where, tell
        self._studio = Studio(options.data)

    def run(self) -> Measurements:
        """All of them."""
        self._tell("machine")
        machine = self._try(Job("machine"))
        with self._filmed("varied", 1, self._options.reference) as folders:
            reference = list(self._references(folders))
        with self._filmed("varied", 1, _USUAL) as folders:
            profile = {preset: self._try(self._job("profile", folders, preset)) for preset in self._options.presets}
            update = {
                f"{at.engine} on {at.device}": self._try(Job("update", folders, "default", at.engine, at.device))
                for at in self._where
            }
        with self._filmed("varied", 1, _SHORT) as folders:
            worker = self._try(self._job("worker", folders, "default"))
        return Measurements(machine, self._studio.source, reference, list(self._rows()), profile, worker, update)

    def _job(self, kind: str, folders: tuple[str, ...], preset: str) -> Job:
        """A job that is done once, by the first engine."""
        return Job(kind, folders, preset, self._where[0].engine, self._where[0].device)

    def _references(self, folders: tuple[str, ...]) -> Iterator[Row]:
        """The published inference taken literally and in batches, and the presets on the same frames."""
        steps = self._options.steps
        yield self._measure(Job("literal", folders, "paper", "torch", "cpu", steps), LITERAL, "varied", 1)
        for at in self._where:
            yield self._measure(Job("solve", folders, "paper", at.engine, at.device, steps), "paper", "varied", 1)
        for preset in self._options.presets:
            yield self._measure(self._job("solve", folders, preset), preset, "varied", 1)

    def _rows(self) -> Iterator[Row]:
        """The presets, on clips of every length."""
        known: dict[tuple[str, Place, str], Row] = {}
        for people, kind, frames in product(self._options.people, KINDS, self._options.frames):
            if people > 1 and kind != "varied":
                continue
            with self._filmed(kind, people, frames) as folders:
                for at, preset in product(self._where, self._options.presets):
                    job = Job("solve", folders, preset, at.engine, at.device)
                    row = self._row(job, kind, people, frames, known.get((preset, at, kind)))
                    if row.fps and not row.extrapolated:
                        known[preset, at, kind] = row
                    yield row

    def _row(self, job: Job, kind: str, people: int, frames: int, before: Row | None) -> Row:
        work = people * frames * _cost(before) if before else 0.0
        if before is None or work <= self._options.limit:
            return self._measure(job, job.settings, kind, people, frames)
        seconds = people * frames * (before.seconds or 0.0) / (before.people * before.frames)
        return Row(job.settings, job.engine, job.device, kind, frames, people, seconds, before.fps, extrapolated=True)

    def _measure(self, job: Job, name: str, kind: str, people: int, frames: int | None = None) -> Row:
        frames = self._options.reference if frames is None else frames
        self._tell(f"{name}, {job.engine} on {job.device}, {people} x {frames} frames, {kind}")
        found = self._try(job)
        row = Row(name, job.engine, job.device, kind, frames, people, note=found.get("missing", ""))
        if row.note:
            return row
        # Of the published inference every step costs the same; one more measures where the last one led.
        fewer = (PUBLISHED_STEPS + 1) / (job.steps + 1) if job.settings == "paper" else 1.0
        seconds = found["seconds"] * fewer
        accuracy = found["accuracy"] if fewer == 1.0 else None
        return Row(
            name, found["engine"], found["device"], kind, frames, people, seconds, people * frames / seconds,
            found["first"] * fewer, found["memory"], accuracy, fewer != 1.0, processor=found["processor"] * fewer,
            windows=found["windows"],
        )  # fmt: skip

    def _try(self, job: Job) -> dict[str, Any]:
        """What a job found, or why it found nothing, under "missing"."""
        try:
            return run_job(job, self._options.threads, max(_PATIENCE, 4 * self._options.limit))
        except MeasurementError as error:
            self._tell(f"  {error}")
            return {"missing": str(error)}

    @contextmanager
    def _filmed(self, kind: str, people: int, frames: int) -> Iterator[tuple[str, ...]]:
        """Folders of footage, gone afterwards."""
        folder = Path(tempfile.mkdtemp(prefix="jumps-benchmark-"))
        try:
            for person in range(people):
                self._studio.film(kind, person, frames).save(folder / str(person))
            yield tuple(str(folder / str(person)) for person in range(people))
        finally:
            shutil.rmtree(folder)
