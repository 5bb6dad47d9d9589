"""The solve of a clip, stretch by stretch: windows are answered in batches, put together, and told as they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..errors import Cancelled
from .clips.clip import Clip
from .clips.clip_windows import ClipWindows, Windows
from .clips.pins import REACH, hold
from .clips.resample import in_lines, interpolate
from .clips.windows import STITCHERS, WINDOW, Stitcher
from .direct.answer import Answer
from .direct.noise import Noise
from .direct.noise_level import noise_level, worth_a_look
from .direct.regression import regress
from .direct.trust import granted
from .engines.engine import Engine
from .estimates import Estimates
from .inversion.descent import Cancel, Progress, solve
from .settings import Settings
from .weights import Weights

_FIRST: Final = 16
_BATCH: Final = 96
"""Windows that are answered directly at once: few at first, so that something can be shown soon."""

Interpolate = Callable[[np.ndarray, np.ndarray], np.ndarray]

_BEFORE, _AFTER = 1, 2
"""Frames at the prior's rate around a moment that say what is there."""


@dataclass(frozen=True)
class Stretch:
    """Finished frames of a clip from `first` on; arrays (frames, 28, ...) as in `upsampler.Result`."""

    first: int
    positions: np.ndarray
    std: np.ndarray | None
    depth: np.ndarray | None
    depth_std: np.ndarray | None

    @property
    def frames(self) -> slice:
        """Its place in the clip."""
        return slice(self.first, self.first + len(self.positions))


@dataclass(frozen=True)
class ClipSolver:
    """A clip, cut and judged, ready to be answered."""

    engine: Engine
    weights: Weights
    settings: Settings
    clip: Clip
    windows: ClipWindows
    noise: Noise | None

    @classmethod
    def prepare(
        cls, engine: Engine, weights: Weights, settings: Settings, clip: Clip, known: Estimates | None
    ) -> ClipSolver:
        """Estimate what is estimated over a whole clip, unless it is `known`."""
        if settings.screen and not settings.invert:
            clip = clip.screened(engine, weights.screen, known.screen_believed if known else None)
        windows = ClipWindows.plan(clip, settings, weights.pose, known.size if known else None)
        noise = known.noise if known else None
        if noise is None and not settings.invert:
            looks = windows.part(worth_a_look(windows.shown)).seen
            noise = noise_level(engine, weights.noise_judge, weights.window, looks, clip.fps)
        return cls(engine, weights, settings, clip, windows, noise)

    @property
    def estimates(self) -> Estimates:
        """What was found of the clip as a whole."""
        screening = self.clip.screening
        level, lasting = (self.noise.deviation, self.noise.lasting) if self.noise else (None, 0.0)
        return Estimates(level, self.windows.size, screening.believed if screening else None, lasting)

    def stretches(self, seed: int, progress: Progress, cancel: Cancel) -> Iterator[Stretch]:
        """Solve the clip; stretches follow one another."""
        whole = slice(0, len(self.clip.positions))
        return self.solve(slice(0, len(self.windows.starts)), whole, seed, progress, cancel)

    def windows_of(self, own: slice) -> slice:
        """The windows that a stretch of the clip's own frames needs."""
        wide = self._reach(own)
        times = self.clip.own_times()[[max(own.start - wide, 0), min(own.stop + wide, len(self.clip.positions)) - 1]]
        first, last = np.floor(times[0]) - _BEFORE, np.floor(times[1]) + _AFTER
        starts, ends = self.windows.starts, self.windows.starts + WINDOW
        return slice(int(np.searchsorted(ends, first, "right")), int(np.searchsorted(starts, last, "right")))

    def solve(self, which: slice, own: slice, seed: int, progress: Progress, cancel: Cancel) -> Iterator[Stretch]:
        """Solve some windows, and tell the stretch of own frames that needs no others.

        Raises:
            Cancelled: `cancel` said so.

        """
        joined = _Joined(self.clip, self.windows, own, self._reach(own))
        batches = _batches(which, self._batch_size())
        rng = np.random.default_rng(seed)
        for number, batch in enumerate(batches):
            progress(number / len(batches), f"window {batch.start - which.start} of {which.stop - which.start}")

            def report(share: float, text: str, number: int = number) -> None:
                progress((number + share) / len(batches), text)

            if cancel():
                raise Cancelled("Cancelled: nothing was changed.")
            part = self.windows.part(batch)
            joined.add(part, *self._answer(part, rng, report, cancel), self.settings.stitch)
            stretch = joined.finished(batch.stop, last=batch.stop == which.stop)
            if len(stretch.positions):
                yield stretch

    def _reach(self, own: slice) -> int:
        """Frames around a stretch that have a say in it through pins."""
        wide = int(np.ceil(REACH * self.clip.fps))
        near = slice(max(own.start - wide, 0), own.stop + wide)
        return wide if self.clip.pinned[near].any() else 0

    def _batch_size(self) -> tuple[int, int]:
        if not self.settings.invert:
            return _FIRST, _BATCH
        together = max(self.engine.batch // (self.settings.random_starts + self.settings.encoder_start), 1)
        return together, together

    def _answer(
        self, part: Windows, rng: np.random.Generator, progress: Progress, cancel: Cancel
    ) -> tuple[Answer, np.ndarray]:
        """The answer to some windows, and its contextual losses (n, 24)."""
        if self.settings.invert:
            solution = solve(self.engine, self.weights, part.seen, self.settings, rng, progress, cancel)
            return Answer(solution.positions), solution.frame_error
        assert self.noise is not None
        noise = granted(self.noise, self.settings.smoothness)
        seen = part.informed(noise.deviation)
        answer = regress(self.engine, self.weights, seen, part.held, noise, self.settings)
        prior, calibration = self.weights.window, self.weights.calibration
        answer = calibration.applied(answer, prior, seen, part.held, noise, part.lost, self.clip.fps)
        return answer, np.zeros(answer.positions.shape[:2])


def _batches(which: slice, sizes: tuple[int, int]) -> list[slice]:
    first = min(which.start + sizes[0], which.stop)
    later = range(first, which.stop, sizes[1])
    return [slice(which.start, first), *(slice(at, min(at + sizes[1], which.stop)) for at in later)]


class _Joined:
    """Windows put together, and what of them is finished at the clip's own rate."""

    def __init__(self, clip: Clip, windows: ClipWindows, own: slice, reach: int) -> None:
        self._clip, self._windows, self._own, self._reach = clip, windows, own, reach
        self._stitchers: dict[str, Stitcher] = {}
        self._times = clip.own_times()
        self._unpinned = np.full(clip.positions.shape, np.nan) if reach else np.empty(0)
        self._raw = self._done = max(own.start - reach, 0)

    def add(self, part: Windows, answer: Answer, frame_error: np.ndarray, how: str) -> None:
        """Add answered windows."""
        scale = part.units.scale[:, None, None]
        lengths = {name: getattr(answer, name) for name in ("std", "depth", "depth_std")}
        arrays = {"positions": part.units.restore(answer.positions)}
        arrays |= {name: scale * values for name, values in lengths.items() if values is not None}
        for name, values in arrays.items():
            if name not in self._stitchers:
                self._stitchers[name] = STITCHERS[how](self._windows.frames, values.shape[2:])
            for start, window, error in zip(part.starts, values, frame_error, strict=True):
                self._stitchers[name].add(start, window, error)

    def finished(self, windows: int, last: bool) -> Stretch:
        """The frames that are finished once `windows` windows were added, after those that were told before."""
        end = min(self._own.stop + self._reach, len(self._times)) if last else self._ready(windows)
        raw = slice(self._raw, max(min(end, self._own.stop + self._reach), self._raw))
        stop = self._own.stop if last else min(raw.stop - self._reach, self._own.stop)
        told = slice(max(self._done, self._own.start), max(stop, self._done, self._own.start))
        self._raw, self._done = raw.stop, told.stop
        std, depth_std = (self._at_own_rate(name, told, in_lines) for name in ("std", "depth_std"))
        if std is not None:
            std = np.where(self._clip.pinned[told], 0.0, std)
        positions = self._positions(raw, told)
        return Stretch(told.start, positions, std, self._at_own_rate("depth", told), depth_std)

    def _ready(self, windows: int) -> int:
        """Own frames of which everything is there, once so many windows were added."""
        if windows == len(self._windows.starts):
            return len(self._times)
        return int(np.searchsorted(np.floor(self._times) + _AFTER, self._windows.starts[windows]))

    def _positions(self, raw: slice, told: slice) -> np.ndarray:
        if not self._reach:
            positions = self._at_own_rate("positions", told)
            assert positions is not None
            return positions
        self._unpinned[raw] = self._at_own_rate("positions", raw)
        return hold(self._unpinned, self._clip.positions, self._clip.pinned, REACH * self._clip.fps, told)

    def _at_own_rate(self, name: str, own: slice, between: Interpolate = interpolate) -> np.ndarray | None:
        """What was put together, at own frames."""
        if name not in self._stitchers:
            return None
        stitcher, times = self._stitchers[name], self._times[own]
        if not len(times):
            return stitcher.frames(slice(0))
        first = int(max(np.floor(times[0]) - _BEFORE, 0))
        last = int(min(np.floor(times[-1]) + _AFTER + 1, self._windows.frames))
        return between(stitcher.frames(slice(first, last)), times - first)
