"""Shared by the tests of the core."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from jumps_blender.core import Upsampler

# A busy machine is no failure: examples are not timed.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def upsampler():
    """The bundled prior, loaded once."""
    return Upsampler.load(device="cpu")
