"""The core in an interpreter that has no torch, such as Blender's own."""

from __future__ import annotations

import subprocess
import sys

import pytest

_BEFORE = """
import sys
sys.modules["torch"] = None
import numpy as np
from jumps_blender.core import Upsampler
from jumps_blender.errors import EngineError
from tests.core.people import walker
"""


def _run(program: str, repository) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE + program], cwd=repository, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("preset", ["draft", "default", "best"])
def test_the_direct_answer_needs_numpy_alone(repository, preset):
    program = f"""
result = Upsampler.load().upsample(walker(30)[:, :17], settings={preset!r})
print(result.positions.shape, bool(np.isfinite(result.positions).all()), result.report.engine)
"""
    assert _run(program, repository) == "(30, 28, 2) True numpy\n"


def test_paper_says_which_interpreter_lacks_torch_and_the_remedy(repository):
    program = """
try:
    Upsampler.load().upsample(walker(30)[:, :17], settings="paper")
except EngineError as error:
    print(error)
try:
    Upsampler.load(engine="torch")
except EngineError as error:
    print(error)
"""
    lines = _run(program, repository).splitlines()
    assert len(lines) == 2
    for line in lines:
        assert f"The interpreter {sys.executable} has no torch" in line
        assert "Choose an interpreter that has it in the add-on's preferences" in line
        assert "pip install torch" in line
