"""The one upsampling that may run: made from an armature, driven by an operator, shown by the panel.

Holds names, never references to Blender's data, which die at every undo.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ..blender.people import add_result
from ..blender.present import layer_of
from ..blender.readback import read_armature
from ..blender.records import Choices, ResultRecord, TracksRecord
from ..core.clip import describe_gaps
from ..errors import InputError
from ..worker.client import Answer, Progress, Request, Worker, name_joint_set
from .preferences import worker_options


@dataclass
class Job:
    """An upsampling under way."""

    source: str
    """Name of the armature."""
    record: TracksRecord
    choices: Choices
    worker: Worker
    fraction: float = 0.0
    text: str = "Starting"

    def note(self, message: object) -> None:
        """Keep the progress for the panel."""
        if isinstance(message, Progress):
            self.fraction, self.text = message.fraction, message.text

    def poll(self) -> bool:
        """Take in what the worker said; whether it has ended. Never blocks."""
        for message in self.worker.poll():
            self.note(message)
        return self.worker.ended

    def apply(self, context: bpy.types.Context, answer: Answer) -> bpy.types.Object:
        """Make the result's armature.

        Raises:
            InputError: the source is gone; nothing was created.

        """
        if self.source not in bpy.data.objects or bpy.data.objects[self.source].type != "ARMATURE":
            raise InputError(
                f"The armature {self.source!r} was deleted or renamed while it was upsampled: undo that, and run again."
            )
        placement, timing = self.record.placement, self.record.timing
        std = None if answer.std is None else answer.std * placement.scale
        result = ResultRecord(
            observed=answer.observed,
            rejected=answer.rejected,
            std=std,
            placement=placement,
            timing=timing,
            source=self.source,
            person=self.record.tracks.person,
            choices=self.choices,
            report=answer.report,
            estimates=answer.estimates,
            positions=answer.positions,
            pins=np.zeros(answer.observed.shape, bool),
            swapped=answer.swapped,
            depth=answer.depth,
            depth_std=answer.depth_std,
        )
        return add_result(context, bpy.data.objects[self.source], result, self.record)

    def gaps_in_scene(self, answer: Answer) -> tuple[str, ...]:
        """A warning that names the stretches that are invented by their scene frames; none where there are none."""
        timing = self.record.timing
        gaps = [
            tuple(round(timing.start + frame * timing.step) for frame in gap) for gap in answer.report.get("gaps", ())
        ]
        return (describe_gaps(gaps),) if gaps else ()


@dataclass
class State:
    """What the panel shows: the job that runs, and how the last one ended."""

    job: Job | None = None
    outcome: str = ""
    failed: bool = False

    def end(self, outcome: str, failed: bool = False) -> None:
        """Close the job's process and keep how it ended."""
        if self.job:
            self.job.worker.close()
        self.job, self.outcome, self.failed = None, outcome, failed

    def drop(self) -> None:
        """End the job, if one still runs, without a result."""
        if self.job:
            self.end("Interrupted: nothing was changed.", failed=True)


STATE = State()


def prepare(context: bpy.types.Context, choices: Choices) -> Job:
    """Read the active armature and start the worker.

    Raises:
        JumpsError: nothing to upsample, or the worker cannot start.

    """
    source = layer_of(context).objects.active
    assert source, "the operators' poll"
    record = read_armature(context, source)
    options = worker_options(context)
    tracks = record.tracks
    request = Request(
        positions=tracks.positions,
        joint_set=name_joint_set(tracks.joint_set),
        confidence=tracks.confidence,
        fps=record.timing.fps,
        settings=choices.settings,
        smoothness=choices.smoothness,
        threshold=0.0,
        seed=choices.seed,
        device=options.device,
        engine=options.engine,
        memory=options.memory,
    )
    worker = Worker(options.interpreter, request)
    worker.start()
    STATE.job = Job(source.name, record, choices, worker)
    return STATE.job
