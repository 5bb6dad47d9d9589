"""Real estimates and what becomes of them, frame beside frame, over what the other cameras agree on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender.core.metrics import errors_in_heads

from .drawing import pale_colour
from .evidence import OURS
from .multiview import Shot
from .multiview_scores import GIVEN, OTHER, OUTLIER, RAW, judges
from .strips import Strip, draw_strips, spread

ESTIMATED: Final = "estimate"
PICKED: Final = ("openpose_body25b", "movenet_multipose", "mediapipe_lite")
_TITLES: Final = {
    "openpose_body25b": "OpenPose", "movenet_multipose": "MoveNet", "mediapipe_lite": "MediaPipe lite",
}  # fmt: skip
_POSES: Final = 5
KEY: Final = "Left side blue, right side red; pale behind: what another estimator says in the other three cameras."


def draw_real(shot: Shot, answers: dict[tuple[str, str], np.ndarray], path: Path) -> bool:
    """Draw of three estimators the camera with the most gross errors; False where an answer is missing.

    answers: (views, frames, 28, 2) by estimator and method.
    """
    picked = [name for name in PICKED if (name, OURS) in answers and name in shot.judges]
    if not picked:
        return False
    strips = [_strip(shot, name, answers[name, RAW], answers[name, OURS]) for name in picked]
    note = "One man on one leg for 1.7 s; of each estimator the camera in which it fails most.\n"
    draw_strips(strips, [ESTIMATED, OURS], note, path, KEY)
    return True


def _strip(shot: Shot, estimator: str, raw: np.ndarray, result: np.ndarray) -> Strip:
    truth = np.where(GIVEN[:, None], judges(shot, estimator)[OTHER], np.nan)
    gross = [_gross(points, truth, shot.head_size) for points in (raw, result)]
    view = int(gross[0].argmax())
    notes = {
        name: f"{100 * shares[view]:.1f} % of the joints are more than half a head off"
        for name, shares in zip((ESTIMATED, OURS), gross, strict=True)
    }
    frames = spread(0, len(shot.head_size[view]) - 1, _POSES)
    rows = {ESTIMATED: raw[view], OURS: result[view]}
    title = f"{_TITLES.get(estimator, estimator)}, camera {view + 1}"
    return Strip(title, frames, raw[view], truth[view], rows, shot.head_size[view], notes=notes, behind=pale_colour)


def _gross(points: np.ndarray, truth: np.ndarray, head_size: np.ndarray) -> np.ndarray:
    """Share of the judged joints in each view that are far off, or have no answer."""
    errors = errors_in_heads(points, truth, head_size)
    judged = np.isfinite(truth).all(-1)
    return np.asarray((judged & ~(errors <= OUTLIER)).sum((1, 2)) / judged.sum((1, 2)))
