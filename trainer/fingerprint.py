"""Short names for what was trained, so that what belongs together is told from what does not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from jumps_blender.core.weights import DEFAULT, PAPER, read_safetensors

from .linear import Linear


def identify(fitted: Linear) -> str:
    """Hash of a linear part, 12 hexadecimal digits: a refiner fits the one it was trained with only."""
    digest = hashlib.sha256()
    for values in vars(fitted).values():
        digest.update(np.ascontiguousarray(values, np.float64).tobytes())
    return digest.hexdigest()[:12]


def fingerprint(folder: Path) -> str:
    """Hash of all arrays in a folder of weights, 12 hexadecimal digits, so that results can say what they measured.

    Raises WeightsError where a file is missing.
    """
    files = ((file, read_safetensors(folder / file)[0]) for file in (PAPER, DEFAULT))
    return digest({f"{file} {name}": values for file, arrays in files for name, values in arrays.items()})


def digest(arrays: dict[str, np.ndarray]) -> str:
    """Hash of arrays and their names, 12 hexadecimal digits."""
    found = hashlib.sha256()
    for name, values in sorted(arrays.items()):
        found.update(f"{name} {values.dtype} {values.shape}".encode())
        found.update(np.ascontiguousarray(values).tobytes())
    return found.hexdigest()[:12]
