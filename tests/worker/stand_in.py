"""A core that answers at once, for the real worker process: what a test is about decides how it behaves.

It finishes half of the frames, behaves, and finishes the rest.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jumps_blender.worker import client

PACKAGE = Path(client.__file__).parents[1]
UNWANTED = ("__pycache__", "*.safetensors", "samples", "formats", "blender", "ui")

FOREVER = "time.sleep(600)"
"""The behaviour of a solver that never ends by itself."""

STAND_IN = """
import os, sys, time
from dataclasses import dataclass, field
import numpy as np
from .. import errors
from .estimates import Estimates
from .body.joint_sets import find_joint_set
from .body.skeleton import JOINTS


@dataclass(frozen=True)
class Report:
    engine: str = "stand-in"
    device: str = "cpu"
    settings: str = "default"
    seconds: float = 1.5
    windows: int = 1
    versions: dict = field(default_factory=dict)
    warnings: tuple = ("a warning",)


@dataclass
class Result:
    positions: np.ndarray
    observed: np.ndarray
    rejected: np.ndarray
    swapped: np.ndarray
    std: None = None
    depth: None = None
    depth_std: None = None
    first: int = 0
    report: Report = field(default_factory=Report)
    estimates: Estimates = Estimates(0.1, None, True)


class Upsampler:
    @classmethod
    def load(cls, device="auto", engine="auto", weights=None, memory=None):
        return cls()

    def estimate(self, positions, **asked):
        return Estimates(float(len(positions)), None, True)

    def stream(
        self, positions, progress, joint_set, confidence, pinned, fps, settings, smoothness, seed, first_frame,
        estimates=Estimates(0.1, None, True),
    ):
        print("a library talks on standard output")
        middle = len(positions) // 2
        if middle:
            yield self.solved(positions, joint_set, slice(0, middle), estimates)
        progress(0.5, "half way")
        BEHAVIOUR
        yield self.solved(positions, joint_set, slice(middle, len(positions)), estimates)

    def solved(self, positions, joint_set, here, estimates):
        shown = find_joint_set(joint_set).to_28(positions[here])
        observed = np.isfinite(shown).all(-1)
        middle = np.nanmean(positions[here], axis=1, keepdims=True)
        flags = observed, np.zeros(positions[here].shape[:2], bool), np.zeros((len(shown), 2), bool)
        return Result(np.where(observed[..., None], shown, middle), *flags, first=here.start, estimates=estimates)
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, behaviour: str = "pass") -> Path:
    """Make workers find a core that behaves as given (Python statements); returns its package folder."""
    package = folder / "stand_in" / "jumps_blender"
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns(*UNWANTED))
    (package / "core" / "stand_in.py").write_text(STAND_IN.replace("BEHAVIOUR", behaviour))
    (package / "core" / "__init__.py").write_text("from .stand_in import Upsampler\n")
    monkeypatch.setattr(client, "START", package / "worker" / "start.py")
    return package
