"""The one upsampling that may run: read from an armature, solved by a worker, made an armature; shown by the panel.

All of it is one generator that works on Blender's data in slices. An operator drives it: slice by slice while Blender
is free, or to the end.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Final

import bpy
import numpy as np

from ..blender.records import Choices, ResultRecord
from ..blender.results.preview import Preview
from ..blender.scene.handles import Handle
from ..blender.scene.present import layer_of
from ..blender.scene.slices import SLICE, Slices
from ..blender.tracks.people import adding_result
from ..blender.tracks.readback import Reading, Span, reading
from ..core.clips.clip import describe_gaps
from ..core.clips.spans import describe_spans
from ..core.result import doubts
from ..errors import Cancelled, InputError
from ..worker.client import Answer, Heard, Progress, Request, Worker, name_joint_set
from .pace import Pace
from .preferences import WorkerOptions, worker_options

CANCELLED: Final = "Cancelled: nothing was changed."


@dataclass
class Job:
    """An upsampling under way.

    `span` are the scene frames asked for, None = all; `fraction` and `text` tell how far it is, `pace` how fast; `made`
    is the result once it is in the scene.
    """

    source: Handle
    choices: Choices
    span: Span | None
    options: WorkerOptions
    fraction: float = 0.0
    text: str = "Reading the armature"
    pace: Pace = field(default_factory=lambda: Pace(0))
    preview: Preview | None = None
    worker: Worker | None = None
    warnings: tuple[str, ...] = ()
    stopping: bool = False
    made: Handle | None = None
    _slices: Slices[Handle] | None = None

    @classmethod
    def begin(
        cls, context: bpy.types.Context, choices: Choices, span: Span | None = None, seconds: float = SLICE
    ) -> Job:
        """Begin to upsample the active armature, in slices of so many seconds."""
        source = layer_of(context).objects.active
        assert source, "the operators' poll"
        assert STATE.job is None, "the operators' poll"
        STATE.job = job = cls(Handle.of(source), choices, span, worker_options(context))
        job._slices = job._work(context, seconds)
        return job

    def advance(self) -> Handle | None:
        """Do the next slice; the result, once it is there.

        Raises:
            JumpsError: nothing to upsample, the worker failed, or the source is gone; nothing was changed.

        """
        assert self._slices
        try:
            next(self._slices)
        except StopIteration as end:
            self.made = end.value
        return self.made

    @property
    def finished(self) -> int:
        """Frames that are finished."""
        return self.preview.finished if self.preview else 0

    def keep(self) -> None:
        """Let what is finished be the result."""
        self.stopping = True

    def close(self) -> None:
        """End the worker's process, and take back what was begun."""
        if self._slices:
            self._slices.close()
        if self.worker:
            self.worker.close()

    def _work(self, context: bpy.types.Context, seconds: float) -> Slices[Handle]:
        read = yield from reading(context, self.source.find, self.span, seconds)
        answer = yield from self._solving(read)
        yield
        asked = answer.part(read.own.start, read.own.stop)
        if not len(asked.positions):
            raise Cancelled(f"Nothing was finished yet. {CANCELLED}")
        self.fraction, self.text = 1.0, "Writing the result"
        self.warnings = _warnings(read, asked)
        result = self._record(read, asked)
        remark = self._remark(result, stopped=answer.stop < read.own.stop)
        yield
        return (yield from adding_result(context, self.source.find, result, read.record, remark, seconds))

    def note(self, message: Heard) -> None:
        """Take in what the worker said."""
        if isinstance(message, Progress):
            self.fraction, self.text = message.fraction, self._progress(message)
            self.pace.note(message.fraction, time.perf_counter())
        elif isinstance(message, Answer) and self.preview:
            self.preview.add(message.first, message.positions)

    def _progress(self, message: Progress) -> str:
        """What is finished; before anything is begun, what the worker says."""
        return f"{self.finished:,} of {self.pace.frames:,} frames" if message.fraction > 0 else message.text

    def _solving(self, read: Reading) -> Slices[Answer]:
        record = read.record
        self.text, self.pace = "Starting", Pace(len(record.tracks))
        self.preview = Preview(len(record.tracks), record.placement, record.timing)
        yield
        self.worker = Worker(self.options.interpreter, self._request(read))
        self.worker.start()
        while not self.worker.ended:
            yield
            self.source.find()
            for message in self.worker.poll():
                self.note(message)
            if self.stopping:
                self.worker.cancel()
        kept = self.worker.partial() if self.stopping else None
        return kept or self.worker.answer()

    def _request(self, read: Reading) -> Request:
        tracks, whole, options = read.record.tracks, read.whole, self.options
        return Request(
            positions=tracks.positions,
            joint_set=name_joint_set(tracks.joint_set),
            confidence=tracks.confidence,
            pinned=read.pinned,
            whole=whole.positions if whole else None,
            whole_confidence=whole.confidence if whole else None,
            fps=read.record.timing.fps,
            settings=self.choices.settings,
            smoothness=self.choices.smoothness,
            threshold=0.0,
            seed=self.choices.seed,
            first_frame=read.before,
            device=options.device,
            engine=options.engine,
            memory=options.memory,
        )

    def _record(self, read: Reading, answer: Answer) -> ResultRecord:
        placement, timing = read.record.placement, read.record.timing
        return ResultRecord(
            observed=answer.observed,
            rejected=answer.rejected,
            std=None if answer.std is None else answer.std * placement.scale,
            placement=placement,
            timing=replace(timing, start=timing.start + answer.first * timing.step),
            source=self.source.name,
            person=read.record.tracks.person,
            choices=self.choices,
            report=answer.report,
            estimates=answer.estimates,
            first=answer.first,
            before=read.before,
            positions=answer.positions,
            pins=_pins_of(read, answer),
            swapped=answer.swapped,
            depth=answer.depth,
            depth_std=answer.depth_std,
        )

    def _remark(self, result: ResultRecord, stopped: bool) -> str:
        """What the name of a result says that is not of the whole clip."""
        if self.span is None and not stopped:
            return ""
        assert result.positions is not None
        first, last = (round(frame) for frame in result.timing.frames(len(result.positions))[[0, -1]])
        return f" {describe_spans([(first, last)])}{', stopped' if stopped else ''}"


def _pins_of(read: Reading, answer: Answer) -> np.ndarray:
    """Bool (frames, 28): joints that were placed by hand before they were upsampled."""
    if read.pinned is None:
        return np.zeros(answer.observed.shape, bool)
    return read.record.tracks.joint_set.to_28(read.pinned, False)[answer.first : answer.stop]


def _warnings(read: Reading, answer: Answer) -> tuple[str, ...]:
    """What a user should know of an answer's observations, by the frames of the scene."""
    timing, joint_set = read.record.timing, read.record.tracks.joint_set
    called = np.rint(timing.frames(answer.stop)).astype(int)
    said = doubts(joint_set.to_28(answer.rejected, False), answer.swapped, called[answer.first :])
    gaps = [
        (int(called[max(first, answer.first)]), int(called[min(last, answer.stop - 1)]))
        for first, last in answer.report.get("gaps", ())
        if first < answer.stop and last >= answer.first
    ]
    return (*said, describe_gaps(gaps)) if gaps else said


@dataclass(frozen=True)
class Moment:
    """What is active, and the last operation but upsampling itself: either changes as soon as a user goes on."""

    active: Handle | None
    operation: int | None

    @classmethod
    def now(cls, context: bpy.types.Context) -> Moment:
        """This moment."""
        active, done = layer_of(context).objects.active, context.window_manager.operators
        others = (one.as_pointer() for one in reversed(done) if one.bl_idname != "JUMPS_OT_upsample")
        return cls(Handle.of(active) if active else None, next(others, None))


@dataclass
class State:
    """What the panel shows: the job that runs, and how the last one ended, `when`."""

    job: Job | None = None
    outcome: str = ""
    failed: bool = False
    when: Moment | None = field(default=None, compare=False)

    def end(self, outcome: str, failed: bool = False) -> None:
        """Close the job's process and keep how it ended."""
        if self.job:
            self.job.close()
        self.job, self.outcome, self.failed, self.when = None, outcome, failed, Moment.now(bpy.context)

    def news(self, context: bpy.types.Context) -> str:
        """How the last one ended: what went wrong until the next one runs, all else until the user goes on."""
        return self.outcome if self.failed or self.when == Moment.now(context) else ""

    def drop(self) -> None:
        """End the job, if one still runs, without a result."""
        if self.job:
            self.end("Interrupted: nothing was changed.", failed=True)


STATE = State()


def span_of(scene: bpy.types.Scene, which: str, first: int, last: int) -> Span | None:
    """The scene frames of a choice, None = all.

    Raises:
        InputError: there is no preview range, or the typed one ends before it begins.

    """
    if which == "PREVIEW":
        if not scene.use_preview_range:
            raise InputError("The scene has no preview range: press P in the timeline and draw one, or choose another.")
        return scene.frame_preview_start, scene.frame_preview_end
    if which == "SCENE":
        return scene.frame_start, scene.frame_end
    if which == "TYPED":
        if last < first:
            raise InputError(f"The frames to solve end ({last}) before they begin ({first}): exchange them.")
        return first, last
    return None
