"""Keypoint files for the tests of batches, and a Python that does to the solving process what farms do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

import jumps_blender
from jumps_blender.core.body.joint_sets import JOINT_SETS
from tests.core.people import walker

SAMPLE: Final = Path(jumps_blender.__file__).parent / "samples" / "rooftop_coco17.json"

CHILD = """
import os, runpy, signal, sys, time
sys.path.insert(0, {repository!r})
assert "numpy" not in sys.modules
before = {{name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}}
import jumps_blender.batch.solving as solving
whole, read = solving.solve_shot, solving.read
{behaviour}
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def write_walk(path: Path, people: int = 1, frames: int = 30, ids: tuple[str, ...] = ()) -> Path:
    """People who walk side by side, as our own tracks at 25 fps."""
    walk = walker(frames)[:, :17]
    ids = ids or tuple(str(number) for number in range(people))
    crowd = [_person(name, walk + number * np.array([300.0, 0.0])) for number, name in enumerate(ids)]
    content: dict[str, Any] = {
        "format": "jumps-tracks", "version": 1, "joint_set": "coco17", "image_size": [1920, 1080], "fps": 25.0,
        "first_frame": 0, "people": crowd, "joints": JOINT_SETS["coco17"].joints,
    }  # fmt: skip
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _person(name: str, positions: np.ndarray) -> dict[str, Any]:
    return {"id": name, "positions": positions.tolist(), "confidence": np.full(positions.shape[:2], 0.9).tolist()}


def write_cut(path: Path) -> Path:
    """A file that ends in the middle, before anybody in it is whole."""
    path.write_bytes(SAMPLE.read_bytes()[:50_000])
    return path


def python_that(folder: Path, behaviour: str) -> str:
    """An interpreter whose solving process has `solve_shot` or `read` replaced by what `behaviour` defines."""
    repository = str(Path(jumps_blender.__file__).parents[1])
    child = folder / "child.py"
    child.write_text(CHILD.format(repository=repository, behaviour=behaviour), encoding="utf-8")
    wrapper = folder / "python"
    wrapper.write_text(f'#!/bin/sh\nshift 2\nexec "{sys.executable}" -I -B "{child}" "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    return str(wrapper)
