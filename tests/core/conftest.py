"""Shared by the tests of the core."""

from __future__ import annotations

import pytest

from jumps_blender.core import Upsampler
from tests.core.captured import captured


@pytest.fixture(scope="session")
def upsampler():
    """The bundled prior, loaded once."""
    return Upsampler.load(engine="numpy")


@pytest.fixture(scope="session")
def crowd(shared, request):
    """People who were captured, and on whom nothing was trained; skips where they are not at hand."""
    if request.config.getoption("--numpy-alone"):
        pytest.skip("motion capture is read with scipy")
    return captured(shared)
