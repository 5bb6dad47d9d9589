"""What goes into a file of weights: numbers in 16 bits or 8, and how long they were trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from jumps_blender.errors import InputError

Contents = tuple[dict[str, np.ndarray], dict[str, str]]
"""Arrays and metadata of a file."""


@dataclass(frozen=True)
class Effort:
    """How long something was trained."""

    iterations: int
    minutes: float

    @classmethod
    def of(cls, state: dict[str, Any]) -> Effort:
        """That of a small network's checkpoint."""
        return cls(state["iteration"], state["minutes"])

    def told(self) -> dict[str, str]:
        """As metadata."""
        return {"iterations": str(self.iterations), "minutes": f"{self.minutes:.1f}"}


def half(name: str, tensor: torch.Tensor) -> np.ndarray:
    """A network's numbers as float16, whole numbers as they are; raises InputError where that is too small."""
    shorter = tensor.half() if tensor.is_floating_point() else tensor
    if not torch.isfinite(shorter).all():
        raise InputError(f"{name} reaches {tensor.abs().max():g}, more than float16 holds. Train again.")
    return shorter.numpy()


def eighth(name: str, tensor: torch.Tensor) -> dict[str, np.ndarray]:
    """A layer's weights as whole numbers of 8 bits times a step, one for each output or each input; others as float16.

    Whichever loses less: inputs may differ in size by far, outputs too. Raises InputError where a number is none.
    """
    if not name.endswith(".weight"):
        return {name: half(name, tensor)}
    if not torch.isfinite(tensor).all():
        raise InputError(f"{name} holds NaN or infinity, expected numbers. Train again.")
    weight = tensor.float().numpy()
    _, whole, step = min((_rounded(weight, axis) for axis in (0, 1)), key=lambda found: found[0])
    return {name: whole, f"{name.removesuffix('weight')}step": step}


def _rounded(weight: np.ndarray, axis: int) -> tuple[float, np.ndarray, np.ndarray]:
    """What is lost (sum of squares), whole numbers, and the steps along the other axis."""
    step = np.maximum(np.abs(weight).max(axis, keepdims=True) / 127, 1e-12).astype(np.float32)
    whole = np.round(weight / step)
    return float(((whole * step - weight) ** 2).sum()), whole.astype(np.int8), step
