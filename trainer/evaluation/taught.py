"""Baselines as methods that are compared: trained on what the prior is trained on, kept once they are fitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from .. import baselines as registry
from .. import cameras, noise, sampling
from ..baselines import BASELINES, Lessons
from ..baselines.command import lessons
from .conditions import LIMBS, Condition
from .methods import Entrant, Method, at_prior_rate, code

NETWORKS: Final = ("ridge + MLP", "ridge + MLP, noisy", "masked MLP")
"""Baselines that are trained for minutes."""

NOISY: Final = ", noisy"
"""How names of baselines end that are trained under noise."""

REFERENCES: Final = ("window ridge", "ridge + MLP")
"""Baselines that are measured at other frame rates too."""

ONE_SET: Final = ("ridge + MLP",)
"""Networks that know one set of joints only: they are trained for the 12."""

_USUAL_SECONDS: Final = 20.0
"""Roughly, to fit a baseline that is no network."""


@dataclass(frozen=True)
class School:
    """Where baselines learn: the prepared data, the budget, and the folder that keeps fits."""

    data: Path
    keep: Path
    windows: int
    minutes: float
    steps: int
    seed: int

    @cached_property
    def lessons(self) -> Lessons:
        """The same for all baselines."""
        return lessons(self.data, self.keep, self.windows, self.minutes, self.steps, self.seed)

    @cached_property
    def origin(self) -> str:
        """What all fits depend on: code, data, budget."""
        used = [Path(str(module.__file__)) for module in (cameras, noise, sampling)]
        made_of = code(Path(str(registry.__file__)).parent, *used)
        return f"{made_of} {self.lessons.origin} {(self.windows, self.minutes, self.steps, self.seed)}"

    def entrant(self, name: str) -> Entrant:
        """A baseline of the registry."""

        def ready(condition: Condition) -> Method:
            taught = replace(self.lessons, condition=condition.spoil)
            return at_prior_rate(BASELINES[name].fit(taught, condition.observed), condition.fps)

        fitting = 60 * self.minutes if name in NETWORKS else _USUAL_SECONDS
        identity = f"{name} {self.origin}"
        return Entrant(name, "baseline", identity, ready, lambda condition: _enters(name, condition), fitting=fitting)


def _enters(name: str, condition: Condition) -> bool:
    """Frame rates are asked of the references only; networks of one set, and what is trained noisily, for 12 joints."""
    if condition.retimed:
        return name in REFERENCES
    return not (name in ONE_SET or name.endswith(NOISY)) or bool((condition.observed == LIMBS).all())
