"""Whether a Python solves with PyTorch what numpy solves: real worker, real weights, a stretch of the sample."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import numpy as np

from ..core.body.normalise import HEAD, body_scale
from ..core.metrics import errors_in_heads
from ..errors import Cancelled, EngineError, JumpsError
from ..formats import read
from ..worker.client import Request, Worker, name_joint_set
from .environment import Ready
from .interpreter import Interpreter, look_at
from .process import Cancel

SAMPLE: Final = Path(__file__).resolve().parents[1] / "samples" / "rooftop_coco17.json"

FRAMES: Final = 48
TOLERANCE: Final = 1e-3
"""Heads (22.5 cm) by which the engines may differ: a quarter of a millimetre."""

_TICK: Final = 0.05


def check(python: str, cancel: Cancel = lambda: False) -> Ready:
    """Solve the same stretch with PyTorch in `python` and with numpy in this Python, and compare.

    Raises:
        EngineError: it has no PyTorch, cannot solve, or solves something else than numpy.
        Cancelled: `cancel` said so.

    """
    found = look_at(python)
    if not found.torch:
        raise EngineError(
            f"{python} has no PyTorch that works ({found.torch_error or 'it is not installed'}). Remove the runtime "
            "and install it again; if that does not help, the build does not fit this computer."
        )
    difference = _difference(_solve(python, "torch", cancel), _solve(sys.executable, "numpy", cancel))
    if not difference <= TOLERANCE:  # also where it is no number
        raise EngineError(
            f"PyTorch {found.torch} solves something else than numpy: up to {difference:.2g} head apart, at most "
            f"{TOLERANCE:g} expected. This build is not to be trusted on {_place(found)}: install another one."
        )
    return Ready(found.python, found.numpy, found.torch, found.devices, difference)


def _place(found: Interpreter) -> str:
    return ", ".join(found.devices) or "this processor"


def _solve(python: str, engine: str, cancel: Cancel) -> np.ndarray:
    """The sample's 28 joints (frames, 28, 2), pixels."""
    tracks = read(SAMPLE).tracks()
    assert tracks.fps, "the sample tells it"
    request = Request(
        positions=tracks.positions[:FRAMES],
        joint_set=name_joint_set(tracks.joint_set),
        confidence=tracks.confidence[:FRAMES],
        fps=tracks.fps,
        engine=engine,
        device="auto" if engine == "torch" else "cpu",
    )
    try:
        with Worker(python, request) as worker:
            while not worker.ended:
                if cancel():
                    worker.cancel()
                worker.poll()
                time.sleep(_TICK)
            return worker.answer().positions
    except Cancelled:
        raise
    except JumpsError as error:
        raise EngineError(f"{python} could not solve the sample with {engine}: {error}") from error


def _difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest distance of a joint, in heads."""
    return float(errors_in_heads(ours, theirs, float(body_scale(theirs)) * HEAD).max())
