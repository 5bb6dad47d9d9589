"""Training one row with one seed, and the prior that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch

from jumps_blender.core.body.normalise import HEAD
from jumps_blender.core.body.skeleton import to_grid
from jumps_blender.core.direct.gaussian import Gaussian
from jumps_blender.core.inversion.networks import Critic
from jumps_blender.core.inversion.published import LATENT
from jumps_blender.core.metrics import jitter
from jumps_blender.core.weights import Weights

from ..loop import Trainer
from ..sampling import Sampler
from ..schedule import SCHEDULES, Schedule
from .rows import OBSERVED

CURVE_POINTS: Final = 8
_GENERATED: Final = 128


@dataclass(frozen=True)
class Course:
    """What all rows have in common: data, effort, precision. `held_out` (n, 24, 28, 2) are windows to judge by."""

    steps: int
    batch: int
    rate: float
    precision: torch.dtype | None
    clips: list[Any]
    held_out: np.ndarray
    pose: Gaussian

    def schedule(self, fields: dict[str, Any]) -> Schedule:
        """The preset `paper`, shortened, with a row's fields."""
        common: dict[str, Any] = {"batch": self.batch, "rate": self.rate, "critic_rate": self.rate}
        return replace(SCHEDULES["paper"], **common, **fields)

    def begin(self, fields: dict[str, Any], seed: int) -> Trainer:
        """A trainer at its first iteration; all rows of a seed see the same windows."""
        torch.manual_seed(seed)
        schedule = self.schedule(fields)
        sampler = Sampler(self.clips, schedule.augmentation, np.random.default_rng(seed))
        return Trainer(schedule, sampler, self.pose, torch.device("cpu"), self.precision)


def train(course: Course, trainer: Trainer, curve: list[dict[str, Any]], keep: Callable[[], None]) -> None:
    """Train to the end of the course, a point of the curve at each of CURVE_POINTS; `keep` is called at each."""
    every = max(course.steps // CURVE_POINTS, 1)
    for _ in trainer.run(None, course.steps):
        if trainer.iteration % every == 0 or trainer.iteration == course.steps:
            curve.append(_point(course, trainer))
            keep()


def _point(course: Course, trainer: Trainer) -> dict[str, Any]:
    """Validation error of the encoder's start in heads, and the jitter of what is generated."""
    latent = np.random.default_rng(0).standard_normal((_GENERATED, LATENT))
    return {
        "step": trainer.iteration,
        "seconds": round(trainer.seconds, 1),
        "error": trainer.validate(course.held_out, OBSERVED),
        "generated jitter": jitter(trainer.generate(latent), HEAD),
        "real jitter": jitter(course.held_out, HEAD),
    }


def prior(course: Course, trainer: Trainer, base: Weights) -> Weights:
    """The trained networks in the place of those of `base`, the critic calibrated on held-out windows."""
    networks = trainer.shipped() | {"critic": trainer.models.critic}
    arrays = {
        f"{name}.{key}": np.ascontiguousarray(value.numpy())
        for name, network in networks.items()
        for key, value in network.state_dict().items()
    }
    score = _scores(trainer.models.critic, course.held_out)
    schedule = trainer.schedule
    return replace(
        base, networks=arrays, pose=course.pose, critic_output=schedule.critic_output,
        critic_norm=schedule.critic_norm, critic_mean=float(score.mean()), critic_spread=float(max(score.std(), 1e-6)),
    )  # fmt: skip


@torch.no_grad()
def _scores(critic: Critic, windows: np.ndarray) -> np.ndarray:
    critic.eval()
    grid = torch.from_numpy(to_grid(windows.astype(np.float32))).permute(0, 3, 1, 2)
    return critic(grid)[:, 0].numpy()
