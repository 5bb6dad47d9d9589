"""The shipped prior: safetensors files read with numpy alone, checked before anything is done with them.

`paper.safetensors` holds E, G and D; `gaussians.safetensors` the Gaussians over poses and windows. Numbers are stored as
float16 and used as float32 (networks) and float64 (Gaussians).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ..errors import WeightsError
from .gaussian import Gaussian

VERSION: Final = "1"
BUNDLED: Final = Path(__file__).parent.parent / "weights"
NETWORKS: Final = "paper.safetensors"
GAUSSIANS: Final = "gaussians.safetensors"

_DTYPES: Final = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "I64": np.int64}
_REMEDY: Final = "Install the extension again, or export weights with: python -m trainer export"


@dataclass(frozen=True)
class Weights:
    """A prior.

    `networks` maps names such as `generator.layers.0.weight` to float32 arrays; `critic_mean` and `critic_spread` are the
    mean and standard deviation of the critic's score on real windows.
    """

    networks: dict[str, np.ndarray]
    pose: Gaussian
    window: Gaussian
    critic_mean: float
    critic_spread: float
    metadata: dict[str, str]

    def network(self, name: str) -> dict[str, np.ndarray]:
        """The arrays of one network, by their names inside it."""
        return {key.partition(".")[2]: value for key, value in self.networks.items() if key.startswith(f"{name}.")}


def read_safetensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Arrays and metadata of a safetensors file.

    Raises:
        WeightsError: missing, cut off or not a safetensors file.

    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The weights {path.name} are missing in {path.parent} ({error.strerror}). {_REMEDY}") from error
    try:
        (size,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8 : 8 + size])
        metadata = header.pop("__metadata__", {})
        arrays = {name: _array(data, 8 + size, entry) for name, entry in header.items()}
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"The weights {path} are damaged ({error}). {_REMEDY}") from error
    return arrays, metadata


def _array(data: bytes, base: int, entry: dict[str, list[int]]) -> np.ndarray:
    begin, end = entry["data_offsets"]
    if base + end > len(data):
        raise ValueError(f"ends after {len(data)} bytes, {base + end} expected")
    return np.frombuffer(data[base + begin : base + end], _DTYPES[str(entry["dtype"])]).reshape(entry["shape"])


def load_weights(folder: Path | None = None) -> Weights:
    """Read a prior from a folder; the bundled one where none is given.

    Raises:
        WeightsError: missing, damaged, or of another version.

    """
    folder = BUNDLED if folder is None else Path(folder)
    networks, metadata = read_safetensors(folder / NETWORKS)
    gaussians, gaussian_metadata = read_safetensors(folder / GAUSSIANS)
    for name, found in ((NETWORKS, metadata), (GAUSSIANS, gaussian_metadata)):
        if found.get("version") != VERSION:
            raise WeightsError(
                f"The weights {folder / name} are of version {found.get('version')}, this release reads version {VERSION}. "
                f"{_REMEDY}"
            )
    try:
        pose, window = (
            Gaussian(*(gaussians[f"{name}.{key}"].astype(np.float64) for key in ("mean", "factor", "noise")))
            for name in ("pose", "window")
        )
        mean, spread = float(metadata["critic_mean"]), float(metadata["critic_spread"])
    except (KeyError, ValueError) as error:
        raise WeightsError(f"The weights in {folder} lack {error}. {_REMEDY}") from error
    arrays = {key: value.astype(np.float32) for key, value in networks.items()}
    return Weights(arrays, pose, window, mean, spread, metadata)
