"""The page for a bug report says what is, also where everything is broken."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.__main__ import main
from jumps_blender.core import weights
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.errors import EngineError
from jumps_blender.runtime import diagnostics
from jumps_blender.runtime.diagnostics import Subject, discreet, page
from jumps_blender.runtime.environment import Ready, RuntimeFolder
from jumps_blender.worker.client import RECENT, Request, Worker


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """A Python that starts at once, and has neither numpy nor torch."""
    path = tmp_path / "bare-python"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    path.chmod(0o755)
    return str(path)


def rows(text: str) -> dict[str, str]:
    return {name.strip(): told.strip() for name, _, told in (line.partition(":") for line in text.splitlines())}


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for a Python")
def test_it_says_what_a_report_needs(tmp_path: Path, bare: str) -> None:
    runtime = RuntimeFolder(tmp_path / "user" / "runtime")
    runtime.begin("python")
    runtime.python.parent.mkdir()
    runtime.python.touch()
    runtime.set_ready(Ready("3.11.7", "1.26.4", "2.13.0", ("cuda:0 A Card",), 2e-7))
    runtime.log.write_text("Successfully installed torch\n")
    (tmp_path / "user" / "engine.json").write_text('{"choices":\n {"direct on auto": "torch"}}')
    told = (("Blender", "4.5.15"),)
    text = page(Subject(bare, tmp_path / "user", told, ("WorkerError: it died",)))
    found = rows(text)
    assert found["Blender"] == "4.5.15"
    assert found["JUMPS"].startswith("0.")
    assert found["starts"].startswith("yes, Python 3.")
    assert found["numpy"].startswith("FAILED: ModuleNotFoundError")
    assert found["torch"] == "not installed"
    assert found["GPU runtime"].startswith("ready: PyTorch 2.13.0 on cuda:0 A Card")
    assert found["Engine chosen"] == '{"choices": {"direct on auto": "torch"}}'
    assert "SHA-256" in found["Weights"]
    assert "WorkerError: it died" in text
    assert "Successfully installed torch" in text


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for a Python")
def test_what_workers_failed_of_is_remembered(bare: str) -> None:
    RECENT.clear()
    with Worker(bare, Request(np.zeros((3, 28, 2)), JOINTS)) as worker, pytest.raises(EngineError):
        worker.wait()
    assert "has no numpy" in page(Subject(bare, complaints=tuple(RECENT)))


def test_everything_may_be_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostics, "MANIFEST", tmp_path / "nowhere.toml")
    monkeypatch.setattr(weights, "BUNDLED", tmp_path)
    file = tmp_path / "file"
    file.write_text("in the way")
    found = rows(page(Subject(str(tmp_path / "no-python"), file / "user")))
    assert found["JUMPS"].startswith("FAILED: FileNotFoundError")
    assert found["Weights"].startswith("FAILED: WeightsError")
    assert "cannot be run" in found["starts"]
    assert found["GPU runtime"] == "absent"


def test_it_gives_nobody_away(home: Path) -> None:
    text = f"{home}/extensions and {home}-of-another and https://somebody:secret@example.org/simple and a@b"
    assert discreet(text) == f"~/extensions and {home}-of-another and https://***@example.org/simple and a@b"


def test_the_command_line_prints_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["diagnostics", "--interpreter", str(tmp_path / "nowhere")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("JUMPS diagnostics\n")
    assert "nowhere cannot be run" in out
