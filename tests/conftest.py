"""Shared by all tests: a private Blender profile, and the folder of material beside the checkout."""

from __future__ import annotations

import ast
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure, so examples are not timed; where a failure stops others (CI), every run tries the same
# examples, elsewhere each tries new ones.
settings.register_profile(
    "ours", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
# Thousands of examples, for whoever has the time: make test TESTS="FILE --hypothesis-profile thorough"
settings.register_profile("thorough", settings.get_profile("ours"), max_examples=3000)
settings.load_profile("ours")

REPOSITORY = Path(__file__).resolve().parents[1]
NOT_BESIDE_NUMPY = {"torch", "scipy", "safetensors", "bpy", "trainer", "jumps_blender.core.inversion.networks"}
"""Imports of tests that cannot be where numpy is all there is."""

_profile: tempfile.TemporaryDirectory[str] | None = None


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--numpy-alone`, for an environment that has nothing beside it (`make test-numpy`); `--thorough`, with time."""
    told = "leave out the files of tests that import what only the trainer and the tests have"
    parser.addoption("--numpy-alone", action="store_true", help=told)
    more = "500 random steps of undo and 50 kills of the worker, instead of a few (`make test-faults`)"
    parser.addoption("--thorough", action="store_true", help=more)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files out where that was asked for."""
    if config.getoption("--numpy-alone") and collection_path.suffix == ".py":
        return True if imported(collection_path) & NOT_BESIDE_NUMPY else None
    return None


def imported(path: Path) -> set[str]:
    """The packages that a file names in its imports at the top."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module.partition(".")[0], ".".join(node.module.split(".")[:3])}
    return names


def pytest_configure(config: pytest.Config) -> None:
    """Point Blender at an empty profile before any test module imports bpy."""
    global _profile  # noqa: PLW0603  the hooks of a conftest share nothing else
    _profile = tempfile.TemporaryDirectory(prefix="jumps-blender-profile-")
    os.environ["BLENDER_USER_RESOURCES"] = _profile.name


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the profile."""
    if _profile is not None:
        _profile.cleanup()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared` beside the checkout; tests that need it are skipped where it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not (folder / "keypoints").is_dir():
        pytest.skip("needs the folder 'shared' beside the checkout, which is not there")
    return folder
