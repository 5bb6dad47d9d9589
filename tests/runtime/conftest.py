"""An installation's surroundings: a home of its own, small wheels, and an environment that was made once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jumps_blender.runtime.environment import RuntimeFolder
from tests.runtime.wheels import Index, serving, write_wheels


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder, in which nothing may appear; no settings of pip from outside."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    ours = {"HOME": folder, "USERPROFILE": folder, "PIP_CONFIG_FILE": os.devnull, "PATH": os.defpath}
    for name, value in ours.items():  # pip calls a rustc that is on the path, and that may write to the home
        monkeypatch.setenv(name, str(value))
    return folder


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run leaves that was stopped when the environment was made and pip had not begun."""
    folder = RuntimeFolder(tmp_path_factory.mktemp("made") / "runtime")
    subprocess.run([sys.executable, "-m", "venv", str(folder.environment)], check=True)
    folder.begin(sys.executable)
    return folder.environment


@pytest.fixture
def folder(tmp_path: Path) -> RuntimeFolder:
    """Where the runtime is to be; nothing is there."""
    return RuntimeFolder(tmp_path / "user" / "runtime")


@pytest.fixture
def begun(folder: RuntimeFolder, environment: Path) -> RuntimeFolder:
    """The folder with an environment that has only pip: saves the seconds that making one takes."""
    shutil.copytree(environment, folder.environment, symlinks=True)
    return folder


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return write_wheels(tmp_path / "wheels")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An index that pip is set up for, as a studio's would be; it gets stuck in the second package."""
    with serving(write_wheels(tmp_path / "served", ballast=4_000_000)) as served:
        monkeypatch.setenv("PIP_INDEX_URL", served.url)
        # pip keeps no downloads of an index that it cannot be sure of.
        monkeypatch.setenv("PIP_TRUSTED_HOST", "{}:{}".format(*served.server_address))
        yield served
