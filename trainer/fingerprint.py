"""A short name for what is inside a folder of weights, so that results can say which weights they measured."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jumps_blender.core.weights import DEFAULT, PAPER, read_safetensors


def fingerprint(folder: Path) -> str:
    """Hash of all arrays, 12 hexadecimal digits; metadata do not count. Raises WeightsError where a file is missing."""
    digest = hashlib.sha256()
    for file in (PAPER, DEFAULT):
        arrays, _ = read_safetensors(folder / file)
        for name, values in sorted(arrays.items()):
            digest.update(f"{file} {name} {values.dtype} {values.shape}".encode())
            digest.update(values.tobytes())
    return digest.hexdigest()[:12]
