"""A worker whose core is a stand-in: the real process, protocol and client, without the real solver's seconds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.worker import client
from jumps_blender.worker.protocol import Request

PACKAGE = Path(client.__file__).parents[1]

STAND_IN = """
import os, sys, time
from dataclasses import dataclass, field
import numpy as np
from .. import errors
from .joint_sets import find_joint_set
from .skeleton import JOINTS


@dataclass(frozen=True)
class Report:
    engine: str = "stand-in"
    device: str = "cpu"
    warnings: tuple = ("a warning",)


@dataclass
class Result:
    positions: np.ndarray
    observed: np.ndarray
    rejected: np.ndarray
    std: None = None
    depth: None = None
    depth_std: None = None
    report: Report = field(default_factory=Report)


class Upsampler:
    @classmethod
    def load(cls, device="auto", engine="auto", weights=None):
        return cls()

    def upsample(self, positions, joint_set, confidence, pinned, fps, settings, smoothness, seed, progress):
        print("a library talks on standard output")
        progress(0.5, "half way")
        BEHAVIOUR
        shown = find_joint_set(joint_set).to_28(positions)
        observed = np.isfinite(shown).all(-1)
        middle = np.nanmean(positions, axis=1, keepdims=True)
        return Result(np.where(observed[..., None], shown, middle), observed, np.zeros(positions.shape[:2], bool))
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Make the worker's process find a core that behaves as given (Python statements); returns its package folder."""

    def make(behaviour: str = "pass") -> Path:
        package = tmp_path / "stand_in" / "jumps_blender"
        unwanted = shutil.ignore_patterns(
            "__pycache__", "*.safetensors", "*.npz", "samples", "formats", "blender", "ui"
        )
        shutil.copytree(PACKAGE, package, ignore=unwanted)
        (package / "core" / "stand_in.py").write_text(STAND_IN.replace("BEHAVIOUR", behaviour))
        (package / "core" / "__init__.py").write_text("from .stand_in import Upsampler\n")
        monkeypatch.setattr(client, "START", package / "worker" / "start.py")
        return package

    return make


@pytest.fixture
def request_12() -> Request:
    """Thirty frames of twelve moving limb joints, one of them never seen."""
    from jumps_blender.core.skeleton import LIMB_JOINTS

    positions = np.random.default_rng(0).uniform(100, 500, (30, 12, 2))
    positions[:, 3] = np.nan
    return Request(positions, LIMB_JOINTS, confidence=np.ones((30, 12)), fps=30.0)
