"""How a prediction on windows becomes a method on clips: gaps, filter, units, windows, and all of it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from jumps_blender.core.body.normalise import Units, body_scale
from jumps_blender.core.clips.windows import WINDOW, blend, cut, window_starts
from jumps_blender.errors import NotEnoughJoints

from .filters import NoFilter, Smooth
from .gaps import Fill, along_lines, along_splines
from .lessons import Lessons, Views

Method = Callable[[np.ndarray], np.ndarray]
"""From tracks (frames, 28, 2) in pixels, NaN = not observed, to all joints (frames, 28, 2)."""

Predict = Callable[[np.ndarray], np.ndarray]
"""From windows (n, 24, 28, 2) in normalised units to all joints of them."""

HOP: Final = WINDOW // 2


@dataclass(frozen=True)
class WindowMethod:
    """A method on clips around a prediction on windows.

    observed: bool (28,), the joints it looks at. predict: its heart. mean_pose: (28, 2) in normalised units, for joints
    that a clip never shows. fill, smooth: what happens to tracks before they are cut. gaps: whether `predict` wants
    NaN where nothing was observed. chosen: the hyperparameters, for print.
    """

    observed: np.ndarray
    predict: Predict
    mean_pose: np.ndarray
    fill: Fill = along_splines
    smooth: Smooth = field(default_factory=NoFilter)
    gaps: bool = False
    chosen: tuple[tuple[str, object], ...] = ()

    def __call__(self, tracks: np.ndarray) -> np.ndarray:
        """All joints of a clip (frames, 28, 2); raises NotEnoughJoints where no size of the person can be told."""
        short = max(WINDOW - len(tracks), 0)
        padded = np.pad(np.asarray(tracks, np.float64), ((0, short), (0, 0), (0, 0)), constant_values=np.nan)
        whole = self.prepare(padded[None])[0]
        starts = window_starts(len(whole), HOP)
        windows = cut(whole, starts, np.nan)
        scale = body_scale(windows)
        scale = np.where(scale > 1e-6, scale, self._size(whole))
        answer = self.answer(windows, cut(padded, starts, np.nan), Units.of(windows, scale))
        return blend(answer, starts, len(whole))[: len(tracks)]

    def prepare(self, seen: np.ndarray) -> np.ndarray:
        """The observed joints of stretches (n, frames, 28, 2) without gaps and filtered; others are NaN."""
        return self.smooth(self.fill(np.where(self.observed[:, None], seen, np.nan)))

    def answer(self, windows: np.ndarray, seen: np.ndarray, units: Units) -> np.ndarray:
        """All joints of windows (n, 24, 28, 2) as `prepare` left them; `seen` are the same with their gaps."""
        shown = units.normalise(windows)
        if self.gaps:
            known = np.isfinite(seen).all(-1) & self.observed
            shown = np.where(known[..., None], shown, np.nan)
        else:
            shown = np.where(np.isfinite(shown) | ~self.observed[:, None], shown, self.mean_pose)
        return units.restore(self.predict(shown))

    def _size(self, positions: np.ndarray) -> float:
        """Body scale of a clip, by whichever joints it shows."""
        scale = float(body_scale(positions))
        if scale > 1e-6:
            return scale
        frame = positions[np.isfinite(positions).all(-1).sum(1).argmax()]
        seen = np.isfinite(frame).all(-1)
        spread, typical = (np.linalg.norm(p[seen] - p[seen].mean(0)) if seen.sum() > 1 else 0.0
                           for p in (frame, self.mean_pose))  # fmt: skip
        if not spread > 1e-6:
            raise NotEnoughJoints(f"At most {seen.sum()} joints at one place were observed; expected a person's size.")
        return float(spread / max(float(typical), 1e-6))


class Examination:
    """Validation windows under the lessons' condition; all of them, or the first so many."""

    def __init__(self, lessons: Lessons, windows: int | None = None) -> None:
        views = lessons.examination()
        self._views = Views(*(values[:windows] for values in (views.seen, views.truth, views.heads)))
        self._prepared: dict[tuple[object, ...], np.ndarray] = {}

    @property
    def fills(self) -> tuple[Fill, ...]:
        """Ways to fill gaps that are worth a comparison: one where there are none."""
        return (along_splines, along_lines) if np.isnan(self._views.seen).any() else (along_splines,)

    def error(self, method: WindowMethod) -> float:
        """Mean error in heads of the joints that a method does not look at; of all, if there is none."""
        key = (method.fill, method.smooth, method.observed.tobytes())
        if key not in self._prepared:
            self._prepared[key] = method.prepare(self._views.seen)
        whole = Views(self._prepared[key], self._views.truth, self._views.heads).middle()
        scale = np.nan_to_num(body_scale(whole.seen))
        # A window that came in larger units for the sake of its clip keeps them.
        scale = np.where((body_scale(whole.truth) < 0.9999) | (scale < 1e-6), np.maximum(scale, 1.0), scale)
        answer = method.answer(whole.seen, self._views.middle().seen, Units.of(whole.seen, scale))
        judged = method.observed.all() | ~method.observed
        errors = np.linalg.norm(answer[:, :, judged] - whole.truth[:, :, judged], axis=-1)
        return float((errors / whole.heads[..., None]).mean())

    def choose(self, candidates: Iterable[WindowMethod]) -> WindowMethod:
        """The candidate with the lowest error."""
        return min(candidates, key=self.error)
