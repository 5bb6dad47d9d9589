"""The check: with the real torch where these tests have one, and what it refuses."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.errors import Cancelled, EngineError
from jumps_blender.runtime import check as checking
from jumps_blender.runtime.check import FRAMES, TOLERANCE, check
from jumps_blender.runtime.interpreter import Interpreter, look_at
from jumps_blender.runtime.pins import REQUIREMENTS, TORCH, expected_amount


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
def test_a_python_with_torch_solves_what_numpy_solves() -> None:
    ready = check(sys.executable)
    assert ready.torch.startswith(TORCH)
    assert ready.difference < TOLERANCE


def test_what_solves_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    poses = np.random.default_rng(0).uniform(0, 300, (FRAMES, 28, 2))
    apart = {"numpy": poses, "torch": poses + np.array([0, 3])}
    monkeypatch.setattr(checking, "look_at", lambda python: Interpreter("3.11", python, torch="2.13", devices=("mps",)))
    monkeypatch.setattr(checking, "_solve", lambda _python, engine, _cancel: apart[engine])
    with pytest.raises(EngineError, match=r"up to 0\.\d+ head apart.*not to be trusted on mps"):
        check("python")
    apart["torch"] = np.full_like(poses, np.nan)
    with pytest.raises(EngineError, match="nan head apart"):
        check("python")


def test_it_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "look_at", lambda python: Interpreter("3.11", python, torch="2.13"))
    with pytest.raises(Cancelled):
        check(sys.executable, lambda: True)


def test_what_is_no_python_is_told(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho hello\necho what >&2\nexit 3\n")
    other.chmod(0o755)
    with pytest.raises(EngineError, match="exit status 3, what: is it a Python"):
        look_at(str(other))
    with pytest.raises(EngineError, match="cannot be run"):
        look_at(str(tmp_path / "nowhere"))


def test_the_pins_are_those_of_the_tests(repository: Path) -> None:
    pinned = {
        line.strip()
        for name in ("torch", "trainer", "numpy-newest")
        for line in (repository / "requirements" / f"{name}.txt").read_text().splitlines()
    }
    for requirement in REQUIREMENTS:
        assert requirement.partition(";")[0] in pinned


def test_every_system_is_told_an_amount() -> None:
    for platform in ("linux", "win32", "darwin", "freebsd14"):
        amount = expected_amount(platform)
        assert 0 < amount.download < amount.disk < amount.meanwhile
        assert f"{amount.download:.1f} GB to download" in str(amount)
