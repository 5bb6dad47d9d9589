"""The public door: 2D tracks of a person in, 28 joints out."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

import numpy as np

from ..errors import InputError
from .body.joint_sets import JointSet
from .clip_solver import ClipSolver, Stretch
from .clips.clip import Clip
from .engines.choice import DIRECT, INVERSION
from .engines.engine import Engine
from .engines.opening import open_engine
from .estimates import Estimates
from .inversion.descent import Cancel, Progress
from .repairs import repairs
from .request import Asked, Request
from .result import Report, Result, doubts
from .settings import Settings
from .weights import Weights, load_weights


def _silent(_share: float, _text: str) -> None:
    """Report nothing."""


def _never() -> bool:
    return False


class Upsampler:
    """A prior, ready to solve clips.

    Example:
        >>> upsampler = Upsampler.load()
        >>> result = upsampler.upsample(positions, joint_set="coco17", fps=30.0)
        >>> result.positions.shape
        (230, 28, 2)

    """

    def __init__(
        self, weights: Weights, device: str = "auto", engine: str = "auto", memory: Path | None = None
    ) -> None:
        self.weights = weights
        self._device = device
        self._memory = memory
        self._named: Engine | None = None if engine == "auto" else open_engine(engine, device, weights)
        self._chosen: dict[str, Engine] = {}

    @classmethod
    def load(
        cls, device: str = "auto", engine: str = "auto", weights: Path | str | None = None, memory: Path | None = None
    ) -> Upsampler:
        """Load a prior: the bundled one, or that in the folder `weights`.

        It computes on `engine` and `device`; with "auto" the engine is chosen when it is first needed: a GPU where
        torch sees one, else the faster of numpy and torch, measured once and kept in the file `memory`.

        Raises:
            WeightsError: weights missing, damaged or of another version.
            EngineError: no such engine or device, or this interpreter lacks what it needs.

        """
        return cls(load_weights(None if weights is None else Path(weights)), device, engine, memory)

    def engine_for(self, settings: Settings) -> Engine:
        """What computes, chosen at first use for this kind of settings; raises EngineError where there is none."""
        if self._named:
            return self._named
        work = INVERSION if settings.invert else DIRECT
        if work not in self._chosen:
            self._chosen[work] = open_engine("auto", self._device, self.weights, work, self._memory)
        return self._chosen[work]

    def upsample(
        self,
        positions: np.ndarray,
        joint_set: str | JointSet | list[str] | tuple[str, ...] = "coco17",
        confidence: np.ndarray | None = None,
        pinned: np.ndarray | None = None,
        pins: np.ndarray | None = None,
        fps: float = 25.0,
        settings: str | Settings = "default",
        smoothness: float | None = None,
        seed: int = 0,
        estimates: Estimates | None = None,
        first_frame: int = 0,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Result:
        """Upsample one person's tracks to the 28 joints.

        Args:
            positions: (frames, joints, 2), pixels, y down; NaN = not observed, as is a point at exactly (0, 0), which
                detectors write for "missing".
            joint_set: an id such as "coco17", or a list of names out of the 28 joints.
            confidence: (frames, joints) in 0..1; below the settings' threshold a point counts as not observed.
            pinned: bool (frames, joints): positions that come out exactly as they went in, whatever their confidence.
            pins: (frames, 28, 2), the same for any of the 28 joints, seen or not: where they have to be, NaN elsewhere.
            fps: frames per second of the input.
            settings: "paper", "draft", "default", "best", or a Settings object.
            smoothness: 0 (the detector) to 1 (the prior); the settings' own where None.
            seed: of the random starts.
            estimates: `result.estimates` of the whole of which this is a part: the part then comes out as the whole
                does, but for two windows from where it was cut.
            first_frame: frames of the whole before this part.
            progress: called with a share 0..1 and a short text.
            cancel: called often; the solve ends with Cancelled once it answers True.

        Returns:
            Result of as many frames as the input.

        Raises:
            InputError: shapes, rates or names that do not fit.
            NotEnoughJoints: no frame shows four of the 28 joints.
            Cancelled: `cancel` said so.

        """
        asked: Asked = {
            "joint_set": joint_set, "confidence": confidence, "pinned": pinned, "pins": pins, "fps": fps,
            "settings": settings, "smoothness": smoothness, "seed": seed, "estimates": estimates,
            "first_frame": first_frame,
        }  # fmt: skip
        return Result.joined(list(self.stream(positions, progress, cancel, **asked)))

    def stream(
        self,
        positions: np.ndarray,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        **asked: Unpack[Asked],
    ) -> Iterator[Result]:
        """Solve as `upsample` does, and yield finished frames while the rest is being solved.

        The stretches follow one another, `first` is the number of the first frame of each; `report` tells of all that
        was done so far. Arguments and errors as those of `upsample`.
        """
        begin = time.perf_counter()
        request, hear = Request.of(positions, asked), progress or _silent
        clip = request.clip()
        solver = self._prepare(request, clip)
        told = _Told.of(solver.clip, request)
        for stretch in solver.stretches(request.seed, hear, cancel or _never):
            report = self._report(request, len(solver.windows.starts), begin)
            report = replace(report, gaps=clip.gaps(), warnings=self._warnings(request, told))
            yield told.result(stretch, 0, report, solver.estimates)
        hear(1.0, "done")

    def estimate(self, positions: np.ndarray, **asked: Unpack[Asked]) -> Estimates:
        """What `upsample` estimates of a clip as a whole; with it a part of the clip is solved as in the whole.

        Arguments and errors as those of `upsample`.
        """
        request = Request.of(positions, asked)
        return self._prepare(request, request.clip()).estimates

    def _prepare(self, request: Request, clip: Clip) -> ClipSolver:
        engine, settings = self.engine_for(request.settings), request.settings
        return ClipSolver.prepare(engine, self.weights, settings, clip, request.estimates)

    def update(
        self,
        result: Result,
        changed_frames: Sequence[int] | np.ndarray,
        positions: np.ndarray,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        **asked: Unpack[Asked],
    ) -> Result:
        """Solve again what shows the frames that changed, such as those of a joint that was moved and pinned.

        Args:
            result: what `upsample` made of the whole clip before the change.
            changed_frames: numbers of the frames in which positions, confidences or pins changed, or bool (frames,).
            positions: of the whole clip, as they are now.
            progress: as in `upsample`.
            cancel: as in `upsample`.
            asked: the other arguments of `upsample`, as they are now; estimates are those of `result`.

        Returns:
            The whole result. Frames that no window shows together with a changed one are those of `result`, and so
            are its estimates.

        Raises:
            InputError: of another clip than the result, and what `upsample` raises.

        """
        begin = time.perf_counter()
        request, hear = Request.of(positions, asked), progress or _silent
        if request.positions.shape[:2] != result.rejected.shape:
            found, before = request.positions.shape[:2], result.rejected.shape
            raise InputError(f"The result is of {before} frames and joints, the positions are of {found}: solve anew.")
        windows = 0
        for repair in repairs(request, changed_frames):
            part = request.part(repair.context, result.estimates)
            solver = self._prepare(part, part.clip())
            first = repair.context.start
            own = slice(repair.told.start - first, repair.told.stop - first)
            which = solver.windows_of(own)
            told, windows = _Told.of(solver.clip, part), windows + which.stop - which.start
            for stretch in solver.solve(which, own, request.seed, hear, cancel or _never):
                result = result.mended(told.result(stretch, first, result.report, result.estimates))
        hear(1.0, "done")
        told = _Told(result.observed, result.rejected, result.swapped)
        report = self._report(request, windows, begin)
        return replace(result, report=replace(report, gaps=request.gaps(), warnings=self._warnings(request, told)))

    def _report(self, request: Request, windows: int, begin: float) -> Report:
        settings = request.settings
        engine = self.engine_for(settings)
        versions = {"python": platform.python_version(), "numpy": np.__version__, engine.name: engine.version}
        return Report(
            engine.name, engine.device, settings.name, time.perf_counter() - begin, windows, versions,
            smoothness=settings.smoothness, threshold=settings.threshold, seed=request.seed,
            weights=self.weights.digest,
        )  # fmt: skip

    def _warnings(self, request: Request, told: _Told) -> tuple[str, ...]:
        return doubts(request.joint_set.to_28(told.rejected, False), told.swapped)


@dataclass(frozen=True)
class _Told:
    """What is told of a clip's observations: bool arrays as in `Result`."""

    observed: np.ndarray
    rejected: np.ndarray
    swapped: np.ndarray

    @classmethod
    def of(cls, clip: Clip, request: Request) -> _Told:
        return cls(clip.observed(), request.joint_set.from_28(clip.rejected()), clip.swapped())

    def result(self, stretch: Stretch, first: int, report: Report, estimates: Estimates) -> Result:
        """A finished stretch of the clip, which begins `first` frames after the whole."""
        here = stretch.frames
        flags = self.observed[here], self.rejected[here], self.swapped[here]
        return Result(
            stretch.positions, *flags, report, estimates, first=first + stretch.first,
            std=stretch.std, depth=stretch.depth, depth_std=stretch.depth_std,
        )  # fmt: skip
