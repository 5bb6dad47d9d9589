"""What a Python is and has, as one line of JSON: `<python> -I -B .../look.py`.

Runs in any Python 3, with nothing of ours, and says what fails instead of failing.
"""

from __future__ import annotations

import importlib
import json
import platform
import sys
from typing import Any


def numpy_here() -> dict[str, str]:
    """Its numpy."""
    try:
        version = importlib.import_module("numpy").__version__
    except Exception as error:  # noqa: BLE001  a damaged one raises anything
        return {"numpy": "", "numpy_error": f"{type(error).__name__}: {error}"}
    return {"numpy": str(version)}


def torch_here() -> dict[str, Any]:
    """Its torch, and what that can compute on."""
    try:
        torch = importlib.import_module("torch")
        return {"torch": str(torch.__version__), "devices": devices(torch)}
    except Exception as error:  # noqa: BLE001  a damaged one raises anything
        missing = isinstance(error, ModuleNotFoundError) and error.name == "torch"
        return {"torch": "", "torch_error": "" if missing else f"{type(error).__name__}: {error}"}


def devices(torch: Any) -> list[str]:
    """Names of what torch computes on beside the processor."""
    found = [f"cuda:{i} {torch.cuda.get_device_name(i)}" for i in range(torch.cuda.device_count())]
    return found + ["mps"] * torch.backends.mps.is_available()


if __name__ == "__main__":
    told = {"python": platform.python_version(), "executable": sys.executable, **numpy_here(), **torch_here()}
    print("\n" + json.dumps(told))
