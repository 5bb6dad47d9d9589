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
    digest = hashlib.sha256()
    for file in (PAPER, DEFAULT):
        arrays, _ = read_safetensors(folder / file)
        for name, values in sorted(arrays.items()):
            digest.update(f"{file} {name} {values.dtype} {values.shape}".encode())
            digest.update(values.tobytes())
    return digest.hexdigest()[:12]
