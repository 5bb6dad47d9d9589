"""The shipped prior as training left it in a folder: linear part, refiner and screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from jumps_blender.errors import InputError

from .contents import Contents, Effort, half
from .fingerprint import identify
from .linear import LINEAR, Linear, load_linear
from .noise_judge import JUDGE
from .practice import read_state
from .refine import REFINER
from .screen import SCREEN


@dataclass(frozen=True)
class Prior:
    """What `refine` and `screen` wrote."""

    linear: Linear
    noise_judge: dict[str, torch.Tensor]
    refiner: dict[str, torch.Tensor]
    refiner_effort: Effort
    screen: dict[str, torch.Tensor]
    screen_effort: Effort

    @classmethod
    def read(cls, folder: Path) -> Prior:
        """Read them; raises InputError where one is missing or belongs to another linear part."""
        linear = load_linear(folder / LINEAR)
        refiner, screen = read_state(folder / REFINER, "refine"), read_state(folder / SCREEN, "screen")
        if refiner["linear"] != identify(linear):
            raise InputError(f"{folder / REFINER} belongs to another linear part. Run: python -m trainer refine")
        judge = read_state(folder / JUDGE, "screen")["model"]
        return cls(linear, judge, refiner["model"], Effort.of(refiner), screen["model"], Effort.of(screen))

    def contents(self) -> Contents:
        """Arrays and metadata of the file that ships."""
        linear = self.linear
        # Matrices were trained as float16; vectors are few.
        arrays: dict[str, np.ndarray] = {
            "window.mean": linear.mean.astype(np.float32),
            "window.factor": linear.factor.astype(np.float16),
            "window.noise": linear.noise.astype(np.float32),
            "window.detail": linear.detail.astype(np.float32),
            "depth.mean": linear.depth_mean.astype(np.float32),
            "depth.basis": linear.depth_basis.astype(np.float16),
        }
        for name, network in (("refiner", self.refiner), ("screen", self.screen)):
            arrays |= {f"{name}.{key}": half(f"{name}.{key}", value) for key, value in network.items()}
        arrays |= {f"noise_judge.{key}": value.numpy() for key, value in self.noise_judge.items()}
        screen = {f"screen_{key}": value for key, value in self.screen_effort.told().items()}
        return arrays, self.refiner_effort.told() | screen
