"""Shared by the tests of the core."""

from __future__ import annotations

import pytest

from jumps_blender.core import Upsampler


@pytest.fixture(scope="session")
def upsampler():
    """The bundled prior, loaded once."""
    return Upsampler.load(device="cpu")
