"""A worker whose core is a stand-in: the real process, protocol and client, without the real solver's seconds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import LIMB_JOINTS
from jumps_blender.worker.protocol import Request
from tests.worker.stand_in import install


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Make the worker's process find a core that behaves as given; returns its package folder."""
    return partial(install, tmp_path, monkeypatch)


@pytest.fixture
def request_12() -> Request:
    """Thirty frames of twelve moving limb joints, one of them never seen."""
    positions = np.random.default_rng(0).uniform(100, 500, (30, 12, 2))
    positions[:, 3] = np.nan
    return Request(positions, LIMB_JOINTS, confidence=np.ones((30, 12)), fps=30.0)
