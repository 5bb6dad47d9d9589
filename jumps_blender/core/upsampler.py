"""The public door: 2D tracks of a person in, 28 joints out."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .clip import Clip, describe_spans, spans
from .clip_windows import ClipWindows
from .engines import Engine, open_engine
from .joint_sets import JointSet, find_joint_set
from .noise_level import noise_level
from .regression import Answer, granted, regress
from .settings import Settings, find_settings
from .skeleton import JOINTS
from .solver import Cancel, Progress, solve
from .weights import Weights, load_weights

_NAMED = 3
"""Joints that a warning names."""


@dataclass(frozen=True)
class Report:
    """How a result came about; `gaps` are the first and last input frames of stretches that are invented."""

    engine: str
    device: str
    settings: str
    seconds: float
    windows: int
    versions: dict[str, str]
    gaps: tuple[tuple[int, int], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """28 joints over time; `frames` is that of the input.

    `positions` (frames, 28, 2) in the units of the input, never NaN; `observed` (frames, 28), those that came from an
    observation, and lie where the detector saw them but for smoothing (under `paper`: where the generator can reach).
    `rejected` (frames, joints of the input), observations not believed. `std`, the standard deviation per axis,
    `depth`, how much farther than the pelvis from the camera, and `depth_std`, (frames, 28) in the units of the input:
    None under `paper` and `draft`, which do not estimate them.
    """

    positions: np.ndarray
    observed: np.ndarray
    rejected: np.ndarray
    report: Report
    joints: tuple[str, ...] = JOINTS
    std: np.ndarray | None = None
    depth: np.ndarray | None = None
    depth_std: np.ndarray | None = None


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

    def __init__(self, weights: Weights, device: str = "auto", engine: str = "auto") -> None:
        self.weights = weights
        self._device = device
        self._engine: Engine | None = None if engine == "auto" else open_engine(engine, device, weights)

    @classmethod
    def load(cls, device: str = "auto", engine: str = "auto", weights: Path | str | None = None) -> Upsampler:
        """Load a prior: the bundled one, or that in the folder `weights`.

        The networks of settings that invert the generator (`paper`) run on `engine` and `device`; with "auto" the
        engine is opened when it is first needed. The other settings need numpy alone.

        Raises:
            WeightsError: weights missing, damaged or of another version.
            EngineError: no such engine or device, or this interpreter lacks what it needs.

        """
        return cls(load_weights(None if weights is None else Path(weights)), device, engine)

    @property
    def engine(self) -> Engine:
        """The engine of the networks, opened at first use; raises EngineError where there is none."""
        if self._engine is None:
            self._engine = open_engine("auto", self._device, self.weights)
        return self._engine

    def upsample(
        self,
        positions: np.ndarray,
        joint_set: str | JointSet | list[str] | tuple[str, ...] = "coco17",
        confidence: np.ndarray | None = None,
        pinned: np.ndarray | None = None,
        fps: float = 25.0,
        settings: str | Settings = "default",
        smoothness: float | None = None,
        seed: int = 0,
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
            fps: frames per second of the input.
            settings: "paper", "draft", "default", "best", or a Settings object.
            smoothness: 0 (the detector) to 1 (the prior); the settings' own where None.
            seed: of the random starts.
            progress: called with a share 0..1 and a short text.
            cancel: called often; the solve ends with Cancelled once it answers True.

        Returns:
            Result of as many frames as the input.

        Raises:
            InputError: shapes, rates or names that do not fit.
            NotEnoughJoints: no frame shows four of the 28 joints.
            Cancelled: `cancel` said so.

        """
        begin = time.perf_counter()
        chosen = find_settings(settings, smoothness)
        table = find_joint_set(joint_set)
        clip = Clip.read(positions, table, confidence, pinned, fps, chosen)
        if chosen.screen and not chosen.invert:
            clip = clip.screened(self.weights.screen)
        windows = ClipWindows.cut(clip, chosen, self.weights.pose)
        hear, stop = progress or _silent, cancel or _never
        if chosen.invert:
            solution = solve(self.engine, self.weights, windows.seen, chosen, np.random.default_rng(seed), hear, stop)
            answer, error = Answer(solution.positions), solution.frame_error
        else:
            level = noise_level(self.weights.noise_judge, self.weights.window, windows.seen)
            deviation = granted(level, chosen.smoothness)
            answer = regress(self.weights, windows.seen, windows.held, deviation, chosen, hear, stop)
            error = np.zeros(answer.positions.shape[:2])
        solved = clip.at_own_rate(windows.join(answer.positions, error, chosen))
        lengths = (
            None if each is None else to_own_rate(windows.join_lengths(each, chosen))
            for each, to_own_rate in (
                (answer.std, clip.spread_at_own_rate),
                (answer.depth, clip.lengths_at_own_rate),
                (answer.depth_std, clip.lengths_at_own_rate),
            )
        )
        report = self._report(chosen, clip, len(windows.starts), time.perf_counter() - begin)
        hear(1.0, "done")
        return Result(solved, clip.observed(), table.from_28(clip.rejected()), report, JOINTS, *lengths)

    def _report(self, settings: Settings, clip: Clip, windows: int, seconds: float) -> Report:
        versions = {"python": platform.python_version(), "numpy": np.__version__}
        engine, device, warnings = "numpy", "cpu", _doubts(clip)
        if settings.invert:
            versions[self.engine.name] = self.engine.version
            engine, device = self.engine.name, self.engine.device
        elif self._device not in ("auto", "cpu"):
            unused = f"Settings {settings.name} run on numpy alone: the device {self._device} is not used."
            warnings = (*warnings, unused)
        return Report(engine, device, settings.name, seconds, windows, versions, clip.gaps(), warnings)


def _doubts(clip: Clip) -> tuple[str, ...]:
    """What was found wrong with the observations, in words."""
    doubts = []
    for number, limbs in enumerate(("arms", "legs")):
        if found := spans(clip.swapped()[:, number]):
            doubts.append(f"Left and right {limbs} were swapped in frames {describe_spans(found)}: put right.")
    rejected = clip.rejected()
    worst = [joint for joint in np.argsort(-rejected.sum(0), kind="stable") if rejected[:, joint].any()]
    if worst:
        named = "; ".join(f"{JOINTS[joint]} in {describe_spans(spans(rejected[:, joint]))}" for joint in worst[:_NAMED])
        doubts.append(f"{rejected.sum()} points cannot be right and were not followed, most of them of {named}.")
    return tuple(doubts)
