"""Held-out windows on which the rows are inverted as published, and what is measured on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jumps_blender.core.body.joint_sets import find_joint_set
from jumps_blender.core.body.normalise import Units
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.clips.clip import PRIOR_FPS, Clip
from jumps_blender.core.clips.clip_windows import ClipWindows
from jumps_blender.core.clips.observation import Observation
from jumps_blender.core.clips.windows import WINDOW, stitch
from jumps_blender.core.direct.gaussian import Gaussian
from jumps_blender.core.engines.torch_engine import open_engine
from jumps_blender.core.inversion.descent import solve
from jumps_blender.core.metrics import acceleration_error, auc, errors_in_heads, jitter, pckh
from jumps_blender.core.settings import Settings
from jumps_blender.core.weights import Weights

from ..evaluation.scenes import CENTRE, Scene
from .rows import GROUPS, OBSERVED, PAPER

FRAMES: Final = 2 * WINDOW
"""Frames of an exam's scenes: three windows that overlap by half, two without overlap."""


@dataclass(frozen=True)
class Exam:
    """Scenes of FRAMES frames of which the 12 limb joints are seen, cut into windows as the product does it.

    truth (scenes, FRAMES, 28, 2) and heads (scenes, FRAMES) in pixels; units and seen: those of all windows, scene by
    scene.
    """

    truth: np.ndarray
    heads: np.ndarray
    starts: np.ndarray
    units: Units
    seen: Observation

    @classmethod
    def set(cls, scenes: list[Scene], pose: Gaussian) -> Exam:
        """An exam from scenes of at least FRAMES frames."""
        truth = np.stack([scene.positions[:FRAMES] for scene in scenes])
        heads = np.stack([scene.head_size[:FRAMES] for scene in scenes])
        joints = find_joint_set(JOINTS)
        tracks = np.where(OBSERVED[:, None], truth, np.nan)
        clips = [Clip.read(each, joints, None, None, PRIOR_FPS, PAPER) for each in tracks]
        windows = [ClipWindows.plan(clip, PAPER, pose).all() for clip in clips]
        units = Units(*(np.concatenate([getattr(w.units, name) for w in windows]) for name in ("centre", "scale")))
        seen = [np.concatenate([getattr(w.seen, name) for w in windows]) for name in ("positions", "weight")]
        return cls(truth, heads, windows[0].starts, units, Observation(*seen))

    def through_one_map(self) -> Exam:
        """The same windows through one fixed map between image and normalised units, of middling size and place."""
        count = len(self.units.scale)
        fixed = Units(np.tile(CENTRE, (count, 1)), np.full(count, np.median(self.units.scale)))
        positions = fixed.normalise(self.units.restore(self.seen.positions))
        seen = Observation(np.where(self.seen.weight[..., None] > 0, positions, 0.0), self.seen.weight)
        return replace(self, units=fixed, seen=seen)

    def sit(self, weights: Weights, settings: Settings, seed: int) -> Answer:
        """Invert the generator on all windows."""
        engine = open_engine("cpu", weights)
        rng = np.random.default_rng(seed)
        solution = solve(engine, weights, self.seen, settings, rng, lambda _share, _text: None, lambda: False)
        shape = (len(self.truth), len(self.starts))
        windows = self.units.restore(solution.positions)
        errors = solution.frame_error
        return Answer(
            self, windows.reshape(*shape, *windows.shape[1:]), errors.reshape(*shape, -1), float(solution.loss.mean())
        )


@dataclass(frozen=True)
class Answer:
    """Inverted windows (scenes, windows, 24, 28, 2) in pixels, their contextual losses and the mean of L_Inp."""

    exam: Exam
    windows: np.ndarray
    frame_error: np.ndarray
    loss: float

    def stitched(self, every: int = 1) -> np.ndarray:
        """(scenes, FRAMES, 28, 2): overlaps by picking; `every=2` takes consecutive windows, "w/o overlap"."""
        starts = self.exam.starts[::every]
        parts = zip(self.windows[:, ::every], self.frame_error[:, ::every], strict=True)
        return np.stack([stitch("pick", windows, starts, FRAMES, errors) for windows, errors in parts])

    def measures(self, every: int = 1) -> dict[str, float]:
        """What the tables hold: PCKh@0.1, AUC and mean errors of each group in heads, motion, the jump at borders."""
        truth, heads, result = self.exam.truth, self.exam.heads, self.stitched(every)
        found: dict[str, float] = {"L_Inp": self.loss}
        for group, chosen in GROUPS.items():
            errors = errors_in_heads(result[:, :, chosen], truth[:, :, chosen], heads)
            found |= {f"{group} PCKh@0.1": float(pckh(errors, 0.1)), f"{group} AUC": auc(errors)}
            found[f"{group} error"] = float(errors.mean())
        found["acceleration error"] = acceleration_error(result, truth, heads)
        found |= {"jitter": jitter(result, heads), "jitter of the truth": jitter(truth, heads)}
        # A frame's step error where two consecutive windows meet, next to the same frames' in the overlapping result.
        steps = np.linalg.norm(np.diff(result - truth, axis=1), axis=-1) / heads[:, 1:, None]
        return found | {"jump at the border": float(steps[:, WINDOW - 1].mean())}

    def by_position(self) -> list[float]:
        """Mean error of the missing joints in heads at each of the 24 frames of a window."""
        at = self.exam.starts[:, None] + np.arange(WINDOW)
        difference = np.linalg.norm(self.windows - self.exam.truth[:, at], axis=-1)[..., ~OBSERVED]
        return [float(each) for each in (difference / self.exam.heads[:, at][..., None]).mean((0, 1, 3))]
