"""The performance that rigs are led by."""

from __future__ import annotations

import numpy as np
import pytest

from tests.blender.retarget.leading import FRAMES
from tests.blender.retarget.rigs_at_hand import dance


@pytest.fixture
def points() -> np.ndarray:
    return dance(len(FRAMES))
