"""The product in an interpreter that has numpy and nothing else, as a factory Blender's Python is."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.worker.client import Request, Worker
from tests import doors
from tests.core.people import walker

LOADED = """
import json, sysconfig
files = {name: module.__file__ for name, module in sys.modules.items() if getattr(module, "__file__", None)}
told = {"loaded": files, "library": sysconfig.get_path("stdlib")}
print(json.dumps(told))
"""

AS_A_SCRIPT = """
sys.argv = sys.argv[-2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True)
class Bare:
    """An interpreter without site packages, whose path is its own library and a `folder` with ours and numpy."""

    folder: Path
    work: Path

    @property
    def _begin(self) -> str:
        return f"import runpy, sys\nsys.path.insert(0, {str(self.folder)!r})\n"

    def run(self, program: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "-B", "-c", self._begin + program]
        return subprocess.run(command, cwd=self.work, capture_output=True, text=True, timeout=300)

    def as_a_python(self) -> Path:
        """A program that a worker can be started with, as with `python`."""
        path = self.work / "python"
        program = shlex.join([sys.executable, "-I", "-S", "-B", "-c", self._begin + AS_A_SCRIPT])
        path.write_text(f'#!/bin/sh\nexec {program} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
        return path


@pytest.fixture
def bare(tmp_path: Path, repository: Path) -> Bare:
    folder, work = tmp_path / "path", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    numpy = Path(np.__file__).parent
    for found in (numpy, numpy.with_name("numpy.libs"), repository / "jumps_blender", repository / "tests"):
        if found.exists():
            (folder / found.name).symlink_to(found)
    return Bare(folder, work)


@pytest.mark.parametrize("package", ["torch", "scipy", "safetensors", "pytest", "bpy", "trainer"])
def test_nothing_else_is_in_reach(bare: Bare, package: str) -> None:
    assert f"No module named '{package}'" in bare.run(f"import numpy, {package}").stderr


@pytest.mark.parametrize("door", [door.__name__ for door in doors.DOORS])
def test_every_door_opens_with_numpy_alone(bare: Bare, door: str) -> None:
    done = bare.run(f"from tests import doors\ndoors.{door}()\n{LOADED}")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    loaded, ours = told["loaded"], (told["library"], str(bare.folder))
    assert not {name: file for name, file in loaded.items() if not file.startswith(ours) or "site-packages" in file}
    assert "jumps_blender.core.upsampler" in loaded


def test_the_add_ons_worker_solves_with_numpy_alone(bare: Bare) -> None:
    request = Request(walker(30)[:, :17], "coco17", confidence=np.ones((30, 17)), fps=25.0)
    with Worker(str(bare.as_a_python()), request) as worker:
        answer = worker.wait()
    assert answer.report["engine"] == "numpy"
    assert np.isfinite(answer.positions).all()
