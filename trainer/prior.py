"""The shipped prior as training left it in a folder: linear part, refiner and screen."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from jumps_blender.errors import InputError

from .contents import Contents, Effort, half
from .fingerprint import digest, identify
from .linear import LINEAR, Linear, load_linear
from .noise_judge import JUDGE
from .practice import read_state
from .refine import REFINER
from .screen import SCREEN

CALIBRATION: Final = "calibration.npz"


@dataclass(frozen=True)
class Prior:
    """What `refine`, `screen` and `calibrate` wrote; `calibration` is empty before the last of them."""

    linear: Linear
    noise_judge: dict[str, torch.Tensor]
    refiner: dict[str, torch.Tensor]
    refiner_effort: Effort
    screen: dict[str, torch.Tensor]
    screen_effort: Effort
    calibration: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Prior:
        """Read them; raises InputError where one is missing or belongs to another linear part or prior."""
        prior = cls.read_uncalibrated(folder)
        if not (folder / CALIBRATION).is_file():
            return prior
        with np.load(folder / CALIBRATION) as stored:
            arrays = dict(stored)
        if str(arrays.pop("prior")) != prior.identity:
            raise InputError(
                f"{folder / CALIBRATION} belongs to another refiner or screen. Run: python -m trainer calibrate"
            )
        return replace(prior, calibration=arrays)

    @classmethod
    def read_uncalibrated(cls, folder: Path) -> Prior:
        """What `refine` and `screen` wrote; errors as those of `read`."""
        linear = load_linear(folder / LINEAR)
        refiner, screen = read_state(folder / REFINER, "refine"), read_state(folder / SCREEN, "screen")
        if refiner["linear"] != identify(linear):
            raise InputError(f"{folder / REFINER} belongs to another linear part. Run: python -m trainer refine")
        judge = read_state(folder / JUDGE, "screen")["model"]
        return cls(linear, judge, refiner["model"], Effort.of(refiner), screen["model"], Effort.of(screen))

    @property
    def identity(self) -> str:
        """Hash of all that is calibrated."""
        return digest(replace(self, calibration={}).contents()[0])

    def save_calibration(self, folder: Path, arrays: dict[str, np.ndarray]) -> None:
        """Write the tables that `calibrate` fitted to this prior; a kill leaves no half of them."""
        partial = (folder / CALIBRATION).with_suffix(".partial")
        with partial.open("wb") as file:  # given a name, numpy would append its own suffix
            np.savez(file, prior=np.array(self.identity), **arrays)
        os.replace(partial, folder / CALIBRATION)

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
        arrays |= {f"calibration.{key}": value.astype(np.float32) for key, value in self.calibration.items()}
        screen = {f"screen_{key}": value for key, value in self.screen_effort.told().items()}
        return arrays, self.refiner_effort.told() | screen
