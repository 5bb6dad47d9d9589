"""A factory-fresh, empty Blender with the add-on enabled, for every test."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import LIMB_JOINTS
from tests.worker.stand_in import install

BLENDER = find_spec("bpy") and import_module("bpy")  # its other modules, such as addon_utils, are known after it


class NoBlender(pytest.Module):
    """A test module that cannot be imported, since it needs Blender."""

    def collect(self) -> NoReturn:
        raise pytest.skip.Exception("needs Blender's bpy, which `make test` installs", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    return None if BLENDER else NoBlender.from_parent(parent, path=module_path)


@pytest.fixture(autouse=True)
def fresh_blender() -> Iterator[None]:
    """An empty scene at 25 fps; the add-on registered before and gone after the test."""
    import addon_utils
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("jumps_blender", default_set=True)
    bpy.context.scene.render.fps = 25
    yield
    addon_utils.disable("jumps_blender", default_set=True)
    if os.name == "posix":  # what Blender still has to say belongs to this test, not behind pytest's last line
        ctypes.CDLL(None).fflush(None)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Make the worker's process find a core that behaves as given; returns its package folder."""
    return partial(install, tmp_path, monkeypatch)


@pytest.fixture
def sample(repository: Path) -> Path:
    """The tracks that the add-on ships: two people, COCO-17, 30 fps."""
    return repository / "jumps_blender" / "samples" / "rooftop_coco17.json"


@pytest.fixture
def walk() -> np.ndarray:
    """Twelve frames of the 12 limb joints, a person of 300 px who walks to the right, (frames, joints, 2)."""
    places = {
        "shoulder": (20, 100), "elbow": (30, 160), "wrist": (35, 220),
        "hip": (12, 250), "knee": (14, 340), "ankle": (15, 430),
    }  # fmt: skip
    frames = np.arange(12.0)
    positions = np.empty((12, len(LIMB_JOINTS), 2))
    for i, joint in enumerate(LIMB_JOINTS):
        side, _, part = joint.partition("_")
        x, y = places[part]
        sign = 1 if side == "left" else -1
        positions[:, i, 0] = 600 + sign * x + 5 * frames
        positions[:, i, 1] = 50 + y + sign * 3 * np.sin(frames)
    return positions


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for results that are solved once and opened by every test."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture
def result(sample: Path, kept: Path) -> Any:
    """The sample's second person, upsampled, of a file that is saved; the scene at the clip's rate."""
    from tests.blender.results_at_hand import result_of

    return result_of(sample, kept)


@pytest.fixture
def walk_file(tmp_path: Path, walk: np.ndarray) -> Path:
    """The walk as a file of our own format at 25 fps, with a gap: the left wrist is not seen in frames 4 to 6."""
    return write_tracks(tmp_path / "walk.json", with_gap(walk))


def with_gap(walk: np.ndarray) -> np.ndarray:
    gappy = walk.copy()
    gappy[4:7, LIMB_JOINTS.index("left_wrist")] = np.nan
    return gappy


def write_tracks(path: Path, positions: np.ndarray, fps: float | None = 25.0) -> Path:
    """Write limb joints (frames, 12, 2) as a tracks file."""
    points = [[None if np.isnan(point).any() else point.tolist() for point in frame] for frame in positions]
    confidence = np.where(np.isnan(positions).any(-1), 0.0, 0.9)
    content = {
        "format": "jumps-tracks", "version": 1, "joint_set": "custom", "joints": LIMB_JOINTS,
        "image_size": [1280, 720], "fps": fps, "first_frame": 0,
        "people": [{"id": "0", "positions": points, "confidence": confidence.tolist()}],
    }  # fmt: skip
    path.write_text(json.dumps(content))
    return path
