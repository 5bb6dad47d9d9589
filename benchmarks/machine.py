"""The machine that is measured on: its name, and how fast it multiplies matrices and moves memory."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What the libraries that multiply matrices read; they do so when they are loaded."""

_SIZES: Final = ((576, 288, 288), (128, 576, 288), (128, 961, 960))
"""(rows, inner, columns) as in a window's precision, in a step for a batch of windows, and in the refiner."""

_MOVED: Final = 64 * 2**20
"""Bytes that are copied: more than any cache holds."""

_PATIENCE: Final = 0.3
"""Seconds for each rate."""


@dataclass(frozen=True)
class Machine:
    """`single` and `double` in operations per second (a multiplication and an addition are two), `memory` in bytes."""

    cpu: str
    cores: int
    system: str
    python: str
    numpy: str
    single: float
    double: float
    memory: float


def measure_machine() -> dict[str, object]:
    """The machine as it is now, with the threads that this process was given."""
    return asdict(
        Machine(
            cpu_name(), cores(), f"{platform.system()} {platform.machine()}", platform.python_version(), np.__version__,
            _product_rate(np.float32), _product_rate(np.float64), _memory_rate(),
        )
    )  # fmt: skip


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_name() -> str:
    """The processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of several runs: what disturbs only slows down."""
    work()
    best, begin = float("inf"), time.perf_counter()
    while time.perf_counter() - begin < _PATIENCE:
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def _product_rate(dtype: type) -> float:
    """Operations per second of matrix products of our sizes, the mean over the sizes."""
    rng = np.random.default_rng(0)
    rates = []
    for rows, inner, columns in _SIZES:
        left: np.ndarray = rng.standard_normal((rows, inner)).astype(dtype)
        right: np.ndarray = rng.standard_normal((inner, columns)).astype(dtype)
        seconds = _fastest(partial(np.matmul, left, right, out=np.empty((rows, columns), dtype)))
        rates.append(2 * rows * inner * columns / seconds)
    return float(np.mean(rates))


def _memory_rate() -> float:
    """Bytes per second that a copy reads and writes."""
    source = np.ones(_MOVED // 8)
    target = np.empty_like(source)
    return 2 * _MOVED / _fastest(lambda: np.copyto(target, source))


def peak_memory() -> int | None:
    """The most bytes of memory that this process has held so far; None where the system does not tell."""
    # Of Linux, getrusage tells the peak of the process that started this one where that was larger: it outlives exec.
    status = Path("/proc/self/status")
    if status.is_file():
        lines = status.read_text(encoding="utf-8").splitlines()
        found = next((line for line in lines if line.startswith("VmHWM:")), None)
        if found:
            return int(found.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
