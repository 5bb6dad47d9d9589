"""The choice of an engine: a GPU where torch sees one, else the faster of numpy and torch on this processor.

It is made by measuring, once: it is remembered in the process, and in a file where one is given.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import numpy as np

from ...errors import EngineError
from ..clips.windows import WINDOW
from ..inversion.published import LATENT
from ..weights import Weights
from .engine import Engine

DIRECT: Final = "direct"
INVERSION: Final = "inversion"
"""The kinds of work that engines are chosen for."""

_TRACES: Final = ("/dev/nvidiactl", "/dev/kfd", "C:/Windows/System32/nvcuda.dll")
"""What tells without torch that a GPU came or went."""

_WORTH: Final = 1.2
"""How many times faster torch must be to be worth loading."""

_WINDOWS: Final = 32
_TRIES: Final = 3


@dataclass(frozen=True)
class Choice:
    """An engine and its device."""

    engine: str
    device: str


NUMPY: Final = Choice("numpy", "cpu")

_chosen: dict[str, Choice] = {}


class Opener(Protocol):
    """Opens an engine by its name on a device; raises EngineError where that cannot be."""

    def __call__(self, name: str, device: str) -> Engine: ...


def forget() -> None:
    """Measure anew when next asked."""
    _chosen.clear()


def has_torch() -> bool:
    """Whether this interpreter has torch; does not load it."""
    try:
        return importlib.util.find_spec("torch") is not None
    except ValueError:  # it was loaded, or kept from being loaded, by other means
        return False


def choose(device: str, work: str, weights: Weights, opener: Opener, memory: Path | None = None) -> Engine:
    """Open the best engine of this interpreter.

    Args:
        device: "auto" or "cpu"; others than these only torch can use.
        work: DIRECT or INVERSION.
        weights: the prior.
        opener: opens engines.
        memory: a file in which the choice is kept; where it cannot be read or written, it is done without.

    Raises:
        EngineError: no engine for this device.

    """
    if device not in ("auto", "cpu"):
        return opener("torch", device)
    if not has_torch():
        return opener(NUMPY.engine, NUMPY.device)
    occasion = f"{work} on {device}"
    known = _chosen.get(occasion) or _recall(memory, occasion)
    if known:
        try:
            engine = opener(known.engine, known.device)
        except EngineError:  # its GPU is gone
            pass
        else:
            _chosen[occasion] = known
            return engine
    engine = _fastest(device, work, weights, opener)
    _chosen[occasion] = Choice(engine.name, engine.device)
    _keep(memory, occasion, _chosen[occasion])
    return engine


def _fastest(device: str, work: str, weights: Weights, opener: Opener) -> Engine:
    plain = opener(NUMPY.engine, NUMPY.device)
    try:
        other = opener("torch", device)
    except EngineError:  # damaged, say
        return plain
    if other.device != "cpu":
        return other
    task = _TASKS[work]
    return other if _WORTH * seconds(other, weights, task) < seconds(plain, weights, task) else plain


Task: TypeAlias = "Callable[[Engine, Weights], None]"


def seconds(engine: Engine, weights: Weights, task: Task) -> float:
    """The least of some measurements of a task, after one that is not counted."""
    task(engine, weights)
    found = []
    for _ in range(_TRIES):
        begin = time.perf_counter()
        task(engine, weights)
        found.append(time.perf_counter() - begin)
    return min(found)


def _answer(engine: Engine, weights: Weights) -> None:
    """The costly part of a direct answer to some windows of a clip that shows about half of the joints."""
    rng = np.random.default_rng(0)
    network = weights.refiner.calm
    gaussian = weights.window
    seen = np.repeat(rng.random(len(gaussian.mean) // WINDOW // 2) < 0.5, 2)
    variance = np.where(np.tile(seen, WINDOW), 1e-3 * rng.uniform(1, 2, (_WINDOWS, len(gaussian.mean))), np.inf)
    engine.infer(gaussian, rng.normal(0, 0.1, variance.shape), variance)
    inputs = rng.standard_normal((_WINDOWS, len(network.layers[0][0])))
    engine.apply(network, inputs.astype(np.float32))


def _descend(engine: Engine, _weights: Weights) -> None:
    """A step of the inversion, for each engine of as many latents as suit it, less what is not in proportion."""
    rng = np.random.default_rng(0)
    latents = engine.send(rng.standard_normal((_WINDOWS, LATENT)))
    evaluation = engine.evaluate(latents, critic=True)
    evaluation.pull_back(evaluation.positions, evaluation.score)


_TASKS: Final[dict[str, Task]] = {DIRECT: _answer, INVERSION: _descend}


def machine() -> dict[str, Any]:
    """What a choice depends on, as far as it can be told without loading torch."""
    try:
        torch = version("torch")
    except PackageNotFoundError:
        torch = ""
    return {
        "interpreter": sys.executable,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch,
        "processors": os.cpu_count(),
        "gpu": [trace for trace in _TRACES if Path(trace).exists()],
    }


def _recall(memory: Path | None, occasion: str) -> Choice | None:
    return _read(memory).get(occasion) if memory else None


def _read(memory: Path) -> dict[str, Choice]:
    """What the file tells of this machine; nothing where it is damaged, or of another."""
    try:
        content = json.loads(memory.read_text(encoding="utf-8"))
        if content["machine"] != machine():
            return {}
        return {str(occasion): Choice(**choice) for occasion, choice in content["choices"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _keep(memory: Path | None, occasion: str, choice: Choice) -> None:
    if memory is None:
        return
    choices = {key: asdict(value) for key, value in {**_read(memory), occasion: choice}.items()}
    temporary = memory.with_name(f".{memory.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps({"machine": machine(), "choices": choices}, indent=1), encoding="utf-8")
        temporary.replace(memory)
    except OSError:  # measured again next time
        with suppress(OSError):
            temporary.unlink()
