"""The add-on's measurements: what they go through, and what their table says."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec

import pytest

from benchmarks.blender import Found, report
from benchmarks.processes import REPOSITORY
from benchmarks.took import Took


@pytest.fixture(scope="module")
def found() -> Found:
    if not find_spec("bpy"):
        pytest.skip("needs Blender's bpy, which `make test` installs")
    command = [sys.executable, "-m", "benchmarks.blender", "--alone", "--frames", "60"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return Found.read(done.stdout.strip().splitlines()[-1])


def test_a_clip_is_imported_solved_and_shown(found: Found) -> None:
    assert found.frames == 60
    assert {"reading the armature", "solving", "step of undo"} <= set(found.slices)
    assert found.block.processor == max(took.processor for took in found.slices.values())
    assert 0 < found.keys.processor
    assert found.memory > 0
    assert found.folder.clock > 0
    assert found.baked.processor >= found.bake_block.processor > 0


def test_the_table_holds_the_longest_clip_against_the_bars(found: Found) -> None:
    slow = replace(found, frames=10_000, imported=Took(9.0, 3.0), keys=Took(9.0, 0.4))
    text = "\n".join(report([found, slow]))
    assert "| 60 frames | 10,000 frames |" in text
    assert "3.00 s (9.00 s) | 2.00 s: **missed** |" in text
    assert "0.40 s (9.00 s) | 0.50 s: met |" in text
