"""The shipped prior as training left it in a folder: linear part, refiner, follower and screen."""

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
from .follow import FOLLOWER
from .linear import LINEAR, Linear, load_linear
from .noise_judge import JUDGE
from .practice import read_fitted, read_state
from .refine import REFINERS
from .screen import SCREEN

CALIBRATION: Final = "calibration.npz"


@dataclass(frozen=True)
class Prior:
    """What `refine`, `follow`, `screen` and `calibrate` wrote; `calibration` is empty before the last of them."""

    linear: Linear
    noise_judge: dict[str, torch.Tensor]
    refiner: dict[str, torch.Tensor]  # named "calm.0.weight" and so on
    follower: dict[str, torch.Tensor]
    screen: dict[str, torch.Tensor]
    efforts: dict[str, Effort]  # of the refiner's networks, "calm" and "noisy", then "follower" and "screen"
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
            raise InputError(f"{folder / CALIBRATION} belongs to other networks. Run: python -m trainer calibrate")
        return replace(prior, calibration=arrays)

    @classmethod
    def read_uncalibrated(cls, folder: Path) -> Prior:
        """What `refine`, `follow` and `screen` wrote; errors as those of `read`."""
        linear = load_linear(folder / LINEAR)
        identity = identify(linear)
        states = {name: read_fitted(folder / file, "refine", identity) for name, file in REFINERS.items()}
        refiner = {f"{name}.{key}": value for name, state in states.items() for key, value in state["model"].items()}
        states["follower"] = follower = read_fitted(folder / FOLLOWER, "follow", identity)
        states["screen"] = screen = read_state(folder / SCREEN, "screen")
        efforts = {name: Effort.of(state) for name, state in states.items()}
        judge = read_state(folder / JUDGE, "screen")["model"]
        return cls(linear, judge, refiner, follower["model"], screen["model"], efforts)

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
        arrays |= {f"follower.{key}": half(f"follower.{key}", value) for key, value in self.follower.items()}
        arrays |= {f"screen.{key}": half(f"screen.{key}", value) for key, value in self.screen.items()}
        arrays |= {f"noise_judge.{key}": value.numpy() for key, value in self.noise_judge.items()}
        arrays |= {f"calibration.{key}": value.astype(np.float32) for key, value in self.calibration.items()}
        efforts = self.efforts.items()
        return arrays, {f"{name}_{key}": told for name, each in efforts for key, told in each.told().items()}
