"""Methods that are compared: the product's presets, the paper's ablations, and baselines."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from jumps_blender import core
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.clips.clip import PRIOR_FPS
from jumps_blender.core.clips.resample import resample_observations, resample_positions
from jumps_blender.core.clips.windows import WINDOW
from jumps_blender.core.settings import PRESETS, Settings
from jumps_blender.core.upsampler import Upsampler
from jumps_blender.core.weights import BUNDLED, DEFAULT, PAPER, read_safetensors
from jumps_blender.errors import InputError

from .conditions import ESTIMATES, Condition

Method = Callable[[np.ndarray], np.ndarray]
"""From tracks (frames, 28, 2) in pixels, NaN = not observed, to all joints (frames, 28, 2)."""

TABLES: Final = ("clean", "detector_weak", ESTIMATES)
"""Conditions of Tables I and II: what inverts the generator takes long and is measured in these only."""


def anywhere(_condition: Condition) -> bool:
    """Enter every condition."""
    return True


def in_tables(condition: Condition) -> bool:
    """Enter those of the paper's tables."""
    return condition.name in TABLES


def where_spoilt(condition: Condition) -> bool:
    """Enter where what is shown differs from the truth."""
    return condition.spoils


@dataclass(frozen=True)
class Entrant:
    """One row of the tables.

    kind: "product", "ablation", "baseline" or "raw"; identity: text that tells all that its answers depend on but the
    tracks; open: makes it ready for a condition; enters: which conditions it is measured in; hop: frames from one of
    its windows to the next; seconds, fitting: roughly, for each window of 24 frames and until it is ready.
    """

    name: str
    kind: str
    identity: str
    open: Callable[[Condition], Method]
    enters: Callable[[Condition], bool] = anywhere
    hop: int = WINDOW
    seconds: float = 0.01
    fitting: float = 0.0


RAW: Final = Entrant("raw", "raw", "raw", lambda _condition: lambda tracks: tracks, where_spoilt, seconds=0.0)
"""What a method is shown, unchanged: the observed joints before any post-processing."""


def at_prior_rate(method: Method, fps: float) -> Method:
    """A method that knows the prior's rate only, for tracks of another."""
    if fps == PRIOR_FPS:
        return method

    def resampled(tracks: np.ndarray) -> np.ndarray:
        weight = np.isfinite(tracks).all(-1).astype(float)
        seen, _ = resample_observations(tracks, weight, fps, PRIOR_FPS)
        missing = max(WINDOW - len(seen), 0)
        solved = method(np.concatenate([seen, np.repeat(seen[-1:], missing, 0)]))
        return resample_positions(solved[: len(seen)], PRIOR_FPS, fps, len(tracks))

    return resampled


def product(weights: Path | None, presets: Iterable[str], device: str, seed: int) -> list[Entrant]:
    """The public door with presets, in the order given."""
    names = list(presets)
    if unknown := [name for name in names if name not in PRESETS]:
        raise InputError(f"Unknown settings {', '.join(unknown)}; expected some of {', '.join(PRESETS)}.")
    return [prior(f"JUMPS, {name}", "product", PRESETS[name], weights, device, seed) for name in names]


def prior(name: str, kind: str, settings: Settings, weights: Path | None, device: str, seed: int) -> Entrant:
    """The public door with settings of any kind; those that invert the generator enter the paper's tables only."""

    def ready(condition: Condition) -> Method:
        return through(load(weights, device), condition, settings, seed)

    identity = f"{identify(weights or BUNDLED, settings)} {settings} seed {seed}"
    enters, seconds = (in_tables, 1.6) if settings.invert else (anywhere, 0.05)
    return Entrant(name, kind, identity, ready, enters, settings.hop, seconds * WINDOW / settings.hop)


def through(upsampler: Upsampler, condition: Condition, settings: Settings, seed: int) -> Method:
    """The public door, given tracks of a condition."""

    def method(tracks: np.ndarray) -> np.ndarray:
        return upsampler.upsample(tracks, JOINTS, fps=condition.fps, settings=settings, seed=seed).positions

    return method


@cache
def load(weights: Path | None, device: str) -> Upsampler:
    """A prior, loaded once; by numpy, so that every machine has the same tables, unless another device is asked for."""
    engine = "numpy" if device in ("auto", "cpu") else "torch"
    return Upsampler.load(device=device, engine=engine, weights=weights)


_DIRECT: Final = (
    "follower.py", "jitter.py", "noise.py", "noise_level.py", "perceptron.py", "refiner.py", "regression.py",
    "screening.py", "trust.py",
)  # fmt: skip
"""Modules of the core that an inversion does not call."""

_STATING: Final = ("calibration.py", "rarity.py")
"""Modules of the core that say how far off positions are, and move none."""

_TABLES: Final = "calibration."
"""Arrays that do the same."""


def identify(folder: Path, settings: Settings) -> str:
    """Hash of the code of the core and of the weights that decide on positions, 12 hexadecimal digits.

    Raises WeightsError where the file is missing.
    """
    modules = sorted(Path(core.__file__).parent.rglob("*.py"))
    idle = _STATING + (_DIRECT if settings.invert else ())
    used = [module for module in modules if module.name not in idle]
    digest = hashlib.sha256(code(*used).encode())
    arrays, _ = read_safetensors(folder / (PAPER if settings.invert else DEFAULT))
    for name in sorted(name for name in arrays if not name.startswith(_TABLES)):
        values = arrays[name]
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()[:12]


def code(*places: Path) -> str:
    """Hash of the Python code in folders and files, whatever its layout and comments, 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(f"{path.name} {ast.dump(ast.parse(path.read_text(encoding='utf-8')))}".encode())
    return digest.hexdigest()[:12]
