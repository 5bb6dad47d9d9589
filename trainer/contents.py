"""What goes into a file of weights: numbers as float16, and how long they were trained."""

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
