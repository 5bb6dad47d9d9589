"""The shipped prior: safetensors files read with numpy alone, checked before anything is done with them.

`paper.safetensors` holds E, G, D and the Gaussian over poses that fills the encoder's input; `default.safetensors` the
Gaussian over windows, the refiner, the follower and what judges observations. Networks are stored as float16, the
refiner as whole numbers of 8 bits times a step, and used as float32, Gaussians as float32 and float64.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from ..errors import WeightsError
from .body.skeleton import JOINTS
from .clips.windows import WINDOW
from .direct.calibration import Calibration
from .direct.follower import HEARD, POSE, Follower
from .direct.gaussian import Gaussian
from .direct.noise_level import SYMPTOMS, VERDICT
from .direct.perceptron import Perceptron
from .direct.refiner import REGIMES, Refiner, inputs, outputs
from .direct.screening import INPUTS, OUTPUTS
from .inversion.published import expected

BUNDLED: Final = Path(__file__).parent.parent / "weights"
PAPER: Final = "paper.safetensors"
DEFAULT: Final = "default.safetensors"
VERSIONS: Final = {PAPER: "1", DEFAULT: "4"}
"""Version of each file that this release reads."""

_FRAME: Final = 2 * len(JOINTS)
_DTYPES: Final = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "I64": np.int64, "I8": np.int8}
_REMEDY: Final = "Install the extension again, or export weights with: python -m trainer export"


@dataclass(frozen=True)
class Weights:
    """A prior.

    `networks` maps names such as `generator.layers.0.weight` to float32 arrays; `critic_output` and
    `critic_norm` are the critic's variants (see `networks.Critic`), `critic_mean` and `critic_spread` are
    the mean and standard deviation of the critic's score on real windows. `screen` and `noise_judge` judge what is
    observed (see `screening` and `noise_level`), `calibration` makes stated deviations true. `digest` tells one
    prior from another: the first 12 hexadecimal digits of the files' SHA-256.
    """

    networks: dict[str, np.ndarray]
    critic_output: str
    critic_norm: str
    critic_mean: float
    critic_spread: float
    pose: Gaussian
    window: Gaussian
    refiner: Refiner
    follower: Follower
    screen: Perceptron
    noise_judge: Perceptron
    calibration: Calibration = field(default_factory=lambda: Calibration({}))
    digest: str = ""

    @property
    def critic_channels(self) -> int:
        """8 where the critic sees positions and velocities, 4 where positions alone."""
        return _channels(self.networks)

    def network(self, name: str) -> dict[str, np.ndarray]:
        """The arrays of one network, by their names inside it."""
        return _inside(self.networks, name)


def _channels(networks: dict[str, np.ndarray]) -> int:
    first = networks.get("critic.layers.0.weight")
    return 8 if first is None else first.shape[1]


def _check_networks(networks: dict[str, np.ndarray], critic_norm: str) -> None:
    """E, where there is one, G and D must have the published shapes; raises KeyError or ValueError."""
    names = [name for name in ("encoder", "generator", "critic") if name != "encoder" or _inside(networks, name)]
    for name in names:
        channels, norm = (_channels(networks), critic_norm) if name == "critic" else (4, "figure")
        for key, shape in expected(name, channels, norm).items():
            found = networks[f"{name}.{key}"].shape
            if found != shape:
                raise ValueError(f"{name}.{key} is {found}, expected {shape}")


def _inside(arrays: dict[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    return {key[len(name) + 1 :]: value for key, value in arrays.items() if key.startswith(f"{name}.")}


def read_safetensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Arrays and metadata of a safetensors file.

    Raises:
        WeightsError: missing, cut off or not a safetensors file.

    """
    try:
        data = path.read_bytes()
    except OSError as error:
        found = f"The weights {path.name} are missing in {path.parent} ({error.strerror})."
        raise WeightsError(f"{found} {_REMEDY}") from error
    try:
        (size,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8 : 8 + size])
        metadata = dict(header.pop("__metadata__", {}))
        arrays = {name: _array(data, 8 + size, entry) for name, entry in header.items()}
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"The weights {path} are damaged ({error}). {_REMEDY}") from error
    return arrays, metadata


def _array(data: bytes, base: int, entry: dict[str, list[int]]) -> np.ndarray:
    begin, end = entry["data_offsets"]
    if not 0 <= begin <= end or base + end > len(data):
        raise ValueError(f"ends after {len(data)} bytes, {base + end} expected")
    return np.frombuffer(data[base + begin : base + end], _DTYPES[str(entry["dtype"])]).reshape(entry["shape"])


def load_weights(folder: Path | None = None) -> Weights:
    """Read a prior from a folder; the bundled one where none is given.

    Raises:
        WeightsError: missing, damaged, or of another version.

    """
    folder = BUNDLED if folder is None else Path(folder)
    paper, metadata = _read_version(folder / PAPER)
    default, _ = _read_version(folder / DEFAULT)
    networks = {key: value.astype(np.float32) for key, value in paper.items()}
    try:
        _check_networks(networks, metadata["critic_norm"])
        return Weights(
            networks,
            metadata["critic_output"],
            metadata["critic_norm"],
            float(metadata["critic_mean"]),
            float(metadata["critic_spread"]),
            _gaussian(_inside(paper, "pose"), _FRAME),
            (window := _gaussian(_inside(default, "window"), WINDOW * _FRAME)),
            _refiner(default, window.rank),
            _follower(_inside(default, "follower")),
            _perceptron(_inside(default, "screen"), INPUTS, OUTPUTS),
            _perceptron(_inside(default, "noise_judge"), SYMPTOMS, VERDICT),
            Calibration.of(_inside(default, "calibration")),
            _digest(folder / PAPER, folder / DEFAULT),
        )
    except KeyError as error:
        raise WeightsError(f"The weights in {folder} lack {error}. {_REMEDY}") from error
    except ValueError as error:
        raise WeightsError(f"The weights in {folder} do not fit this release: {error}. {_REMEDY}") from error


def _digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


def _read_version(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    arrays, metadata = read_safetensors(path)
    version = VERSIONS[path.name]
    if metadata.get("version") != version:
        found = f"The weights {path} are of version {metadata.get('version')}, this release reads version {version}."
        raise WeightsError(f"{found} {_REMEDY}")
    return arrays, metadata


def _gaussian(arrays: dict[str, np.ndarray], size: int) -> Gaussian:
    mean, factor, noise = (arrays[key].astype(np.float64) for key in ("mean", "factor", "noise"))
    if mean.shape != (size,) or noise.shape != (size,) or factor.shape[:-1] != (size,):
        raise ValueError(
            f"a Gaussian is over {mean.shape}, {factor.shape} and {noise.shape}, expected {size} coordinates"
        )
    detail = arrays["detail"].astype(np.float64) if "detail" in arrays else None
    if detail is not None and detail.shape != (_FRAME, _FRAME):
        raise ValueError(f"the detail is over {detail.shape}, expected {_FRAME} coordinates")
    return Gaussian(mean, factor, noise, detail)


def _refiner(arrays: dict[str, np.ndarray], rank: int) -> Refiner:
    mean, basis = (arrays[f"depth.{key}"].astype(np.float64) for key in ("mean", "basis"))
    size = WINDOW * len(JOINTS)
    if mean.shape != (size,) or basis.shape[1:] != (size,):
        raise ValueError(f"depth is over {mean.shape} and {basis.shape}, expected {size} joints of a window")
    calm, noisy = (
        _perceptron(_inside(arrays, f"refiner.{name}"), inputs(rank), outputs(rank, len(basis))) for name in REGIMES
    )
    return Refiner(calm, noisy, mean, basis)


def _follower(arrays: dict[str, np.ndarray]) -> Follower:
    hears, says = (arrays[key].astype(np.float32) for key in ("hears", "says"))
    gates = hears.size // HEARD
    if hears.shape != (HEARD, gates) or says.shape != (gates, _FRAME):
        raise ValueError(f"a follower hears {hears.shape} and says {says.shape}, expected {HEARD} and {_FRAME} numbers")
    return Follower(_perceptron(_inside(arrays, "gate"), POSE, gates), hears, says)


def _weight(arrays: dict[str, np.ndarray], layer: int) -> np.ndarray:
    stored = arrays[f"{layer}.weight"]
    weight = stored.astype(np.float32)
    if stored.dtype != np.int8:
        return weight
    step = arrays[f"{layer}.step"].astype(np.float32)
    if step.shape not in ((len(weight), 1), (1, *weight.shape[1:])):
        raise ValueError(f"the steps of a layer are {step.shape}, its weights {weight.shape}")
    return weight * step


def _perceptron(arrays: dict[str, np.ndarray], size: int, answers: int) -> Perceptron:
    names = sorted({int(key.split(".")[0]) for key in arrays})
    if not names:
        raise KeyError("a network")
    layers = [(_weight(arrays, i).T, arrays[f"{i}.bias"].astype(np.float32)) for i in names]
    for weight, bias in layers:
        if weight.shape != (size, len(bias)):
            raise ValueError(f"a layer is {weight.shape}, expected {(size, len(bias))}")
        size = len(bias)
    if size != answers:
        raise ValueError(f"a network answers {size} numbers, expected {answers}")
    return Perceptron(tuple(layers))
