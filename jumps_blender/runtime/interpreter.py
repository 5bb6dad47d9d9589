"""What a Python is and has, found by starting it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import EngineError
from .process import clean_environment

_LOOK: Final = Path(__file__).with_name("look.py")
_PATIENCE: Final = 120.0
"""Seconds that the first start of torch may take from a slow disk."""


@dataclass(frozen=True)
class Interpreter:
    """A Python: its version, and those of numpy and torch, empty where it lacks them or they fail."""

    python: str
    executable: str
    numpy: str = ""
    numpy_error: str = ""
    torch: str = ""
    torch_error: str = ""
    devices: tuple[str, ...] = ()


def look_at(python: str) -> Interpreter:
    """Start `python` and ask what it has.

    Raises:
        EngineError: it cannot be started, or is no Python.

    """
    command = [python, "-I", "-B", str(_LOOK)]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", env=clean_environment(), check=False,
            stdin=subprocess.DEVNULL, timeout=_PATIENCE, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except OSError as error:
        raise EngineError(f"{python} cannot be run ({error.strerror or error}): name a Python.") from error
    except subprocess.TimeoutExpired:
        raise EngineError(f"{python} did not say within {_PATIENCE:g} s what it has: is it a Python?") from None
    try:
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return Interpreter(**{**told, "devices": tuple(told.get("devices", ()))})
    except (ValueError, IndexError, TypeError) as error:
        words = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        raise EngineError(f"{python} ended with exit status {done.returncode}, {words}: is it a Python?") from error
