"""The network baseline of one set of joints: a perceptron that adds to window ridge."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.direct.perceptron import Perceptron

from .gaps import along_lines
from .lessons import Lessons, clean, draw_filled, mixture
from .method import Examination, WindowMethod
from .ridge import RIDGES, LinearMap, equations

OUTPUTS = WINDOW * len(JOINTS) * 2


@dataclass(frozen=True)
class _Added:
    """Ridge, and what a network adds to it."""

    ridge: LinearMap
    network: Perceptron

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        return self.ridge(positions) + self.network(self.inputs(positions)).reshape(positions.shape)

    def inputs(self, positions: np.ndarray) -> np.ndarray:
        flat = positions[:, :, self.ridge.observed].reshape(len(positions), -1)
        return np.concatenate([flat, np.ones((len(flat), 1))], axis=1).astype(np.float32)


@dataclass(frozen=True)
class RidgeAndNetwork:
    """A perceptron of the window's observed coordinates that adds to window ridge."""

    name: str
    noisy: bool = False

    def fit(self, lessons: Lessons, observed: np.ndarray) -> WindowMethod:
        fitted, steps = self._trained(lessons, observed)
        examination = Examination(lessons)
        candidates = (
            WindowMethod(
                observed, fitted, lessons.mean_pose, fill,
                chosen=(("ridge's penalty", fitted.ridge.ridge), ("steps", steps), ("gaps", fill.__name__)),
            )
            for fill in examination.fills
        )  # fmt: skip
        return examination.choose(candidates)

    def _ridge(self, lessons: Lessons, observed: np.ndarray) -> LinearMap:
        """The base, with the penalty that suits what the network is trained on, whatever the condition."""
        found = equations(lessons, observed, WINDOW, self.noisy)
        usual = replace(lessons, condition=mixture if self.noisy else clean)
        maps = (found.solve(ridge).single() for ridge in RIDGES)
        methods = (WindowMethod(observed, each, lessons.mean_pose, along_lines) for each in maps)
        best = Examination(usual).choose(methods).predict
        assert isinstance(best, LinearMap)
        return best

    def _trained(self, lessons: Lessons, observed: np.ndarray) -> tuple[_Added, int]:
        ridge = self._ridge(lessons, observed)

        def make() -> dict[str, np.ndarray]:
            from . import networks

            sampler, base = lessons.sampler(4, int(self.noisy)), _Added(ridge, Perceptron(()))

            def draw() -> networks.Batch:
                views = draw_filled(sampler, networks.BATCH, observed, self.noisy)
                seen = np.where(np.isfinite(views.seen), views.seen, lessons.mean_pose)
                return networks.Batch(base.inputs(seen), ridge(seen), views.truth, views.heads)

            return networks.taught(int(observed.sum()) * WINDOW * 2 + 1, OUTPUTS, draw, lessons)

        key = (
            lessons.origin,
            lessons.windows,
            observed.tolist(),
            self.noisy,
            lessons.minutes,
            lessons.steps,
            ridge.ridge,
        )
        kept = lessons.store.get("ridge-and-mlp", key, make)
        return _Added(ridge, to_perceptron(kept)), int(kept["steps"])


def to_perceptron(arrays: dict[str, np.ndarray]) -> Perceptron:
    """What training gave, ready to run on numpy."""
    count = sum(name.startswith("weight") for name in arrays)
    return Perceptron(tuple((arrays[f"weight{i}"], arrays[f"bias{i}"]) for i in range(count)))
