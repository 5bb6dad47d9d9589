"""Networks as baselines: one that adds to ridge for one set of joints, and one that takes any mask."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jumps_blender.core.perceptron import Perceptron
from jumps_blender.core.skeleton import JOINTS
from jumps_blender.core.windows import WINDOW

from .gaps import along_lines
from .lessons import Lessons, clean, draw_filled, draw_masked, mixture
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
        kept = lessons.store.get("ridge-mlp", key, make)
        return _Added(ridge, _perceptron(kept)), int(kept["steps"])


@dataclass(frozen=True)
class _Masked:
    """A network of zero-filled coordinates and of where they are; it adds to the mean pose."""

    network: Perceptron
    mean_pose: np.ndarray

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        return self.mean_pose + self.network(masked_inputs(positions, self.mean_pose)).reshape(positions.shape)


def masked_inputs(positions: np.ndarray, mean_pose: np.ndarray) -> np.ndarray:
    """(n, 24 x 28 x 3) float32: departures from the mean pose, 0 where not observed, and the mask."""
    known = np.isfinite(positions).all(-1)
    moved = np.where(known[..., None], positions - mean_pose, 0.0)
    return np.concatenate([moved.reshape(len(moved), -1), known.reshape(len(known), -1)], 1).astype(np.float32)


@dataclass(frozen=True)
class MaskedNetwork:
    """A perceptron on the window for any mask, trained with random masks and the noise mixture."""

    name: str

    def fit(self, lessons: Lessons, observed: np.ndarray) -> WindowMethod:
        mean_pose = lessons.mean_pose

        def make() -> dict[str, np.ndarray]:
            from . import networks

            sampler = lessons.sampler(5)

            def draw() -> networks.Batch:
                views = draw_masked(sampler, networks.BATCH)
                base = np.broadcast_to(mean_pose, views.truth.shape)
                return networks.Batch(masked_inputs(views.seen, mean_pose), base, views.truth, views.heads)

            return networks.taught(WINDOW * len(JOINTS) * 3, OUTPUTS, draw, lessons)

        kept = lessons.store.get("masked-mlp", (lessons.origin, lessons.minutes, lessons.steps), make)
        predict = _Masked(_perceptron(kept), mean_pose)
        return WindowMethod(observed, predict, mean_pose, gaps=True, chosen=(("steps", int(kept["steps"])),))


def _perceptron(arrays: dict[str, np.ndarray]) -> Perceptron:
    """What training gave, ready to run on numpy."""
    count = sum(name.startswith("weight") for name in arrays)
    return Perceptron(tuple((arrays[f"weight{i}"], arrays[f"bias{i}"]) for i in range(count)))
