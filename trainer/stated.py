"""What is stated of errors, held against the errors that are found on held-out people, joint by joint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.core.clip_solver import ClipSolver, Interpolate
from jumps_blender.core.clips.resample import in_lines, interpolate
from jumps_blender.core.clips.windows import blend
from jumps_blender.core.direct.calibration import KIND, USED, Signs, knots
from jumps_blender.core.direct.regression import regress
from jumps_blender.core.direct.trust import granted
from jumps_blender.core.engines.engine import Engine
from jumps_blender.core.engines.opening import open_engine
from jumps_blender.core.request import Request
from jumps_blender.core.weights import Weights

from .evaluation.conditions import CONDITIONS, LIMBS, Condition, white
from .evaluation.scenes import Scene
from .quantiles import hats

EVALUATED: Final = (
    "clean", "white_05", "white_15", "detector_good", "detector_weak", "occlusion", "outliers_swaps", "body25",
    "upper_body", "fps_12", "detector_fps_12", "fps_30", "fps_60",
)  # fmt: skip
"""Conditions of the evaluation."""

SHOWN: Final = (
    *(CONDITIONS[name] for name in EVALUATED),
    *(
        Condition(f"white_{100 * each:02.0f}", f"white noise of {each}", LIMBS, white(each))
        for each in (0.02, 0.1, 0.3)
    ),
    Condition("fps_24", "the truth at 24 frames per second", LIMBS, fps=24.0),
)
"""What is shown of held-out people: the same, then more sizes of noise, and the frame rate of films."""

GROUPS: Final = ("observed", "hidden", "missing")
"""Joints that are shown in a frame; shown in others; never shown."""

_EVERY: Final = 2
"""Frames from one that is judged to the next."""

_LEAST: Final = 1e-6
"""Heads; no error is smaller."""

PELVIS: Final = INDEX["pelvis"]

_SIGNS: Final = sorted({sign for used in USED.values() for sign in used} - {"stated", "joint"})


@dataclass(frozen=True)
class Evidence:
    """Points, that is joints of frames: signs, stated deviations and errors, (n,) each but for `error` (n, 2).

    Signs count as their knots do; errors and deviations in heads, those of depth too. `group` is a number in GROUPS,
    `condition` that in SHOWN, `source` a name.
    """

    signs: dict[str, np.ndarray]
    seen: np.ndarray
    joint: np.ndarray
    std: np.ndarray
    error: np.ndarray
    depth_std: np.ndarray
    depth_error: np.ndarray
    group: np.ndarray
    condition: np.ndarray
    source: np.ndarray

    @classmethod
    def joined(cls, parts: list[Evidence]) -> Evidence:
        """All in a row."""
        signs = {sign: np.concatenate([part.signs[sign] for part in parts]) for sign in parts[0].signs}
        names = [field.name for field in fields(cls) if field.name != "signs"]
        return cls(signs, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    def part(self, which: np.ndarray) -> Evidence:
        """Some of the points."""
        signs = {sign: values[which] for sign, values in self.signs.items()}
        names = [field.name for field in fields(self) if field.name != "signs"]
        return Evidence(signs, **{name: getattr(self, name)[which] for name in names})

    def ratios(self, name: str) -> np.ndarray:
        """Logarithms of errors in the stated deviations that the factor `name` is of, (n, axes)."""
        error, stated = (self.depth_error[:, None], self.depth_std) if name == "depth" else (self.error, self.std)
        return np.log(np.maximum(error, _LEAST)) - np.log(np.maximum(stated, _LEAST))[:, None]

    def design(self, name: str) -> np.ndarray:
        """What the coefficients of all tables of a factor, one after the other, are multiplied with, (n, k)."""
        stated = np.log(np.maximum(self.depth_std if name == "depth" else self.std, _LEAST))
        values = self.signs | {"stated": stated, "joint": KIND[self.joint]}
        return np.concatenate([hats(values[sign], knots(sign)) for sign in USED[name]], axis=1)

    def members(self, name: str) -> np.ndarray:
        """Bool (n,): points that a factor is of."""
        return {"seen": self.seen, "unseen": ~self.seen, "depth": self.joint != PELVIS}[name]


def gather(weights: Weights, scenes: dict[str, list[Scene]], seed: int, shown: Iterable[Condition]) -> Evidence:
    """Solve scenes, as `default` does, under all conditions, and hold what is stated against the truth."""
    engine, parts = open_engine("numpy", "cpu", weights), []
    for number, condition in enumerate(shown):
        for source, found in scenes.items():
            for index, scene in enumerate(found):
                filmed = scene.at(condition.fps)
                tracks = condition.tracks(filmed, np.random.default_rng([seed, 7, index]))
                request = Request.of(tracks, {"joint_set": list(JOINTS), "fps": condition.fps})
                parts.append(_solved(engine, weights, filmed, request, number, source))
    return Evidence.joined(parts)


def _solved(engine: Engine, weights: Weights, scene: Scene, request: Request, condition: int, source: str) -> Evidence:
    """At the request's frame rate, which is that of the scene; the same answers that the product puts together."""
    solver = ClipSolver.prepare(engine, weights, request.settings, request.clip(), None)
    assert solver.noise is not None
    windows, noise = solver.windows.all(), granted(solver.noise, request.settings.smoothness)
    seen = windows.informed(noise.deviation)
    answer = regress(engine, weights, seen, windows.held, noise, request.settings)
    signs = Signs.read(weights.window, seen, windows.held, answer.positions, noise, windows.lost, request.fps)
    own = np.arange(0, len(scene.positions), _EVERY)
    times = solver.clip.own_times()[own]

    def join(values: np.ndarray, between: Interpolate = in_lines) -> np.ndarray:
        """Of windows, as their answers are put together."""
        whole = np.broadcast_to(values, (*seen.weight.shape, *values.shape[3:]))
        return between(blend(whole, windows.starts, solver.windows.frames), times)

    truth, heads = scene.positions[own], scene.head_size[own, None]
    group = _groups(request.positions)[own]
    assert answer.std is not None
    assert answer.depth is not None
    assert answer.depth_std is not None
    scale = windows.units.scale[:, None, None]
    std, depth_std = (join(scale * each) / heads for each in (answer.std, answer.depth_std))
    depth = join(scale * answer.depth, interpolate) / heads
    off = (join(windows.units.restore(answer.positions), interpolate) - truth) / heads[..., None]
    return Evidence(
        {sign: join(signs.value(sign)).ravel() for sign in _SIGNS},
        join(signs.seen.astype(float)).ravel() > 0.5,
        np.tile(np.arange(len(JOINTS)), len(group)),
        std.ravel(),
        np.abs(off).reshape(-1, 2),
        depth_std.ravel(),
        np.abs(depth - scene.depth[own] / heads).ravel(),
        group.ravel(),
        np.full(group.size, condition),
        np.full(group.size, source),
    )


def _groups(tracks: np.ndarray) -> np.ndarray:
    """Numbers in GROUPS, (frames, 28)."""
    finite = np.isfinite(tracks).all(-1)
    return np.where(finite, 0, np.where(finite.any(0), 1, 2))
