"""What `make test-window` says where something is missing: never that all went well."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.window import __main__ as window


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with only what is put into this folder."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(window, "LOG", tmp_path / "log.txt")
    return tmp_path


def install(folder: Path, name: str, text: str = "") -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def command(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["window", "jumps.zip", "--pictures", str(folder / "pictures"), *options])
    return window.main()


def test_each_thing_that_is_missing_is_named_in_turn(programs: Path, monkeypatch, capsys) -> None:
    for name, said in (("blender", "BLENDER="), ("Xvfb", "install it"), ("import", "ImageMagick")):
        assert command(monkeypatch, programs) == 2
        assert said in capsys.readouterr().err
        install(programs, name)
    assert command(monkeypatch, programs, "--on-screen") == 2
    assert "DISPLAY is not set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 0", "Blender ended with status 0 before the story did"),
        ("echo Traceback '(most recent call last):'; echo window: done", "Traceback (most recent call last):"),
        ("echo window: done; exit 11", "Blender ended with status 11"),
    ],
)
def test_a_blender_that_ends_in_peace_proves_nothing(
    programs: Path, monkeypatch, capsys, script: str, said: str
) -> None:
    install(programs, "blender", script)
    install(programs, "import")
    monkeypatch.setenv("DISPLAY", os.devnull)
    assert command(monkeypatch, programs, "--on-screen") == 1
    assert f"failed: {said}" in capsys.readouterr().out
