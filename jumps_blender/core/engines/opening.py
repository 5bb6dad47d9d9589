"""Engines by name: numpy, torch, or the better of them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

from ...errors import EngineError
from ..weights import Weights
from .choice import choose
from .engine import Engine

_MODULES: Final = {"numpy": ".numpy_engine", "torch": ".torch_engine"}


def open_engine(
    name: str, device: str, weights: Weights, work: str = "inversion", memory: Path | None = None
) -> Engine:
    """An engine by name on a device ("auto", "cpu", "cuda", "mps", ...).

    The name "auto" takes the best one here for the `work` ("direct" or "inversion"), and keeps in the file `memory`
    which it was; see `choice`.

    Raises:
        EngineError: unknown engine or device, or an interpreter without what the engine needs.

    """
    if name == "auto":
        return choose(device, work, weights, lambda engine, place: open_engine(engine, place, weights), memory)
    if name not in _MODULES:
        raise EngineError(f"Unknown engine {name!r}; expected auto or one of {', '.join(_MODULES)}.")
    engine: Engine = importlib.import_module(_MODULES[name], __package__).open_engine(device, weights)
    return engine
