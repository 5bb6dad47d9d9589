"""The public door: 2D tracks of a person in, 28 joints out."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ..errors import InputError, NotEnoughJoints
from .engines import Engine, open_engine
from .gaussian import Gaussian
from .joint_sets import JointSet, find_joint_set
from .normalise import Units, body_scale
from .objective import Observation
from .regression import regress
from .resample import resample_observations, resample_positions
from .settings import Settings, find_settings
from .skeleton import JOINTS
from .solver import Cancel, Progress, solve
from .tracks import judge
from .weights import Weights, load_weights
from .windows import STITCHERS, WINDOW, cut, window_starts

PRIOR_FPS: Final = 25.0
"""Frames per second of the prior's windows."""

ENOUGH_JOINTS: Final = 4
"""Joints that some frame must show to place a skeleton."""

THIN_WINDOW: Final = 16
"""Points (joint and frame) below which a window cannot be placed on its own and leans on its neighbours."""

_NEIGHBOURHOOD: Final = 2 * WINDOW
"""Frames on both sides of a window that have a say in its body scale."""

_LEANING: Final = 0.02
"""Confidence of points that are carried over a gap."""

_SPANS: Final = 8
"""Stretches that a warning names."""


@dataclass(frozen=True)
class Report:
    """How a result came about."""

    engine: str
    device: str
    settings: str
    seconds: float
    windows: int
    versions: dict[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """28 joints over time; `frames` is that of the input.

    `positions` (frames, 28, 2) in the units of the input, never NaN; `observed` (frames, 28), those that came from an
    observation; `rejected` (frames, joints of the input), observations not believed. `std`, `depth` and `depth_std`
    (frames, 28) are None: this version does not estimate them.
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
        self._choice = (engine, device)
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
            self._engine = open_engine(*self._choice, self.weights)
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
            positions: (frames, joints, 2), pixels, y down; NaN = not observed.
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
        clip = _Clip.read(positions, find_joint_set(joint_set), confidence, pinned, fps, chosen)
        windows = _Windows.cut(clip, chosen, self.weights.pose)
        hear, stop = progress or _silent, cancel or _never
        if chosen.invert:
            solution = solve(self.engine, self.weights, windows.seen, chosen, np.random.default_rng(seed), hear, stop)
            solved = windows.join(solution.positions, solution.frame_error, chosen)
        else:
            answer = regress(self.weights, windows.seen, windows.held, chosen, hear, stop)
            solved = windows.join(answer, np.zeros(answer.shape[:2]), chosen)
        result = resample_positions(solved, PRIOR_FPS, fps, len(clip.positions))
        report = self._report(chosen, time.perf_counter() - begin, windows, clip)
        rejected = np.zeros(np.shape(positions)[:2], bool)
        hear(1.0, "done")
        return Result(clip.hold_pins(result), np.isfinite(clip.positions).all(-1), rejected, report)

    def _report(self, settings: Settings, seconds: float, windows: _Windows, clip: _Clip) -> Report:
        engine, device = ("numpy", "cpu") if not settings.invert else (self.engine.name, self.engine.device)
        versions = {"python": platform.python_version(), "numpy": np.__version__}
        if settings.invert:
            versions[engine] = self.engine.version
        warnings = windows.warnings(clip.fps, len(clip.positions) - 1)
        return Report(engine, device, settings.name, seconds, len(windows.starts), versions, warnings)


@dataclass(frozen=True)
class _Clip:
    """The checked input on the 28 joints, at its own rate and at the prior's."""

    positions: np.ndarray  # (frames, 28, 2), NaN = not observed
    pinned: np.ndarray  # (frames, 28)
    fps: float
    at_prior: np.ndarray  # (frames at 25 fps, 28, 2)
    confidence: np.ndarray  # (frames at 25 fps, 28)
    held: np.ndarray  # (frames at 25 fps, 28), pinned

    @classmethod
    def read(
        cls, positions: np.ndarray, joint_set: JointSet, confidence: np.ndarray | None, pinned: np.ndarray | None,
        fps: float, settings: Settings,
    ) -> _Clip:  # fmt: skip
        if not (np.isfinite(fps) and 1 <= fps <= 1000):
            raise InputError(f"The frame rate is {fps}, expected 1 to 1000 frames per second.")
        if confidence is not None and pinned is not None and np.shape(pinned) == np.shape(confidence):
            confidence = np.where(pinned, 1.0, confidence)
        judged, weight = judge(positions, confidence, settings.threshold)
        joints, weight = joint_set.to_28(judged), joint_set.to_28(weight, 0.0)
        seen = np.isfinite(joints).all(-1)
        most = int(seen.sum(1).max(initial=0))
        if most < ENOUGH_JOINTS:
            raise NotEnoughJoints(
                f"No frame shows enough of a body: at most {most} of the 28 joints were observed at once, at least "
                f"{ENOUGH_JOINTS} are needed in some frame. Check the joint set ({joint_set.title}) and the confidence "
                f"threshold ({settings.threshold:g})."
            )
        pins = _pins(pinned, joint_set, judged)
        at_prior, lowered = resample_observations(joints, weight, fps, PRIOR_FPS)
        only_pins = np.where(pins[..., None], joints, np.nan)
        held = resample_observations(only_pins, pins.astype(float), fps, PRIOR_FPS)[1] > 0
        return cls(joints, pins, fps, at_prior, lowered, held)

    def hold_pins(self, result: np.ndarray) -> np.ndarray:
        """Put pinned joints (0 error) and lead the frames up to 0.25 s away over to them smoothly."""
        out = result.copy()
        reach = 0.25 * self.fps
        frames = np.arange(len(out))
        for joint in np.flatnonzero(self.pinned.any(0)):
            at = np.flatnonzero(self.pinned[:, joint])
            after = np.searchsorted(at, frames).clip(max=len(at) - 1)
            away = np.minimum(np.abs(frames - at[after]), np.abs(frames - at[np.maximum(after - 1, 0)]))
            share = 0.5 + 0.5 * np.cos(np.pi * np.minimum(away / reach, 1))
            correction = self.positions[at, joint] - result[at, joint]
            between = np.stack([np.interp(frames, at, correction[:, axis]) for axis in (0, 1)], -1)
            out[:, joint] += share[:, None] * between
            out[at, joint] = self.positions[at, joint]
        return out


def _pins(pinned: np.ndarray | None, joint_set: JointSet, judged: np.ndarray) -> np.ndarray:
    """Pins on the 28 joints, (frames, 28)."""
    if pinned is None:
        return np.zeros((len(judged), len(JOINTS)), bool)
    pinned = np.asarray(pinned, bool)
    if pinned.shape != judged.shape[:2]:
        raise InputError(f"Pins must be {judged.shape[:2]} like the positions, found {pinned.shape}.")
    if (pinned & ~np.isfinite(judged).all(-1)).any():
        frame, joint = np.argwhere(pinned & ~np.isfinite(judged).all(-1))[0]
        raise InputError(f"{joint_set.joints[joint]} is pinned in frame {frame} but has no position there.")
    shown = {source for source, _ in joint_set.observes}
    outside = [joint_set.joints[i] for i in np.flatnonzero(pinned.any(0)) if i not in shown]
    if outside:
        raise InputError(f"Pins on {', '.join(outside)} cannot hold: none of the 28 joints is there.")
    return joint_set.to_28(pinned, False)


@dataclass(frozen=True)
class _Windows:
    """A clip cut into windows in normalised units."""

    starts: np.ndarray
    frames: int
    units: Units
    seen: Observation
    held: np.ndarray  # (n, 24, 28)
    invented: np.ndarray  # (n,), windows of which hardly anything was observed

    @classmethod
    def cut(cls, clip: _Clip, settings: Settings, pose: Gaussian) -> _Windows:
        starts = window_starts(len(clip.at_prior), settings.hop)
        positions = cut(clip.at_prior, starts, np.nan)
        weight = cut(clip.confidence, starts, 0.0)
        points = (weight > 0).sum((1, 2))
        thin = points < THIN_WINDOW
        invented = points < THIN_WINDOW * min(len(clip.at_prior) / WINDOW, 1.0)
        if thin.any():
            carried = _carry(clip.at_prior)
            positions[thin] = cut(carried, starts, np.nan)[thin]
            leaning = np.maximum(weight[thin], np.isfinite(positions[thin]).all(-1) * _LEANING)
            weight[thin] = leaning
        units = Units.of(positions, _scales(clip.at_prior, starts, pose))
        normalised = np.nan_to_num(units.normalise(positions), nan=0.0)
        held = cut(clip.held, starts, False)
        return cls(starts, len(clip.at_prior), units, Observation(normalised, weight), held, invented)

    def join(self, positions: np.ndarray, frame_error: np.ndarray, settings: Settings) -> np.ndarray:
        """Put solved windows (n, 24, 28, 2) together: (frames, 28, 2) in the input's units, at the prior's rate."""
        return STITCHERS[settings.stitch](self.units.restore(positions), self.starts, self.frames, frame_error)

    def warnings(self, fps: float, last: int) -> tuple[str, ...]:
        """What a user should know of the stretches without observations."""
        if not self.invented.any():
            return ()
        inside = np.zeros(self.frames + 2, bool)
        for start in self.starts[self.invented]:
            inside[start + 1 : start + 1 + WINDOW] = True
        inside[-1] = False
        borders = (np.flatnonzero(np.diff(inside)).reshape(-1, 2) - (0, 1)) / PRIOR_FPS * fps
        spans = [f"{round(first)}-{min(round(end), last)}" for first, end in borders]
        named = ", ".join(spans[:_SPANS]) + (" and others" if len(spans) > _SPANS else "")
        return (f"Hardly anything was observed in frames {named}: the person is invented there.",)


def _carry(positions: np.ndarray) -> np.ndarray:
    """Each joint that was ever observed, led over its gaps in straight lines; (frames, 28, 2)."""
    out = positions.copy()
    frames = np.arange(len(positions))
    for joint in range(positions.shape[1]):
        at = np.flatnonzero(np.isfinite(positions[:, joint]).all(-1))
        if len(at):
            for axis in (0, 1):
                out[:, joint, axis] = np.interp(frames, at, positions[at, joint, axis])
    return out


def _scales(positions: np.ndarray, starts: np.ndarray, pose: Gaussian) -> np.ndarray:
    """Body scale of each window, (n,): over its neighbourhood, else over the clip, else by the mean pose."""
    spans = [slice(max(s - _NEIGHBOURHOOD, 0), s + WINDOW + _NEIGHBOURHOOD) for s in starts]
    local = np.array([body_scale(positions[span]) for span in spans])
    whole = float(body_scale(positions))
    if not whole > 0:
        whole = _scale_by_pose(positions, pose)
    if not whole > 1e-6:
        raise InputError("All observed joints lie on one spot: the person has no size. Check the file's coordinates.")
    return np.where(local > 1e-6, local, whole)


def _scale_by_pose(positions: np.ndarray, pose: Gaussian) -> float:
    """Body scale from any joints: their spread next to the prior's for these joints, the median over frames."""
    # The squares of these columns add up to the expected squares of the coordinates, so limbs keep their length.
    columns = np.column_stack([pose.mean, pose.factor]).reshape(len(JOINTS), 2, -1)
    ratios = []
    for frame in positions:
        seen = np.isfinite(frame).all(-1)
        if seen.sum() >= 2:
            expected = np.linalg.norm(columns[seen] - columns[seen].mean(0))
            ratios.append(np.linalg.norm(frame[seen] - frame[seen].mean(0)) / max(float(expected), 1e-9))
    return float(np.median(ratios)) if ratios else 0.0
