"""The shipped prior as training left it in a folder: linear part, refiner and screen."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from jumps_blender.errors import InputError

from .contents import Contents, Effort, eighth, half
from .fingerprint import digest, identify
from .linear import LINEAR, Linear, load_linear
from .noise_judge import JUDGE
from .practice import read_state
from .refine import REFINERS
from .screen import SCREEN

CALIBRATION: Final = "calibration.npz"


@dataclass(frozen=True)
class Prior:
    """What `refine`, `screen` and `calibrate` wrote; `calibration` is empty before the last of them."""

    linear: Linear
    noise_judge: dict[str, torch.Tensor]
    refiner: dict[str, torch.Tensor]  # named "calm.0.weight" and so on
    refiner_efforts: dict[str, Effort]
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
        states = {name: read_state(folder / file, "refine") for name, file in REFINERS.items()}
        screen = read_state(folder / SCREEN, "screen")
        for name, state in states.items():
            if state["linear"] != identify(linear):
                found = folder / REFINERS[name]
                raise InputError(f"{found} belongs to another linear part. Run: python -m trainer refine")
        refiner = {f"{name}.{key}": value for name, state in states.items() for key, value in state["model"].items()}
        efforts = {name: Effort.of(state) for name, state in states.items()}
        judge = read_state(folder / JUDGE, "screen")["model"]
        return cls(linear, judge, refiner, efforts, screen["model"], Effort.of(screen))

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
        for key, value in self.refiner.items():
            arrays |= eighth(f"refiner.{key}", value)
        arrays |= {f"screen.{key}": half(f"screen.{key}", value) for key, value in self.screen.items()}
        arrays |= {f"noise_judge.{key}": value.numpy() for key, value in self.noise_judge.items()}
        arrays |= {f"calibration.{key}": value.astype(np.float32) for key, value in self.calibration.items()}
        efforts = self.refiner_efforts | {"screen": self.screen_effort}
        return arrays, {f"{name}_{key}": told for name, each in efforts.items() for key, told in each.told().items()}
